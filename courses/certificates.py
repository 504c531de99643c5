"""Certificates: documents about completions, rendered once, frozen, and checkable by anybody who holds one."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Min, Q
from django.urls import reverse
from django.utils import timezone

from audit.services import record
from courses.certificate_pdf import render
from courses.dates import valid_until
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
    valid_until: date


def issue(completion: Completion, *, at: datetime, by: Any = "system") -> Certificate:
    """The certificate of a completion, made and kept the first time it is asked for.

    Raises:
        CertificateRefusedError: the completion was voided, or records training given elsewhere.
        CertificateNotMadeError: the document could not be drawn; nothing was kept.
    """
    existing = Certificate.objects.filter(completion=completion).first()
    if existing is not None:
        return existing
    if completion.source not in CERTIFIED_SOURCES:
        raise CertificateRefusedError("This training was given elsewhere. Ask whoever gave it for a certificate.")
    with transaction.atomic():
        locked = _with_facts().select_for_update(of=("self",)).get(pk=completion.pk)
        if CompletionVoid.objects.filter(completion=locked).exists():
            raise CertificateRefusedError("This record was withdrawn, so there is no certificate for it.")
        existing = Certificate.objects.filter(completion=locked).first()
        if existing is not None:
            return existing
        certificate = _certificate(locked, months=counting_months(locked), at=at)
        certificate.save()
        record(
            "courses.certificate_issued",
            organisation=locked.person.organisation,
            by=by,
            target=certificate,
            summary={"serial": certificate.serial, "person": f"person:{locked.person_id}", "course": locked.course.code},
            at=at,
        )
    return certificate


def issue_many(completions: Iterable[Completion], *, at: datetime, by: Any = "system") -> list[Certificate]:
    """Issue what is missing among many completions, with one event for each organisation and batch.

    Completions that are void, or that record training given elsewhere, are passed over. Documents are drawn
    before the transaction that keeps them, so that others can go on writing. Returns the new ones.
    """
    wanted = sorted({completion.pk for completion in completions})
    new: list[Certificate] = []
    for start in range(0, len(wanted), BATCH):
        new.extend(_issue_batch(wanted[start : start + BATCH], at=at, by=by))
    return new


def _issue_batch(wanted: list[int], *, at: datetime, by: Any) -> list[Certificate]:
    without = _with_facts().not_void().filter(pk__in=wanted, source__in=CERTIFIED_SOURCES, certificate__isnull=True)
    months: dict[tuple[int, int, date], int] = {}
    drawn: list[Certificate] = []
    for completion in without.order_by("pk"):
        key = (completion.person.organisation_id, completion.course_id, completion.completed_on)
        if key not in months:
            months[key] = counting_months(completion)
        drawn.append(_certificate(completion, months=months[key], at=at))
    with transaction.atomic():
        list(Completion.objects.select_for_update().filter(pk__in=[c.completion_id for c in drawn]).values_list("pk", flat=True))
        meanwhile = set(
            Certificate.objects.filter(completion__in=[c.completion_id for c in drawn]).values_list("completion", flat=True)
        )
        new = Certificate.objects.bulk_create([c for c in drawn if c.completion_id not in meanwhile])
        counts = Counter(certificate.facts["ods_code"] for certificate in new)
        for ods_code, count in sorted(counts.items()):
            record("courses.certificates_issued", organisation=ods_code, by=by, summary={"count": count}, at=at)
    return new


def pdf_of(certificate: Certificate) -> bytes:
    """The very bytes that were issued, checked against their digest.

    Raises:
        BlobDamagedError: the stored file is missing or was changed.
    """
    return read(certificate.pdf)


def verify(token: str, *, on: date) -> Verification | None:
    """What the certificate with this token says, and whether it counts on a date. None: there is no such certificate."""
    certificate = Certificate.objects.select_related("completion").filter(token=token).first()
    if certificate is None:
        return None
    completion = certificate.completion
    until = counts_until(completion, date.fromisoformat(certificate.facts["valid_until"]))
    state = state_on(
        on,
        valid_until=until,
        is_void=CompletionVoid.objects.filter(completion=completion).exists(),
        has_newer=_newer_than(completion, on=on),
    )
    return Verification(
        facts=certificate.facts,
        state=state,
        completed_on=date.fromisoformat(certificate.facts["completed_on"]),
        valid_until=until,
    )


def counts_until(completion: Completion, until: date) -> date:
    """The last day a completion counts: as its interval says, or sooner if everybody was asked to do the course again."""
    recalled = Completion.objects.filter(pk=completion.pk).with_last_day(date.max).values_list("last_day", flat=True).first()
    return min(until, recalled) if recalled else until


def state_on(on: date, *, valid_until: date, is_void: bool, has_newer: bool) -> CertificateState:
    """A certificate's worth on a date. Withdrawn outranks superseded, which outranks expired."""
    if is_void:
        return CertificateState.WITHDRAWN
    if has_newer:
        return CertificateState.SUPERSEDED
    return CertificateState.VALID if on <= valid_until else CertificateState.EXPIRED


def _newer_than(completion: Completion, *, on: date) -> bool:
    """Whether the same person has a later certificate for the same course that stands on the date."""
    later = Q(completed_on__gt=completion.completed_on) | Q(completed_on=completion.completed_on, pk__gt=completion.pk)
    same = Completion.objects.not_void().by(on).filter(person=completion.person_id, course=completion.course_id)
    return same.filter(later, certificate__isnull=False).exists()


def _with_facts() -> CompletionQuerySet:
    rows = Completion.objects.select_related("person__organisation", "course", "course_version", "attempt__blueprint_version")
    return rows.defer("course_version__content")


def _certificate(completion: Completion, *, months: int, at: datetime) -> Certificate:
    """A certificate not yet saved; its bytes are kept."""
    serial, token = _serial(), secrets.token_urlsafe(32)
    facts = facts_of(completion, months=months, serial=serial, token=token, issued_on=timezone.localdate(at))
    pdf = keep(render(facts), media_type="application/pdf")
    return Certificate(completion=completion, serial=serial, token=token, facts=facts, pdf=pdf, issued_at=at)


def facts_of(completion: Completion, *, months: int, serial: str, token: str, issued_on: date) -> dict[str, Any]:
    """What the certificate says, as JSON values: frozen with it, and enough to draw it again."""
    person, attempt = completion.person, completion.attempt
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
        "months": months,
        "valid_until": valid_until(completion.completed_on, months).isoformat(),
        "marks": attempt.marks if attempt else None,
        "questions": attempt.marks_available if attempt else None,
        "score_percent": completion.score_percent,
        "serial": serial,
        "address": settings.BASE_URL.rstrip("/") + reverse("courses:certificate_verify", args=[token]),
    }


def _holder(person: Person) -> str:
    return str(person) or f"Staff number {person.staff_number}"


def counting_months(completion: Completion) -> int:
    """How long a completion counts: the shortest interval the organisation's needs analysis asked for on that day."""
    needs = TrainingNeed.objects.in_force(completion.person.organisation, completion.completed_on).filter(
        course=completion.course, frequency__in=(TrainingNeed.Frequency.ROLLING, TrainingNeed.Frequency.ROTATION)
    )
    return needs.aggregate(shortest=Min("months"))["shortest"] or DEFAULT_MONTHS


def _serial() -> str:
    """``TF-7K3Q-9XWM-C2AB``: 60 random bits in letters and digits that survive being read out on the telephone."""
    drawn = "".join(secrets.choice(SERIAL_ALPHABET) for _ in range(12))
    return f"TF-{drawn[:4]}-{drawn[4:8]}-{drawn[8:]}"
