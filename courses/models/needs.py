"""The training needs analysis: a document with versions, and the lines it is made of."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery

from accounts.models import Organisation
from accounts.policy import Access
from audit.canonical import digest
from audit.models import AppendOnlyModel
from courses.models.courses import Course

if TYPE_CHECKING:
    from typing import Self


class NeedsAnalysisQuerySet(models.QuerySet["NeedsAnalysis"]):
    def visible_to(self, access: Access) -> Self:
        return self.filter(organisation=access.organisation)

    def drafts(self) -> Self:
        """Those that nobody has approved: one an organisation at most."""
        return self.filter(approval__isnull=True)

    def in_force(self, on: date) -> Self:
        """The version of each organisation that holds on the date: the last one that began by then."""
        begun = NeedsAnalysis.objects.filter(organisation=OuterRef("organisation"), approval__starts_on__lte=on)
        return self.filter(pk=Subquery(begun.order_by("-number").values("pk")[:1]))


class NeedsAnalysis(models.Model):
    """One version of the document. It may change until it is approved, and never after."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="needs_analyses")
    number = models.PositiveIntegerField()
    summary = models.TextField(blank=True, help_text="how the needs were found")
    starts_on = models.DateField(null=True, blank=True, help_text="empty: from the day of approval")
    grace_until = models.DateField(null=True, blank=True, help_text="nobody's due date lies before this day")
    review_on = models.DateField(null=True, blank=True)
    change_note = models.CharField(max_length=300, blank=True)
    writers = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    objects = NeedsAnalysisQuerySet.as_manager()

    class Meta:
        ordering = ["organisation", "-number"]
        verbose_name_plural = "needs analyses"
        constraints = [models.UniqueConstraint(fields=["organisation", "number"], name="needs_analysis_number_unique")]

    def __str__(self) -> str:
        return f"training needs analysis, version {self.number}"

    @property
    def is_approved(self) -> bool:
        return getattr(self, "approval", None) is not None

    def content(self) -> dict[str, Any]:
        """What an approval is given for."""
        return {
            "number": self.number,
            "summary": self.summary,
            "grace_until": self.grace_until.isoformat() if self.grace_until else None,
            "review_on": self.review_on.isoformat() if self.review_on else None,
            "lines": [line.content() for line in self.lines.order_by("pk")],
        }

    @property
    def digest(self) -> str:
        return digest(self.content())


class NeedsApproval(AppendOnlyModel):
    """Somebody answered for a version, as it was, and it holds from a day on."""

    analysis = models.OneToOneField(NeedsAnalysis, on_delete=models.PROTECT, related_name="approval")
    digest = models.CharField(max_length=64)
    starts_on = models.DateField()
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    approved_as = models.CharField(max_length=100, help_text="the post in which they approved")
    is_own_work = models.BooleanField("written and approved by one person", default=False)
    newly_overdue = models.PositiveIntegerField(help_text="how many obligations it made overdue on its first day")
    approved_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(name="needs_approval_says_as_what", condition=~Q(approved_as=""))]

    def __str__(self) -> str:
        return f"{self.analysis} approved"


class TrainingNeedQuerySet(models.QuerySet["TrainingNeed"]):
    def visible_to(self, access: Access) -> Self:
        return self.filter(organisation=access.organisation)

    def begun(self, on: date) -> Self:
        """Lines that hold or held by the date. Those of a draft have no start."""
        return self.filter(Q(end__isnull=True) | Q(end__gt=F("start")), start__lte=on)

    def covering(self, on: date) -> Self:
        """Needs in force on the date. A need is ``[start, end)``."""
        return self.filter(Q(end__isnull=True) | Q(end__gt=on), start__lte=on)

    def in_force(self, organisation: Organisation, on: date) -> Self:
        """The needs an organisation has on a date."""
        return self.covering(on).filter(organisation=organisation).select_related("course")


