"""What to read in a refresher: pure rules over a person's earlier round, their last paper and the year.

Somebody who does a course for the first time reads all of it. Somebody who has completed it before reads what changed since,
what their answers missed, and a third of the modules that moves on from year to year, so that year three is not year one again.
Who takes the quiz first and shows that they know a module may skip it. It is advice: nothing is locked, and the quiz asks about all.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

SHARE = 3
"""One module in so many is this year's."""


@dataclass(frozen=True)
class Advice:
    """Whether to read a module this year, and why or why not in one sentence."""

    to_read: bool
    why: str


@dataclass(frozen=True)
class LastPaper:
    """What the newest marked attempt showed, by section of the bank, which is the order of a module.

    ``is_of_this_round``: it was taken since the last completion, as a test first.
    """

    asked: Collection[int]
    missed: Collection[int]
    is_of_this_round: bool


def advise(
    modules: Collection[Mapping[str, Any]], *, before: Mapping[str, Any], years: int, paper: LastPaper | None
) -> dict[str, Advice]:
    """Advice for every module of a version, by its slug, for somebody who has completed the course before.

    Args:
        modules: of the frozen version in force.
        before: the frozen content of the version last completed.
        years: how many whole years lie between the first completion and today.
        paper: the newest marked attempt, if there is one.
    """
    known = {module["slug"]: module["lessons"] for module in before["modules"]}
    focus = this_years([module["order"] for module in modules], years=years)
    missed = set(paper.missed) if paper else set()
    shown = set(paper.asked) - missed if paper and paper.is_of_this_round else set()
    return {
        module["slug"]: _advise(
            is_changed=known.get(module["slug"]) != module["lessons"],
            is_missed=module["order"] in missed,
            is_shown=module["order"] in shown,
            is_focus=module["order"] in focus,
        )
        for module in modules
    }


def this_years(orders: Collection[int], *, years: int) -> set[int]:
    """The modules whose turn it is: a third of them, rounded up, moving on each year until all have had their turn."""
    ordered = sorted(orders)
    size = -(-len(ordered) // SHARE)
    return {ordered[(years * size + step) % len(ordered)] for step in range(size)}


def whole_years(since: date, until: date) -> int:
    """Whole years between two dates, 0 or more. A year from 29 February is over on 1 March."""
    return max(0, until.year - since.year - ((until.month, until.day) < (since.month, since.day)))


def _advise(*, is_changed: bool, is_missed: bool, is_shown: bool, is_focus: bool) -> Advice:
    if is_changed:
        return Advice(True, "It has changed since you last did it.")
    if is_missed:
        return Advice(True, "Your last answers missed something here.")
    if is_shown:
        return Advice(False, "Your answers show that you know this. You may skip it.")
    if is_focus:
        return Advice(True, "It is one of this year’s to read again.")
    return Advice(False, "You may skip it this year.")
