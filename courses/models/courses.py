"""Courses, their frozen versions, and who needs which."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery

from accounts.models import Organisation
from audit.models import AppendOnlyModel
from evidence.models import Blob
from quizzes.models import Blueprint, BlueprintVersion

if TYPE_CHECKING:
    from typing import Self


class CourseQuerySet(models.QuerySet["Course"]):
    def available_to(self, organisation: Organisation) -> Self:
        """Courses shared by all, and the organisation's own."""
        return self.filter(Q(organisation__isnull=True) | Q(organisation=organisation))

    def published(self) -> Self:
        """Courses with something to learn: at least one frozen version."""
        return self.filter(Exists(CourseVersion.objects.filter(course=OuterRef("pk"))))


class Course(models.Model):
    """Something to be learnt, by its code. Its pages are in the CMS; what people completed is a version."""

    code = models.SlugField(max_length=60, unique=True)
    title = models.CharField(max_length=200)
    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="courses", help_text="empty: shared by all"
    )
    blueprint = models.ForeignKey(Blueprint, null=True, blank=True, on_delete=models.PROTECT, related_name="courses")

    objects = CourseQuerySet.as_manager()

    class Meta:
        ordering = ["title"]

    def __str__(self) -> str:
        return self.title


class ChangeClass(models.TextChoices):
    COSMETIC = "cosmetic", "Cosmetic"
    MINOR = "minor", "Minor"
    MATERIAL = "material", "Material"


class Redo(models.TextChoices):
    """Whom a new version is for, of those who completed an earlier one."""

    NOBODY = "nobody", "Nobody has to do it again"
    NEXT_CYCLE = "next-cycle", "Everyone, when their training next falls due"
    EVERYONE_NOW = "everyone-now", "Everyone, now"


class CourseVersionQuerySet(models.QuerySet["CourseVersion"]):
    def in_force(self, on: date) -> Self:
        """For each course the version that learners read on the date: the latest one effective by then."""
        latest = CourseVersion.objects.filter(course=OuterRef("course"), effective_on__lte=on).order_by(
            "-effective_on", "-number"
        )
        return self.filter(pk=Subquery(latest.values("pk")[:1]))


class CourseVersion(AppendOnlyModel):
    """A course as it stood: its content and the rules of its quiz, frozen."""

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    content = models.JSONField(help_text="{title, modules: [{slug, title, minutes, lessons: [{title, blocks}]}]}")
    content_hash = models.CharField(max_length=64)
    blueprint_version = models.ForeignKey(BlueprintVersion, null=True, on_delete=models.PROTECT, related_name="course_versions")
    change_class = models.CharField(max_length=10, choices=ChangeClass, default=ChangeClass.MATERIAL)
    redo = models.CharField("who does it again", max_length=12, choices=Redo, default=Redo.NOBODY)
    effective_on = models.DateField()
    created_at = models.DateTimeField()

    objects = CourseVersionQuerySet.as_manager()

    class Meta:
        ordering = ["course", "number"]
        constraints = [
            models.UniqueConstraint(fields=["course", "number"], name="course_version_number_unique"),
            models.CheckConstraint(name="course_version_known_change_class", condition=Q(change_class__in=ChangeClass.values)),
            models.CheckConstraint(name="course_version_known_redo", condition=Q(redo__in=Redo.values)),
        ]

    def __str__(self) -> str:
        return f"{self.course} version {self.number}"

    @property
    def ends_by_reading(self) -> bool:
        """Whether somebody completes it by reading it and saying so: the course says that it may be, and there is no quiz."""
        return self.blueprint_version_id is None and bool(self.content.get("by_reading"))


class LessonFile(AppendOnlyModel):
    """A file that some frozen version of a course shows or offers. Whoever may read the course may have it."""

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="files")
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=255)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["course", "blob"], name="lesson_file_once_in_a_course")]

    def __str__(self) -> str:
        return self.name


class RetakeDemand(AppendOnlyModel):
    """With a version, everybody was asked to do the course again: earlier completions stop counting after a day.

    An earlier completion is one of an older version or, where the version is not known, one dated before ``asked_on``.
    Nothing changes for the days up to and including ``last_day``.
    """

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="retake_demands")
    version = models.OneToOneField(CourseVersion, on_delete=models.PROTECT, related_name="retake_demand")
    asked_on = models.DateField()
    last_day = models.DateField(help_text="the last day on which completions of earlier versions count")

    class Meta:
        constraints = [
            models.CheckConstraint(name="retake_demand_leaves_time", condition=Q(last_day__gte=models.F("asked_on"))),
        ]
        indexes = [models.Index(fields=["course", "last_day"], name="retake_demand_by_course")]

    def __str__(self) -> str:
        return f"{self.version} asked of everybody, by {self.last_day}"


class LocalDetailsQuerySet(models.QuerySet["LocalDetails"]):
    def in_force(self, organisation: Organisation, on: date) -> LocalDetails | None:
        """What the organisation says on a date: the latest row effective by then."""
        return self.filter(organisation=organisation, effective_on__lte=on).order_by("-effective_on", "-pk").first()


class LocalDetails(AppendOnlyModel):
    """Whom staff of an organisation tell when something goes wrong, and how, from a date on. A change is a new row."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="local_details")
    effective_on = models.DateField()
    tell = models.CharField(max_length=200)
    phone = models.CharField(max_length=60, blank=True)
    email = models.EmailField(blank=True)
    out_of_hours = models.CharField(max_length=200, blank=True)
    how = models.TextField(blank=True, max_length=1500)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    objects = LocalDetailsQuerySet.as_manager()

    class Meta:
        ordering = ["organisation", "-effective_on", "-pk"]
        constraints = [models.CheckConstraint(name="local_details_name_somebody", condition=~Q(tell=""))]

    def __str__(self) -> str:
        return f"{self.organisation} from {self.effective_on}"
