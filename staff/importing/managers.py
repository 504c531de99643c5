"""Finds out whom each row's manager cell means, and refuses cells that name nobody, the person, or close a loop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from staff.importing.cells import split_name
from staff.importing.known import Known, KnownPost
from staff.importing.parsing import ParsedRow, RowError

if TYPE_CHECKING:
    from staff.importing.entries import Options

WITHOUT = "The row was taken without a manager."


class _Link(NamedTuple):
    """Somebody's post and its manager, by their staff numbers."""

    person: str
    manager: str


def resolve_managers(rows: Sequence[ParsedRow], known: Known, options: Options) -> list[RowError]:
    """Replace each manager cell by a staff number, or take it out and say why.

    A cell may hold a staff number, an e-mail address or a full name that only one person has. The manager
    may stand anywhere in the file.
    """
    directory = _Directory(rows, known)
    errors: list[RowError] = []
    heading = options.columns.get("manager", "")
    for row in rows:
        cell = row.values.get("manager")
        if not cell:
            continue
        number, fault = directory.find(cell)
        if not fault and number == row.staff_number:
            fault = "Nobody can be their own manager."
        if fault:
            del row.values["manager"]
            errors.append(RowError(row.number, heading, cell, f"{fault} {WITHOUT}"))
        else:
            row.values["manager"] = number
    return errors


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
            people = {n: (p.first_name, p.last_name, p.email) for n, p in self._known.people.items()}
            told: set[str] = set()
            for row in self._rows:
                if row.staff_number not in told:
                    before = people.get(row.staff_number, ("", "", ""))
                    after = (
                        row.values.get(name, old) for name, old in zip(("first_name", "last_name", "email"), before, strict=True)
                    )
                    first, last, email = after
                    people[row.staff_number] = (first, last, email)
                    told.add(row.staff_number)
            for number, (first, last, email) in people.items():
                self._add(number, first, last, email)
        return self._others

    def _add(self, number: str, first: str, last: str, email: str) -> None:
        assert self._others is not None  # noqa: S101  others has just made it
        for key in {_name_of(first, last), email.casefold()} - {""}:
            self._others.setdefault(key, set()).add(number)


def _name_of(first: str, last: str) -> str:
    return f"{first} {last}".strip().casefold()


def refuse_loops(
    rows: Mapping[str, Sequence[ParsedRow]], known: Known, posts: Mapping[str, Sequence[KnownPost]], options: Options
) -> list[RowError]:
    """Take out the manager cells by which people would come to manage one another in a circle.

    What was on record before the file stays: only cells that change something are refused. Refusing one
    lets an older manager stand, so ask again with the posts that follow until nothing is refused.

    Args:
        rows: the good rows by staff number; the refused cells are taken out of them.
        known: what is on record.
        posts: everybody's posts as they would be after the import.
        options: how the file is to be understood.
    """
    links = [
        _Link(number, post.manager)
        for number, own in posts.items()
        for post in own
        if post.manager and not post.has_ended(options.as_of)
    ]
    links += [
        _Link(number, post.manager)
        for number, person in known.people.items()
        for post in person.posts_added_here
        if post.manager and not post.has_ended(options.as_of)
    ]
    heading = options.columns.get("manager", "")
    errors = []
    for link in _in_loops(links):
        person = known.people.get(link.person)
        if person is not None and any(p.manager == link.manager and not p.has_ended(options.as_of) for p in person.posts):
            continue
        for row in rows.get(link.person, ()):
            if row.values.get("manager") == link.manager:
                del row.values["manager"]
                message = f"The managers form a loop: {link.manager} is, further up, managed by {link.person}. {WITHOUT}"
                errors.append(RowError(row.number, heading, row.raw.get(heading, link.manager), message))
    return errors


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
