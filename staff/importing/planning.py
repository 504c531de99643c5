"""Compares the rows of a file with what is on record and says what would change. Touches nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from audit.canonical import digest
from staff.importing.entries import (
    CREATE,
    LEAVE,
    REHIRE,
    UNCHANGED,
    UPDATE,
    Entry,
    Options,
    Outcome,
    is_as_before,
    is_undated_leaver,
    known_person,
    match,
    missing_person,
    newcomer,
)
from staff.importing.known import Known, KnownPost
from staff.importing.managers import refuse_loops, resolve_managers
from staff.importing.parsing import ParsedRow, RowError

LEAVERS_NEED_APPROVAL_ABOVE = 5
"""Per cent of the people in post."""

MANAGERS_NEED_APPROVAL_ABOVE = 20
"""Per cent of the posts that had a manager."""


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
    signs_of_another: list[str] = field(default_factory=list)
    """Why the list seems to be another organisation's: what ``right_file`` found, one sentence each."""
    signs_of_older: list[str] = field(default_factory=list)
    """Why the list seems to be older than what was imported last."""

    def count(self, action: str) -> int:
        return sum(entry.action == action for entry in self.entries)

    @property
    def proposed_leavers(self) -> int:
        return sum(entry.is_proposed for entry in self.entries)

    @property
    def approval_reasons(self) -> list[str]:
        """Why a second person must agree, one sentence each; empty when nobody need."""
        reasons = list(self.signs_of_another)
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
    accepted, unnumbered = _sorted_out(rows, known, result, options)
    _settle_units(accepted, known, result)
    by_person: dict[str, list[ParsedRow]] = {}
    for row in accepted:
        by_person.setdefault(row.staff_number, []).append(row)
    refused = {row.staff_number for row in result.refused_rows.values()}
    if options.is_complete:
        _add_leavers(result, known, {*by_person, *refused}, unnumbered, options)
    leavers = {entry.staff_number: entry.posts for entry in result.entries}
    faults = resolve_managers(accepted, known, options)
    outcomes = {number: _outcome(number, found, known, options, refused) for number, found in by_person.items()}
    while any(found.entry is not None for found in outcomes.values()):
        posts = {number: person.posts for number, person in known.people.items()} | leavers
        posts |= {number: found.entry.posts for number, found in outcomes.items() if found.entry is not None}
        looped = refuse_loops(by_person, known, posts, options)
        if not looped:
            break
        faults += looped
        for number in {row.staff_number for row in accepted if row.number in {error.row for error in looped}}:
            outcomes[number] = _outcome(number, by_person[number], known, options, refused)
    _gather(outcomes, faults, accepted, result)
    return result


def _outcome(number: str, rows: Sequence[ParsedRow], known: Known, options: Options, refused: set[str]) -> Outcome:
    person = known.people.get(number)
    if person is None:
        return newcomer(rows, options)
    if len(rows) == 1 and is_as_before(person, rows[0], options):
        return UNCHANGED
    return known_person(person, rows, match(person, rows, as_of=options.as_of), options, has_all_rows=number not in refused)


def _gather(outcomes: Mapping[str, Outcome], faults: list[RowError], accepted: Sequence[ParsedRow], result: Plan) -> None:
    """Bring what became of each person together, in the order of the file; proposed leavers come last."""
    listed: list[Entry] = []
    for found in outcomes.values():
        result.warnings += found.warnings
        result.managers_changed += found.managers_changed
        if found.entry is not None:
            listed.append(found.entry)
        elif found.refused is not None and found.error is not None:
            found.refused.errors.append(found.error)
            _refuse(found.refused, result)
        else:
            result.unchanged += 1
    result.entries = listed + result.entries
    faulty = {error.row for error in faults}
    result.faulty_rows = {row.number: row for row in accepted if row.number in faulty}
    result.errors += faults
    result.errors.sort(key=lambda error: (error.row, error.column))


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
        if row.errors:
            _refuse(row, result)
            if not row.staff_number:
                names.add(_name_key(row.values.get("first_name", ""), row.values.get("last_name", "")))
        else:
            accepted.append(row)
    named = {*known.people, *(row.staff_number for row in accepted if {"first_name", "last_name"} & row.values.keys())}
    heading = options.columns.get("last_name") or options.columns["full_name"]
    for row in accepted:
        if row.staff_number not in named:
            row.errors.append(RowError(row.number, heading, "", "The name is missing, and the staff number is new."))
            _refuse(row, result)
    accepted = [row for row in accepted if not row.errors]
    return (_without_who_never_came(accepted, known, result, options) if "has_left" in options.columns else accepted), names


def _without_who_never_came(rows: list[ParsedRow], known: Known, result: Plan, options: Options) -> list[ParsedRow]:
    """The rows without those whose status says that somebody of whom we have never heard has left, at a time they do not say."""
    never_came = [row for row in rows if is_undated_leaver(row) and row.staff_number not in known.people]
    if not never_came:
        return rows
    result.unchanged += len(never_came)
    told = (
        "row is about somebody who has left and was" if len(never_came) == 1 else "rows are about people who have left and were"
    )
    message = f"{len(never_came)} {told} never on your staff list: passed over."
    result.warnings.append(RowError(never_came[0].number, options.columns["has_left"], "", message))
    passed = {row.number for row in never_came}
    return [row for row in rows if row.number not in passed]


def _refuse(row: ParsedRow, result: Plan) -> None:
    result.refused_rows[row.number] = row
    result.errors += row.errors


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


def _add_leavers(result: Plan, known: Known, listed: set[str], unnumbered: set[str], options: Options) -> None:
    """Propose everybody whom HR's earlier files brought, who is in post and whom this file does not list."""
    for person in known.people.values():
        if person.staff_number in listed or person.is_local or _name_key(person.first_name, person.last_name) in unnumbered:
            continue
        entry = missing_person(person, options)
        if entry is not None:
            result.entries.append(entry)


def _in_post(posts: Iterable[KnownPost], on: date) -> bool:
    return any(post.covers(on) for post in posts)


def _name_key(first: str, last: str) -> str:
    return f"{first} {last}".strip().casefold()
