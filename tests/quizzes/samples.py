"""One question of every kind, as a bank's file has it, and a quiz that asks them all."""

from __future__ import annotations

from typing import Any

from quizzes.bank_file import question_of as built
from quizzes.grading import marks_needed
from quizzes.models import Blueprint, BlueprintVersion, QuestionVersion
from quizzes.parts import answer_to, parts_of
from tests.factories import NOW, question_of

LABELS = {"module": 1, "topic": "incidents", "standard": 6}


def choices(*right: str, of: str = "abcd") -> list[dict[str, Any]]:
    return [{"text": f"Choice {x}", "correct": x in right, "explanation": f"Because of {x}"} for x in of]


ORDERING = {
    "kind": "ordering",
    "stem": "You clicked a link in a scam message. What comes first?",
    "options": [{"text": f"Step {x}", "explanation": f"Because of {x}"} for x in ("stop", "report", "write", "learn")],
}
MATCHING = {
    "kind": "matching",
    "stem": "What is each message?",
    "options": [
        {"text": "A text about a parcel", "match": "Smishing", "explanation": "Because it is a text"},
        {"text": "A call from the bank", "match": "Vishing", "explanation": "Because it is a call"},
        {"text": "A call from support", "match": "Vishing", "explanation": "Because it is a call too"},
    ],
    "other_matches": ["Quishing"],
}
SINGLE = {"kind": "single", "stem": "Which one?", "options": choices("b")}
MULTIPLE = {"kind": "multiple", "stem": "Which ones?", "options": choices("a", "c")}
TRUE_FALSE = {"kind": "true_false", "stem": "Is it so?", "options": choices("a", of="ab")}
SCENARIO = {
    "kind": "scenario",
    "stem": "A visitor films in the lounge of a care home.",
    "parts": [
        {"kind": "single", "stem": "Is that allowed?", "options": choices("a", of="abc")},
        {"kind": "multiple", "stem": "Whom do you tell?", "marks": 2, "options": choices("b", "c")},
        {**ORDERING, "stem": "What do you do, step by step?"},
        {**MATCHING, "stem": "Who answers what?"},
    ],
}
QUESTIONS = [
    {"code": f"K-{number}", **LABELS, **kind}
    for number, kind in enumerate((SINGLE, MULTIPLE, TRUE_FALSE, ORDERING, MATCHING, SCENARIO), start=1)
]


def version_of(raw: dict[str, Any], *, pool: str, number: int = 1) -> QuestionVersion:
    """A question of the bank with one version, as loading would make it."""
    written = built(raw)
    return QuestionVersion.objects.create(
        question=question_of(pool, code=written.code, section=written.section),
        number=number,
        **written.content | {"marks": written.marks},
        content_hash=written.content_hash,
        created_at=NOW,
    )


def quiz_of_every_kind(questions: list[dict[str, Any]] | None = None, *, code: str = "kinds") -> BlueprintVersion:
    questions = QUESTIONS if questions is None else questions
    for raw in questions:
        version_of(raw, pool=code)
    return BlueprintVersion.objects.create(
        blueprint=Blueprint.objects.create(code=code, title="Every kind"),
        number=1,
        draws=[{"pool": code, "section": 1, "count": len(questions)}],
        questions=len(questions),
        pass_mark_percent=80,
        marks_needed=marks_needed(len(questions), 80),
        created_at=NOW,
    )


def right_response(version: QuestionVersion) -> Any:
    """The response that gets every mark."""
    parts = parts_of(version)
    answers = {part.id: sorted(part.key) if part.is_choice else part.key for part in parts}
    return answers if parts[0].id else answers[""]


def posted(version: QuestionVersion, response: Any) -> dict[str, Any]:
    """A response as a browser would send it."""
    data: dict[str, Any] = {}
    for part in parts_of(version):
        prefix, answer = f"{part.id}-" if part.id else "", answer_to(part, response)
        if part.is_choice:
            data[f"{prefix}answer"] = answer or []
        else:
            data |= {f"{prefix}{option_id}": str(value) for option_id, value in (answer or {}).items()}
    return data
