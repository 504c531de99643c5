"""Certificates: documents about completions, rendered once, frozen, and checkable by anybody who holds one."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from audit.services import record
from courses.certificate_pdf import render
from courses.frequencies import FOR_GOOD, Frequency, rolling
from courses.models import Certificate, Completion, CompletionVoid, TrainingNeed
from courses.models.facts import CompletionQuerySet
from evidence.blobs import keep, read
from staff.models import Person

DEFAULT_MONTHS = 12
"""How long training counts where the organisation's training needs analysis does not say."""

CERTIFIED_SOURCES = frozenset(
    {Completion.Source.QUIZ, Completion.Source.READING, Completion.Source.CLASSROOM, Completion.Source.DISCUSSION}
)
"""Training given here. Whoever gave the rest certifies it."""

BATCH = 500
"""How many certificates are drawn before they are kept together."""

SERIAL_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without 0, 1, I and O, which people misread."""


class CertificateRefusedError(ValueError):
    """There is no certificate for this completion; the text says why, fit for a person to read."""


class CertificateState(StrEnum):
    """What a certificate is worth on a date."""

    VALID = "valid"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Verification:
    """What anybody who holds a certificate may learn of it."""

    facts: dict[str, Any]
    state: CertificateState
    completed_on: date
    valid_until: date | None
    """The last day on which the training counts; None: it counts for good."""
    is_renamed: bool = False
    """Replaced only because the holder's name changed: the training stands."""


def present(completion: Completion) -> Certificate | None:
    """The certificate of a completion in the holder's present name, if it was made.

    Raises:
        CertificateRefusedError: there is none and none can be made: the completion was voided, or records training given elsewhere.
    """
    existing = newest_of(completion)
    if existing is not None and is_in_name_of(existing, completion.person):
        return existing
    _refuse_what_has_none(completion)
    return None


def issue(completion: Completion, *, at: datetime, by: Any = "system") -> Certificate:
    """The certificate of a completion in the holder's present name, made and kept if it was not made before.

    Raises:
        CertificateRefusedError: there can be none, as ``present`` says.
        CertificateNotMadeError: the document could not be drawn; nothing was kept.
    """
    before = newest_of(completion)
    if before is not None and is_in_name_of(before, completion.person):
        return before
    with transaction.atomic():
        locked = _with_facts().select_for_update(of=("self",)).get(pk=completion.pk)
        _refuse_what_has_none(locked)
        before = newest_of(locked)
        if before is not None and is_in_name_of(before, locked.person):
            return before
        number = before.number + 1 if before else 1
        certificate = _certificate(locked, frequency=frequency_of(locked), number=number, at=at)
        certificate.save()
        record(
            "courses.certificate_reissued" if before else "courses.certificate_issued",
            organisation=locked.person.organisation,
            by=by,
            target=certificate,
            summary={"serial": certificate.serial, "person": f"person:{locked.person_id}", "course": locked.course.code},
            at=at,
        )
    return certificate


def _refuse_what_has_none(completion: Completion) -> None:
    if completion.source not in CERTIFIED_SOURCES:
        raise CertificateRefusedError("This training was given elsewhere. Ask whoever gave it for a certificate.")
    if CompletionVoid.objects.filter(completion=completion).exists():
        raise CertificateRefusedError("This record was withdrawn, so there is no certificate for it.")


def issue_many(completions: Iterable[Completion], *, at: datetime, by: Any = "system") -> list[Certificate]:
    """Issue what is missing among many completions, or is in a former name, with one event for each organisation and batch.

    Completions that are void, or that record training given elsewhere, are passed over. Documents are drawn
    before the transaction that keeps them, so that others can go on writing. Returns the new ones.
    """
    wanted = sorted({completion.pk for completion in completions})
    new: list[Certificate] = []
    for start in range(0, len(wanted), BATCH):
        new.extend(_issue_batch(wanted[start : start + BATCH], at=at, by=by))
    return new


def _issue_batch(wanted: list[int], *, at: datetime, by: Any) -> list[Certificate]:
    certifiable = _with_facts().not_void().filter(pk__in=wanted, source__in=CERTIFIED_SOURCES)
    newest = {one.completion_id: one for one in Certificate.objects.newest().filter(completion__in=wanted)}
    frequencies: dict[tuple[int, int, date], Frequency] = {}
    drawn: list[Certificate] = []
    for completion in certifiable.order_by("pk"):
        before = newest.get(completion.pk)
        if before is not None and is_in_name_of(before, completion.person):
            continue
        key = (completion.person.organisation_id, completion.course_id, completion.completed_on)
        if key not in frequencies:
            frequencies[key] = frequency_of(completion)
        number = before.number + 1 if before else 1
        drawn.append(_certificate(completion, frequency=frequencies[key], number=number, at=at))
    ids = [certificate.completion_id for certificate in drawn]
    with transaction.atomic():
        list(Completion.objects.select_for_update().filter(pk__in=ids).values_list("pk", flat=True))
        meanwhile = set(Certificate.objects.filter(completion__in=ids).values_list("completion", "number"))
        new = Certificate.objects.bulk_create([c for c in drawn if (c.completion_id, c.number) not in meanwhile])
        counts = Counter(certificate.facts["ods_code"] for certificate in new)
        for ods_code, count in sorted(counts.items()):
            record("courses.certificates_issued", organisation=ods_code, by=by, summary={"count": count}, at=at)
    return new


def newest_of(completion: Completion) -> Certificate | None:
    """The last certificate of a completion."""
    return Certificate.objects.filter(completion=completion).order_by("-number").first()


