"""Extra time in timed quizzes: for whom and how much, and never why."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import User
from audit.services import record
from quizzes.models import Attempt, ExtraTime
from quizzes.timing import deadline
from staff.models import Person


class ExtraTimeRefusedError(ValueError):
    """Extra time cannot be recorded as asked; the text says why, fit for a person to read."""


def extra_percent_of(person: Person) -> int:
    """The extra time a person has now, in per cent of the limit."""
    latest = ExtraTime.objects.filter(person=person).order_by("-pk").values_list("percent", flat=True).first()
    return latest or 0


@transaction.atomic
def record_extra_time(person: Person, *, percent: int, by: User, at: datetime) -> ExtraTime:
    """Give a person extra time from now on, also in a quiz they are taking; 0 ends it. The last word stands.

    Raises:
        ExtraTimeRefusedError: somebody gives it to themselves.
    """
    if person.user_id == by.pk:
        raise ExtraTimeRefusedError("You cannot give yourself extra time. Ask your manager or the training lead.")
    given = ExtraTime.objects.create(person=person, percent=percent, recorded_by=by, recorded_at=at)
    for attempt in Attempt.objects.open().filter(person=person).select_related("blueprint_version"):
        attempt.deadline_at = deadline(attempt.started_at, minutes=attempt.blueprint_version.minutes, extra_percent=percent)
        attempt.save(update_fields=["deadline_at"])
    summary = {"person": f"person:{person.pk}", "percent": percent}
    record("quizzes.extra_time_given", organisation=person.organisation, by=by, target=given, summary=summary, at=at)
    return given
