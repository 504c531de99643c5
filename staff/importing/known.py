"""What the database holds of an organisation's staff, as plain values that planning can compare."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import QuerySet

from accounts.models import Organisation
from staff.enums import PersonSource
from staff.models import Absence, KeptValue, Person, Post, Unit


@dataclass(slots=True)
class KnownPost:
    """A post on record. ``id`` is None while it is only planned; unit and manager are named, not numbered.

    Nobody changes one: it is not frozen because that would make the loading of a large list three times slower.
    """

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

    @property
    def last_day(self) -> date | None:
        return self.end - timedelta(days=1) if self.end else None

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
    kept: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(slots=True)
class Known:
    """Everybody on record by staff number, and the units by their name in small letters."""

    people: dict[str, KnownPerson]
    units: dict[str, str]


def load(organisation: Organisation, *, only: Collection[int] | None = None) -> Known:
    """Everything a plan compares with, in five queries; ``only`` the people with these ids."""
    rows = Person.objects.filter(organisation=organisation).order_by("pk")
    posts = Post.objects.filter(person__organisation=organisation).order_by("start", "pk")
    absences = Absence.objects.filter(person__organisation=organisation).order_by("pk")
    if only is not None:
        rows, posts, absences = rows.filter(pk__in=only), posts.filter(person__in=only), absences.filter(person__in=only)
    by_id = {
        row[0]: KnownPerson(*row[:5], row[5] == PersonSource.LOCAL, [], {})
        for row in rows.values_list("pk", "staff_number", "first_name", "last_name", "email", "source").iterator(chunk_size=5000)
    }
    units = dict(Unit.objects.filter(organisation=organisation).order_by("pk").values_list("pk", "name"))
    managers = {pk: person.staff_number for pk, person in by_id.items()} if only is None else _numbers(posts)
    for person_id, pk, assignment, unit, title, group, kind, manager, access, start, end in posts.values_list(
        "person_id", "pk", "assignment_number", "unit_id", "job_title", "staff_group", "employment_type", "manager_id",
        "has_access", "start", "end",
    ).iterator(chunk_size=5000):  # fmt: skip
        by_id[person_id].posts.append(
            KnownPost(pk, assignment, units.get(unit, ""), title, group, kind, managers.get(manager, ""), access, start, end)
        )
    for pk, person_id, start, end in absences.values_list("pk", "person_id", "start", "end").iterator(chunk_size=5000):
        by_id[person_id].absences[start] = (pk, end)
    kept = KeptValue.objects.filter(person__organisation=organisation)
    for person_id, name in kept.values_list("person_id", "field"):
        if person_id in by_id:
            by_id[person_id].kept |= {name}
    return Known({person.staff_number: person for person in by_id.values()}, {name.casefold(): name for name in units.values()})


def _numbers(posts: QuerySet[Post]) -> dict[int, str]:
    return dict(posts.filter(manager__isnull=False).order_by().values_list("manager_id", "manager__staff_number"))
