"""Background work of the question bank."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from jobs.registry import Progress, handles
from quizzes.models import QuestionWithdrawal
from quizzes.remarking import REMARK, attempts_concerned, remark


@handles(REMARK)
def remark_all(progress: Progress, *, withdrawal_id: int) -> dict[str, Any]:
    """Give everybody who had a withdrawn question on a paper its marks."""
    withdrawal = QuestionWithdrawal.objects.select_related("withdrawn_by").get(pk=withdrawal_id)
    concerned = attempts_concerned(withdrawal)
    gained = 0
    for done, attempt_id in enumerate(concerned):
        if done % 50 == 0:
            progress(done, len(concerned), "Giving everybody the marks")
        written = remark(attempt_id, withdrawal, by=withdrawal.withdrawn_by or "system", at=timezone.now())
        gained += written.passed and not written.attempt.passed
    return {"attempts": len(concerned), "gained_a_pass": gained}
