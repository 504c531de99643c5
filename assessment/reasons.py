"""The conditions of each standard, level by level: what stands in the way of it, and what holds.

Made of the trace, as it was computed or as a publication keeps it. Nothing is judged again here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from assessment.edition_format.words import LEVELS

LOWEST = "not_met"


@dataclass(frozen=True)
class Reasons:
    """One standard: whether it is the one reached, and the sentences of its conditions."""

    standard: str
    is_reached: bool
    result: str
    in_the_way: tuple[str, ...]
    holds: tuple[str, ...]


def reasons(trace: Iterable[tuple[str, bool, str]]) -> tuple[Reasons, ...]:
    """The standards in the order in which they were tried, the highest first.

    *Not Met* has no condition of its own, and is among them only when it is what is left.

    Args:
        trace: rule, whether it holds, and its sentence; the rule begins with the level it belongs to.
    """
    levels: dict[str, list[tuple[str, bool, str]]] = {}
    for line in trace:
        levels.setdefault(line[0].split(".")[0], []).append(line)
    found: list[Reasons] = []
    for level, lines in levels.items():
        every = all(holds for rule, holds, _ in lines if rule == level)
        is_reached = every and not any(higher.is_reached for higher in found)
        if level == LOWEST and not is_reached:
            continue
        parts = [(holds, text) for rule, holds, text in lines if rule != level]
        found.append(
            Reasons(
                LEVELS[level],
                is_reached,
                _result(level, every=every, is_reached=is_reached),
                tuple(text for holds, text in parts if not holds),
                tuple(text for holds, text in parts if holds),
            )
        )
    return tuple(found)


def _result(level: str, *, every: bool, is_reached: bool) -> str:
    if level == LOWEST:
        return "This is the standard: no better one is reached."
    if is_reached:
        return "This is the standard: every condition holds."
    return "Every condition holds, and a better standard is reached." if every else "Not reached."
