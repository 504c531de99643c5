"""Draws people from the rows of a kept reading, so that anybody can draw the same again with nothing but SHA-256."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any

ALGORITHM = "tenfold-sample/1"
ALGORITHM_IN_WORDS = (
    "For each person of the population take the SHA-256 of the text SEED:NUMBER (the number stands for the person in the "
    "reading’s rows), written in small hexadecimal letters. Sort by it. The first ones are the sample."
)


def population(rows: Iterable[Mapping[str, Any]], *, counted_only: bool, is_net: bool) -> list[int]:
    """The people of a reading who are in its figure, by their numbers.

    Args:
        rows: the reading's rows; whoever is out of scope has no status.
        counted_only: only those counted as trained.
        is_net: the figure leaves out people who are away or exempt.
    """
    inside = [row for row in rows if row["status"] and not (is_net and row["left_out"])]
    return [row["person"] for row in inside if row["counted"] or not counted_only]


def drawn(people: Sequence[int], *, seed: str, size: int) -> list[int]:
    """So many of the people, in the order of the draw. In which order they come in does not matter."""
    return sorted(people, key=lambda person: sha256(f"{seed}:{person}".encode()).hexdigest())[:size]
