"""Figures of a unit with everything below it, nobody counted twice."""

from __future__ import annotations

from collections import defaultdict

from accounts.models import Organisation
from reporting.rates import FiguresCount
from staff.models import Unit
from staff.unit_tree import line_up, people_below

PATH = " \u203a "


class Branches:
    """Adds the people of units up the tree."""

    def __init__(self, organisation: Organisation) -> None:
        units = Unit.objects.filter(organisation=organisation).order_by()
        self._parents: dict[int, int | None] = dict(units.values_list("pk", "parent"))
        self._here: dict[tuple[str, str], dict[int, int]] = defaultdict(lambda: defaultdict(int))
        self._several: dict[tuple[str, str], dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
        self._nowhere = FiguresCount()
        self._has_nowhere = False

    def add(self, is_of_several: bool, key: str, stands: tuple[str, str], people: int) -> None:
        """One row of the statement: people of a unit, or one unit of somebody who is in several.

        Args:
            is_of_several: whether the key is ``person:unit`` rather than ``unit``.
            key: empty for people without a unit.
            stands: status, and why the net figure leaves them out.
            people: how many.
        """
        if is_of_several:
            person, unit = key.split(":")
            self._several[stands][person].add(int(unit))
        elif key:
            self._here[stands][int(key)] += people
        else:
            self._nowhere.add(*stands, people)
            self._has_nowhere = True

    def counts(self) -> dict[str, FiguresCount]:
        """The figures of every unit that has somebody in it or below it, by its key; the empty key is for no unit."""
        found: dict[str, FiguresCount] = defaultdict(FiguresCount)
        for stands, here in self._here.items():
            below_each = people_below(self._parents, here, self._several[stands].values())
            for unit, people in below_each.items():
                if people:
                    found[str(unit)].add(*stands, people)
        if self._has_nowhere:
            found[""] = self._nowhere
        return found


def below(unit: int) -> list[int]:
    """The unit and all below it; nothing when there is no such unit."""
    organisation = Unit.objects.filter(pk=unit).values("organisation")
    parents: dict[int, int | None] = dict(Unit.objects.filter(organisation__in=organisation).values_list("pk", "parent"))
    return [one for one in parents if unit in line_up(parents, one)]


def paths(organisation: Organisation) -> dict[int, str]:
    """Every unit's name after the names of those above it."""
    units = {
        pk: (parent, name)
        for pk, parent, name in Unit.objects.filter(organisation=organisation).values_list("pk", "parent", "name")
    }
    parents = {pk: parent for pk, (parent, _name) in units.items()}
    return {pk: PATH.join(units[one][1] for one in reversed(list(line_up(parents, pk)))) for pk in units}
