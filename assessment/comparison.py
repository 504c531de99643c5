"""Two publications side by side, item by item. Pure: it compares the documents as they were frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assessment.scoring import SETTLED, STATES

IMPROVED, WORSE, SAME, NEW, REMOVED = "improved", "worse", "same", "new", "removed"
CHANGES = {IMPROVED: "Improved", WORSE: "Worse", SAME: "Same", NEW: "New", REMOVED: "No longer asked"}


@dataclass(frozen=True)
class ComparedItem:
    """One item then and now. A side that does not have it is empty."""

    item_id: str
    number: str
    change: str
    then: str
    now: str
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

    def count(self, change: str) -> int:
        return sum(item.change == change for item in self.items)


def compare(then: Mapping[str, Any], now: Mapping[str, Any], *, renamed: Mapping[str, str] | None = None) -> Comparison:
    """Compare two publication documents.

    Args:
        then: the earlier document.
        now: the later one.
        renamed: the earlier id of a later item, where a crosswalk says that it changed.
    """
    renamed = renamed or {}
    before, after = _items(then), _items(now)
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
    evidence: frozenset[tuple[str, int]]


def _items(document: Mapping[str, Any]) -> dict[str, _Frozen]:
    states = {verdict["id"]: verdict["state"] for verdict in document["verdicts"]}
    return {
        item["id"]: _Frozen(
            item["number"],
            states.get(item["id"], "unanswered"),
            frozenset((piece["document"], piece["version"]) for piece in item["evidence"]),
        )
        for item in document["content"]["items"]
    }


def _compared(item_id: str, then: _Frozen | None, now: _Frozen | None) -> ComparedItem:
    side = now or then
    number = side.number if side else ""
    change = _change(then, now)
    fresh = now is not None and bool(now.evidence - (then.evidence if then else frozenset()))
    return ComparedItem(item_id, number, change, STATES[then.state] if then else "", STATES[now.state] if now else "", fresh)


def _change(then: _Frozen | None, now: _Frozen | None) -> str:
    """Better or worse by how close the item is to being settled; two ways of being settled are the same."""
    if then is None or now is None:
        return NEW if then is None else REMOVED
    before, after = _rank(then.state), _rank(now.state)
    return IMPROVED if after > before else WORSE if after < before else SAME


def _rank(state: str) -> int:
    return 2 if state in SETTLED else 0 if state == "unanswered" else 1
