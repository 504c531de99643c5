"""The canonical document of a publication, and the files that go with it.

The document is what is hashed: it holds pseudonymous ids only (``person:7``, ``user:12``); names are in the rows beside
it. Everything in it is text, whole numbers, lists and groups, so that its bytes are the same everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from assessment import content
from assessment.leaves import Leaf
from assessment.models import Assessment, EvidenceLink, Publication, SignOff
from assessment.queries import AssessmentReturn
from assessment.scoring import Standard
from evidence import blobs
from evidence.models import Blob

SCHEMA = "tenfold-publication/1"
ENGINE = "tenfold-scoring/1"
STATEMENT = (
    "Frozen here, not submitted to the NHS. The standard is computed by this system and is not the official status, "
    "which only the national site gives."
)
INTERIM_STATEMENT = (
    "Frozen here, not submitted to the NHS. It is an interim (baseline) publication: it records where the organisation stands "
    "and gives no standard. The year’s standard comes from the annual return alone."
)
PATH_LENGTH = 120


@dataclass(frozen=True)
class PackFile:
    """A file of the publication: its place in the pack, its bytes, and what it is."""

    path: str
    blob: Blob
    title: str

    def line(self) -> dict[str, Any]:
        return {
            "path": self.path,
            "sha256": self.blob.sha256,
            "size": self.blob.size,
            "media_type": self.blob.media_type,
            "title": self.title,
        }


@dataclass(frozen=True)
class WithheldFile:
    """A file of which a pack carries the name, the hash, the size and the reason, and not the bytes."""

    file: PackFile
    reason: str

    def line(self) -> dict[str, Any]:
        return self.file.line() | {"reason": self.reason}


class EvidenceDamagedError(Exception):
    """A file among the evidence cannot be read as it was kept; the text says which, and what to do."""


def publication_files(publication: Publication) -> list[tuple[str, Blob]]:
    """Every file of a publication but its document, by path: those the document states, and those made from it."""
    return [(file.path, file.blob) for file in publication.files.select_related("blob").order_by("path")]


def gather_files(whole: AssessmentReturn) -> tuple[list[PackFile], list[WithheldFile]]:
    """The edition, the evidence and the rows behind each figure, every file once, with names any system takes; and what is withheld.

    Bytes that are withheld under one document are in no pack under another either.

    Raises:
        EvidenceDamagedError: a file among the evidence cannot be read as it was kept.
        BlobDamagedError: the file behind a figure is missing or was changed.
    """
    edition = blobs.keep(whole.assessment.edition.source.encode(), media_type="application/yaml")
    files = {edition.sha256: PackFile("edition.yaml", edition, f"The requirements: {whole.assessment.edition}")}
    reasons, withheld = _reasons(whole), {}
    for leaf in whole.leaves:
        for link in leaf.links:
            blob = link.document_version.blob
            if blob is None or blob.sha256 in files or blob.sha256 in withheld:
                continue
            _check_bytes(blob, leaf, link)
            file = PackFile(evidence_path(leaf.number, link), blob, str(link.document_version))
            if blob.sha256 in reasons:
                withheld[blob.sha256] = WithheldFile(file, reasons[blob.sha256])
            else:
                files[blob.sha256] = file
        for file in figure_files(leaf) if leaf.reading is not None else ():
            blobs.check(file.blob)
            files.setdefault(file.blob.sha256, file)
    return sorted(files.values(), key=lambda file: file.path), sorted(withheld.values(), key=lambda one: one.file.path)


def _reasons(whole: AssessmentReturn) -> dict[str, str]:
    """Why bytes are withheld, by their hash."""
    versions = [link.document_version for leaf in whole.leaves for link in leaf.links]
    return {
        version.blob_id: whole.withheld[version.document_id].reason
        for version in versions
        if version.blob_id and version.document_id in whole.withheld
    }


def _check_bytes(blob: Blob, leaf: Leaf, link: EvidenceLink) -> None:
    try:
        blobs.check(blob)
    except blobs.BlobDamagedError as damage:
        raise EvidenceDamagedError(
            f"The file of “{link.document_version.document}”, evidence for {leaf.number}, is not what it was when it was kept. "
            "Restore it from a backup, or unlock the return and attach a good copy."
        ) from damage


def evidence_path(number: str, link: EvidenceLink) -> str:
    """``evidence/1.1.2/12-v3-data-register.pdf``: the item, the document and its version, then the file's own name made plain."""
    version = link.document_version
    stem, _, extension = version.file_name.rpartition(".")
    name = re.sub(r"[^a-z0-9]+", "-", (stem or version.file_name).lower()).strip("-")[:60] or "file"
    ending = re.sub(r"[^a-z0-9]", "", extension.lower())[:8] if stem else ""
    return f"evidence/{number}/{version.document_id}-v{version.number}-{name}{'.' + ending if ending else ''}"[:PATH_LENGTH]


