"""Finds out whom each row's manager cell means, and refuses cells that name nobody, the person, or close a loop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from staff.importing.known import Known, KnownPost
from staff.importing.parsing import ParsedRow, RowError, split_name

if TYPE_CHECKING:
    from staff.importing.planning import Options

WITHOUT = "The row was taken without a manager."


@dataclass(frozen=True, slots=True)
class _Link:
    """Somebody's post and its manager. ``row`` is None where the database says it; ``is_new`` if the file changes it."""

    person: str
    manager: str
    row: ParsedRow | None
    is_new: bool


def resolve_managers(
    rows: Sequence[ParsedRow], known: Known, matched: Mapping[str, Sequence[str | None]], options: Options
) -> list[RowError]:
    """Replace each manager cell by a staff number, or take it out and say why.

    A cell may hold a staff number, an e-mail address or a full name that only one person has. The manager
    may stand anywhere in the file.
    """
    directory = _Directory(rows, known)
    errors: list[RowError] = []
    heading = options.columns.get("manager", "")
    for row in rows:
        cell = row.values.get("manager")
        if cell is None:
            continue
        number, fault = directory.find(cell)
        if not fault and number == row.staff_number:
            fault = "Nobody can be their own manager."
        if fault:
            del row.values["manager"]
            errors.append(RowError(row.number, heading, cell, f"{fault} {WITHOUT}"))
        else:
            row.values["manager"] = number
    return errors + _refuse_loops(rows, known, matched, options, heading)


class _Directory:
    """Everybody a manager cell can mean: those on record and those in the file."""

    def __init__(self, rows: Sequence[ParsedRow], known: Known) -> None:
        self.numbers = set(known.people) | {row.staff_number for row in rows}
        self._rows, self._known = rows, known
        self._others: dict[str, set[str]] | None = None

    def find(self, cell: str) -> tuple[str, str]:
        """The staff number, and what is wrong if there is none."""
        if cell in self.numbers:
            return cell, ""
        found = self.others.get(cell.casefold(), set()) or self.others.get(_name_of(*split_name(cell)), set())
        if len(found) == 1:
            return next(iter(found)), ""
        if found:
            return "", f"{len(found)} people are called {cell}: give the manager's staff number."
        return "", f"No manager with the staff number {cell} is on the staff list or in the file."

    @property
    def others(self) -> dict[str, set[str]]:
        """Staff numbers by e-mail address and by name, in small letters; made only when a cell is no staff number."""
        if self._others is None:
            self._others = {}
            for number, person in self._known.people.items():
                self._add(number, person.first_name, person.last_name, person.email)
            for row in self._rows:
                values = row.values
                self._add(row.staff_number, values.get("first_name", ""), values.get("last_name", ""), values.get("email", ""))
        return self._others

    def _add(self, number: str, first: str, last: str, email: str) -> None:
        assert self._others is not None  # noqa: S101  others has just made it
        for key in {_name_of(first, last), email.casefold()} - {""}:
            self._others.setdefault(key, set()).add(number)


def _name_of(first: str, last: str) -> str:
    return f"{first} {last}".strip().casefold()


def _refuse_loops(
    rows: Sequence[ParsedRow], known: Known, matched: Mapping[str, Sequence[str | None]], options: Options, heading: str
) -> list[RowError]:
    errors = []
    for link in _in_loops(_links(rows, known, matched, options)):
        if link.row is not None and link.is_new:
            del link.row.values["manager"]
            message = f"The managers form a loop: {link.manager} is, further up, managed by {link.person}. {WITHOUT}"
            errors.append(RowError(link.row.number, heading, link.row.raw.get(heading, link.manager), message))
    return errors


def _links(rows: Sequence[ParsedRow], known: Known, matched: Mapping[str, Sequence[str | None]], options: Options) -> list[_Link]:
    """Who would manage whom after the import."""
    links: list[_Link] = []
    told: set[tuple[str, str]] = set()
    seen: dict[str, int] = {}
    for row in rows:
        index = seen.get(row.staff_number, 0)
        seen[row.staff_number] = index + 1
        group = matched[row.staff_number][index] if row.staff_number in matched else None
        manager = row.values.get("manager")
        if manager is None:
            continue
        posts = [p for p in known.people[row.staff_number].posts if p.assignment_number == group] if group is not None else []
        before = {post.manager for post in posts if _counts(post, options)}
        links.append(_Link(row.staff_number, manager, row, manager not in before))
        if group is not None:
            told.add((row.staff_number, group))
    for number, person in known.people.items():
        for post in person.posts:
            if post.manager and _counts(post, options) and (number, post.assignment_number) not in told:
                links.append(_Link(number, post.manager, None, is_new=False))  # noqa: PERF401
    return links


def _counts(post: KnownPost, options: Options) -> bool:
    return not post.has_ended(options.as_of)


def _in_loops(links: Sequence[_Link]) -> list[_Link]:
    """The links that are part of a loop: whose person is, further up, the manager of their own manager.

    Whoever has no manager, or manages nobody, is in no loop: taken away again and again, such people leave
    only the loops and what lies between them, which is little to search.
    """
    left = list(links)
    while True:
        below, above = {link.person for link in left}, {link.manager for link in left}
        kept = [link for link in left if link.manager in below and link.person in above]
        if len(kept) == len(left):
            break
        left = kept
    managers: dict[str, list[str]] = {}
    for link in left:
        managers.setdefault(link.person, []).append(link.manager)
    return [link for link in left if _reaches(link.manager, link.person, managers)]


def _reaches(start: str, goal: str, managers: Mapping[str, Sequence[str]]) -> bool:
    seen, waiting = {start}, [start]
    while waiting:
        person = waiting.pop()
        if person == goal:
            return True
        new = [manager for manager in managers.get(person, ()) if manager not in seen]
        seen.update(new)
        waiting += new
    return False
