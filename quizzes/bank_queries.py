"""What the pages of the question bank show."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery

from quizzes.models import AttemptItem, Blueprint, BlueprintVersion, Question, QuestionVersion
from quizzes.papers import MarkedPart, ShownQuestion, marked_parts, shown
from quizzes.services import option_order


@dataclass(frozen=True)
class Use:
    """Where a question is used: the quizzes that may draw it, and how many papers had it."""

    quizzes: list[Blueprint]
    papers: int


def search(questions: QuerySet[Question], wanted: dict[str, Any]) -> QuerySet[Question]:
    """The questions that fit a ``SearchForm``, each with the ``stem`` and ``kind`` of its newest version."""
    newest = QuestionVersion.objects.filter(question=OuterRef("pk")).order_by("-number")
    found = questions.annotate(stem=Subquery(newest.values("stem")[:1]), kind=Subquery(newest.values("kind")[:1]))
    if words := wanted.get("q", "").strip():
        found = found.filter(Q(stem__icontains=words) | Q(code__icontains=words))
    for name, column in (("pool", "pool__code"), ("topic", "topic"), ("standard", "standard"), ("kind", "kind")):
        if value := wanted.get(name):
            found = found.filter(**{column: value})
    return found.filter(_in_state(wanted.get("state", "")))


def use_of(question: Question, blueprints: QuerySet[Blueprint]) -> Use:
    """Where a question is used, among the quizzes given."""
    rules = newest_rules(blueprints)
    drawing = [version.blueprint for version in rules if any(_draws(draw, question) for draw in version.draws)]
    papers = AttemptItem.objects.filter(question_version__question=question).count()
    return Use(quizzes=drawing if question.state == Question.State.IN_USE else [], papers=papers)


def newest_rules(blueprints: QuerySet[Blueprint]) -> list[BlueprintVersion]:
    """The newest version of each quiz's rules."""
    latest = BlueprintVersion.objects.filter(blueprint=OuterRef("blueprint")).order_by("-number")
    versions = BlueprintVersion.objects.filter(blueprint__in=blueprints, pk=Subquery(latest.values("pk")[:1]))
    return list(versions.select_related("blueprint").order_by("blueprint__title"))


def sections_in_use(pool_code: str) -> dict[int, int]:
    """How many questions each module of a pool has in use, in order."""
    there = Question.objects.drawable().filter(pool__code=pool_code).values_list("section", flat=True)
    return dict(sorted(Counter(there).items()))


def as_learner_sees_it(version: QuestionVersion, response: Any = None) -> tuple[ShownQuestion, tuple[MarkedPart, ...]]:
    """A question version outside any attempt: as it is shown, and as it is marked."""
    item = AttemptItem(slot=1, question_version=version, option_order=option_order(version, seed=version.pk), response=response)
    return shown(item), marked_parts(item)


def _in_state(state: str) -> Q:
    return {
        Question.State.DRAFT: Q(in_use_since__isnull=True, withdrawn_at__isnull=True),
        Question.State.IN_USE: Q(in_use_since__isnull=False, withdrawn_at__isnull=True),
        Question.State.WITHDRAWN: Q(withdrawn_at__isnull=False),
    }.get(state, Q())  # type: ignore[call-overload]


def _draws(draw: dict[str, Any], question: Question) -> bool:
    return (
        draw["pool"] == question.pool_id
        and draw["section"] == question.section
        and draw.get("topic", question.topic) == question.topic
    )
