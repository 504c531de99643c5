"""The question bank, the blueprints that draw from it, and people's attempts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from accounts.policy import Access
from audit.models import AppendOnlyModel
from staff.models import Person

if TYPE_CHECKING:
    from typing import Self


class QuestionKind(models.TextChoices):
    SINGLE = "single", "Single answer"
    MULTIPLE = "multiple", "Multiple response"
    TRUE_FALSE = "true_false", "True or false"


class QuestionQuerySet(models.QuerySet["Question"]):
    def drawable(self) -> Self:
        """Questions that nobody has withdrawn."""
        return self.filter(withdrawn_at__isnull=True)


class Question(models.Model):
    """A question of the bank. What it says is in its versions; attempts keep the version they showed."""

    pool = models.SlugField(max_length=60, help_text="the bank it belongs to, by the course's code")
    code = models.CharField(max_length=20, unique=True)
    section = models.PositiveSmallIntegerField(help_text="the module of the course it tests, from 1")
    topic = models.SlugField(max_length=60)
    standard = models.PositiveSmallIntegerField("data security standard")
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = QuestionQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        constraints = [models.CheckConstraint(name="question_standard_1_to_10", condition=Q(standard__range=(1, 10)))]
        indexes = [models.Index(fields=["pool", "section"], name="question_by_pool_and_section")]

    def __str__(self) -> str:
        return self.code


class QuestionVersionQuerySet(models.QuerySet["QuestionVersion"]):
    def newest(self) -> Self:
        """The latest version of each question."""
        later = QuestionVersion.objects.filter(question=OuterRef("question"), number__gt=OuterRef("number"))
        return self.filter(~Exists(later))


class QuestionVersion(AppendOnlyModel):
    """What a question said from a moment on. ``options`` is ``[{id, text, correct, explanation}]`` in authored order."""

    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=12, choices=QuestionKind)
    stem = models.TextField()
    options = models.JSONField()
    content_hash = models.CharField(max_length=64)
    from_file = models.BooleanField(default=False, help_text="made by quizzes.loading; false: an editor wrote it")
    created_at = models.DateTimeField()

    objects = QuestionVersionQuerySet.as_manager()

    class Meta:
        ordering = ["question", "number"]
        constraints = [
            models.UniqueConstraint(fields=["question", "number"], name="question_version_number_unique"),
            models.CheckConstraint(name="question_version_known_kind", condition=Q(kind__in=QuestionKind.values)),
        ]

    def __str__(self) -> str:
        return f"{self.question} version {self.number}"


class Blueprint(models.Model):
    """How a quiz is put together. Its rules are in its versions."""

    code = models.SlugField(max_length=60, unique=True)
    title = models.CharField(max_length=200)

    def __str__(self) -> str:
        return self.title


class BlueprintVersion(AppendOnlyModel):
    """The frozen rules of a quiz: ``draws`` is ``[{pool, section, count}]``; ``marks_needed`` is rounded up."""

    blueprint = models.ForeignKey(Blueprint, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    draws = models.JSONField()
    questions = models.PositiveSmallIntegerField(help_text="how many questions a person is shown")
    pass_mark_percent = models.PositiveSmallIntegerField()
    marks_needed = models.PositiveSmallIntegerField()
    from_file = models.BooleanField(default=False, help_text="made by quizzes.loading; false: an editor wrote it")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["blueprint", "number"]
        constraints = [
            models.UniqueConstraint(fields=["blueprint", "number"], name="blueprint_version_number_unique"),
            models.CheckConstraint(name="blueprint_version_pass_mark_is_percent", condition=Q(pass_mark_percent__range=(1, 100))),
            models.CheckConstraint(
                name="blueprint_version_marks_needed_in_reach",
                condition=Q(marks_needed__gte=1) & Q(marks_needed__lte=F("questions")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.blueprint} version {self.number}"


class AttemptQuerySet(models.QuerySet["Attempt"]):
    def visible_to(self, access: Access) -> Self:
        """One's own attempts: nobody else ever sees them."""
        return self.filter(person__user=access.user, person__organisation=access.organisation)

    def open(self) -> Self:
        """Attempts that can still be answered."""
        return self.filter(state=Attempt.State.IN_PROGRESS)


class Attempt(models.Model):
    """One sitting of a quiz by one learner. Once marked it is never edited.

    ``blueprint`` is that of ``blueprint_version``, held here too because "one open attempt per person and
    quiz" must hold whichever version of the quiz the attempt was drawn by.
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
    submitted_at = models.DateTimeField(null=True)
    marks = models.PositiveSmallIntegerField(null=True)
    passed = models.BooleanField(null=True)

    objects = AttemptQuerySet.as_manager()

    class Meta:
        ordering = ["person", "started_at"]
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
        ]

    def __str__(self) -> str:
        return f"attempt {self.ordinal} of person {self.person_id}"


class AttemptItem(models.Model):
    """One question of one attempt, as it was shown and answered. ``response`` is a list of option ids, null until answered."""

    attempt = models.ForeignKey(Attempt, on_delete=models.CASCADE, related_name="items")
    slot = models.PositiveSmallIntegerField(help_text="its place in the paper, from 1")
    question_version = models.ForeignKey(QuestionVersion, on_delete=models.PROTECT, related_name="attempt_items")
    option_order = models.JSONField(help_text="option ids in the order shown")
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
                name="attempt_item_mark_is_0_or_1", condition=Q(marks__isnull=True) | Q(marks__isnull=False, marks__range=(0, 1))
            ),
        ]

    def __str__(self) -> str:
        return f"question {self.slot} of attempt {self.attempt_id}"
