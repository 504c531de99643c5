"""What people are reminded of. A kind of thing registers itself here and says, for a date, who has to do what."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from accounts.models import Organisation


@dataclass(frozen=True)
class Reminder:
    """Something that one person has to do. ``what`` is a registered kind, never free words: it goes into an e-mail."""

    person_id: int
    what: str
    due_on: date
    url: str


Finder = Callable[[Organisation, date], Iterable[Reminder]]
"""Everything that is due within the next days or overdue on the date, for whoever it falls to."""

_finders: dict[str, Finder] = {}
_plurals: dict[str, str] = {}


def register(kind: str, find: Finder, *, plural: str) -> None:
    """Remind people of a kind of thing, such as “action”, “actions”."""
    _finders[kind] = find
    _plurals[kind] = plural


def counted(kind: str, number: int) -> str:
    """“1 action”, “2 actions”."""
    return f"{number} {kind if number == 1 else _plurals[kind]}"


def due(organisation: Organisation, on: date) -> dict[int, list[Reminder]]:
    """What each person is to be reminded of on the date, by person, the earliest first."""
    found: dict[int, list[Reminder]] = {}
    for find in _finders.values():
        for reminder in find(organisation, on):
            found.setdefault(reminder.person_id, []).append(reminder)
    return {person: sorted(own, key=lambda one: (one.due_on, one.what, one.url)) for person, own in found.items()}
