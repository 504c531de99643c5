"""Recording an induction, a signed contract clause or training for a key post, for one person or many; and taking it back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Organisation, User
from audit.canonical import digest
from audit.services import record
from courses.models import RecordKind, StaffRecord, StaffRecordVoid
from courses.staff_record_figures import StaffFigure
from staff.enums import KeyPostKind
from staff.models import Person


class StaffRecordRefusedError(ValueError):
    """It cannot be recorded or withdrawn as asked; the text says why, fit for a person to read."""


@transaction.atomic
def record_for(
    organisation: Organisation,
    whom: Sequence[tuple[Person, str]],
    *,
    kind: str,
    happened_on: date,
    detail: str,
    by: User,
    at: datetime,
) -> list[StaffRecord]:
    """Record the same for several people: all of it or nothing. What stands for that day already is not recorded again.

    Args:
        organisation: whose people.
        whom: each person and, for training for a key post, the post; else ``""``.
        kind: one of ``RecordKind``.
        happened_on: the day.
        detail: what was covered or signed.
        by: who records it.
        at: now.

    Raises:
        StaffRecordRefusedError: nobody is named, the date is to come, nothing says what was covered, somebody records
            their own, or a person is another organisation's.
    """
    _check(organisation, whom, kind=kind, happened_on=happened_on, detail=detail, by=by, at=at)
    list(Person.objects.select_for_update().filter(pk__in=[person.pk for person, _post in whom]).values_list("pk", flat=True))
    same = StaffRecord.objects.not_void().filter(kind=kind, happened_on=happened_on, person__organisation=organisation)
    there = set(same.values_list("person", "key_post"))
    new = [
        StaffRecord.objects.create(
            person=person,
            kind=kind,
            key_post=key_post,
            happened_on=happened_on,
            detail=detail.strip(),
            entered_by=by,
            recorded_at=at,
        )
        for person, key_post in dict.fromkeys(whom)
        if (person.pk, key_post) not in there
    ]
    if new:
        summary = {
            "kind": RecordKind(kind).label.lower(),
            "people": len(new),
            "happened_on": happened_on.isoformat(),
            "rows": digest([[row.pk, row.person_id, row.key_post] for row in new]),
        }
        record("courses.staff_records_added", organisation=organisation, by=by, summary=summary, at=at)
    return new


@transaction.atomic
def withdraw(found: StaffRecord, *, reason: str, by: User, at: datetime) -> StaffRecordVoid:
    """Say that a record does not stand, and why. The first withdrawal stands; a second call returns it.

    Raises:
        StaffRecordRefusedError: no reason is given, or it is one's own record.
    """
    if not reason.strip():
        raise StaffRecordRefusedError("Say why the record does not stand.")
    if found.person.user_id == by.pk:
        raise StaffRecordRefusedError("You cannot withdraw a record about yourself. Ask a colleague.")
    try:
        with transaction.atomic():
            void = StaffRecordVoid.objects.create(record=found, reason=reason.strip(), voided_by=by, voided_at=at)
    except IntegrityError:
        return StaffRecordVoid.objects.get(record=found)
    summary = {
        "kind": found.get_kind_display().lower(),
        "person": f"person:{found.person_id}",
        "happened_on": str(found.happened_on),
    }
    record("courses.staff_record_withdrawn", organisation=found.person.organisation, by=by, target=found, summary=summary, at=at)
    return void


def note_taken(found: StaffFigure, organisation: Organisation, *, by: User, at: datetime) -> None:
    """Put on record that somebody takes the people behind a figure away."""
    summary = {"people": len(found.lines), "kind": found.kind.label.lower(), "on": found.on.isoformat()}
    record("courses.staff_records_taken", organisation=organisation, by=by, summary=summary, at=at)


def _check(
    organisation: Organisation,
    whom: Sequence[tuple[Person, str]],
    *,
    kind: str,
    happened_on: date,
    detail: str,
    by: User,
    at: datetime,
) -> None:
    if not whom:
        raise StaffRecordRefusedError("Choose at least one person.")
    if happened_on > timezone.localdate(at):
        raise StaffRecordRefusedError("The date is in the future. Enter the day on which it took place.")
    if not detail.strip():
        raise StaffRecordRefusedError("Say what was covered or signed: an assessor will ask.")
    if any(person.organisation_id != organisation.pk for person, _post in whom):
        raise StaffRecordRefusedError("One of them works for another organisation.")
    if any(person.user_id == by.pk for person, _post in whom):
        raise StaffRecordRefusedError("You cannot record your own. Ask a colleague to do it, and leave yourself out.")
    if any((key_post in KeyPostKind.values) != (kind == RecordKind.POST_TRAINING) for _person, key_post in whom):
        raise StaffRecordRefusedError("Training for a key post names the post, and nothing else does.")
