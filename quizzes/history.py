"""What the questions of a quiz said while a version of its course was read, however long ago that was."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from quizzes.enums import QuestionKind
from quizzes.models import AttemptItem, BlueprintVersion, Question, QuestionVersion
from quizzes.papers import MarkedLine, MarkedPart, marked_parts
from quizzes.parts import parts_of

HEADINGS = (
    "question",
    "version",
    "module",
    "topic",
    "data security standard",
    "kind",
    "marks",
    "asked from",
    "asked until",
    "what it asks",
    "part",
    "what the part asks",
    "option or line",
    "key",
    "explanation",
    "source",
)


@dataclass(frozen=True)
class PastQuestion:
    """One wording of a question, with its key, and when papers could have it. ``until`` is empty while they still can."""

    version: QuestionVersion
    parts: tuple[MarkedPart, ...]
    since: datetime
    until: datetime | None

    @property
    def question(self) -> Question:
        return self.version.question

    @property
    def is_scenario(self) -> bool:
        return self.version.kind == QuestionKind.SCENARIO


def asked_between(
    rules: BlueprintVersion, questions: QuerySet[Question], *, since: datetime, until: datetime | None
) -> list[PastQuestion]:
    """Every wording that a paper drawn by the rules in ``[since, until)`` could have or had, by module and code.

    A question that was filed under another module since is found by the papers that had it.

    Args:
        rules: how papers were drawn.
        questions: those that the reader may see.
        since: the start of the period.
        until: its end; None: it goes on.
    """
    later = QuestionVersion.objects.filter(question=OuterRef("question"), number__gt=OuterRef("number")).order_by("number")
    on_a_paper = AttemptItem.objects.filter(
        question_version=OuterRef("pk"), attempt__blueprint_version=rules, attempt__started_at__gte=since
    )
    since_then, in_use = Q(replaced_at__gt=since), Q(replaced_at__gt=F("question__in_use_since"))
    could_be_drawn = _drawn_by(rules) & (Q(replaced_at=None) | (since_then & in_use))
    could_be_drawn &= Q(question__withdrawn_at=None) | Q(question__withdrawn_at__gt=since)
    could_be_drawn &= Q(question__in_use_since__isnull=False)
    if until is not None:
        on_a_paper = on_a_paper.filter(attempt__started_at__lt=until)
        could_be_drawn &= Q(created_at__lt=until, question__in_use_since__lt=until)
    versions = (
        QuestionVersion.objects.filter(question__in=questions)
        .annotate(replaced_at=Subquery(later.values("created_at")[:1]))
        .filter(could_be_drawn | Exists(on_a_paper))
        .select_related("question")
        .order_by("question__section", "question__code", "number")
    )
    return [_past(version) for version in versions]


def question_rows(asked: list[PastQuestion]) -> Iterator[tuple[Any, ...]]:
    """A row for each option or line of each question, as ``HEADINGS`` names its cells."""
    for one in asked:
        question, version = one.question, one.version
        about: tuple[Any, ...] = (question.code, version.number, question.section, question.topic, question.standard)
        about += (version.get_kind_display(), version.marks, _moment(one.since), _moment(one.until), version.stem)
        for number, part in enumerate(one.parts, start=1):
            which = (number, part.stem) if one.is_scenario else ("", "")
            for line in part.lines:
                yield (*about, *which, line.text, _key(line), line.explanation, question.source)


def _drawn_by(rules: BlueprintVersion) -> Q:
    found = Q(pk__in=[])
    for draw in rules.draws:
        one = Q(question__pool=draw["pool"], question__section=draw["section"])
        found |= one & Q(question__topic=draw["topic"]) if "topic" in draw else one
    return found


def _past(version: Any) -> PastQuestion:
    order = [named.id for part in parts_of(version) for group in (part.options, part.targets) for named in group]
    ends = [moment for moment in (version.replaced_at, version.question.withdrawn_at) if moment]
    return PastQuestion(
        version=version,
        parts=marked_parts(AttemptItem(slot=1, question_version=version, option_order=order)),
        since=max(version.created_at, version.question.in_use_since or version.created_at),
        until=min(ends, default=None),
    )


def _key(line: MarkedLine) -> str:
    return line.right or ("right" if line.is_correct else "wrong")


def _moment(moment: datetime | None) -> str:
    return moment.isoformat(timespec="minutes") if moment else ""
