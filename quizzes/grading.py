"""Marking. All or nothing: a part gives all its marks for exactly the right answer, and none for any other.

A question without parts is worth 1 mark; a scenario is worth the sum of its parts.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from quizzes.parts import Answer, Part, answer_to


@dataclass(frozen=True)
class Result:
    """What marking one attempt gave: the marks of each slot, their sum, and whether it is a pass."""

    by_slot: Mapping[int, int]
    marks: int
    passed: bool


def marks_needed(marks: int, pass_mark_percent: int) -> int:
    """The fewest whole marks that reach the pass mark: 80 per cent of 12 is 9.6, so 10.

    Raises:
        ValueError: no marks, or a pass mark that is not from 1 to 100.
    """
    if marks < 1:
        raise ValueError("A quiz needs at least one question.")
    if not 1 <= pass_mark_percent <= 100:
        raise ValueError("A pass mark is a percentage from 1 to 100.")
    return -(-marks * pass_mark_percent // 100)


def score_percent(marks: int, of: int) -> int:
    """Marks as a whole percentage, rounded down: 11 of 12 is 91."""
    return marks * 100 // of


def is_right(answer: Answer, key: Collection[str] | Mapping[str, Any]) -> bool:
    """Whether an answer is the key, no more and no less. Nothing is wrong, and so is a line left out."""
    if not answer:
        return False
    if isinstance(key, Mapping):
        return isinstance(answer, Mapping) and dict(answer) == dict(key)
    return not isinstance(answer, Mapping) and set(answer) == set(key)


def mark_part(part: Part, answer: Answer) -> int:
    return part.marks if is_right(answer, part.key) else 0


def mark_question(parts: Sequence[Part], response: Any) -> int:
    """The marks of a whole question; the response as an attempt keeps it."""
    return sum(mark_part(part, answer_to(part, response)) for part in parts)


def marks_of(parts: Sequence[Part]) -> int:
    """The marks that a question can give."""
    return sum(part.marks for part in parts)


def mark_paper(
    responses: Mapping[int, Any],
    paper: Mapping[int, Sequence[Part]],
    *,
    needed: int,
    given: Collection[int] = (),
) -> Result:
    """Mark one attempt.

    Args:
        responses: by slot; an unanswered slot may be absent or None.
        paper: the parts of each question by slot; it says which slots there are.
        needed: marks from which it is a pass.
        given: slots whose marks everybody gets, because the question was withdrawn.
    """
    by_slot = {
        slot: marks_of(parts) if slot in given else mark_question(parts, responses.get(slot)) for slot, parts in paper.items()
    }
    marks = sum(by_slot.values())
    return Result(by_slot=by_slot, marks=marks, passed=marks >= needed)
