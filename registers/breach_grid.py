"""The breach assessment grid: likelihood times impact, and what follows. The scales are in ``data/breach_grid.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

FILE = Path(__file__).resolve().parent / "data" / "breach_grid.yaml"


@dataclass(frozen=True)
class Threshold:
    """Reached when both scales are."""

    likelihood: int
    impact: int

    def is_reached(self, likelihood: int, impact: int) -> bool:
        return likelihood >= self.likelihood and impact >= self.impact


@dataclass(frozen=True)
class Grid:
    """One version of the grid. Scales run from 1 to 5."""

    id: str
    source: str
    verified: bool
    likelihood: Mapping[int, str]
    impact: Mapping[int, str]
    vulnerable_floor: int
    tell_ico: Threshold
    tell_people: Threshold


@dataclass(frozen=True)
class Weight:
    """What the grid says of one incident."""

    likelihood: int
    impact: int
    raised: bool
    tell_ico: bool
    tell_people: bool
    sentence: str

    @property
    def score(self) -> int:
        return self.likelihood * self.impact


@lru_cache(maxsize=1)
def current_grid() -> Grid:
    """The grid that new assessments use."""
    raw = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return Grid(
        id=raw["id"],
        source=raw["source"],
        verified=raw["verified"],
        likelihood=raw["likelihood"],
        impact=raw["impact"],
        vulnerable_floor=raw["vulnerable_floor"],
        tell_ico=Threshold(**raw["tell_ico"]),
        tell_people=Threshold(**raw["tell_people"]),
    )


def weigh(grid: Grid, *, likelihood: int, impact: int, vulnerable: bool) -> Weight:
    """Weigh an incident. ``vulnerable`` raises both scales to the grid's floor.

    Raises:
        ValueError: a scale is outside 1 to 5.
    """
    if likelihood not in grid.likelihood or impact not in grid.impact:
        raise ValueError("Likelihood and impact run from 1 to 5.")
    floor = grid.vulnerable_floor if vulnerable else 1
    chosen = (likelihood, impact)
    likelihood, impact = max(likelihood, floor), max(impact, floor)
    tell_ico = grid.tell_ico.is_reached(likelihood, impact)
    tell_people = grid.tell_people.is_reached(likelihood, impact)
    return Weight(
        likelihood=likelihood,
        impact=impact,
        raised=(likelihood, impact) != chosen,
        tell_ico=tell_ico,
        tell_people=tell_people,
        sentence=_sentence(grid, likelihood, impact, raised=(likelihood, impact) != chosen),
    )


def _sentence(grid: Grid, likelihood: int, impact: int, *, raised: bool) -> str:
    start = f"Likelihood {likelihood} times impact {impact} gives {likelihood * impact} of 25."
    if raised:
        start += f" Vulnerable people are affected, so neither is below {grid.vulnerable_floor}."
    if grid.tell_people.is_reached(likelihood, impact):
        return f"{start} Tell the ICO within 72 hours, and tell the people affected without delay: harm is likely and would be serious."
    if grid.tell_ico.is_reached(likelihood, impact):
        return f"{start} Tell the ICO within 72 hours: harm is likely, and it would be more than nothing."
    why = "harm is not likely" if likelihood < grid.tell_ico.likelihood else "it has no effect on anybody"
    return f"{start} The ICO need not be told: {why}. Keep the record and the reason."
