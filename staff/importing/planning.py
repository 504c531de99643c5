"""Compares the rows of a file with what is on record and says what would change. Touches nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from audit.canonical import digest
from staff.importing.known import Known, KnownPerson, KnownPost
from staff.importing.managers import resolve_managers
from staff.importing.parsing import ParsedRow, RowError
from staff.importing.posts import LABELS, Change, PostRefusedError, begin, outcome

LEAVERS_NEED_APPROVAL_ABOVE = 5
"""Per cent of the people in post."""

MANAGERS_NEED_APPROVAL_ABOVE = 20
"""Per cent of the posts that had a manager."""

CREATE, UPDATE, REHIRE, LEAVE = "create", "update", "rehire", "leave"
_PERSON_FIELDS = {"first_name": "First name", "last_name": "Last name", "email": "E-mail address"}


@dataclass(frozen=True, slots=True)
class Options:
    """How the file is to be understood.

    Args:
        as_of: the date it stands for, and the date of every change that carries none of its own.
        is_complete: it lists everybody, so that whoever is missing has left.
        has_assignments: a column tells one post of a person from another.
        columns: heading by field name.
    """

    as_of: date
    is_complete: bool
    has_assignments: bool
    columns: dict[str, str]


@dataclass(slots=True)
class Entry:
    """What happens to one person: the same person may have several rows; ``number`` is the first, 0 if there is none."""

    number: int
    action: str
    staff_number: str
    name: str
    person_id: int | None
    person: dict[str, Any] = field(default_factory=dict)
    posts: list[KnownPost] = field(default_factory=list)
    before: list[KnownPost] = field(default_factory=list)
    absences: list[tuple[int | None, date, date | None]] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    is_proposed: bool = False

    def as_values(self) -> list[Any]:
        """The entry for the plan's digest."""
        posts = [[p.id, p.assignment_number, p.unit, p.job_title, p.staff_group, p.employment_type, p.manager, p.has_access,
                  p.start.isoformat(), p.end.isoformat() if p.end else None] for p in self.posts]  # fmt: skip
        absences = [[pk, start.isoformat(), end.isoformat() if end else None] for pk, start, end in self.absences]
        return [self.number, self.action, self.staff_number, self.person_id, dict(self.person), posts, absences]


@dataclass(slots=True)
class Plan:
    """Everything a file would do. ``entries`` holds only people for whom something changes.

    ``refused_rows`` are left out altogether; ``faulty_rows`` are taken but for one cell.
    """

    rows: int = 0
    unchanged: int = 0
    entries: list[Entry] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)
    warnings: list[RowError] = field(default_factory=list)
    refused_rows: dict[int, ParsedRow] = field(default_factory=dict)
    faulty_rows: dict[int, ParsedRow] = field(default_factory=dict)
    units: list[str] = field(default_factory=list)
    in_post: int = 0
    managed_posts: int = 0
    managers_changed: int = 0

    def count(self, action: str) -> int:
        return sum(entry.action == action for entry in self.entries)

    @property
    def proposed_leavers(self) -> int:
        return sum(entry.is_proposed for entry in self.entries)

    @property
    def approval_reasons(self) -> list[str]:
        """Why a second person must agree, one sentence each; empty when nobody need."""
        reasons = []
        if self.proposed_leavers * 100 > self.in_post * LEAVERS_NEED_APPROVAL_ABOVE:
            reasons.append(
                f"{self.proposed_leavers} of {self.in_post} people in post are missing from the file and would leave: "
                f"more than {LEAVERS_NEED_APPROVAL_ABOVE}%."
            )
        if self.managers_changed * 100 > self.managed_posts * MANAGERS_NEED_APPROVAL_ABOVE:
            reasons.append(
                f"{self.managers_changed} of {self.managed_posts} posts would change manager: more than {MANAGERS_NEED_APPROVAL_ABOVE}%."
            )
        return reasons

    def counts(self) -> dict[str, int]:
        return {
            "rows": self.rows,
            "created": self.count(CREATE),
            "updated": self.count(UPDATE),
            "unchanged": self.unchanged,
            "rehired": self.count(REHIRE),
            "proposed_leavers": self.proposed_leavers,
            "left": self.count(LEAVE),
        }

    def digest(self) -> str:
        """SHA-256 of everything that would change: the same digest, the same outcome."""
        return digest([[entry.as_values() for entry in self.entries], self.units, [e.as_dict() for e in self.errors]])


