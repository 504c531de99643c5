"""Two publications side by side, item by item. Pure: it compares the documents as they were frozen.

Outcomes reach levels. Which, the documents do not say in so many words: ``levels_reached`` finds it by the list they were
published on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assessment.answers import outcome_facts
from assessment.edition_format.types import EditionFile
from assessment.judging.facts import UNANSWERED
from assessment.scoring import SETTLED, STATES, outcome_level

IMPROVED, WORSE, OPEN, NEW, REMOVED, SAME = "improved", "worse", "open", "new", "removed", "same"
CHANGES = {
    IMPROVED: "Improved",
    WORSE: "Worse",
    OPEN: "Open both times",
    NEW: "New",
    REMOVED: "No longer asked",
    SAME: "Same",
}


@dataclass(frozen=True)
class Side:
    """What one publication says of an item: its state in words, and why."""

    state: str
    reason: str


@dataclass(frozen=True)
class ComparedItem:
    """One item then and now. A side that does not have it is None."""

    item_id: str
    number: str
    change: str
    then: Side | None
    now: Side | None
    is_evidence_fresh: bool

    @property
    def label(self) -> str:
        return CHANGES[self.change]


@dataclass(frozen=True)
class Comparison:
    """Every item of both years, in this year's order, those no longer asked last."""

    items: tuple[ComparedItem, ...]

    @property
    def changed(self) -> tuple[ComparedItem, ...]:
        return tuple(item for item in self.items if item.change != SAME)

    @property
    def unchanged(self) -> tuple[ComparedItem, ...]:
        return tuple(item for item in self.items if item.change == SAME)

    @property
    def counts(self) -> dict[str, int]:
        """How many of each kind of change; new items and those no longer asked only where there are any."""
        found = {change: self.count(change) for change in CHANGES}
        return {change: number for change, number in found.items() if number or change not in (NEW, REMOVED)}

    def count(self, change: str) -> int:
        return sum(item.change == change for item in self.items)


Levels = Mapping[str, int]
"""How high an outcome stands, 0 for the lowest level, by its id; without the outcomes whose level is unknown."""


def levels_reached(document: Mapping[str, Any], edition: EditionFile) -> Levels:
    """What each outcome of a publication document reached by the list it was published on; nothing where a list asks items."""
    given = {item["id"]: item["value"] for item in document["content"]["items"]}
    counted = {verdict["id"] for verdict in document["verdicts"] if verdict["state"] != UNANSWERED}
    found = {
        outcome.id: outcome_level(
            outcome, outcome_facts(given[outcome.id]), steps=edition.level_rules[outcome.level_rule], levels=edition.levels
        ).level
        for outcome in edition.outcomes()
        if outcome.id in given and outcome.id in counted
    }
    return {outcome_id: edition.levels.index(level) for outcome_id, level in found.items() if level is not None}


def compare(
    then: Mapping[str, Any],
    now: Mapping[str, Any],
    *,
    renamed: Mapping[str, str] | None = None,
    levels: tuple[Levels, Levels] | None = None,
) -> Comparison:
    """Compare two publication documents.

    Args:
        then: the earlier document.
        now: the later one.
        renamed: the earlier id of a later item, where a crosswalk says that it changed.
        levels: what the outcomes of each reached (``levels_reached``), where both lists have the same levels.
    """
    renamed, (levels_then, levels_now) = renamed or {}, levels or ({}, {})
    before, after = _items(then, levels_then), _items(now, levels_now)
    found = []
    seen = set()
    for item_id, item in after.items():
        old_id = renamed.get(item_id, item_id)
        old = before.get(old_id)
        seen.add(old_id)
        found.append(_compared(item_id, old, item))
    found += [_compared(item_id, item, None) for item_id, item in before.items() if item_id not in seen]
    return Comparison(tuple(found))


@dataclass(frozen=True)
class _Frozen:
    number: str
    state: str
    reason: str
    evidence: frozenset[tuple[str, int]]
    level: int | None

    @property
    def side(self) -> Side:
        return Side(STATES[self.state], self.reason)


def _items(document: Mapping[str, Any], levels: Levels) -> dict[str, _Frozen]:
    verdicts = {verdict["id"]: (verdict["state"], verdict["reason"]) for verdict in document["verdicts"]}
    return {
        item["id"]: _Frozen(
            item["number"],
            *verdicts.get(item["id"], ("unanswered", "")),
            frozenset((piece["document"], piece["version"]) for piece in item["evidence"]),
            levels.get(item["id"]),
        )
        for item in document["content"]["items"]
    }


def _compared(item_id: str, then: _Frozen | None, now: _Frozen | None) -> ComparedItem:
    side = now or then
    number = side.number if side else ""
    change = _change(then, now)
    fresh = now is not None and bool(now.evidence - (then.evidence if then else frozenset()))
    return ComparedItem(item_id, number, change, then.side if then else None, now.side if now else None, fresh)


def _change(then: _Frozen | None, now: _Frozen | None) -> str:
    """Better or worse by how close the item is to being settled, then by the level reached.

    Two ways of being settled are the same, two of not being are not.
    """
    if then is None or now is None:
        return NEW if then is None else REMOVED
    before, after = _rank(then.state), _rank(now.state)
    if after != before:
        return IMPROVED if after > before else WORSE
    if then.level is not None and now.level is not None and then.level != now.level:
        return IMPROVED if now.level > then.level else WORSE
    return SAME if now.state in SETTLED else OPEN


def _rank(state: str) -> int:
    return 2 if state in SETTLED else 0 if state == "unanswered" else 1
