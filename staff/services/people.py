"""People whom no HR file lists."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction

from accounts.models import Organisation
from audit.services import record
from staff.enums import DataAccess, EmploymentType, PersonSource
from staff.models import Person, Post, Unit


class PersonRefusedError(ValueError):
    """The person cannot be added; the text says why."""


@transaction.atomic
def add_person(
    organisation: Organisation,
    *,
    staff_number: str,
    first_name: str,
    last_name: str,
    start: date,
    by: Any,
    at: datetime,
    email: str = "",
    unit: Unit | None = None,
    job_title: str = "",
    staff_group: str = "",
    employment_type: str = EmploymentType.PERMANENT,
    has_access: str = DataAccess.UNKNOWN,
    manager: Person | None = None,
) -> Person:
    """Add somebody by hand, with one post. HR's complete files never propose them as leavers.

    Raises:
        PersonRefusedError: the staff number is empty or taken, or unit or manager are another organisation's.
    """
    number = staff_number.strip()
    if not number:
        raise PersonRefusedError("Give a staff number. If there is none, make one up that nobody else has.")
    if Person.objects.filter(organisation=organisation, staff_number=number).exists():
        raise PersonRefusedError(f"Somebody with the staff number {number} is already on the list.")
    if any(thing is not None and thing.organisation_id != organisation.pk for thing in (unit, manager)):
        raise PersonRefusedError("The unit and the manager must belong to this organisation.")
    person = Person.objects.create(
        organisation=organisation,
        staff_number=number,
        first_name=first_name.strip(),
        last_name=last_name.strip(),
        email=email.strip().lower(),
        source=PersonSource.LOCAL,
    )
    Post.objects.create(
        person=person,
        unit=unit,
        job_title=job_title.strip(),
        staff_group=staff_group.strip(),
        employment_type=employment_type,
        has_access=has_access,
        manager=manager,
        start=start,
    )
    summary = {"person": f"person:{person.pk}", "start": start.isoformat()}
    record("staff.person_added", organisation=organisation, by=by, target=person, summary=summary, at=at)
    return person


def note_export(organisation: Organisation, *, people: int, by: Any, at: datetime) -> None:
    """Record that somebody took the staff list away as a file."""
    record("staff.exported", organisation=organisation, by=by, target=organisation, summary={"people": people}, at=at)


def note_list_export(organisation: Organisation, *, name: str, rows: int, by: Any, at: datetime) -> None:
    """Record that somebody took one of the lists away as a file."""
    summary = {"list": name, "rows": rows}
    record("staff.list_exported", organisation=organisation, by=by, target=organisation, summary=summary, at=at)
