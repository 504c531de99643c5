"""A person's training record to take along: signed, so that whoever gets it can tell it from an invented one; and reading one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.utils import timezone

from accounts.models import Organisation
from audit.services import record
from courses import signing
from courses.badges import issuer_address
from courses.learning import completed_by
from courses.models import Certificate, Completion, KnownIssuer, PriorLearning
from courses.signing import SignatureRefusedError
from nhsuk.documents import draw, printable
from nhsuk.jinja import day
from staff.models import Person

SCHEMA = "tenfold-training-record/1"
MEDIA_TYPE = "tenfold-training-record+jws"
MAX_BYTES = 1024 * 1024
MAX_COMPLETIONS = 500
EARLIEST = date(1990, 1, 1)
TEMPLATE = Path(__file__).resolve().parent / "typst" / "record.typ"
README = (
    "A training record. “record” is for reading; “signed” is the same, signed (JWS, Ed25519). "
    "Whoever checks it verifies “signed” with the issuer’s key and compares the two."
)


class RecordFileRefusedError(ValueError):
    """The file cannot be taken as a training record; the text says why and what to do."""


@dataclass(frozen=True)
class Stated:
    """One completion as a record states it."""

    title: str
    code: str
    completed_on: date
    reference: str


@dataclass(frozen=True)
class Received:
    """A record that came from elsewhere, read and checked."""

    holder: str
    issuer: str
    completions: tuple[Stated, ...]
    check: PriorLearning.Check
    words: str
    """What was checked, and what came of it."""


def content_of(person: Person, *, at: datetime) -> dict[str, Any]:
    """What stands of a person's training, as plain data. No staff number, no e-mail, no attempts."""
    organisation, today = person.organisation, timezone.localdate(at)
    done = completed_by(person, today)
    newest = Certificate.objects.newest().filter(completion__in=[completion.pk for completion in done])
    certificates = {certificate.completion_id: certificate for certificate in newest}
    return {
        "schema": SCHEMA,
        "made_at": at.replace(microsecond=0).isoformat(),
        "issuer": {"id": issuer_address(organisation.ods_code), "name": organisation.name, "ods_code": organisation.ods_code},
        "holder": str(person) or person.staff_number,
        "completions": [_stated(completion, certificates.get(completion.pk)) for completion in done],
    }


def signed_file(person: Person, *, by: Any, at: datetime) -> bytes:
    """The record as a JSON file, readable and signed. That it was made is recorded."""
    content = content_of(person, at=at)
    signed = signing.sign(content, media_type=MEDIA_TYPE, at=at)
    _note(person, "signed file", by=by, at=at)
    return json.dumps({"readme": README, "record": content, "signed": signed}, indent=2, ensure_ascii=False).encode()


def document(person: Person, *, by: Any, at: datetime) -> bytes:
    """The record as PDF/UA-1, for people. That it was made is recorded.

    Raises:
        DocumentNotMadeError: it could not be drawn.
    """
    content, today = content_of(person, at=at), timezone.localdate(at)
    facts = {
        "title": "Training record",
        "holder": printable(content["holder"]),
        "organisation": printable(f"{person.organisation.name} ({person.organisation.ods_code})"),
        "on": {"year": today.year, "month": today.month, "day": today.day},
        "as_at": day(today),
        "rows": [
            [
                printable(one["course"]),
                day(date.fromisoformat(one["completed_on"])),
                one["how"] + (f", {one['score_percent']}%" if one["score_percent"] is not None else ""),
                one["certificate"]["serial"]
                if one["certificate"]
                else printable(one["reference"])
                if one["reference"]
                else "none",
            ]
            for one in content["completions"]
        ],
    }
    pdf = draw(TEMPLATE, dated=today, facts=facts)
    _note(person, "document", by=by, at=at)
    return pdf


def read(content: bytes, *, organisation: Organisation, on: date) -> Received:
    """A record file from elsewhere, its signature checked against the keys that the organisation knows.

    A signature by an unknown key is no reason to refuse: what it says is then "not verified", and somebody decides.

    Raises:
        RecordFileRefusedError: it is no such file, or was changed after it was signed.
    """
    whole = _parsed(content)
    try:
        signed = signing.opened(str(whole.get("signed", "")))
    except SignatureRefusedError as error:
        raise RecordFileRefusedError(f"{error} Ask the organisation that made the file for a new one.") from error
    if signed.payload != whole["record"]:
        raise RecordFileRefusedError("The readable part of the file is not what was signed: it was changed. Ask for a new one.")
    enclosed = signed.header.get("jwk")
    key = str(enclosed.get("x", "")) if isinstance(enclosed, dict) else ""
    if not signed.is_signed_by(key) or signing.thumbprint(key) != signed.kid:
        raise RecordFileRefusedError("The signature does not fit: the file was changed after it was signed. Ask for a new one.")
    said = whole["record"]
    issuer, completions = _issuer_in(said), _completions_in(said, on=on)
    check, words = _checked(organisation, signed.kid, key, issuer)
    return Received(str(said.get("holder", ""))[:200], issuer, completions, check, words)


