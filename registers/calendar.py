"""Everything with a date: whatever is to be reviewed, renewed or done says so here, and the calendar gathers it.

A kind of date registers itself with :func:`register`; apps above may add theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from accounts.enums import Capability
from accounts.models import Organisation
from accounts.policy import Access

AHEAD = timedelta(days=366)
"""How far the calendar looks."""


@dataclass(frozen=True)
class Entry:
    """One date. ``key`` tells it from the others of its kind; ``url`` is the page where something can be done about it."""

    key: str
    on: date
    what: str
    url: str


@dataclass(frozen=True)
class Dated:
    """An entry with its kind in words, and whether its day has passed."""

    entry: Entry
    kind: str
    label: str
    is_overdue: bool


Finder = Callable[[Organisation, date], Iterable[Entry]]
"""The dates of an organisation that still want something on the date given: past ones that were seen to are left out."""


@dataclass(frozen=True)
class Source:
    kind: str
    label: str
    find: Finder
    capabilities: tuple[Capability, ...]


_sources: dict[str, Source] = {}


def register(kind: str, *, label: str, find: Finder, capabilities: tuple[Capability, ...] = (Capability.REGISTERS_VIEW,)) -> None:
    """Put a kind of date on the calendar of those who hold at least one of the capabilities."""
    _sources[kind] = Source(kind, label, find, capabilities)


def kinds() -> list[tuple[str, str]]:
    """Every kind with its label, by label: the choices of a filter."""
    return sorted(((source.kind, source.label) for source in _sources.values()), key=lambda pair: pair[1])


def dates_for(access: Access, today: date, *, kind: str = "") -> list[Dated]:
    """What somebody sees on the calendar: what is overdue, and what comes up to a year ahead, in order."""
    return sorted(_dates(access, today, kind), key=lambda dated: (dated.entry.on, dated.label, dated.entry.what, dated.entry.key))


def _dates(access: Access, today: date, kind: str) -> Iterator[Dated]:
    for source in _sources.values():
        if (kind and source.kind != kind) or not access.can(*source.capabilities):
            continue
        for entry in source.find(access.organisation, today):
            if entry.on <= today + AHEAD:
                yield Dated(entry, source.kind, source.label, entry.on < today)
