"""Which questions a person is shown, and in what order: decided by the attempt's seed and nothing else.

Orders come from a keyed hash and not from a random-number generator, so that a seed gives the same
paper on every version of Python, and the place of one option tells nothing about another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b


class PoolTooSmallError(ValueError):
    """A pool holds fewer questions than the quiz draws from it."""


@dataclass(frozen=True)
class Candidate:
    """A question that may be drawn. ``key`` names the question for the seed: the same in every database."""

    key: str
    version_id: int
    pool: str
    section: int


@dataclass(frozen=True)
class Draw:
    """So many questions from one section of a pool."""

    pool: str
    section: int
    count: int


def draw_questions(
    candidates: Iterable[Candidate], draws: Sequence[Draw], *, last_seen: Mapping[str, datetime], seed: int
) -> list[Candidate]:
    """Draw from each section: questions the person has never had first, then those longest ago.

    Args:
        candidates: every question that may be drawn, in any order.
        draws: the quiz's rules; the paper keeps their order.
        last_seen: when the person last had a question, by its key; never had is absent.
        seed: decides among equals.

    Raises:
        PoolTooSmallError: a section cannot give its count.
    """
    by_section: dict[tuple[str, int], list[Candidate]] = {}
    for candidate in candidates:
        by_section.setdefault((candidate.pool, candidate.section), []).append(candidate)
    paper: list[Candidate] = []
    for draw in draws:
        there = by_section.get((draw.pool, draw.section), [])
        if len(there) < draw.count:
            raise PoolTooSmallError(
                f"Section {draw.section} of {draw.pool} has {len(there)} questions and the quiz needs {draw.count}."
            )
        paper.extend(sorted(there, key=lambda c: _turn(c, last_seen, seed))[: draw.count])
    return paper


def order_options(option_ids: Sequence[str], *, question: str, seed: int, keep: bool) -> list[str]:
    """The options in the order shown. ``keep`` leaves true and false as every reader expects them."""
    if keep:
        return list(option_ids)
    return sorted(option_ids, key=lambda option: _place(seed, question, option))


def _turn(candidate: Candidate, last_seen: Mapping[str, datetime], seed: int) -> tuple[bool, float, bytes]:
    seen = last_seen.get(candidate.key)
    return seen is not None, seen.timestamp() if seen else 0.0, _place(seed, candidate.key)


def _place(seed: int, *names: str) -> bytes:
    return blake2b("\x1f".join(names).encode(), key=seed.to_bytes(8, "big", signed=True), digest_size=16).digest()
