"""What leaves the server of a question: before handing in without its key, afterwards with every explanation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from quizzes.grading import mark_of
from quizzes.models import Attempt, AttemptItem, QuestionKind


@dataclass(frozen=True)
class ShownOption:
    """An option as a learner sees it while answering."""

    id: str
    text: str


@dataclass(frozen=True)
class ShownQuestion:
    """A question as a learner sees it while answering: no key, no explanation."""

    slot: int
    kind: str
    stem: str
    options: tuple[ShownOption, ...]
    chosen: frozenset[str]

    @property
    def is_answered(self) -> bool:
        return bool(self.chosen)

    @property
    def takes_several(self) -> bool:
        """Whether more than one option may be chosen."""
        return self.kind == QuestionKind.MULTIPLE

    @property
    def chosen_texts(self) -> list[str]:
        """What the learner chose, in the order shown."""
        return [option.text for option in self.options if option.id in self.chosen]


@dataclass(frozen=True)
class MarkedOption:
    """An option after marking."""

    text: str
    explanation: str
    is_correct: bool
    is_chosen: bool


@dataclass(frozen=True)
class MarkedQuestion:
    """A question after marking, with the explanation of every option.

    ``is_given``: the question was withdrawn while people were answering, so everybody has its mark.
    """

    slot: int
    section: int
    stem: str
    is_right: bool
    is_answered: bool
    is_given: bool
    options: tuple[MarkedOption, ...]


def shown(item: AttemptItem) -> ShownQuestion:
    """One question of a paper, without its key. The item's question version should be loaded with it."""
    version = item.question_version
    text_of = {option["id"]: option["text"] for option in version.options}
    return ShownQuestion(
        slot=item.slot,
        kind=version.kind,
        stem=version.stem,
        options=tuple(ShownOption(id=option_id, text=text_of[option_id]) for option_id in item.option_order),
        chosen=frozenset(item.response or ()),
    )


def shown_paper(attempt: Attempt) -> list[ShownQuestion]:
    """Every question of an attempt, in order, without keys."""
    return [shown(item) for item in attempt.items.select_related("question_version")]


def marked_paper(attempt: Attempt) -> list[MarkedQuestion]:
    """Every question of a marked attempt with what was chosen and why each option is right or wrong.

    Raises:
        ValueError: the attempt is not marked, so its key stays here.
    """
    if attempt.state != Attempt.State.MARKED:
        raise ValueError("An attempt gives its explanations only once it is marked.")
    return [_marked(item) for item in attempt.items.select_related("question_version__question")]


def sections_to_revisit(paper: Iterable[MarkedQuestion]) -> list[int]:
    """The sections in which a question was wrong, in order."""
    return sorted({question.section for question in paper if not question.is_right})


def _marked(item: AttemptItem) -> MarkedQuestion:
    version = item.question_version
    by_id = {option["id"]: option for option in version.options}
    chosen = set(item.response or ())
    earned = mark_of(chosen, [option["id"] for option in version.options if option["correct"]])
    return MarkedQuestion(
        slot=item.slot,
        section=version.question.section,
        stem=version.stem,
        is_right=bool(item.marks),
        is_answered=bool(chosen),
        is_given=bool(item.marks) and not earned,
        options=tuple(
            MarkedOption(
                text=by_id[option_id]["text"],
                explanation=by_id[option_id]["explanation"],
                is_correct=by_id[option_id]["correct"],
                is_chosen=option_id in chosen,
            )
            for option_id in item.option_order
        ),
    )