def figure_files(leaf: Leaf) -> list[PackFile]:
    """A figure with its rows, and the statement, workbook and table that were made of it."""
    reading = leaf.reading
    if reading is None:
        return []
    stem, words = f"figures/{leaf.number}-{reading.as_of.isoformat()}", f"item {leaf.number} as at {reading.as_of.isoformat()}"
    files = [PackFile(f"{stem}-reading.json", reading.rows, f"The figure of {words}, with its rows")]
    if reading.snapshot is not None:
        files += [
            PackFile(f"{stem}-statement.pdf", reading.snapshot.statement, f"Statement of training, {words}"),
            PackFile(f"{stem}-workbook.xlsx", reading.snapshot.workbook, f"Workbook of training, {words}"),
            PackFile(f"{stem}-rows.csv", reading.snapshot.rows, f"The people behind the figure of {words}, without names"),
        ]
    return files


def publication_document(
    whole: AssessmentReturn,
    *,
    sign_off: SignOff,
    standard: Standard | None,
    sequence: int,
    previous_sha256: str,
    published_on: date,
    at: datetime,
    by: str,
    files: Sequence[PackFile],
    withheld: Sequence[WithheldFile] = (),
) -> dict[str, Any]:
    """What is published, whole. ``whole`` is judged for the day of publication, with the figures of that day.

    ``standard`` is None for an interim return: it says no standard and no trace.
    """
    return {
        "schema": SCHEMA,
        "engine": ENGINE,
        "statement": statement_of(whole.assessment),
        "sequence": sequence,
        "previous_sha256": previous_sha256,
        "published_on": published_on.isoformat(),
        "published_at": at.isoformat(timespec="seconds"),
        "published_by": by,
        "year": whole.assessment.year,
        "organisation": {"ods_code": whole.assessment.organisation.ods_code, "name": whole.assessment.organisation.name},
        "content": content.return_content(whole),
        "content_sha256": whole.digest,
        "verdicts": [
            {"id": item_id, "state": verdict.state, "reason": verdict.reason} for item_id, verdict in whole.verdicts.items()
        ],
        "standard": standard.level if standard else None,
        "trace": trace_lines(standard) if standard else [],
        "sign_off": {
            "post": sign_off.key_post.kind,
            "person": f"person:{sign_off.person_id}",
            **({"as_deputy": True} if sign_off.as_deputy else {}),
            "user": f"user:{sign_off.user_id}",
            "declaration": sign_off.declaration,
            "declaration_version": sign_off.declaration_version,
            "planned_publication_date": sign_off.planned_publication_date.isoformat(),
            "content_sha256": sign_off.content_digest,
            "at": sign_off.at.isoformat(timespec="seconds"),
            "warnings": sign_off.warnings,
        },
        "files": [file.line() for file in files],
        **({"withheld": [one.line() for one in withheld]} if withheld else {}),
    }


def statement_of(assessment: Assessment) -> str:
    """What a publication of the return is, and what it is not."""
    return INTERIM_STATEMENT if assessment.is_interim else STATEMENT


def trace_lines(standard: Standard) -> list[dict[str, Any]]:
    """Why the standard is what it is, line by line, as plain values."""
    return [{"rule": line.rule, "holds": line.holds, "text": line.text, "items": list(line.item_ids)} for line in standard.trace]
