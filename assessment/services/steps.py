"""Taking a step: the lock, the table of states, the row. Every other service goes through here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from accounts.models import User
from assessment.models import Assessment, AssessmentTransition, Response
from assessment.states import State, next_state, require_editable
from audit.services import record


class AssessmentRefusedError(ValueError):
    """What was asked is not possible now; the text is one sentence that says why and what to do."""


def locked(assessment: Assessment) -> Assessment:
    """The assessment, with its row locked until the transaction ends."""
    rows = Assessment.objects.select_for_update(of=("self",)).select_related("organisation", "edition")
    return rows.get(pk=assessment.pk)


def locked_for_work(response: Response) -> Assessment:
    """The locked assessment of a response, if work on it is going on; the first change starts the work.

    Raises:
        StepRefusedError: the return is in review, signed or published.
    """
    assessment = locked(response.assessment)
    require_editable(state_of(assessment))
    return assessment


def state_of(assessment: Assessment) -> State:
    """The end of the last transition."""
    last = assessment.transitions.order_by("-pk").values_list("to_state", flat=True).first()
    return State(last) if last else State.PREPARING


def take_step(assessment: Assessment, step: str, *, by: Any, at: datetime, reason: str = "") -> AssessmentTransition:
    """Write the step down, if the table allows it.

    Raises:
        StepRefusedError: it does not.
    """
    current = state_of(assessment)
    target = next_state(current, step, reason=reason)
    return AssessmentTransition.objects.create(
        assessment=assessment,
        from_state=current,
        to_state=target,
        step=step,
        by=user_or_none(by),
        at=at,
        reason=reason.strip(),
    )


def begin_if_waiting(assessment: Assessment, *, by: Any, at: datetime) -> None:
    """The first change of a return that is being prepared starts the work on it."""
    if state_of(assessment) == State.PREPARING:
        take_step(assessment, "start", by=by, at=at)
        tell("assessment.started", assessment, by=by, at=at)


def tell(
    event: str,
    assessment: Assessment,
    *,
    by: Any,
    at: datetime,
    target: Any = None,
    summary: Mapping[str, Any] | None = None,
    reason: str = "",
) -> None:
    """Record what happened to a return."""
    record(
        event,
        organisation=assessment.organisation,
        by=by or "system",
        target=target or assessment,
        summary=summary,
        reason=reason,
        at=at,
    )


def user_or_none(by: Any) -> User | None:
    """The user who acted; None when it was a command or the system."""
    return by if isinstance(by, User) else None


def london_day(at: datetime) -> date:
    """The London date of an instant."""
    return timezone.localtime(at).date()
