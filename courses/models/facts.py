"""What people did: where they are in a course, what they completed, and what follows from it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce

from accounts.policy import Access
from audit.models import AppendOnlyModel
from courses.dates import window_start
from courses.models.courses import Course, CourseVersion, RetakeDemand
from evidence.models import DocumentVersion
from quizzes.models import Attempt
from staff.models import Person

if TYPE_CHECKING:
    from typing import Self


class Progress(models.Model):
    """Where a learner is in a course version: the lessons seen, as ``"<module>/<lesson>"``, and the last one."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="progress")
    course_version = models.ForeignKey(CourseVersion, on_delete=models.PROTECT, related_name="progress")
    seen = models.JSONField(default=list)
    last_seen = models.CharField(max_length=120, blank=True)
    started_on = models.DateField()
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "course_version"], name="progress_one_per_version")]

    def __str__(self) -> str:
        return f"person {self.person_id} in {self.course_version}"


_OF_ITS_VERSION = Q(version__number__gt=OuterRef("course_version__number"))
_OF_ITS_DATE = Q(asked_on__gt=OuterRef("completed_on"))
"""Which retakes are about a completion: those of a later version or, where its version is not known, later ones."""


def _outlives(demands: models.QuerySet[RetakeDemand]) -> Q:
    """No such retake is about the completion."""
    by_version = Q(course_version__isnull=False) & ~Exists(demands.filter(_OF_ITS_VERSION))
    return by_version | (Q(course_version__isnull=True) & ~Exists(demands.filter(_OF_ITS_DATE)))


class CompletionQuerySet(models.QuerySet["Completion"]):
    def not_void(self) -> Self:
        """Completions that nobody has voided, as known now."""
        return self.filter(~Exists(CompletionVoid.objects.filter(completion=OuterRef("pk"))))

    def by(self, on: date) -> Self:
        """Dated on or before the date: later facts are ignored."""
        return self.filter(completed_on__lte=on)

    def counting_on(self, on: date, *, months: int) -> Self:
        """Not void, completed in the ``months`` up to and including ``on``, and not asked for again by then.

        ``on - months < completed_on <= on``; a retake that everybody was asked for ends it (``RetakeDemand``).
        """
        return self.counting_after(window_start(on, months), on)

    def counting_after(self, cutoff: date, on: date) -> Self:
        """Not void, completed after the cut-off and up to ``on``, and not asked for again by then."""
        ended = RetakeDemand.objects.filter(last_day__lt=on)
        none_asked = ~Q(course__in=ended.values("course"))  # first: it is the same for all rows, and mostly all there is
        outlives = none_asked | _outlives(ended.filter(course=OuterRef("course")))
        return self.not_void().by(on).filter(completed_on__gt=cutoff).filter(outlives)

    def with_last_day(self, on: date) -> models.QuerySet[Any]:
        """With ``last_day``: the last day they count because of a retake asked for by ``on``; NULL: no retake ends them."""
        asked = RetakeDemand.objects.filter(course=OuterRef("course"), asked_on__lte=on).order_by("last_day").values("last_day")
        return self.annotate(
            last_day=Case(
                When(course_version__isnull=True, then=Subquery(asked.filter(_OF_ITS_DATE)[:1])),
                default=Subquery(asked.filter(_OF_ITS_VERSION)[:1]),
            )
        )


class Completion(AppendOnlyModel):
    """The fact that a person finished a course on a London date. A correction is a ``CompletionVoid``."""

    erasable = ("reference",)

    class Source(models.TextChoices):
        QUIZ = "quiz", "Our quiz"
        CLASSROOM = "classroom", "Classroom session"
        READING = "reading", "Read and understood"
        DISCUSSION = "discussion", "Recorded discussion"
        PRIOR_LEARNING = "prior-learning", "Prior learning"
        IMPORT = "import", "Imported record"

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="completions")
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="completions")
    course_version = models.ForeignKey(CourseVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="completions")
    attempt = models.OneToOneField(Attempt, null=True, blank=True, on_delete=models.PROTECT, related_name="completion")
    completed_on = models.DateField()
    source = models.CharField(max_length=20, choices=Source)
    score_percent = models.PositiveSmallIntegerField(null=True, blank=True)
    reference = models.CharField(max_length=100, blank=True)
    evidence = models.ForeignKey(DocumentVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    objects = CompletionQuerySet.as_manager()

    class Meta:
        ordering = ["person", "completed_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "course", "completed_on", "source"],
                condition=Q(attempt__isnull=True),  # passing twice in a day is two facts, one for each attempt
                name="completion_unique_per_day_and_source",
            ),
            models.CheckConstraint(
                name="completion_quiz_has_version", condition=~Q(source__in=["quiz", "reading"]) | Q(course_version__isnull=False)
            ),
            models.CheckConstraint(
                name="completion_known_source",
                condition=Q(source__in=["quiz", "reading", "classroom", "discussion", "prior-learning", "import"]),
            ),
            models.CheckConstraint(
                name="completion_score_is_percent", condition=Q(score_percent__isnull=True) | Q(score_percent__range=(0, 100))
            ),
        ]
        indexes = [models.Index(fields=["course", "person", "completed_on"], name="completion_by_course_person")]

    def __str__(self) -> str:
        return f"person {self.person_id} finished {self.course_id} on {self.completed_on}"


