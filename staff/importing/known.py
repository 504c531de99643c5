"""What the database holds of an organisation's staff, as plain values that planning can compare."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet

from accounts.models import Organisation
from staff.enums import PersonSource
from staff.models import Absence, FormerUnitName, Person, Post, Unit

NOTHING: frozenset[str] = frozenset()


@dataclass(slots=True)
class KnownPost:
    """A post on record. ``id`` is None while it is only planned; unit and manager are named, not numbered.

    ``kept`` are the fields that HR set here by hand, which a file leaves alone.

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
    kept: frozenset[str] = NOTHING

    @property
    def last_day(self) -> date | None:
        return self.end - timedelta(days=1) if self.end else None

    def covers(self, on: date) -> bool:
        return self.start <= on and (self.end is None or self.end > on)

    def has_ended(self, on: date) -> bool:
        return self.end is not None and self.end <= on


@dataclass(slots=True)
class KnownPerson:
    """A person on record with posts in the order of their start, and absences by their start.

    Posts that were added here beside those of the file are only looked at for who manages whom.
    """

    id: int
    staff_number: str
    first_name: str
    last_name: str
    email: str
    is_local: bool
    posts: list[KnownPost] = field(default_factory=list)
    absences: dict[date, tuple[int, date | None]] = field(default_factory=dict)
    kept: frozenset[str] = NOTHING
    posts_added_here: list[KnownPost] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(slots=True)
class Known:
    """Everybody on record by staff number, and the units by their names, former ones too, in small letters."""

    people: dict[str, KnownPerson]
    units: dict[str, str]


def load(organisation: Organisation, *, only: Collection[int] | None = None) -> Known:
    """Everything a plan compares with, in nine queries; ``only`` the people with these ids."""
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
    kept = _kept(posts)
    added = set(posts.filter(added_here=True).values_list("pk", flat=True))
    for pk, fields in _kept(rows).items():
        by_id[pk].kept = fields
    for person_id, pk, assignment, unit, title, group, kind, manager, access, start, end in posts.values_list(
        "person_id", "pk", "assignment_number", "unit_id", "job_title", "staff_group", "employment_type", "manager_id",
        "has_access", "start", "end",
    ).iterator(chunk_size=5000):  # fmt: skip
        post = KnownPost(
            pk, assignment, units.get(unit, ""), title, group, kind, managers.get(manager, ""), access, start, end,
            kept.get(pk, NOTHING),
        )  # fmt: skip
        person = by_id[person_id]
        (person.posts_added_here if pk in added else person.posts).append(post)
    for pk, person_id, start, end in absences.values_list("pk", "person_id", "start", "end").iterator(chunk_size=5000):
        by_id[person_id].absences[start] = (pk, end)
    former = FormerUnitName.objects.filter(organisation=organisation).values_list("name", "unit_id")
    names = {name.casefold(): units[unit] for name, unit in former} | {name.casefold(): name for name in units.values()}
    return Known({person.staff_number: person for person in by_id.values()}, names)


def _kept(rows: QuerySet[Any]) -> dict[int, frozenset[str]]:
    """The fields kept here, by id, of the few rows that have any."""
    return {pk: frozenset(names) for pk, names in rows.exclude(kept_here=[]).order_by().values_list("pk", "kept_here")}


def _numbers(posts: QuerySet[Post]) -> dict[int, str]:
    return dict(posts.filter(manager__isnull=False).order_by().values_list("manager_id", "manager__staff_number"))
