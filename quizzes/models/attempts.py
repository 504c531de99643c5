"""People's attempts at a quiz, and what they answered."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, OuterRef, Q, Subquery

from accounts.models import Organisation, User
from accounts.policy import Access
from audit.models import AppendOnlyModel
from quizzes.models.bank import Blueprint, BlueprintVersion, QuestionVersion, QuestionWithdrawal
from quizzes.timing import GRACE
from staff.models import Person

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Self


class AttemptQuerySet(models.QuerySet["Attempt"]):
    def visible_to(self, access: Access) -> Self:
        """One's own attempts: nobody else ever sees them."""
        return self.filter(person__user=access.user, person__organisation=access.organisation)

    def open(self) -> Self:
        """Attempts that can still be answered."""
        return self.filter(state=Attempt.State.IN_PROGRESS)

    def overdue(self, at: datetime) -> Self:
        """Open attempts whose time was up before the instant, the grace included."""
        return self.open().filter(deadline_at__lt=at - GRACE)

    def first_marked(self, organisation: Organisation, *, since: datetime, before: datetime) -> Self:
        """The first attempt at each quiz that each person of the organisation handed in, in the period, and had marked."""
        marked = Attempt.objects.filter(
            state=Attempt.State.MARKED,
            person=OuterRef("person"),
            blueprint=OuterRef("blueprint"),
            submitted_at__gte=since,
            submitted_at__lt=before,
        )
        first = Subquery(marked.order_by("submitted_at", "pk").values("pk")[:1])
        return self.filter(person__organisation=organisation, pk=first)


class Attempt(models.Model):
    """One sitting of a quiz by one learner. Once marked it is never edited.

    ``blueprint`` is that of ``blueprint_version``, held here too because "one open attempt per person and
    quiz" must hold whichever version of the quiz the attempt was drawn by. ``marks_available`` and
    ``marks_needed`` are those of the paper that was drawn.
    """

    class State(models.TextChoices):
        IN_PROGRESS = "in_progress", "In progress"
        MARKED = "marked", "Marked"
        ABANDONED = "abandoned", "Abandoned"
        VOIDED = "voided", "Voided"

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="attempts")
    blueprint = models.ForeignKey(Blueprint, on_delete=models.PROTECT, related_name="attempts")
    blueprint_version = models.ForeignKey(BlueprintVersion, on_delete=models.PROTECT, related_name="attempts")
    ordinal = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=State, default=State.IN_PROGRESS)
    seed = models.BigIntegerField()
    started_at = models.DateTimeField()
    deadline_at = models.DateTimeField(null=True, help_text="empty: the quiz had no time limit")
    submitted_at = models.DateTimeField(null=True, help_text="when it was handed in, or when its time was up")
    marked_at = models.DateTimeField(null=True)
    marks_available = models.PositiveSmallIntegerField()
    marks_needed = models.PositiveSmallIntegerField()
    marks = models.PositiveSmallIntegerField(null=True)
    passed = models.BooleanField(null=True)

    objects = AttemptQuerySet.as_manager()

    class Meta:
        ordering = ["person", "started_at"]
        indexes = [models.Index(fields=["deadline_at"], condition=Q(state="in_progress"), name="attempt_open_by_deadline")]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "blueprint"], condition=Q(state="in_progress"), name="attempt_one_open_per_person_and_quiz"
            ),
            models.UniqueConstraint(fields=["person", "blueprint", "ordinal"], name="attempt_ordinal_unique"),
            models.CheckConstraint(
                name="attempt_known_state", condition=Q(state__in=["in_progress", "marked", "abandoned", "voided"])
            ),
            models.CheckConstraint(
                name="attempt_scored_iff_marked",
                condition=Q(state="marked", submitted_at__isnull=False, marks__isnull=False, passed__isnull=False)
                | (~Q(state="marked") & Q(marks__isnull=True, passed__isnull=True)),
            ),
            models.CheckConstraint(
                name="attempt_marks_needed_in_reach",
                condition=Q(marks_needed__gte=1) & Q(marks_needed__lte=F("marks_available")),
            ),
        ]

    def __str__(self) -> str:
        return f"attempt {self.ordinal} of person {self.person_id}"


class AttemptItem(models.Model):
    """One question of one attempt, as it was shown and answered.

    ``response`` is null until answered, then the answer (``quizzes.parts.Answer``); of a scenario, answers by part id.
    """

    attempt = models.ForeignKey(Attempt, on_delete=models.CASCADE, related_name="items")
    slot = models.PositiveSmallIntegerField(help_text="its place in the paper, from 1")
    question_version = models.ForeignKey(QuestionVersion, on_delete=models.PROTECT, related_name="attempt_items")
    option_order = models.JSONField(help_text="the ids of all options and targets in the order shown")
    marks_available = models.PositiveSmallIntegerField(default=1)
    response = models.JSONField(null=True)
    answered_at = models.DateTimeField(null=True)
    marks = models.PositiveSmallIntegerField(null=True)

    class Meta:
        ordering = ["attempt", "slot"]
        constraints = [
            models.UniqueConstraint(fields=["attempt", "slot"], name="attempt_item_slot_unique"),
            models.UniqueConstraint(fields=["attempt", "question_version"], name="attempt_item_question_unique"),
            models.CheckConstraint(name="attempt_item_slot_from_1", condition=Q(slot__gte=1)),
            models.CheckConstraint(
                name="attempt_item_answered_at_iff_answered",
                condition=Q(response__isnull=True, answered_at__isnull=True)
                | Q(response__isnull=False, answered_at__isnull=False),
            ),
            models.CheckConstraint(
                name="attempt_item_marks_in_reach",
                condition=Q(marks__isnull=True) | Q(marks__isnull=False, marks__gte=0, marks__lte=F("marks_available")),
            ),
        ]

    def __str__(self) -> str:
        return f"question {self.slot} of attempt {self.attempt_id}"


class Remark(AppendOnlyModel):
    """What a marked attempt comes to since a question on its paper was withdrawn. Marks only ever rise."""

    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="remarks")
    withdrawal = models.ForeignKey(QuestionWithdrawal, on_delete=models.PROTECT, related_name="remarks")
    marks = models.PositiveSmallIntegerField()
    passed = models.BooleanField()
    remarked_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["attempt", "withdrawal"], name="remark_once_per_withdrawal")]

    def __str__(self) -> str:
        return f"remark of {self.attempt}"


class ExtraTime(AppendOnlyModel):
    """How much longer a person has in timed quizzes; the latest row holds. Why is never written down."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="extra_time")
    percent = models.PositiveSmallIntegerField(help_text="of the time limit; 0 ends it")
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [models.CheckConstraint(name="extra_time_at_most_threefold", condition=Q(percent__range=(0, 200)))]

    def __str__(self) -> str:
        return f"{self.percent} per cent more for person {self.person_id}"
