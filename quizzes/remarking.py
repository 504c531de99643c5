"""A question is withdrawn: everybody who had it on a paper gets its marks, and nobody loses any.

A marked attempt is never edited. What it comes to now is a ``Remark`` beside it, one for each withdrawal that changes
it. Where that makes a pass, whoever registered with ``when_passed`` records what follows from it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Q, Sum

from audit.services import record
from quizzes.models import Attempt, AttemptItem, QuestionWithdrawal, Remark

REMARK = "quizzes.remark"
"""The kind of the job that gives the marks."""

Follower = Callable[..., object]
_followers: list[Follower] = []


@dataclass(frozen=True)
class Standing:
    """What a marked attempt comes to, withdrawals counted."""

    marks: int
    passed: bool


def when_passed(follower: Follower) -> Follower:
    """Call ``follower(attempt, by=, at=)`` for each attempt that a withdrawal turns into a pass, in its transaction."""
    if follower not in _followers:
        _followers.append(follower)
    return follower


def standing_of(attempt: Attempt) -> Standing:
    """The result of a marked attempt as it now stands.

    Raises:
        ValueError: the attempt is not marked.
    """
    if attempt.marks is None or attempt.passed is None:
        raise ValueError("An attempt has a result only once it is marked.")
    remark = attempt.remarks.order_by("-pk").first()
    return Standing(remark.marks, remark.passed) if remark else Standing(attempt.marks, attempt.passed)


def attempts_concerned(withdrawal: QuestionWithdrawal) -> list[int]:
    """The marked attempts on whose paper the question gave less than its marks, and that have no remark for it."""
    items = AttemptItem.objects.filter(
        question_version__question=withdrawal.question_id,
        attempt__state=Attempt.State.MARKED,
        marks__lt=F("marks_available"),
    )
    return list(items.exclude(attempt__remarks__withdrawal=withdrawal).order_by("attempt").values_list("attempt", flat=True))


@transaction.atomic
def remark(attempt_id: int, withdrawal: QuestionWithdrawal, *, by: Any, at: datetime) -> Remark:
    """Give one attempt the marks of a withdrawn question, once."""
    attempts = Attempt.objects.select_for_update(of=("self",)).select_related("person__organisation", "blueprint")
    attempt = attempts.get(pk=attempt_id)
    there = Remark.objects.filter(attempt=attempt, withdrawal=withdrawal).first()
    if there is not None:
        return there
    before = standing_of(attempt)
    withdrawn = Q(question_version__question__withdrawal__isnull=False)
    full = attempt.items.filter(withdrawn).aggregate(marks=Sum("marks_available"))["marks"] or 0
    marks = full + (attempt.items.exclude(withdrawn).aggregate(marks=Sum("marks"))["marks"] or 0)
    passed = before.passed or marks >= attempt.marks_needed
    written = Remark.objects.create(attempt=attempt, withdrawal=withdrawal, marks=marks, passed=passed, remarked_at=at)
    if passed and not before.passed:
        for follow in _followers:
            follow(attempt, by=by, at=at)
    summary = {
        "quiz": attempt.blueprint.code,
        "ordinal": attempt.ordinal,
        "outcome": "passed now" if passed and not before.passed else "the result stays",
    }
    record("quizzes.attempt_remarked", organisation=attempt.person.organisation, by=by, target=attempt, summary=summary, at=at)
    return written
