"""How likely, how bad, and what the two together are called: the matrix as data."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).with_name("data") / "risk_matrix.yaml"
SCORES = range(1, 6)


@dataclass(frozen=True)
class Level:
    """A band of scores: its word, its colour, and what it asks for. ``lowest`` is the first score in it."""

    lowest: int
    word: str
    colour: str
    asks: str


@dataclass(frozen=True)
class Matrix:
    """The words behind the numbers."""

    likelihood: dict[int, tuple[str, str]]
    impact: dict[int, tuple[str, str]]
    levels: tuple[Level, ...]

    def level(self, likelihood: int, impact: int) -> Level:
        """The level of a pair of scores from 1 to 5.

        Raises:
            ValueError: a score is outside the matrix.
        """
        if likelihood not in SCORES or impact not in SCORES:
            raise ValueError("Likelihood and impact are scored from 1 to 5.")
        return next(level for level in reversed(self.levels) if likelihood * impact >= level.lowest)

    def choices(self, axis: str) -> list[tuple[int, str]]:
        """The scores of one axis, as a form offers them."""
        words: dict[int, tuple[str, str]] = getattr(self, axis)
        return [(score, f"{score} {word}: {means[:1].lower()}{means[1:]}") for score, (word, means) in words.items()]


@cache
def matrix() -> Matrix:
    """The matrix that ships with us."""
    data: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    axes = {axis: {int(n): (row["word"], row["means"]) for n, row in data[axis].items()} for axis in ("likelihood", "impact")}
    levels = tuple(Level(row["from"], row["word"], row["colour"], row["asks"]) for row in data["levels"])
    return Matrix(axes["likelihood"], axes["impact"], levels)
