"""The answers of a check as text, and read back from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from registers.check_kinds import CheckKind

ANSWERS = {"yes": "Yes", "no": "No", "not-seen": "Not seen"}
OVERALL = {"overall": "All in all, was everything in order?"}
"""The sheet of a check of which only the result is known."""


class AnswersUnreadError(ValueError):
    """The text is not the answers of the sheet; it says which question is missing."""


def as_text(answers: Iterable[Mapping[str, str]]) -> str:
    """One line a question: “Does the alarm work? No. The battery was flat”."""
    return "\n".join(f"{row['question']} {ANSWERS[row['answer']]}{'. ' + row['note'] if row['note'] else ''}" for row in answers)


def sheet_of(kind: CheckKind, text: str) -> CheckKind:
    """The sheet that a text answers: the kind's own, or the one question of a check whose result alone is known."""
    return replace(kind, questions=OVERALL) if OVERALL["overall"] in text else kind


def read(kind: CheckKind, text: str) -> dict[str, tuple[str, str]]:
    """Answer and note by the question's code; the text may have lost its line breaks.

    Raises:
        AnswersUnreadError: a question of the sheet, or its answer, is not in the text.
    """
    questions = sheet_of(kind, text).questions
    text = " ".join(text.split())
    starts = {code: text.find(question) for code, question in questions.items()}
    read: dict[str, tuple[str, str]] = {}
    for code, question in questions.items():
        if starts[code] < 0:
            raise AnswersUnreadError(f"“{question}” is not answered. Write every question of the sheet with its answer.")
        begins = starts[code] + len(question)
        ends = min((start for start in starts.values() if start >= begins), default=len(text))
        read[code] = _answer(question, text[begins:ends].strip())
    return read


def overall(answer: str) -> str:
    """The text of a check of which only the result is known."""
    return f"{OVERALL['overall']} {ANSWERS[answer]}"


def _answer(question: str, said: str) -> tuple[str, str]:
    for answer, words in sorted(ANSWERS.items(), key=lambda pair: -len(pair[1])):
        if said == words or said.startswith(f"{words}. "):
            return answer, said[len(words) :].lstrip(". ")
    raise AnswersUnreadError(f"“{question}” is answered neither yes, no nor not seen.")
