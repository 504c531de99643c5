"""What an action may have come out of. Every register that owns actions, and the assessment's plan, says here how to find its things."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from accounts.enums import Capability
from accounts.models import Organisation
from accounts.policy import Access


@dataclass(frozen=True)
class Link:
    """One thing that an action came out of: what to call it and where it is."""

    title: str
    url: str


Finder = Callable[[Organisation, Collection[int]], Mapping[int, Link]]
"""Finds things of one organisation by id, in a fixed number of queries; what it does not know it leaves out."""


@dataclass(frozen=True)
class Source:
    """A kind of thing. ``capabilities`` are those of which one is needed to open its page; ``noun`` stands in for the title otherwise."""

    kind: str
    noun: str
    find: Finder
    capabilities: tuple[Capability, ...]


_sources: dict[str, Source] = {}


def register(kind: str, *, noun: str, find: Finder, capabilities: tuple[Capability, ...] = (Capability.REGISTERS_VIEW,)) -> None:
    """Let things of a kind own actions. ``noun`` is such as “Incident”; ``kind`` is stored with the action and never changes."""
    _sources[kind] = Source(kind, noun, find, capabilities)


def nouns() -> list[tuple[str, str]]:
    """Every kind with its noun, by noun: the choices of a filter."""
    return sorted(((source.kind, source.noun) for source in _sources.values()), key=lambda pair: pair[1])


def find(organisation: Organisation, kind: str, source_id: int) -> Link | None:
    """One thing of the organisation; None when the kind is unknown or the thing is not the organisation's."""
    source = _sources.get(kind)
    return source.find(organisation, [source_id]).get(source_id) if source else None


def links_for(access: Access, wanted: Iterable[tuple[str, int | None]]) -> dict[tuple[str, int], Link]:
    """The links of many actions' sources, as far as the reader may open them: elsewhere the noun, without an address."""
    by_kind: dict[str, set[int]] = {}
    for kind, source_id in wanted:
        if source_id is not None:
            by_kind.setdefault(kind, set()).add(source_id)
    found: dict[tuple[str, int], Link] = {}
    for kind, ids in by_kind.items():
        source = _sources.get(kind)
        if source is None:
            continue
        if access.can(*source.capabilities):
            found |= {(kind, key): link for key, link in source.find(access.organisation, ids).items()}
        else:
            found |= {(kind, key): Link(source.noun, "") for key in ids}
    return found