class CompletionVoid(AppendOnlyModel):
    """A completion that does not stand, and why."""

    erasable = ("reason",)

    completion = models.OneToOneField(Completion, on_delete=models.PROTECT, related_name="void")
    reason = models.CharField(max_length=300)
    voided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    voided_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(name="completion_void_has_reason", condition=~Q(reason=""))]

    def __str__(self) -> str:
        return f"void of completion {self.completion_id}"


class ExemptionQuerySet(models.QuerySet["Exemption"]):
    def visible_to(self, access: Access) -> Self:
        return self.filter(person__organisation=access.organisation)

    def approved(self) -> Self:
        return self.filter(approved_at__isnull=False)

    def waiting(self) -> Self:
        """Asked for, and not decided yet."""
        return self.filter(approved_at__isnull=True, refused_at__isnull=True)

    def touching(self, on: date) -> Self:
        """Begun by the date, ended or not. An exemption is ``[start, end)``; one ended on its first day never was."""
        return self.approved().filter(Q(end__isnull=True) | Q(end__gt=models.F("start")), start__lte=on)

    def covering(self, on: date) -> Self:
        """Approved exemptions that cover the date and excuse from training. Those that only move a date are not among them."""
        return self.touching(on).filter(Q(end__isnull=True) | Q(end__gt=on), effect=Exemption.Effect.EXCUSED)


class Exemption(models.Model):
    """A person need not take a course from ``start`` up to and not including ``end``. Leaves the net figure, never the headline."""

    class Reason(models.TextChoices):
        LONG_ABSENCE = "long-absence", "Long absence"
        SECONDMENT = "secondment", "Seconded out"
        NOT_WORKED = "not-worked", "Bank, not worked"
        ADJUSTMENT = "adjustment", "Adjustment agreed"
        OTHER = "other", "Other"

    class Effect(models.TextChoices):
        EXCUSED = "excused", "They need not do it in that time"
        LATER = "later", "What falls due in that time is due after it"

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="exemptions")
    course = models.ForeignKey(Course, null=True, blank=True, on_delete=models.PROTECT, related_name="exemptions")
    reason = models.CharField(max_length=20, choices=Reason)
    effect = models.CharField(max_length=10, choices=Effect, default=Effect.EXCUSED)
    note = models.CharField(max_length=300, blank=True)
    start = models.DateField()
    end = models.DateField(null=True, blank=True)
    review_on = models.DateField(null=True, blank=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True)
    refused_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    refused_at = models.DateTimeField(null=True)

    objects = ExemptionQuerySet.as_manager()

    class Meta:
        ordering = ["person", "start"]
        constraints = [
            models.CheckConstraint(
                name="exemption_ends_after_start", condition=Q(end__isnull=True) | Q(end__gte=models.F("start"))
            ),
            models.CheckConstraint(name="exemption_known_effect", condition=Q(effect__in=["excused", "later"])),
            models.CheckConstraint(
                name="exemption_approved_or_refused", condition=Q(approved_at__isnull=True) | Q(refused_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"exemption of person {self.person_id} from {self.start}"

    @property
    def last_day(self) -> date | None:
        """The last day it covers."""
        return date.fromordinal(self.end.toordinal() - 1) if self.end else None


class ExtensionQuerySet(models.QuerySet["Extension"]):
    def visible_to(self, access: Access) -> Self:
        return self.filter(person__organisation=access.organisation)

    def last_words(self) -> Self:
        """The last word on each due date: no later row about the same person, course and cycle."""
        cycle = Coalesce("cycle_after", Value(date.min))
        later = Extension.objects.annotate(cycle=cycle).filter(cycle=OuterRef("cycle"), pk__gt=OuterRef("pk"))
        return self.annotate(cycle=cycle).filter(~Exists(later.filter(person=OuterRef("person"), course=OuterRef("course"))))

    def waiting(self) -> Self:
        """Asked for, and not decided yet."""
        return self.last_words().filter(act=Extension.Act.ASKED)


class Extension(AppendOnlyModel):
    """One act about more time for one person, one course and one cycle. The last act stands; the due date it moves is kept.

    A cycle is what follows on a completion (``cycle_after``), or on none: the next completion begins another, and the
    extension is over.
    """

    erasable = ("reason",)

    class Act(models.TextChoices):
        ASKED = "asked", "Asked for"
        GRANTED = "granted", "Granted"
        REFUSED = "refused", "Refused"
        WITHDRAWN = "withdrawn", "Withdrawn"

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="extensions")
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="extensions")
    cycle_after = models.DateField(null=True, help_text="the latest completion when it was asked for; empty: there was none")
    act = models.CharField(max_length=10, choices=Act)
    baseline_due_on = models.DateField(help_text="when it was due without the extension")
    until = models.DateField(null=True, help_text="the day by which it is due instead")
    reason = models.CharField(max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    on = models.DateField()
    at = models.DateTimeField()

    objects = ExtensionQuerySet.as_manager()

    class Meta:
        ordering = ["person", "course", "pk"]
        constraints = [
            models.CheckConstraint(name="extension_known_act", condition=Q(act__in=["asked", "granted", "refused", "withdrawn"])),
            models.CheckConstraint(name="extension_has_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="extension_gives_more_time",
                condition=Q(act__in=["refused", "withdrawn"], until__isnull=True)
                | Q(act__in=["asked", "granted"], until__isnull=False, until__gt=models.F("baseline_due_on")),
            ),
        ]
        indexes = [models.Index(fields=["person", "course", "on"], name="extension_by_person")]

    def __str__(self) -> str:
        return f"{self.get_act_display().lower()}: person {self.person_id}, course {self.course_id}"
