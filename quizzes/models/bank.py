"""Pools of questions, their versions, and the rules by which a quiz draws from them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from accounts.models import Organisation, User
from accounts.policy import Access
from accounts.sharing import may_share
from audit.models import AppendOnlyModel
from quizzes.enums import Feedback, QuestionKind

if TYPE_CHECKING:
    from typing import Self


class PoolQuerySet(models.QuerySet["Pool"]):
    def visible_to(self, access: Access) -> Self:
        """What is shared by all, and the organisation's own."""
        return self.filter(Q(organisation__isnull=True) | Q(organisation=access.organisation))

    def writable_by(self, access: Access) -> Self:
        """What the organisation wrote for itself and, for shared editors, what is shared by all."""
        return self.visible_to(access) if may_share(access.user) else self.filter(organisation=access.organisation)


class Pool(models.Model):
    """A bank of questions, by its code: usually that of the course it serves."""

    code = models.SlugField(max_length=60, unique=True)
    title = models.CharField(max_length=200)
    organisation = models.ForeignKey(
        Organisation,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="question_pools",
        help_text="empty: shared by all",
    )

    objects = PoolQuerySet.as_manager()

    class Meta:
        ordering = ["title"]

    def __str__(self) -> str:
        return self.title


class QuestionQuerySet(models.QuerySet["Question"]):
    def visible_to(self, access: Access) -> Self:
        """Questions of shared pools, and of the organisation's own."""
        return self.filter(Q(pool__organisation__isnull=True) | Q(pool__organisation=access.organisation))

    def drawable(self) -> Self:
        """Questions that have been put in use and that nobody has withdrawn."""
        return self.filter(in_use_since__isnull=False, withdrawn_at__isnull=True)


class Question(models.Model):
    """A question of the bank. What it says is in its versions; attempts keep the version they showed."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        IN_USE = "in-use", "In use"
        WITHDRAWN = "withdrawn", "Withdrawn"

    pool = models.ForeignKey(Pool, to_field="code", db_column="pool", on_delete=models.PROTECT, related_name="questions")
    code = models.CharField(max_length=20)
    section = models.PositiveSmallIntegerField(help_text="the module of the course it tests, from 1")
    topic = models.SlugField(max_length=60)
    standard = models.PositiveSmallIntegerField("data security standard")
    source = models.CharField(max_length=300, blank=True, help_text="where the facts come from")
    in_use_since = models.DateTimeField(null=True, blank=True, help_text="empty: a draft")
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = QuestionQuerySet.as_manager()

    class Meta:
        ordering = ["pool", "code"]
        constraints = [
            models.UniqueConstraint(fields=["pool", "code"], name="question_code_unique_in_pool"),
            models.CheckConstraint(name="question_standard_1_to_10", condition=Q(standard__range=(1, 10))),
        ]
        indexes = [models.Index(fields=["pool", "section"], name="question_by_pool_and_section")]

    def __str__(self) -> str:
        return self.code

    @property
    def state(self) -> State:
        if self.withdrawn_at is not None:
            return self.State.WITHDRAWN
        return self.State.DRAFT if self.in_use_since is None else self.State.IN_USE

    @property
    def key(self) -> str:
        """Its name for the seed of an attempt: the same in every database."""
        return f"{self.pool_id}/{self.code}"


class QuestionVersionQuerySet(models.QuerySet["QuestionVersion"]):
    def newest(self) -> Self:
        """The latest version of each question."""
        later = QuestionVersion.objects.filter(question=OuterRef("question"), number__gt=OuterRef("number"))
        return self.filter(~Exists(later))


class QuestionVersion(AppendOnlyModel):
    """What a question said from a moment on. ``quizzes.parts`` reads it.

    ``options``: ``[{id, text, explanation}]`` in authored order, with ``correct`` for a choice and ``match`` (a
    target's id) for a matching; the lines of an ordering stand in the right order. ``targets``: ``[{id, text}]`` of
    a matching. ``parts``: ``[{id, kind, stem, marks, options, targets}]`` of a scenario, whose ``stem`` is the case.
    """

    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=12, choices=QuestionKind)
    stem = models.TextField()
    options = models.JSONField()
    targets = models.JSONField(default=list)
    parts = models.JSONField(default=list)
    marks = models.PositiveSmallIntegerField(default=1)
    content_hash = models.CharField(max_length=64)
    from_file = models.BooleanField(default=False, help_text="made by quizzes.loading; false: an editor wrote it")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="+", help_text="empty: it shipped with us"
    )

    objects = QuestionVersionQuerySet.as_manager()

    class Meta:
        ordering = ["question", "number"]
        constraints = [
            models.UniqueConstraint(fields=["question", "number"], name="question_version_number_unique"),
            models.CheckConstraint(name="question_version_known_kind", condition=Q(kind__in=QuestionKind.values)),
            models.CheckConstraint(name="question_version_gives_marks", condition=Q(marks__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.question} version {self.number}"


class QuestionWithdrawal(AppendOnlyModel):
    """That a question was found wanting, and why. Everybody who had it on a paper gets its marks (``quizzes.remarking``)."""

    question = models.OneToOneField(Question, on_delete=models.PROTECT, related_name="withdrawal")
    reason = models.TextField()
    withdrawn_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"withdrawal of {self.question}"


class BlueprintQuerySet(models.QuerySet["Blueprint"]):
    def visible_to(self, access: Access) -> Self:
        """What is shared by all, and the organisation's own."""
        return self.filter(Q(organisation__isnull=True) | Q(organisation=access.organisation))


class Blueprint(models.Model):
    """How a quiz is put together. Its rules are in its versions."""

    code = models.SlugField(max_length=60, unique=True)
    title = models.CharField(max_length=200)
    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="quizzes", help_text="empty: shared by all"
    )

    objects = BlueprintQuerySet.as_manager()

    def __str__(self) -> str:
        return self.title


