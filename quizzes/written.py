"""A question of the bank back in the words of a bank's file: what an editor changes and an export gives."""

from __future__ import annotations

from typing import Any

from quizzes.enums import QuestionKind
from quizzes.models import Question, QuestionVersion
from quizzes.parts import Part, parts_of


def written(question: Question, version: QuestionVersion) -> dict[str, Any]:
    """The question as ``bank_file`` reads it: reading it again gives the same content."""
    labels = {
        "code": question.code,
        "module": question.section,
        "topic": question.topic,
        "standard": question.standard,
        **({"source": question.source} if question.source else {}),
        "kind": str(version.kind),
        "stem": version.stem,
    }
    parts = parts_of(version)
    if version.kind != QuestionKind.SCENARIO:
        return labels | _choices(parts[0])
    return labels | {"parts": [_part(part) for part in parts]}


def _part(part: Part) -> dict[str, Any]:
    return {"kind": part.kind, "stem": part.stem, "marks": part.marks} | _choices(part)


def _choices(part: Part) -> dict[str, Any]:
    words = {target.id: target.text for target in part.targets}
    options = []
    for option in part.options:
        line: dict[str, Any] = {"text": option.text}
        if part.kind == QuestionKind.MATCHING:
            line["match"] = words[option.match]
        elif part.is_choice:
            line["correct"] = option.correct
        options.append(line | {"explanation": option.explanation})
    matched = {option.match for option in part.options}
    others = [target.text for target in part.targets if target.id not in matched]
    return {"options": options} | ({"other_matches": others} if others else {})