def is_in_name_of(certificate: Certificate, person: Person) -> bool:
    """Whether it says the name the person has now."""
    return bool(certificate.facts["holder"] == _holder(person))


def pdf_of(certificate: Certificate) -> bytes:
    """The very bytes that were issued, checked against their digest.

    Raises:
        BlobDamagedError: the stored file is missing or was changed.
    """
    return read(certificate.pdf)


def verify(token: str, *, on: date) -> Verification | None:
    """What the certificate with this token says, and whether it counts on a date. None: there is no such certificate."""
    later = Certificate.objects.filter(completion=OuterRef("completion"), number__gt=OuterRef("number"))
    asked = Certificate.objects.select_related("completion").annotate(is_renamed=Exists(later))
    certificate: Any = asked.filter(token=token).first()
    if certificate is None:
        return None
    completion = certificate.completion
    until = counts_until(completion, last_day_in(certificate.facts))
    has_newer = _newer_than(completion, on=on)
    state = state_on(
        on,
        valid_until=until,
        is_void=CompletionVoid.objects.filter(completion=completion).exists(),
        has_newer=has_newer or certificate.is_renamed,
    )
    return Verification(
        facts=certificate.facts,
        state=state,
        completed_on=date.fromisoformat(certificate.facts["completed_on"]),
        valid_until=until,
        is_renamed=certificate.is_renamed and not has_newer,
    )


def last_day_in(facts: Mapping[str, Any]) -> date | None:
    """The last day that a certificate's frozen facts name; None: for good."""
    return date.fromisoformat(facts["valid_until"]) if facts["valid_until"] else None


def counts_until(completion: Completion, until: date | None) -> date | None:
    """The last day a completion counts: as its interval says, or sooner if everybody was asked to do the course again."""
    recalled = Completion.objects.filter(pk=completion.pk).with_last_day(date.max).values_list("last_day", flat=True).first()
    days = [day for day in (until, recalled) if day is not None]
    return min(days, default=None)


def state_on(on: date, *, valid_until: date | None, is_void: bool, has_newer: bool) -> CertificateState:
    """A certificate's worth on a date. Withdrawn outranks superseded, which outranks expired."""
    if is_void:
        return CertificateState.WITHDRAWN
    if has_newer:
        return CertificateState.SUPERSEDED
    return CertificateState.VALID if valid_until is None or on <= valid_until else CertificateState.EXPIRED


def _newer_than(completion: Completion, *, on: date) -> bool:
    """Whether the same person has a later certificate for the same course that stands on the date."""
    later = Q(completed_on__gt=completion.completed_on) | Q(completed_on=completion.completed_on, pk__gt=completion.pk)
    same = Completion.objects.not_void().by(on).filter(person=completion.person_id, course=completion.course_id)
    return same.filter(later, Exists(Certificate.objects.filter(completion=OuterRef("pk")))).exists()


def _with_facts() -> CompletionQuerySet:
    rows = Completion.objects.select_related("person__organisation", "course", "course_version", "attempt__blueprint_version")
    return rows.defer("course_version__content")


def _certificate(completion: Completion, *, frequency: Frequency, number: int, at: datetime) -> Certificate:
    """A certificate not yet saved; its bytes are kept."""
    serial, token = _serial(), secrets.token_urlsafe(32)
    facts = facts_of(completion, frequency=frequency, serial=serial, token=token, issued_on=timezone.localdate(at))
    pdf = keep(render(facts), media_type="application/pdf")
    return Certificate(completion=completion, number=number, serial=serial, token=token, facts=facts, pdf=pdf, issued_at=at)


def facts_of(completion: Completion, *, frequency: Frequency, serial: str, token: str, issued_on: date) -> dict[str, Any]:
    """What the certificate says, as JSON values: frozen with it, and enough to draw it again."""
    person, attempt = completion.person, completion.attempt
    until = frequency.counts_until(completion.completed_on)
    return {
        "holder": _holder(person),
        "organisation": person.organisation.name,
        "ods_code": person.organisation.ods_code,
        "course": completion.course.title,
        "course_code": completion.course.code,
        "version": completion.course_version.number if completion.course_version else None,
        "source": completion.source,
        "completed_on": completion.completed_on.isoformat(),
        "issued_on": issued_on.isoformat(),
        "counts_for": frequency.for_how_long,
        "valid_until": None if until == FOR_GOOD else until.isoformat(),
        "marks": attempt.marks if attempt else None,
        "questions": attempt.marks_available if attempt else None,
        "score_percent": completion.score_percent,
        "serial": serial,
        "address": settings.BASE_URL.rstrip("/") + reverse("courses:certificate_verify", args=[token]),
    }


def _holder(person: Person) -> str:
    return str(person) or f"Staff number {person.staff_number}"


def frequency_of(completion: Completion) -> Frequency:
    """How often the organisation's needs analysis asked for the course on that day: of several lines, the one that lapses first."""
    needs = TrainingNeed.objects.in_force(completion.person.organisation, completion.completed_on).filter(
        course=completion.course
    )
    asked = [Frequency.of(need) for need in needs]
    return min(asked, key=lambda one: one.counts_until(completion.completed_on), default=rolling(DEFAULT_MONTHS))


def _serial() -> str:
    """``TF-7K3Q-9XWM-C2AB``: 60 random bits in letters and digits that survive being read out on the telephone."""
    drawn = "".join(secrets.choice(SERIAL_ALPHABET) for _ in range(12))
    return f"TF-{drawn[:4]}-{drawn[4:8]}-{drawn[8:]}"
