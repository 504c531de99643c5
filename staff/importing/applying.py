"""Writes a plan to the database in sets, and notes for each person how to put it back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from hashlib import blake2b, sha256
from typing import Any

from django.db import IntegrityError, models

from accounts.models import Organisation
from staff.enums import PersonSource
from staff.importing import bulk
from staff.importing import known as on_record
from staff.importing.entries import CREATE, Entry
from staff.importing.known import KnownPost
from staff.importing.planning import Plan
from staff.importing.steps import Step, Tell, nobody_waits
from staff.models import Absence, ImportBatch, ImportRow, Person, Post, Unit

CHUNK = 500
FEED = str(PersonSource.FEED)
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
PERSON_COLUMNS = ("staff_number", "first_name", "last_name", "email", "source")
POST_COLUMNS = (
    "assignment_number",
    "unit_id",
    "job_title",
    "staff_group",
    "employment_type",
    "manager_id",
    "has_access",
    "start",
    "end",
)
ABSENCE_COLUMNS = ("start", "end")
_ROW_COLUMNS = ("batch_id", "number", "action", "person_id", "staff_number", "name", "changes", "reversal")
_to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class StaffListChangedError(Exception):
    """Somebody changed the staff list between the plan and the writing of it: plan again."""


def fingerprint(values: Iterable[Any]) -> str:
    """What is kept of a row that an import made, to tell later whether anybody has changed it."""
    text = "\x1f".join(["\x00" if value is None else str(value) for value in values])
    return blake2b(text.encode(), digest_size=12).hexdigest()


@dataclass
class _Work:
    """What one entry about a known person becomes: rows to insert, rows to change, and what they held before."""

    entry: Entry
    person: Person
    new_posts: list[Post] = field(default_factory=list)
    changed_posts: list[tuple[Post, dict[str, list[Any]]]] = field(default_factory=list)
    person_changes: dict[str, list[Any]] = field(default_factory=dict)
    new_absences: list[Absence] = field(default_factory=list)
    changed_absences: list[tuple[Absence, dict[str, list[Any]]]] = field(default_factory=list)

    def reversal(self) -> list[dict[str, Any]]:
        """What was done, row by row, so that it can be undone: ``[before, after]`` by column, or the print of a new row."""
        done: list[dict[str, Any]] = []
        if self.person_changes:
            done.append({"model": "person", "id": self.person.pk, "changed": self.person_changes})
        done += [{"model": "post", "id": post.pk, "created": print_of(post)} for post in self.new_posts]
        done += [{"model": "post", "id": post.pk, "changed": changed} for post, changed in self.changed_posts]
        done += [{"model": "absence", "id": a.pk, "created": print_of(a)} for a in self.new_absences]
        done += [{"model": "absence", "id": a.pk, "changed": changed} for a, changed in self.changed_absences]
        return done


def print_of(row: models.Model) -> str:
    """The fingerprint of a row as it stands."""
    columns = {Person: PERSON_COLUMNS, Post: POST_COLUMNS, Absence: ABSENCE_COLUMNS}[type(row)]
    return fingerprint(storable(getattr(row, name)) for name in columns)


def write(plan: Plan, batch: ImportBatch, tell: Tell = nobody_waits) -> str:
    """Write everything the plan says, in the caller's transaction, and return a digest of the rows it touched.

    The number of statements does not grow with the people, but for chunks of many hundred rows.

    Raises:
        StaffListChangedError: the plan was made over what is no longer there.
    """
    organisation = batch.organisation
    tell(Step.CHECK)
    ImportRow.objects.filter(batch=batch).delete()
    _check_nothing_has_changed(plan, organisation)
    tell(Step.JOINERS)
    units, batch.units_created = _units(organisation, plan.units)
    joiners = [entry for entry in plan.entries if entry.action == CREATE]
    ids = bulk.reserve_ids(Person, len(joiners))
    numbers = dict(zip((entry.staff_number for entry in joiners), ids, strict=True))
    _add_managers(numbers, plan.entries, organisation)
    rows = _write_joiners(joiners, ids, organisation, units, numbers)
    tell(Step.CHANGES)
    work = _known_people(plan.entries)
    _compare_people(work)
    _write_posts(work, units, numbers)
    _write_absences(work)
    tell(Step.ROWS)
    rows += [_row(item.entry, item.person.pk, _to_json(item.reversal())) for item in work]
    _write_rows(rows, batch)
    _write_refusals(plan, batch)
    touched = sha256()
    for row in rows:
        touched.update(f"{row[1]} {row[2]} {row[-1]}\n".encode())
    return touched.hexdigest()


def write_preview(plan: Plan, batch: ImportBatch) -> None:
    """Keep what the plan would do, to be looked at; nothing is reversed because nothing is done."""
    ImportRow.objects.filter(batch=batch).delete()
    _write_rows([_row(entry, entry.person_id, "[]") for entry in plan.entries], batch)
    _write_refusals(plan, batch)


def _check_nothing_has_changed(plan: Plan, organisation: Organisation) -> None:
    """Whomever the plan changes is as the plan found them. Of joiners the unique staff number makes sure."""
    expected = {entry.person_id: entry.known for entry in plan.entries if entry.person_id is not None}
    for some in _chunks(sorted(expected)):
        found = {person.id: person for person in on_record.load(organisation, only=some).people.values()}
        if any(found.get(pk) != expected[pk] for pk in some):
            raise StaffListChangedError


def _chunks(ids: list[int]) -> Iterator[list[int]]:
    """Lists short enough to be the parameters of one statement."""
    for start in range(0, len(ids), 5000):
        yield ids[start : start + 5000]


def _units(organisation: Organisation, new: Iterable[str]) -> tuple[dict[str, int], list[int]]:
    try:
        made = Unit.objects.bulk_create([Unit(organisation=organisation, name=name) for name in new], batch_size=CHUNK)
    except IntegrityError as error:
        raise StaffListChangedError from error
    return dict(Unit.objects.filter(organisation=organisation).values_list("name", "pk")), [unit.pk for unit in made]


def _add_managers(numbers: dict[str, int], entries: Iterable[Entry], organisation: Organisation) -> None:
    """Find the managers that are not joiners themselves."""
    wanted = sorted({post.manager for entry in entries for post in entry.posts if post.manager} - numbers.keys())
    for start in range(0, len(wanted), 5000):
        some = Person.objects.filter(organisation=organisation, staff_number__in=wanted[start : start + 5000])
        numbers |= dict(some.values_list("staff_number", "pk"))


def _write_joiners(
    joiners: list[Entry], ids: list[int], organisation: Organisation, units: dict[str, int], numbers: dict[str, int]
) -> list[tuple[Any, ...]]:
    """Write the people nobody knew with their posts and absences; the rows of the batch about them are the result."""
    post_ids = iter(bulk.reserve_ids(Post, sum(len(entry.posts) for entry in joiners)))
    absence_ids = iter(bulk.reserve_ids(Absence, sum(len(entry.absences) for entry in joiners)))
    people: list[tuple[Any, ...]] = []
    posts: list[tuple[Any, ...]] = []
    absences: list[tuple[Any, ...]] = []
    rows = []
    organisation_id = organisation.pk
    for entry, pk in zip(joiners, ids, strict=True):
        person = entry.person
        values = (entry.staff_number, person["first_name"], person["last_name"], person["email"], FEED)
        people.append((pk, organisation_id, *values))
        steps = [f'{{"model":"person","id":{pk},"created":"{fingerprint(values)}"}}']
        for post in entry.posts:
            post_id, stored = next(post_ids), _post_values(post, units, numbers)
            posts.append((post_id, pk, *stored))
            steps.append(f'{{"model":"post","id":{post_id},"created":"{fingerprint(stored)}"}}')
        for _, start, end in entry.absences:
            absence_id, period = next(absence_ids), (start.isoformat(), end.isoformat() if end else None)
            absences.append((absence_id, pk, *period))
            steps.append(f'{{"model":"absence","id":{absence_id},"created":"{fingerprint(period)}"}}')
        rows.append(_row(entry, pk, f"[{','.join(steps)}]"))
    try:
        bulk.insert(Person, ["id", "organisation_id", *PERSON_COLUMNS], people)
    except IntegrityError as error:
        raise StaffListChangedError from error
    bulk.insert(Post, ["id", "person_id", *POST_COLUMNS], posts)
    bulk.insert(Absence, ["id", "person_id", *ABSENCE_COLUMNS], absences)
    return rows


def _post_values(post: KnownPost, units: dict[str, int], numbers: dict[str, int]) -> tuple[Any, ...]:
    return (
        post.assignment_number,
        units[post.unit] if post.unit else None,
        post.job_title,
        post.staff_group,
        post.employment_type,
        numbers[post.manager] if post.manager else None,
        post.has_access,
        _iso(post.start),
        _iso(post.end),
    )


@lru_cache(maxsize=20_000)
def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _known_people(entries: Iterable[Entry]) -> list[_Work]:
    changing = [(entry, entry.person_id) for entry in entries if entry.person_id is not None]
    people = Person.objects.in_bulk([pk for _, pk in changing])
    return [_Work(entry, people[pk]) for entry, pk in changing]


def _compare_people(work: list[_Work]) -> None:
    for item in work:
        item.person_changes = _set(item.person, item.entry.person)
    _update([item.person for item in work if item.person_changes], [name for name in PERSON_COLUMNS if name != "staff_number"])


def _write_posts(work: list[_Work], units: dict[str, int], numbers: dict[str, int]) -> None:
    wanted = [(item, post) for item in work for post in _touched(item.entry)]
    stored = Post.objects.in_bulk([post.id for _, post in wanted if post.id is not None])
    for item, post in wanted:
        values = dict(zip(POST_COLUMNS, _post_values(post, units, numbers), strict=True)) | {"start": post.start, "end": post.end}
        if post.id is None:
            item.new_posts.append(Post(person=item.person, kept_here=sorted(post.kept), **values))
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


def storable(value: Any) -> Any:
    """The value as JSON holds it."""
    return value.isoformat() if isinstance(value, date) else value


def _update(rows: list[Any], fields: list[str]) -> None:
    """Update many rows at once. ``bulk_update`` grows a CASE for every row; an upsert on the key does not."""
    if rows:
        type(rows[0])._default_manager.bulk_create(
            rows, batch_size=CHUNK, update_conflicts=True, unique_fields=["pk"], update_fields=fields
        )


def _row(entry: Entry, person_id: int | None, reversal: str) -> tuple[Any, ...]:
    changes = ",".join([change.as_json() for change in entry.changes])
    return entry.number, entry.action, person_id, entry.staff_number, entry.name[:200], f"[{changes}]", reversal


def _write_rows(rows: Iterable[tuple[Any, ...]], batch: ImportBatch) -> None:
    rows = list(rows)
    ids = bulk.reserve_ids(ImportRow, len(rows))
    batch_id = batch.pk
    told = ((pk, batch_id, *row) for pk, row in zip(ids, rows, strict=True))
    bulk.insert(ImportRow, ["id", *_ROW_COLUMNS], told)


def _write_refusals(plan: Plan, batch: ImportBatch) -> None:
    by_row: dict[int, list[dict[str, Any]]] = {}
    for error in plan.errors:
        by_row.setdefault(error.row, []).append(error.as_dict())
    rows = []
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