def plan(rows: Iterable[ParsedRow], known: Known, options: Options) -> Plan:
    """What the rows would change."""
    result = Plan(in_post=sum(_in_post(person.posts, options.as_of) for person in known.people.values()))
    result.managed_posts = sum(
        bool(post.manager) and post.covers(options.as_of) for p in known.people.values() for post in p.posts
    )
    accepted, seen_names = _sorted_out(rows, known, result, options)
    _settle_units(accepted, known, result)
    by_person: dict[str, list[ParsedRow]] = {}
    for row in accepted:
        by_person.setdefault(row.staff_number, []).append(row)
    matched = {number: match(known.people[number], found) for number, found in by_person.items() if number in known.people}
    faults = resolve_managers(accepted, known, matched, options)
    faulty = {error.row for error in faults}
    result.errors += faults
    result.faulty_rows = {row.number: row for row in accepted if row.number in faulty}
    for number, found in by_person.items():
        person = known.people.get(number)
        entry = _newcomer(found, options) if person is None else _entry(person, found, matched[number], options, result)
        if entry is not None:
            result.entries.append(entry)
    if options.is_complete:
        _add_leavers(
            result, known, {*by_person, *(row.staff_number for row in result.refused_rows.values())}, seen_names, options
        )
    result.errors.sort(key=lambda error: (error.row, error.column))
    return result


def match(person: KnownPerson, rows: Sequence[ParsedRow]) -> list[str | None]:
    """For each row of a person the assignment on record that it tells of; None: a post nobody knew."""
    groups = list(
        dict.fromkeys(post.assignment_number for post in sorted(person.posts, key=lambda p: (p.end is not None, p.start)))
    )
    free = [group for group in groups if group not in {row.values.get("assignment_number", "") for row in rows}]
    found: list[str | None] = []
    for row in rows:
        assignment = row.values.get("assignment_number", "")
        if assignment in groups:
            found.append(assignment)
        elif not assignment and free:
            found.append(free.pop(0))
        elif assignment and "" in free:
            free.remove("")
            found.append("")
        else:
            found.append(None)
    return found


def _sorted_out(rows: Iterable[ParsedRow], known: Known, result: Plan, options: Options) -> tuple[list[ParsedRow], set[str]]:
    """The rows that can be used. The others are kept for the fix list; names of rows without a number come second."""
    accepted: list[ParsedRow] = []
    first_rows: dict[tuple[str, str], int] = {}
    names: set[str] = set()
    for row in rows:
        result.rows += 1
        if not row.errors:
            key = (row.staff_number, row.values.get("assignment_number", ""))
            if key in first_rows:
                row.errors.append(_duplicate(row, first_rows[key], options))
            else:
                first_rows[key] = row.number
        if not row.errors and row.staff_number not in known.people and not {"first_name", "last_name"} & row.values.keys():
            heading = options.columns.get("last_name") or options.columns["full_name"]
            row.errors.append(RowError(row.number, heading, "", "The name is missing, and the staff number is new."))
        if row.errors:
            result.refused_rows[row.number] = row
            result.errors += row.errors
            if not row.staff_number:
                names.add(_name_key(row.values.get("first_name", ""), row.values.get("last_name", "")))
        else:
            accepted.append(row)
    return accepted, names


def _duplicate(row: ParsedRow, first: int, options: Options) -> RowError:
    if options.has_assignments:
        advice = "Give each post of a person its own assignment number."
    else:
        advice = "Leave one of them out, or add a column with an assignment number if the person has two posts."
    message = f"Row {first} has the same staff number; that row was used. {advice}"
    return RowError(row.number, options.columns["staff_number"], row.staff_number, message)


def _settle_units(rows: Iterable[ParsedRow], known: Known, result: Plan) -> None:
    """Give every unit the spelling on record; note those that nobody knew."""
    names = dict(known.units)
    for row in rows:
        unit = row.values.get("unit")
        if unit:
            if unit.casefold() not in names:
                names[unit.casefold()] = unit
                result.units.append(unit)
            row.values["unit"] = names[unit.casefold()]


def _newcomer(rows: Sequence[ParsedRow], options: Options) -> Entry | None:
    first = rows[0]
    person = {name: first.values.get(name, "") for name in _PERSON_FIELDS}
    entry = Entry(first.number, CREATE, first.staff_number, f"{person['first_name']} {person['last_name']}".strip(), None, person)
    entry.posts = [begin(row.values, as_of=options.as_of) for row in rows]
    for row in rows:
        entry.absences += _absences(row, {})
    entry.changes = [Change("Post", "", _post_in_words(post), post.start) for post in entry.posts]
    return entry


def _entry(
    person: KnownPerson, rows: Sequence[ParsedRow], groups: Sequence[str | None], options: Options, result: Plan
) -> Entry | None:
    entry = Entry(rows[0].number, UPDATE, person.staff_number, person.name, person.id, before=person.posts)
    _compare_person(person, rows[0], entry)
    entry.posts = list(person.posts)
    for row, group in zip(rows, groups, strict=True):
        try:
            _apply_row(entry, row, group, options)
        except PostRefusedError as error:
            heading = options.columns[error.field]
            row.errors.append(RowError(row.number, heading, row.raw[heading], str(error)))
            result.errors += row.errors
            result.refused_rows[row.number] = row
            return None
        absences = _absences(row, person.absences)
        entry.absences += absences
        entry.changes += [Change("Away", "", _period_in_words(start, end)) for _, start, end in absences]
    if options.is_complete and all("assignment_number" in row.values for row in rows) and not _has_refused_row(person, result):
        _end_missing_posts(entry, groups, options)
    _count_managers(entry, groups, options, result)
    if not (entry.changes or entry.person):
        result.unchanged += 1
        return None
    entry.action = _action(entry, options.as_of)
    return entry


