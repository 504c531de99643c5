"""Three short questions after a course, answered without a name.

No event is recorded: one with a time would say who answered when. That somebody answered is kept apart from what they said.
"""

from __future__ import annotations

from datetime import date

from django.db import transaction

from courses.models import Completion, CourseFeedback, FeedbackGiven


class FeedbackGivenError(ValueError):
    """Feedback was given after this completion already; the text says so."""


@transaction.atomic
def give_feedback(completion: Completion, *, fits_work: int, was_clear: int, will_use: int, on: date) -> None:
    """Keep the answers of somebody who completed a course, once for each completion.

    Raises:
        FeedbackGivenError: they answered before.
    """
    _given, is_new = FeedbackGiven.objects.get_or_create(completion=completion)
    if not is_new:
        raise FeedbackGivenError("You told us already what you think of this course. Thank you.")
    CourseFeedback.objects.create(
        organisation=completion.person.organisation,
        course=completion.course,
        month=on.replace(day=1),
        fits_work=fits_work,
        was_clear=was_clear,
        will_use=will_use,
    )
