"""Which answers a question takes. A page that is out of date and a tampered form are refused here, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from quizzes.enums import QuestionKind
from quizzes.parts import Part, answer_to

NOT_ON_THE_PAGE = "Choose from the answers on the page."


class AnswerRefusedError(ValueError):
    """The answer is none that the question allows; the text says why, fit for a person to read."""


def checked_response(parts: Sequence[Part], response: Any, *, order: Sequence[str]) -> Any:
    """The response in the one form it is kept in. A question may be answered in part.

    Args:
        parts: the parts of the question.
        response: the answer to the question, or a mapping of answers by part id for a scenario.
        order: all option ids in the order shown; chosen options are kept in it.

    Raises:
        AnswerRefusedError: nothing is answered, too much is, or something that is not on the page.
    """
    if len(parts) == 1 and not parts[0].id:
        kept = _checked(parts[0], response, order)
    else:
        if not isinstance(response, Mapping) or not set(response) <= {part.id for part in parts}:
            raise AnswerRefusedError(NOT_ON_THE_PAGE)
        answers = {part.id: _checked(part, answer_to(part, response), order) for part in parts}
        kept = {part_id: answer for part_id, answer in answers.items() if answer}
    if not kept:
        raise AnswerRefusedError("Choose an answer.")
    return kept


def _checked(part: Part, answer: Any, order: Sequence[str]) -> Any:
    if not answer:
        return None
    if part.is_choice:
        return _checked_choice(part, answer, order)
    if not isinstance(answer, Mapping) or not set(answer) <= {option.id for option in part.options}:
        raise AnswerRefusedError(NOT_ON_THE_PAGE)
    allowed: set[Any] = (
        set(range(1, len(part.options) + 1)) if part.kind == QuestionKind.ORDERING else {target.id for target in part.targets}
    )
    if not set(answer.values()) <= allowed:
        raise AnswerRefusedError(NOT_ON_THE_PAGE)
    return dict(answer)


def _checked_choice(part: Part, answer: Any, order: Sequence[str]) -> list[str]:
    if isinstance(answer, Mapping) or not set(answer) <= {option.id for option in part.options}:
        raise AnswerRefusedError(NOT_ON_THE_PAGE)
    if part.kind != QuestionKind.MULTIPLE and len(set(answer)) > 1:
        raise AnswerRefusedError("Choose one answer only.")
    return [option_id for option_id in order if option_id in answer]
