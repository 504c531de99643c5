"""The units of an organisation as a tree, with how many people are in post there and below."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from django.db.models import Count

from accounts.models import Organisation
from staff.models import Post, Unit

Key = TypeVar("Key", int, str)


@dataclass
class Node:
    """A unit and what stands below it. ``here`` and ``below`` count people once each; ``below`` includes ``here``."""

    unit: Unit
    depth: int = 0
    here: int = 0
    below: int = 0
    children: list[Node] = field(default_factory=list)

    def walk(self) -> Iterator[Node]:
        """The node and all below it, from the top."""
        yield self
        for child in self.children:
            yield from child.walk()


def tree(organisation: Organisation, *, on: date) -> list[Node]:
    """The units at the top, each with those below it, by name, with people counted on the date. Three queries."""
    units = list(Unit.objects.filter(organisation=organisation).select_related("site").order_by("name"))
    posts = Post.objects.covering(on).filter(person__organisation=organisation, unit__isnull=False)
    here = dict(posts.order_by().values_list("unit").annotate(Count("person", distinct=True)))
    several = posts.order_by().values("person").annotate(units=Count("unit", distinct=True)).filter(units__gt=1).values("person")
    twice: dict[int, set[int]] = defaultdict(set)
    for person, unit in posts.filter(person__in=several).values_list("person", "unit"):
        twice[person].add(unit)
    nodes = {unit.pk: Node(unit, here=here.get(unit.pk, 0)) for unit in units}
    tops = _placed(nodes, units)
    below = people_below({unit.pk: unit.parent_id for unit in units}, here, twice.values())
    for pk, node in nodes.items():
        node.below = below[pk]
    return tops


def _placed(nodes: Mapping[int, Node], units: Iterable[Unit]) -> list[Node]:
    tops: list[Node] = []
    for unit in units:
        above = nodes.get(unit.parent_id) if unit.parent_id else None
        (tops if above is None else above.children).append(nodes[unit.pk])
    for top in tops:
        for node in top.walk():
            for child in node.children:
                child.depth = node.depth + 1
    return tops


def people_below(
    parents: Mapping[int, int | None], here: Mapping[int, int], in_several: Iterable[Iterable[int]]
) -> dict[int, int]:
    """How many people are in each unit or below it, nobody counted twice.

    Args:
        parents: the unit above each, None at the top.
        here: people with a post in the very unit.
        in_several: for everybody with posts in several units, those units.
    """
    below = dict.fromkeys(parents, 0)
    for unit, people in here.items():
        for above in line_up(parents, unit):
            below[above] += people
    for units in in_several:
        times: dict[int, int] = defaultdict(int)
        for unit in set(units):
            for above in line_up(parents, unit):
                times[above] += 1
        for unit, count in times.items():
            below[unit] -= count - 1
    return below


def line_up(parents: Mapping[Key, Key | None], unit: Key) -> Iterator[Key]:
    """The unit, the one above it, and so on to the top."""
    above: Key | None = unit
    while above is not None:
        yield above
        above = parents[above]


def choices(organisation: Organisation, *, on: date, without: Iterable[int] = ()) -> list[tuple[Unit, int]]:
    """The units open on the date with their depth, each below the one it belongs to. One query."""
    left_out = set(without)
    units = list(Unit.objects.filter(organisation=organisation).open_on(on).order_by("name"))
    tops = _placed({unit.pk: Node(unit) for unit in units}, units)
    return [(node.unit, node.depth) for top in tops for node in top.walk() if node.unit.pk not in left_out]
