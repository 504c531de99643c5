"""Marking. Whole marks only: a question is right or it is not."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    """What marking one attempt gave: the mark of each slot, their sum, and whether it is a pass."""

    by_slot: Mapping[int, int]
    marks: int
    passed: bool


def marks_needed(questions: int, pass_mark_percent: int) -> int:
    """The fewest whole marks that reach the pass mark: 80 per cent of 12 is 9.6, so 10.

    Raises:
        ValueError: no questions, or a pass mark that is not from 1 to 100.
    """
    if questions < 1:
        raise ValueError("A quiz needs at least one question.")
    if not 1 <= pass_mark_percent <= 100:
        raise ValueError("A pass mark is a percentage from 1 to 100.")
    return -(-questions * pass_mark_percent // 100)


def score_percent(marks: int, questions: int) -> int:
    """Marks as a whole percentage, rounded down: 11 of 12 is 91."""
    return marks * 100 // questions


def mark_of(chosen: Collection[str] | None, correct: Collection[str]) -> int:
    """1 when exactly the correct options were chosen, otherwise 0. Nothing chosen is wrong."""
    return int(bool(chosen) and set(chosen or ()) == set(correct))


def mark_paper(
    answers: Mapping[int, Collection[str] | None],
    key: Mapping[int, Collection[str]],
    *,
    needed: int,
    given: Collection[int] = (),
) -> Result:
    """Mark one attempt.

    Args:
        answers: chosen option ids by slot; an unanswered slot may be absent or None.
        key: correct option ids by slot; it says which slots there are.
        needed: marks from which it is a pass.
        given: slots whose mark everybody gets, because the question was withdrawn meanwhile.
    """
    by_slot = {slot: 1 if slot in given else mark_of(answers.get(slot), correct) for slot, correct in key.items()}
    marks = sum(by_slot.values())
    return Result(by_slot=by_slot, marks=marks, passed=marks >= needed)
