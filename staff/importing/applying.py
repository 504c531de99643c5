"""Writes a plan to the database in sets, and notes for each person how to put it back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import models

from accounts.models import Organisation
from audit.canonical import digest
from staff.enums import PersonSource
from staff.importing.entries import CREATE, Entry
from staff.importing.known import KnownPost
from staff.importing.planning import Plan
from staff.models import Absence, ImportBatch, ImportRow, Person, Post, Unit

CHUNK = 500
POST_FIELDS = [
    "assignment_number",
    "unit",
    "job_title",
    "staff_group",
    "employment_type",
    "manager",
    "has_access",
    "start",
    "end",
]
_POST_COLUMNS = [
    "assignment_number",
    "unit_id",
    "job_title",
    "staff_group",
    "employment_type",
    "manager_id",
    "has_access",
    "start",
    "end",
]
_PERSON_COLUMNS = ["first_name", "last_name", "email", "source"]


@dataclass
class _Work:
    """What one entry becomes: rows to insert, rows to change, and what they held before."""

    entry: Entry
    person: Person
    new_posts: list[Post] = field(default_factory=list)
    changed_posts: list[tuple[Post, dict[str, list[Any]]]] = field(default_factory=list)
    person_changes: dict[str, list[Any]] = field(default_factory=dict)
    new_absences: list[Absence] = field(default_factory=list)
    changed_absences: list[tuple[Absence, dict[str, list[Any]]]] = field(default_factory=list)

    def reversal(self) -> list[dict[str, Any]]:
        """What was done, row by row, so that it can be undone: ``[before, after]`` by column, ``before`` absent for a new row."""
        done: list[dict[str, Any]] = []
        if self.entry.action == CREATE:
            after = {name: getattr(self.person, name) for name in ("staff_number", *_PERSON_COLUMNS)}
            done.append({"model": "person", "id": self.person.pk, "created": after})
        elif self.person_changes:
            done.append({"model": "person", "id": self.person.pk, "changed": self.person_changes})
        done += [{"model": "post", "id": post.pk, "created": _stored(post, _POST_COLUMNS)} for post in self.new_posts]
        done += [{"model": "post", "id": post.pk, "changed": changed} for post, changed in self.changed_posts]
        done += [{"model": "absence", "id": a.pk, "created": _stored(a, ["start", "end"])} for a in self.new_absences]
        done += [{"model": "absence", "id": a.pk, "changed": changed} for a, changed in self.changed_absences]
        return done


def write(plan: Plan, batch: ImportBatch) -> str:
    """Write everything the plan says, in the caller's transaction, and return a digest of the rows it touched.

    The number of statements does not grow with the people, but for chunks of many hundred rows.
    """
    organisation = batch.organisation
    units, batch.units_created = _units(organisation, plan.units)
    people = _people(organisation, plan.entries)
    numbers = dict(Person.objects.filter(organisation=organisation).values_list("staff_number", "pk"))
    work = [_Work(entry, people[entry.staff_number]) for entry in plan.entries]
    _compare_people(work)
    _write_posts(work, units, numbers)
    _write_absences(work)
    _write_rows(plan, work, batch)
    touched = [[item.entry.action, item.person.pk, [[d["model"], d["id"]] for d in item.reversal()]] for item in work]
    return digest(touched)


def write_preview(plan: Plan, batch: ImportBatch) -> None:
    """Keep what the plan would do, to be looked at; nothing is reversed because nothing is done."""
    _write_rows(plan, [_Work(entry, Person(pk=entry.person_id)) for entry in plan.entries], batch, with_reversal=False)


def _units(organisation: Organisation, new: Iterable[str]) -> tuple[dict[str, int], list[int]]:
    made = Unit.objects.bulk_create([Unit(organisation=organisation, name=name) for name in new], batch_size=CHUNK)
    return dict(Unit.objects.filter(organisation=organisation).values_list("name", "pk")), [unit.pk for unit in made]


def _people(organisation: Organisation, entries: Iterable[Entry]) -> dict[str, Person]:
    entries = list(entries)
    joiners = [
        Person(organisation=organisation, staff_number=entry.staff_number, source=PersonSource.FEED, **entry.person)
        for entry in entries
        if entry.action == CREATE
    ]
    made = Person.objects.bulk_create(joiners, batch_size=CHUNK)
    known = Person.objects.in_bulk([entry.person_id for entry in entries if entry.person_id is not None])
    return {person.staff_number: person for person in (*made, *known.values())}


def _compare_people(work: list[_Work]) -> None:
    for item in work:
        if item.entry.action != CREATE:
            item.person_changes = _set(item.person, item.entry.person)
    _update([item.person for item in work if item.person_changes], _PERSON_COLUMNS)


def _write_posts(work: list[_Work], units: dict[str, int], numbers: dict[str, int]) -> None:
    wanted = [(item, post) for item in work for post in _touched(item.entry)]
    stored = Post.objects.in_bulk([post.id for _, post in wanted if post.id is not None])
    for item, post in wanted:
        values = _columns(post, units, numbers)
        if post.id is None:
            item.new_posts.append(Post(person=item.person, **values))
        else:
            row = stored[post.id]
            changed = _set(row, values)
            if changed:
                item.changed_posts.append((row, changed))
    _update([post for item in work for post, _ in item.changed_posts], POST_FIELDS)
    Post.objects.bulk_create([post for item in work for post in item.new_posts], batch_size=CHUNK)


def _touched(entry: Entry) -> list[KnownPost]:
    before = {post.id: post for post in entry.before}
    return [post for post in entry.posts if post.id is None or post != before[post.id]]


def _columns(post: KnownPost, units: dict[str, int], numbers: dict[str, int]) -> dict[str, Any]:
    return {
        "assignment_number": post.assignment_number,
        "unit_id": units[post.unit] if post.unit else None,
        "job_title": post.job_title,
        "staff_group": post.staff_group,
        "employment_type": str(post.employment_type),
        "manager_id": numbers[post.manager] if post.manager else None,
        "has_access": str(post.has_access),
        "start": post.start,
        "end": post.end,
    }


def _write_absences(work: list[_Work]) -> None:
    wanted = [(item, absence) for item in work for absence in item.entry.absences]
    stored = Absence.objects.in_bulk([pk for _, (pk, _, _) in wanted if pk is not None])
    for item, (pk, start, end) in wanted:
        if pk is None:
            item.new_absences.append(Absence(person=item.person, start=start, end=end))
        else:
            item.changed_absences.append((stored[pk], _set(stored[pk], {"end": end})))
    _update([absence for item in work for absence, _ in item.changed_absences], ["end"])
    Absence.objects.bulk_create([absence for item in work for absence in item.new_absences], batch_size=CHUNK)


def _set(row: models.Model, values: dict[str, Any]) -> dict[str, list[Any]]:
    """Set what differs, and return ``[before, after]`` of it by column."""
    changed: dict[str, list[Any]] = {}
    for name, value in values.items():
        before = getattr(row, name)
        if before != value:
            changed[name] = [storable(before), storable(value)]
            setattr(row, name, value)
    return changed


def _stored(row: models.Model, names: Iterable[str]) -> dict[str, Any]:
    return {name: storable(getattr(row, name)) for name in names}


def storable(value: Any) -> Any:
    """The value as JSON holds it."""
    return value.isoformat() if isinstance(value, date) else value


def _update(rows: list[Any], fields: list[str]) -> None:
    """Update many rows at once. ``bulk_update`` grows a CASE for every row; an upsert on the key does not."""
    if rows:
        type(rows[0])._default_manager.bulk_create(
            rows, batch_size=CHUNK, update_conflicts=True, unique_fields=["pk"], update_fields=fields
        )


def _write_rows(plan: Plan, work: list[_Work], batch: ImportBatch, *, with_reversal: bool = True) -> None:
    ImportRow.objects.filter(batch=batch).delete()
    rows = [
        ImportRow(
            batch=batch,
            number=item.entry.number,
            action=item.entry.action,
            person_id=item.person.pk,
            staff_number=item.entry.staff_number,
            name=item.entry.name[:200],
            changes=[change.as_dict() for change in item.entry.changes],
            reversal=item.reversal() if with_reversal else [],
        )
        for item in work
    ]
    by_row: dict[int, list[dict[str, Any]]] = {}
    for error in plan.errors:
        by_row.setdefault(error.row, []).append(error.as_dict())
    for number, errors in by_row.items():
        row = plan.refused_rows.get(number) or plan.faulty_rows.get(number)
        rows.append(
            ImportRow(
                batch=batch,
                number=number,
                action=ImportRow.Action.ERROR,
                staff_number=row.staff_number if row else "",
                parsed=row.raw if row else {},
                errors=errors,
            )
        )
    ImportRow.objects.bulk_create(rows, batch_size=CHUNK)
