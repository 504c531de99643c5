"""Small groups, hidden from people who may see figures and no names, so that no subtraction brings them back.

Hidden are groups under the number that is set, and with them as many others as it takes that what is shown, taken from any
total that is shown, leaves at least two groups and at least that many people. Units, branches and sites are settled
together: all three tell of the same units.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import yaml

from accounts.models import Organisation
from quizzes.item_analysis import too_few
from reporting.enums import By
from reporting.models import SmallNumberRule
from reporting.rates import Figures, Group, RateReport
from staff.models import Unit
from staff.unit_tree import line_up

SHIPPED = Path(__file__).parent / "data" / "small-numbers.yaml"
NO_UNIT = ""
PRIME = 2**61 - 1


@cache
def shipped_fewest() -> int:
    """The number that ships with the product."""
    return int(yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))["fewest"])


def fewest_of(organisation: Organisation) -> int:
    """The smallest group whose figures an organisation shows without names."""
    own = SmallNumberRule.objects.filter(organisation=organisation).order_by("-pk").values_list("fewest", flat=True).first()
    return own if own is not None else shipped_fewest()


def in_words(fewest: int) -> str:
    """What is hidden and why, in a sentence for the page."""
    return (
        f"Groups of fewer than {fewest} people are hidden, and others with them where a total would give them away, "
        "so that nobody can be recognised."
    )


@dataclass(frozen=True)
class Hidden:
    """The keys that are not shown, of units, of branches and of sites."""

    units: frozenset[str]
    branches: frozenset[str]
    sites: frozenset[str]


def hidden_units(units: Mapping[str, int], *, parents: Mapping[str, str | None], sites: Mapping[str, str], fewest: int) -> Hidden:
    """Which units, branches and sites are hidden.

    Args:
        units: people in each unit itself, by its key; the empty key is for people of no unit.
        parents: the unit above each unit.
        sites: the site of each unit that has one.
        fewest: the smallest number shown.
    """
    places = {unit: sites.get(unit, "") for unit in units}
    hidden = too_few(units, fewest)
    while True:
        branches, bare = _hidden_branches(units, hidden, parents, fewest)
        closed, bare_there = _hidden_places(units, hidden, places, fewest)
        others = sorted((people, unit) for unit, people in units.items() if people and unit not in hidden)
        if not (bare or bare_there):
            break
        if not others:
            return Hidden(frozenset(hidden), frozenset(parents), frozenset(places.values()))
        hidden.add(others[0][1])
    shown = [_members(hidden, units, parents, branch) for branch in parents if branch not in branches]
    while _given_away(units, hidden, [*shown, *_open_places(hidden, places, closed)], fewest):
        open_places = {places[unit] for unit in hidden} - closed
        if not open_places:
            break
        closed.add(min(open_places))
    return Hidden(frozenset(hidden), frozenset(branches), frozenset(closed))


def _is_safe(left: Collection[str], units: Mapping[str, int], fewest: int) -> bool:
    return not left or (len(left) > 1 and sum(units[one] for one in left) >= fewest)


def _hidden_branches(
    units: Mapping[str, int], hidden: set[str], parents: Mapping[str, str | None], fewest: int
) -> tuple[set[str], bool]:
    """The branches hidden for the units that are, and whether the whole would still give one away."""
    unknown: dict[str | None, set[str]] = defaultdict(set)
    for unit in hidden:
        unknown[unit if unit in parents else None].add(unit)
    branches: set[str] = set()
    for branch in sorted(parents, key=lambda one: (-len(list(line_up(parents, one))), one)):
        left = unknown[branch]
        if not _is_safe(left, units, fewest):
            branches.add(branch)
            unknown[parents[branch]] |= left
    return branches, not _is_safe(unknown[None], units, fewest)


def _hidden_places(units: Mapping[str, int], hidden: set[str], places: Mapping[str, str], fewest: int) -> tuple[set[str], bool]:
    """The sites hidden for the units that are, and whether the whole would still give one away."""
    unknown: dict[str, set[str]] = defaultdict(set)
    for unit in hidden:
        unknown[places[unit]].add(unit)
    closed = {place for place, left in unknown.items() if not _is_safe(left, units, fewest)}
    return closed, not _is_safe({unit for place in closed for unit in unknown[place]}, units, fewest)


def _open_places(hidden: set[str], places: Mapping[str, str], closed: set[str]) -> list[set[str]]:
    return [{unit for unit in hidden if places[unit] == place} for place in {places[unit] for unit in hidden} - closed]


def _members(hidden: set[str], units: Mapping[str, int], parents: Mapping[str, str | None], branch: str) -> set[str]:
    return {unit for unit in hidden if unit in parents and branch in line_up(parents, unit)}


def _given_away(units: Mapping[str, int], hidden: set[str], sums: Iterable[set[str]], fewest: int) -> bool:
    """Whether sums over the hidden units, taken together, tell of one of the small ones. Branches and sites may cross.

    Units that the same sums hold cannot be told apart and stand in one column. Reckoned modulo a prime, to stay quick.
    """
    known = [members for members in (*sums, hidden) if members]
    alike: dict[tuple[bool, ...], list[str]] = defaultdict(list)
    for unit in sorted(hidden):
        alike[tuple(unit in members for members in known)].append(unit)
    columns = list(alike.values())
    rows = [[int(held[place]) for held in alike] for place in range(len(known))]
    for column in range(len(columns)):
        pivot = next((row for row in rows if row[column] and not any(row[:column])), None)
        if pivot is None:
            continue
        inverse = pow(pivot[column], -1, PRIME)
        pivot[:] = [value * inverse % PRIME for value in pivot]
        for row in rows:
            if row is not pivot and (by := row[column]):
                row[:] = [(value - other * by) % PRIME for value, other in zip(row, pivot, strict=True)]
    alone = [columns[next(place for place, value in enumerate(row) if value)] for row in rows if sum(map(bool, row)) == 1]
    return any(len(one) == 1 and units[one[0]] < fewest for one in alone)


def without_small_groups(report: RateReport, fewest: int) -> RateReport:
    """The report with its small groups emptied and marked, and without the groups' net figures.

    The net figure of a group, taken from the gross, would tell of the few who are away in it. A report by branch or site
    must be by unit as well.
    """
    hidden = _hidden_in(report, fewest)
    groups = {by: tuple(_shown(group, hidden.get(by, frozenset())) for group in found) for by, found in report.groups.items()}
    return replace(report, groups=groups, fewest=fewest)


def _hidden_in(report: RateReport, fewest: int) -> dict[str, frozenset[str]]:
    sizes = {by: {group.key: group.figures.gross.in_scope for group in groups} for by, groups in report.groups.items()}
    hidden = {by: frozenset(too_few(people, fewest)) for by, people in sizes.items()}
    if By.UNIT in sizes:
        rows = Unit.objects.filter(organisation=report.question.organisation).order_by().values_list("pk", "parent", "site")
        parents = {str(pk): None if parent is None else str(parent) for pk, parent, _site in rows}
        sites = {str(pk): str(site) for pk, _parent, site in rows if site is not None}
        found = hidden_units(sizes[By.UNIT], parents=parents, sites=sites, fewest=fewest)
        hidden |= {By.UNIT: found.units, By.BRANCH: found.branches, By.SITE: found.sites}
        if NO_UNIT in found.units:
            hidden[By.BRANCH] |= {NO_UNIT}
    return hidden


def _shown(group: Group, hidden: frozenset[str]) -> Group:
    if group.key in hidden:
        return replace(group, figures=Figures(), is_hidden=True)
    return replace(group, figures=Figures(gross=group.figures.gross))
