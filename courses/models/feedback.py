"""What people say of a course after they finished it: answers without a name, and apart from them that somebody answered."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from accounts.models import Organisation
from audit.models import AppendOnlyModel
from courses.models.courses import Course
from courses.models.facts import Completion


class Agreement(models.IntegerChoices):
    """How far somebody agrees with a sentence."""

    YES = 4, "Yes"
    MOSTLY = 3, "Mostly"
    NOT_REALLY = 2, "Not really"
    NO = 1, "No"


class CourseFeedback(AppendOnlyModel):
    """One set of answers. No person, no session and no day, only the month: nothing in it leads to whoever gave it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="feedback")
    month = models.DateField(help_text="the first day of the month in which it was given")
    fits_work = models.PositiveSmallIntegerField(choices=Agreement)
    was_clear = models.PositiveSmallIntegerField(choices=Agreement)
    will_use = models.PositiveSmallIntegerField(choices=Agreement)

    class Meta:
        ordering = ["month", "id"]
        indexes = [models.Index(fields=["organisation", "course", "month"], name="course_feedback_by_month")]
        constraints = [
            models.CheckConstraint(
                name="course_feedback_known_answers",
                condition=Q(fits_work__range=(1, 4), was_clear__range=(1, 4), will_use__range=(1, 4)),
            ),
            models.CheckConstraint(name="course_feedback_month_is_a_first", condition=Q(month__day=1)),
        ]

    def __str__(self) -> str:
        return f"{self.course} in {self.month:%Y-%m}"


class FeedbackGiven(AppendOnlyModel):
    """That feedback was given after a completion, so that nobody gives it twice. It does not say which."""

    completion = models.OneToOneField(Completion, on_delete=models.PROTECT, primary_key=True, related_name="feedback_given")

    def __str__(self) -> str:
        return f"feedback after completion {self.completion_id}"
