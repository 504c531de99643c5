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
    topic: str = ""


@dataclass(frozen=True)
class Draw:
    """So many questions from one section of a pool, or from one topic of it alone."""

    pool: str
    section: int
    count: int
    topic: str = ""

    def takes(self, candidate: Candidate) -> bool:
        return (
            candidate.pool == self.pool
            and candidate.section == self.section
            and (not self.topic or candidate.topic == self.topic)
        )


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
    bank = list(candidates)
    drawn: dict[Draw, list[Candidate]] = {}
    taken: set[Candidate] = set()
    # A topic first: the rest of its section must not use it up.
    for draw in sorted(draws, key=lambda d: not d.topic):
        there = [candidate for candidate in bank if draw.takes(candidate) and candidate not in taken]
        if len(there) < draw.count:
            raise PoolTooSmallError(f"{_name(draw)} of {draw.pool} has {len(there)} questions and the quiz needs {draw.count}.")
        drawn[draw] = sorted(there, key=lambda c: _turn(c, last_seen, seed))[: draw.count]
        taken.update(drawn[draw])
    return [candidate for draw in draws for candidate in drawn[draw]]


def short_draws(draws: Sequence[Draw], candidates: Iterable[Candidate]) -> list[str]:
    """What stands against drawing by these rules, in words: one named twice, or fewer questions than asked for."""
    bank, faults = list(candidates), []
    for draw in draws:
        if sum((other.section, other.topic) == (draw.section, draw.topic) for other in draws) > 1:
            return [f"{_name(draw)} is named twice. Put both numbers on one line."]
        there = sum(map(draw.takes, bank))
        wanted = draw.count + (0 if draw.topic else sum(d.count for d in draws if d.topic and d.section == draw.section))
        if there < wanted:
            faults.append(f"{_name(draw)} has {there} questions in use and the quiz needs {wanted}.")
    return faults


def _name(draw: Draw) -> str:
    return f"Module {draw.section}, topic {draw.topic}," if draw.topic else f"Module {draw.section}"


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
