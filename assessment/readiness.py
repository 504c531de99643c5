"""How much is left and how long there is; and what settling some items would change. Reads only."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from assessment.edition_format.words import LEVELS
from assessment.leaves import Leaf
from assessment.queries import AssessmentReturn
from assessment.scoring import Standard
from assessment.states import CLOSED


@dataclass(frozen=True)
class Countdown:
    """Days until a return is due and what is left to do. ``days`` is negative once the day has gone by."""

    due_on: date
    days: int
    items: int
    assertions: int

    @property
    def a_week(self) -> int:
        """Items to settle each week to be ready in time, rounded up; all of them in the last week."""
        weeks = max(self.days // 7, 1)
        return -(-self.items // weeks)

    @property
    def when(self) -> str:
        """How long there is, in words."""
        if self.days == 0:
            return "It is due today."
        count = abs(self.days)
        days = f"{count} {'day' if count == 1 else 'days'}"
        if self.days > 0:
            return f"{days} left."
        return f"It was due {days} ago. It can still be published: late is better than not, and whoever you hold contracts with may ask."


def countdown(whole: AssessmentReturn, *, today: date) -> Countdown | None:
    """The countdown of a return that is not published yet and has a day on which it is due."""
    due_on = whole.assessment.due_on
    if due_on is None or whole.recorded_state in CLOSED:
        return None
    items = sum(whole.is_required(leaf) and not whole.is_enough(leaf) for leaf in whole.leaves)
    progress = whole.progress
    return Countdown(due_on, (due_on - today).days, items, progress.assertions - progress.assertions_confirmed)


@dataclass(frozen=True)
class Way:
    """A standard that could be reached, and the required items that stand in its way."""

    level: str
    leaves: tuple[Leaf, ...]
    others: tuple[str, ...]
    """What stands in its way besides items, in words."""

    @property
    def label(self) -> str:
        return LEVELS[self.level]


@dataclass(frozen=True)
class WhatIf:
    """The standard as it stands once everything about it is signed, and with some items taken as settled."""

    now: Standard
    then: Standard
    chosen: tuple[Leaf, ...]
    ways: tuple[Way, ...]

    @property
    def is_better(self) -> bool:
        order = list(LEVELS)
        return order.index(self.then.level) != order.index(self.now.level)


def what_if(whole: AssessmentReturn, *, chosen: Collection[str]) -> WhatIf:
    """What settling some items would come to, if the assertions they belong to were then confirmed and the return signed.

    Args:
        whole: the return.
        chosen: ids of items or outcomes to take as settled; what is settled already, or not asked, is left out.
    """
    gaps = [leaf for leaf in whole.leaves if whole.is_required(leaf) and not whole.verdict(leaf).is_settled]
    taken = tuple(leaf for leaf in gaps if leaf.item_id in set(chosen))
    now = whole.standard_if(signed=True, confirmed=_confirmable(whole, ()))
    then = whole.standard_if(
        signed=True, assumed=[leaf.item_id for leaf in taken], confirmed=_confirmable(whole, [leaf.item_id for leaf in taken])
    )
    return WhatIf(now, then, taken, tuple(_ways(whole, now, gaps)))


def _confirmable(whole: AssessmentReturn, settled: Collection[str]) -> list[str]:
    """Assertions that could be confirmed: confirmed already, or with every required item settled."""
    return [
        assertion.id
        for assertion in whole.assertions()
        if assertion.id in whole.confirmed or all(leaf.item_id in settled for leaf in whole.unsettled_required(assertion))
    ]


def _ways(whole: AssessmentReturn, now: Standard, gaps: list[Leaf]) -> list[Way]:
    """Every better standard that is open to the organisation, nearest first."""
    order = list(whole.edition_file.levels_for(whole.assessment.type_snapshot))
    better = order[: order.index(now.level)] if now.level in order else order
    found = []
    for level in reversed(better):
        leaves = tuple(leaf for leaf in gaps if level != "approaching" or whole.is_required(leaf, "approaching"))
        all_settled = whole.standard_if(
            signed=True,
            assumed=[leaf.item_id for leaf in leaves],
            confirmed=_confirmable(whole, [leaf.item_id for leaf in leaves]),
        )
        named = {f"{level}.{part}" for part in ("items", "outcomes", "assertions", "level")}
        lines = [line for line in all_settled.trace if line.rule.startswith(f"{level}.") and not line.holds]
        if any(line.rule.startswith(f"{level}.published") for line in lines):
            continue  # published before: nothing that anybody settles opens it again
        others = tuple(line.text for line in lines if line.rule not in named)
        found.append(Way(level, leaves, others))
    return found
