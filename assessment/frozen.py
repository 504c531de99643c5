"""What publishing puts beside the canonical document: made once, kept as blobs, gathered by every pack."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from assessment import offline_index, return_pdf, verifier, workbook
from assessment.audit_facts import PATH as AUDIT_FILE
from assessment.audit_facts import audit_facts
from assessment.documents import Described, described
from assessment.loading import file_of
from assessment.models import Assessment, SignOff
from assessment.publishing import PackFile
from audit.canonical import canonical_json
from audit.models import Event
from evidence import blobs
from evidence.models import Blob
from staff.models import Person

EVENT_KINDS = ("assessment.", "signoff.", "publication.")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def rendered_files(
    assessment: Assessment, document: Mapping[str, Any], document_blob: Blob, *, sign_off: SignOff, at: datetime
) -> list[PackFile]:
    """The return to read and to re-key, the read-me, the events so far and the verifier, each stored.

    Call it once, in the transaction that publishes, when the document is final.

    Raises:
        BlobDamagedError: the file behind a figure is missing or was changed.
    """
    audit = audit_facts(assessment, until=at)
    return_ = in_words(assessment, document, document_blob.sha256, sign_off=sign_off, audit=audit)
    events = _audit_extract(assessment.organisation.ods_code, kinds=EVENT_KINDS, since=assessment.opened_at, until=at)
    contents: tuple[tuple[str, bytes, str, str], ...] = (
        (
            "README.txt",
            _readme(document, document_sha256=document_blob.sha256, is_audited=audit is not None),
            "text/plain",
            "What this pack is and how to check it",
        ),
        ("return.pdf", return_pdf.render(return_), "application/pdf", "The return to read"),
        ("workbook.xlsx", workbook.render(return_), XLSX, "Every answer, in the order of the national site"),
        (verifier.EVENTS, events, "application/json", "What was done to the return, with hashes"),
        ("verify.py", Path(verifier.__file__).read_bytes(), "text/x-python", "Checks this pack; needs only Python"),
    )
    if audit is not None:
        contents += ((AUDIT_FILE, canonical_json(audit), "application/json", "What the audit found before it was published"),)
    made = [(path, title) for path, _content, _media_type, title in contents]
    index = offline_index.render(return_, files=document["files"], made=[*made, (verifier.DOCUMENT, "The return as data")])
    contents += ((offline_index.PATH, index, "text/html", "Opens everything in this pack, in a browser and without a network"),)
    return [PackFile(path, blobs.keep(content, media_type=media_type), title) for path, content, media_type, title in contents]


def in_words(
    assessment: Assessment,
    document: Mapping[str, Any],
    document_sha256: str,
    *,
    sign_off: SignOff,
    audit: Mapping[str, Any] | None = None,
) -> Described:
    """A published document in words, with the signer's name, the files behind its figures, and what an audit found before."""
    wanted = {item["figure"]["rows_sha256"] for item in document["content"]["items"] if item["figure"]}
    readings = {blob.sha256: json.loads(blobs.read(blob)) for blob in Blob.objects.filter(sha256__in=wanted)}
    return described(
        document,
        document_sha256=document_sha256,
        edition=file_of(assessment.edition),
        names={document["sign_off"]["person"]: str(sign_off.person)} | _named_at_sites(document),
        readings=readings,
        audit=audit,
    )


def _named_at_sites(document: Mapping[str, Any]) -> dict[str, str]:
    """The people who confirmed what the return says for their site, by their ids in the document."""
    said = [line["said"]["person"] for line in document["content"].get("sites", ()) if line["said"]]
    people = Person.objects.filter(pk__in=[int(person.removeprefix("person:")) for person in said])
    return {f"person:{person.pk}": str(person) for person in people}


def _readme(document: Mapping[str, Any], *, document_sha256: str, is_audited: bool) -> bytes:
    """What the pack is and how to check it, for somebody who finds it on a memory stick."""
    organisation = document["organisation"]
    text = f"""\
DATA SECURITY AND PROTECTION: PUBLISHED RETURN AND ITS EVIDENCE
{organisation["name"]} ({organisation["ods_code"]}), {document["content"]["year"]}, publication {document["sequence"]}
Frozen on {document["published_on"]}

WHAT THIS IS
This archive holds a return to the Data Security and Protection Toolkit as the organisation
froze it, with the documents and the training figure it rests on. It was frozen here. It was
NOT submitted to the NHS by this system, and the standard in it is our computation. Only the
national site says what the official status is.
{_interim_words(document)}
WHAT IS IN IT
It is a bag (BagIt, RFC 8493), which archivists' tools check as well. Unpack it and open
data/{offline_index.PATH} in any browser: it leads to everything, without a network.
Below data/ lie:

  return.pdf           the return to read and to sign off
  workbook.xlsx        every answer, in the order of the national site
  publication.json     the return itself, from which the two above were made
  edition.yaml         the year's requirements and rules, as used
  evidence/            the documents that answers point to, each once, by item
{_withheld_words(document)}  figures/             the training figure with the rows it was counted from, where there is one
  audit/events.json    what was done to the return before it was published, each event with its hash
{AUDITED if is_audited else ""}  manifest.json        every file with its SHA-256 and size; manifest.sha256 guards it
  verify.py            checks all of this

HOW TO CHECK IT
You need Python 3.9 or newer and nothing else. Unpack only data/verify.py, and run

  python verify.py PACK.zip

It names every file that was changed, added, removed or renamed, and checks that the training
rows add up to the figure. Then compare this hash with the one the organisation gives you, for
example in its board minutes. Only that tells you that the whole pack was not made anew:

  {document_sha256}

Without Python: unpack it and run "sha256sum -c manifest-sha256.txt", or any tool for BagIt.

The previous publication of this organisation had the hash
  {document["previous_sha256"] or "(none: this is the first)"}
"""
    return text.encode()


AUDITED = "  audit/findings.json  what an auditor found, asked for and sampled before it was published\n"


def _withheld_words(document: Mapping[str, Any]) -> str:
    """The files that the pack goes out without, as lines of the list of contents."""
    withheld = document.get("withheld", [])
    if not withheld:
        return ""
    lines = "".join(f"                         {one['path']}\n                           {one['reason']}\n" for one in withheld)
    return f"                       withheld, with their hashes in publication.json:\n{lines}"


def _interim_words(document: Mapping[str, Any]) -> str:
    if document["standard"] is not None:
        return ""
    return """
It is an interim (baseline) publication: a snapshot in the middle of the year. It gives no
standard; the year's standard comes from the annual return alone.
"""


def _audit_extract(ods_code: str, *, kinds: Sequence[str], since: datetime, until: datetime) -> bytes:
    """The organisation's events of some kinds in a time, as canonical JSON, each with the hashes that prove it.

    Actors are pseudonymous ids; no name is in it.
    """
    events = Event.objects.of_organisation(ods_code).filter(at__gte=since, at__lte=until).order_by("sequence")
    told = [
        event.payload() | {"prev_hash": event.prev_hash, "hash": event.hash}
        for event in events.iterator(chunk_size=2000)
        if event.type.startswith(tuple(kinds))
    ]
    return canonical_json({"organisation": ods_code, "events": told})