class TrainingNeed(models.Model):
    """One line of the training needs analysis: who needs which course, how often, and why.

    A line that goes on in the next version keeps its ``series``: whom it asks is asked by it without a break.
    """

    class Audience(models.TextChoices):
        EVERYONE = "everyone", "Everyone in post"
        WITH_ACCESS = "with-access", "Everyone with access to personal data"

    class Frequency(models.TextChoices):
        ROLLING = "rolling", "Again after a number of months"
        YEARLY = "yearly", "Once in every training year"
        ONCE = "once", "Once"
        ROTATION = "rotation", "Again after a number of months, with refreshers in turn"

    class Level(models.TextChoices):
        AWARENESS = "awareness", "Awareness, for all"
        ROLE = "role", "For the role"
        SPECIALIST = "specialist", "Specialist"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="training_needs")
    analysis = models.ForeignKey(NeedsAnalysis, null=True, blank=True, on_delete=models.PROTECT, related_name="lines")
    series = models.UUIDField(default=uuid4, editable=False)
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="needs")
    level = models.CharField(max_length=12, choices=Level, default=Level.AWARENESS)
    audience = models.CharField(max_length=20, choices=Audience, default=Audience.WITH_ACCESS)
    staff_groups = models.JSONField(default=list, blank=True, help_text="any of them; empty: all")
    employment_types = models.JSONField(default=list, blank=True, help_text="any of them; empty: all")
    job_titles = models.JSONField(default=list, blank=True, help_text="any of them; empty: all")
    units = models.JSONField(default=list, blank=True, help_text="ids of units, each with all below it; empty: all")
    key_posts = models.JSONField(default=list, blank=True, help_text="holders of any of them; empty: all")
    managers_only = models.BooleanField(default=False)
    frequency = models.CharField(max_length=10, choices=Frequency, default=Frequency.ROLLING)
    months = models.PositiveSmallIntegerField("every how many months", default=12)
    year_starts_month = models.PositiveSmallIntegerField("month in which a training year begins", default=7)
    refreshers = models.JSONField(default=list, blank=True, help_text="ids of courses that take turns after the first time")
    starter_days = models.PositiveSmallIntegerField("days a starter has", default=30)
    mover_days = models.PositiveSmallIntegerField("days somebody has who moves into it", default=30)
    returner_days = models.PositiveSmallIntegerField("days somebody has who comes back", default=30)
    returner_after_days = models.PositiveSmallIntegerField("days away that count as a long absence", default=28)
    not_before = models.DateField(null=True, blank=True, help_text="due dates before this day are moved to it")
    rationale = models.TextField()
    start = models.DateField(null=True, help_text="empty: a line of a draft")
    end = models.DateField(null=True, blank=True)

    objects = TrainingNeedQuerySet.as_manager()

    class Meta:
        ordering = ["organisation", "course", "start"]
        constraints = [
            models.UniqueConstraint(fields=["analysis", "series"], name="training_need_once_in_version"),
            models.CheckConstraint(name="training_need_known_audience", condition=Q(audience__in=["everyone", "with-access"])),
            models.CheckConstraint(
                name="training_need_known_frequency", condition=Q(frequency__in=["rolling", "yearly", "once", "rotation"])
            ),
            models.CheckConstraint(name="training_need_known_level", condition=Q(level__in=["awareness", "role", "specialist"])),
            models.CheckConstraint(name="training_need_repeats", condition=Q(months__range=(1, 120))),
            models.CheckConstraint(name="training_need_year_has_month", condition=Q(year_starts_month__range=(1, 12))),
            models.CheckConstraint(
                name="training_need_ends_not_before_start",
                condition=Q(end__isnull=True) | Q(start__isnull=False, end__gte=F("start")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.course}: {self.get_audience_display().lower()}"

    def content(self) -> dict[str, Any]:
        """What an approval is given for. The dates from and until which it holds are not part of it."""
        names = (*COPIED_FIELDS, "series", "course_id")
        values = {name: getattr(self, name) for name in names}
        return {name: value if isinstance(value, bool | int | list) else str(value or "") for name, value in values.items()}


COPIED_FIELDS = (
    "level",
    "audience",
    "staff_groups",
    "employment_types",
    "job_titles",
    "units",
    "key_posts",
    "managers_only",
    "frequency",
    "months",
    "year_starts_month",
    "refreshers",
    "starter_days",
    "mover_days",
    "returner_days",
    "returner_after_days",
    "not_before",
    "rationale",
)
"""What a line says of itself, apart from its course: copied into the next version."""