def is_record(content: bytes) -> bool:
    """Whether a file says that it is such a record, whatever it is worth."""
    return len(content) <= MAX_BYTES and content.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{") and SCHEMA.encode() in content


def _stated(completion: Completion, certificate: Certificate | None) -> dict[str, Any]:
    return {
        "course": completion.course.title,
        "course_code": completion.course.code,
        "completed_on": completion.completed_on.isoformat(),
        "how": completion.get_source_display(),
        "score_percent": completion.score_percent,
        "reference": completion.reference,
        "certificate": {"serial": certificate.serial, "address": certificate.facts["address"]} if certificate else None,
    }


def _note(person: Person, form: str, *, by: Any, at: datetime) -> None:
    summary = {"person": f"person:{person.pk}", "form": form}
    record("courses.training_record_made", organisation=person.organisation, by=by, target=person, summary=summary, at=at)


def _parsed(content: bytes) -> dict[str, Any]:
    if len(content) > MAX_BYTES:
        raise RecordFileRefusedError("The file is too large for a training record. Choose the .json file as it was given.")
    try:
        whole = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise RecordFileRefusedError(
            "This is not a training record that we can read. Choose the .json file as it was given."
        ) from error
    said = whole.get("record") if isinstance(whole, dict) else None
    if not isinstance(whole, dict) or not isinstance(said, dict) or said.get("schema") != SCHEMA:
        raise RecordFileRefusedError("This is not a training record that we know. Hand in a certificate instead.")
    return whole


def _issuer_in(said: Mapping[str, Any]) -> str:
    issuer = said.get("issuer")
    name = str(issuer.get("name", "")).strip() if isinstance(issuer, dict) else ""
    if not name:
        raise RecordFileRefusedError("The training record does not say who made it. Ask for a new one.")
    return name[:200]


def _completions_in(said: Mapping[str, Any], *, on: date) -> tuple[Stated, ...]:
    listed = said.get("completions")
    if not isinstance(listed, list) or not listed or len(listed) > MAX_COMPLETIONS:
        raise RecordFileRefusedError(f"A training record names 1 to {MAX_COMPLETIONS} completions, and this one does not.")
    return tuple(_completion_in(one, number, on=on) for number, one in enumerate(listed, start=1))


def _completion_in(one: Any, number: int, *, on: date) -> Stated:
    try:
        title, completed_on = str(one["course"]).strip(), date.fromisoformat(one["completed_on"])
    except (KeyError, TypeError, ValueError) as error:
        raise RecordFileRefusedError(f"Completion {number} of the training record has no course or no real date.") from error
    if not title or not EARLIEST <= completed_on <= on:
        raise RecordFileRefusedError(f"Completion {number} of the training record has no course, or a date to come or long past.")
    certificate = one.get("certificate")
    serial = certificate.get("serial") if isinstance(certificate, dict) else ""
    return Stated(
        title[:300], str(one.get("course_code", ""))[:100], completed_on, str(serial or one.get("reference") or "")[:100]
    )


def _checked(organisation: Organisation, kid: str, key: str, issuer: str) -> tuple[PriorLearning.Check, str]:
    """Whose key signed it, as far as the organisation knows."""
    signed = PriorLearning.Check.SIGNED
    ours = {signing.present_key()[0], *(one.kid for one in signing.public_keys())}
    if kid in ours:
        return signed, f"Signed here: the record comes from this installation, for {issuer}."[:300]
    known = KnownIssuer.objects.filter(organisation=organisation, kid=kid, public_key=key).trusted().first()
    if known is not None:
        return signed, f"Signed with the key of {known.name}, which you know. It says it comes from {issuer}."[:300]
    return (
        PriorLearning.Check.NOT_VERIFIED,
        f"The file is as it was signed, but nobody here has checked whose key that is ({kid}). It says it comes from {issuer}."[
            :300
        ],
    )