def _apply_row(entry: Entry, row: ParsedRow, group: str | None, options: Options) -> None:
    of_group = (
        [post for post in entry.posts if post.assignment_number == group and post.id is not None] if group is not None else []
    )
    if not of_group:
        post = begin(row.values, as_of=options.as_of)
        entry.posts = [*entry.posts, post]
        entry.changes.append(Change("Post", "", _post_in_words(post), post.start))
        return
    assignment = row.values.get("assignment_number", "")
    named = [replace(post, assignment_number=assignment) for post in of_group] if assignment and not group else of_group
    if named is not of_group:
        entry.changes.append(Change(LABELS["assignment_number"], "none", assignment))
    after = outcome(named, row.values, as_of=options.as_of)
    others = [post for post in entry.posts if post not in of_group]
    entry.posts = sorted([*others, *after.posts], key=lambda post: post.start)
    entry.changes += after.changes


def _compare_person(person: KnownPerson, row: ParsedRow, entry: Entry) -> None:
    for name, label in _PERSON_FIELDS.items():
        before, after = getattr(person, name), row.values.get(name, "")
        if after and after != before:
            entry.person[name] = after
            entry.changes.append(Change(label, before or "none", after))
    if person.is_local:
        entry.person["source"] = "feed"
        entry.changes.append(Change("Kept by", "added here", "HR file"))


def _absences(row: ParsedRow, known: dict[date, tuple[int, date | None]]) -> list[tuple[int | None, date, date | None]]:
    start: date | None = row.values.get("absence_from")
    if start is None:
        return []
    last: date | None = row.values.get("absence_to")
    end = last + timedelta(days=1) if last else None
    if start not in known:
        return [(None, start, end)]
    pk, before = known[start]
    return [(pk, start, end)] if end is not None and end != before else []


def _end_missing_posts(entry: Entry, groups: Sequence[str | None], options: Options) -> None:
    """In a complete file with assignment numbers, a post that is not listed has ended although the person stays."""
    listed = {post.id for post in entry.before if post.assignment_number in groups}
    for post in list(entry.posts):
        if post.id is None or post.id in listed or post.start >= options.as_of or post.has_ended(options.as_of):
            continue
        entry.posts = [replace(p, end=options.as_of) if p == post else p for p in entry.posts]
        entry.changes.append(Change("Post", _post_in_words(post), "not in the file: ends", options.as_of))


def _count_managers(entry: Entry, groups: Sequence[str | None], options: Options, result: Plan) -> None:
    for post in entry.before:
        if post.manager and post.covers(options.as_of) and post.assignment_number in groups:
            after = next((p for p in entry.posts if p.id == post.id), post)
            later = [p for p in entry.posts if p.id is None and p.start == after.end]
            managers = {p.manager for p in (later or [after])}
            result.managers_changed += post.manager not in managers


def _action(entry: Entry, as_of: date) -> str:
    had_left = bool(entry.before) and all(post.has_ended(as_of) for post in entry.before)
    has_left = bool(entry.posts) and all(post.has_ended(as_of) for post in entry.posts)
    if had_left and not has_left:
        return REHIRE
    if has_left and not had_left and entry.before:
        return LEAVE
    return UPDATE


def _add_leavers(result: Plan, known: Known, listed: set[str], unnumbered: set[str], options: Options) -> None:
    """Propose everybody whom HR's earlier files brought, who is in post and whom this file does not list."""
    for person in known.people.values():
        if person.staff_number in listed or person.is_local or _name_key(person.first_name, person.last_name) in unnumbered:
            continue
        entry = Entry(0, LEAVE, person.staff_number, person.name, person.id, before=person.posts, is_proposed=True)
        for post in person.posts:
            end = max(options.as_of, post.start + timedelta(days=1))
            is_open = post.end is None or post.end > max(end, options.as_of + timedelta(days=1))
            ends = post.start <= options.as_of and is_open
            entry.posts.append(replace(post, end=end) if ends else post)
            if ends:
                entry.changes.append(Change("Post", _post_in_words(post), "not in the file: ends", end))
        if entry.changes:
            result.entries.append(entry)


def _has_refused_row(person: KnownPerson, result: Plan) -> bool:
    return any(row.staff_number == person.staff_number for row in result.refused_rows.values())


def _in_post(posts: Iterable[KnownPost], on: date) -> bool:
    return any(post.covers(on) for post in posts)


def _name_key(first: str, last: str) -> str:
    return f"{first} {last}".strip().casefold()


def _post_in_words(post: KnownPost) -> str:
    return ", ".join(part for part in (post.job_title or "Post", post.unit) if part)


def _period_in_words(start: date, end: date | None) -> str:
    until = f" to {(end - timedelta(days=1)):%d/%m/%Y}" if end else ""
    return f"from {start:%d/%m/%Y}{until}"