class BlueprintVersion(AppendOnlyModel):
    """The frozen rules of a quiz: ``draws`` is ``[{pool, section, count}]``, with ``topic`` where one is drawn alone.

    ``marks_needed`` is rounded up, and holds for a paper whose questions give a mark each; an attempt keeps its own.
    """

    blueprint = models.ForeignKey(Blueprint, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    draws = models.JSONField()
    questions = models.PositiveSmallIntegerField(help_text="how many questions a person is shown")
    pass_mark_percent = models.PositiveSmallIntegerField()
    marks_needed = models.PositiveSmallIntegerField()
    minutes = models.PositiveSmallIntegerField("time limit in minutes", null=True, blank=True, help_text="empty: none")
    retake_minutes = models.PositiveSmallIntegerField("minutes between a fail and the next try", default=0)
    feedback = models.CharField(max_length=10, choices=Feedback, default=Feedback.ALL)
    all_on_one_page = models.BooleanField(default=False, help_text="how it begins; a learner may change over")
    from_file = models.BooleanField(default=False, help_text="made by quizzes.loading; false: an editor wrote it")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["blueprint", "number"]
        constraints = [
            models.UniqueConstraint(fields=["blueprint", "number"], name="blueprint_version_number_unique"),
            models.CheckConstraint(name="blueprint_version_pass_mark_is_percent", condition=Q(pass_mark_percent__range=(1, 100))),
            models.CheckConstraint(name="blueprint_version_known_feedback", condition=Q(feedback__in=Feedback.values)),
            models.CheckConstraint(
                name="blueprint_version_time_limit_above_0",
                condition=Q(minutes__isnull=True) | Q(minutes__isnull=False, minutes__gte=1),
            ),
            models.CheckConstraint(
                name="blueprint_version_marks_needed_in_reach",
                condition=Q(marks_needed__gte=1) & Q(marks_needed__lte=F("questions")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.blueprint} version {self.number}"

    @property
    def rules(self) -> dict[str, Any]:
        """All that a person taking the quiz is held to."""
        names = ("draws", "pass_mark_percent", "minutes", "retake_minutes", "feedback", "all_on_one_page")
        return {name: getattr(self, name) for name in names}
