"""What the database holds of an organisation's staff, as plain values that planning can compare."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from accounts.models import Organisation
from staff.enums import PersonSource
from staff.models import Absence, Person, Post, Unit


@dataclass(frozen=True, slots=True)
class KnownPost:
    """A post on record. ``id`` is None while it is only planned; unit and manager are named, not numbered."""

    id: int | None
    assignment_number: str
    unit: str
    job_title: str
    staff_group: str
    employment_type: str
    manager: str
    has_access: str
    start: date
    end: date | None

    def covers(self, on: date) -> bool:
        return self.start <= on and (self.end is None or self.end > on)

    def has_ended(self, on: date) -> bool:
        return self.end is not None and self.end <= on


@dataclass(slots=True)
class KnownPerson:
    """A person on record with posts in the order of their start, and absences by their start."""

    id: int
    staff_number: str
    first_name: str
    last_name: str
    email: str
    is_local: bool
    posts: list[KnownPost] = field(default_factory=list)
    absences: dict[date, tuple[int, date | None]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(slots=True)
class Known:
    """Everybody on record by staff number, and the units by their name in small letters."""

    people: dict[str, KnownPerson]
    units: dict[str, str]


def load(organisation: Organisation) -> Known:
    """Everything a plan compares with, in four queries."""
    rows = Person.objects.filter(organisation=organisation).order_by("pk")
    by_id = {
        pk: KnownPerson(pk, number, first, last, email, source == PersonSource.LOCAL)
        for pk, number, first, last, email, source in rows.values_list(
            "pk", "staff_number", "first_name", "last_name", "email", "source"
        ).iterator(chunk_size=5000)
    }
    numbers = {pk: person.staff_number for pk, person in by_id.items()}
    for person_id, post in _posts(organisation, numbers):
        by_id[person_id].posts.append(post)
    absences = Absence.objects.filter(person__organisation=organisation).order_by("pk")
    for pk, person_id, start, end in absences.values_list("pk", "person_id", "start", "end").iterator(chunk_size=5000):
        by_id[person_id].absences[start] = (pk, end)
    units = Unit.objects.filter(organisation=organisation).order_by("pk").values_list("name", flat=True)
    return Known({person.staff_number: person for person in by_id.values()}, {name.casefold(): name for name in units})


def _posts(organisation: Organisation, numbers: dict[int, str]) -> Iterable[tuple[int, KnownPost]]:
    posts = (
        Post.objects.filter(person__organisation=organisation)
        .order_by("start", "pk")
        .values_list(
            "pk",
            "person_id",
            "assignment_number",
            "unit__name",
            "job_title",
            "staff_group",
            "employment_type",
            "manager_id",
            "has_access",
            "start",
            "end",
        )
    )
    for pk, person_id, assignment, unit, title, group, kind, manager_id, access, start, end in posts.iterator(chunk_size=5000):
        manager = numbers.get(manager_id, "") if manager_id else ""
        yield person_id, KnownPost(pk, assignment, unit or "", title, group, kind, manager, access, start, end)
