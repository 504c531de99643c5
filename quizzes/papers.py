"""What leaves the server of a question: before handing in without its key, afterwards with every explanation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from quizzes.enums import Feedback, QuestionKind
from quizzes.grading import mark_part, mark_question
from quizzes.models import Attempt, AttemptItem
from quizzes.parts import Answer, Option, Part, Target, answer_to, parts_of


@dataclass(frozen=True)
class ShownOption:
    """An option, a line or a target as a learner sees it while answering."""

    id: str
    text: str


@dataclass(frozen=True)
class ShownPart:
    """One thing to answer as a learner sees it: no key, no explanation."""

    id: str
    kind: str
    stem: str
    marks: int
    options: tuple[ShownOption, ...]
    targets: tuple[ShownOption, ...]
    answer: Answer
    is_answered: bool

    @property
    def answer_texts(self) -> list[str]:
        """What the learner answered, in the order shown, or in the order the learner made."""
        answer = self.answer or ()
        there = [option for option in self.options if option.id in answer]
        if not isinstance(answer, dict):
            return [option.text for option in there]
        if self.kind == QuestionKind.ORDERING:
            return [f"{answer[option.id]}. {option.text}" for option in sorted(there, key=lambda o: answer[o.id])]
        words = {target.id: target.text for target in self.targets}
        return [f"{option.text}: {words[answer[option.id]]}" for option in there]


@dataclass(frozen=True)
class ShownQuestion:
    """A question as a learner sees it while answering. A scenario has a case and parts; any other, one part."""

    slot: int
    kind: str
    stem: str
    parts: tuple[ShownPart, ...]

    @property
    def is_answered(self) -> bool:
        """Whether nothing is left to answer."""
        return all(part.is_answered for part in self.parts)

    @property
    def is_scenario(self) -> bool:
        return self.kind == QuestionKind.SCENARIO

    @property
    def marks(self) -> int:
        return sum(part.marks for part in self.parts)


@dataclass(frozen=True)
class MarkedLine:
    """An option after marking.

    Of a line to put in order or to match, ``given`` and ``right`` say what was answered and what is right.
    """

    text: str
    explanation: str
    is_correct: bool
    is_chosen: bool
    given: str = ""
    right: str = ""


@dataclass(frozen=True)
class MarkedPart:
    """One part after marking, with the explanation of every option."""

    kind: str
    stem: str
    marks: int
    marks_available: int
    is_answered: bool
    lines: tuple[MarkedLine, ...]

    @property
    def is_right(self) -> bool:
        return self.marks == self.marks_available


@dataclass(frozen=True)
class MarkedQuestion:
    """A question after marking.

    ``is_given``: the question was withdrawn, so everybody has its marks.
    """

    slot: int
    section: int
    stem: str
    marks: int
    marks_available: int
    is_answered: bool
    is_given: bool
    parts: tuple[MarkedPart, ...]

    @property
    def is_right(self) -> bool:
        return self.marks == self.marks_available

    @property
    def is_scenario(self) -> bool:
        return len(self.parts) > 1


def shown(item: AttemptItem) -> ShownQuestion:
    """One question of a paper, without its key. The item's question version should be loaded with it."""
    version = item.question_version
    return ShownQuestion(
        slot=item.slot,
        kind=version.kind,
        stem=version.stem,
        parts=tuple(_shown_part(part, item) for part in parts_of(version)),
    )


def shown_paper(attempt: Attempt) -> list[ShownQuestion]:
    """Every question of an attempt, in order, without keys."""
    return [shown(item) for item in attempt.items.select_related("question_version")]


def marked_paper(attempt: Attempt) -> list[MarkedQuestion]:
    """Every question of a marked attempt with what was answered and why each option is right or wrong.

    Raises:
        ValueError: the attempt is not marked, so its key stays here.
    """
    if attempt.state != Attempt.State.MARKED:
        raise ValueError("An attempt gives its explanations only once it is marked.")
    return [_marked(item) for item in attempt.items.select_related("question_version__question__withdrawal")]


def told(paper: Iterable[MarkedQuestion], feedback: str, *, passed: bool) -> list[MarkedQuestion]:
    """What of a marked paper its quiz lets a person read (``Feedback``)."""
    if feedback == Feedback.WRONG:
        return [question for question in paper if not question.is_right]
    return [] if feedback == Feedback.PASSED and not passed else list(paper)


def sections_to_revisit(paper: Iterable[MarkedQuestion]) -> list[int]:
    """The sections in which a question was wrong, in order."""
    return sorted({question.section for question in paper if not question.is_right})


def marked_parts(item: AttemptItem) -> tuple[MarkedPart, ...]:
    """The parts of a question with their key and explanations."""
    return tuple(_marked_part(part, item) for part in parts_of(item.question_version))


def _shown_part(part: Part, item: AttemptItem) -> ShownPart:
    answer = answer_to(part, item.response)
    return ShownPart(
        id=part.id,
        kind=part.kind,
        stem=part.stem,
        marks=part.marks,
        options=tuple(ShownOption(option.id, option.text) for option in _as_shown(part.options, item)),
        targets=tuple(ShownOption(target.id, target.text) for target in _as_shown(part.targets, item)),
        answer=answer,
        is_answered=part.is_complete(answer),
    )


def _as_shown(things: tuple[Any, ...], item: AttemptItem) -> list[Any]:
    place = {name: number for number, name in enumerate(item.option_order)}
    return sorted(things, key=lambda thing: place[thing.id])


def _marked(item: AttemptItem) -> MarkedQuestion:
    version = item.question_version
    parts = parts_of(version)
    is_withdrawn = hasattr(version.question, "withdrawal")
    marks = item.marks_available if is_withdrawn else item.marks or 0
    return MarkedQuestion(
        slot=item.slot,
        section=version.question.section,
        stem=version.stem,
        marks=marks,
        marks_available=item.marks_available,
        is_answered=all(part.is_complete(answer_to(part, item.response)) for part in parts),
        is_given=marks > mark_question(parts, item.response),
        parts=marked_parts(item),
    )


def _marked_part(part: Part, item: AttemptItem) -> MarkedPart:
    answer = answer_to(part, item.response)
    in_order = part.options if part.kind == QuestionKind.ORDERING else _as_shown(part.options, item)
    return MarkedPart(
        kind=part.kind,
        stem=part.stem,
        marks=mark_part(part, answer),
        marks_available=part.marks,
        is_answered=part.is_complete(answer),
        lines=tuple(_marked_line(part, option, answer) for option in in_order),
    )


def _marked_line(part: Part, option: Option, answer: Answer) -> MarkedLine:
    if part.is_choice:
        is_chosen = option.id in (answer or ())
        return MarkedLine(option.text, option.explanation, is_correct=option.correct, is_chosen=is_chosen)
    given = (answer or {}).get(option.id) if isinstance(answer, dict | None) else None
    right = part.key[option.id]  # type: ignore[index]
    return MarkedLine(
        option.text,
        option.explanation,
        is_correct=given == right,
        is_chosen=given is not None,
        given=_in_words(given, part.targets),
        right=_in_words(right, part.targets),
    )


def _in_words(value: Any, targets: tuple[Target, ...]) -> str:
    """A place or a target as a reader says it; empty where none was given."""
    if value is None:
        return ""
    return next((target.text for target in targets if target.id == value), f"place {value}")
