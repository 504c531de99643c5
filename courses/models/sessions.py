"""Training given to several people at once: a classroom session or a discussion, who was there, and the signed sheet."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.enums import Capability
from accounts.models import Organisation
from accounts.policy import Access
from courses.models.courses import Course, CourseVersion
from courses.models.facts import Completion
from evidence.models import DocumentVersion
from staff.models import Person

if TYPE_CHECKING:
    from typing import Self


class TrainingSessionQuerySet(models.QuerySet["TrainingSession"]):
    def visible_to(self, access: Access) -> Self:
        """One's own, or all of the organisation's for those who may see names."""
        own = self.filter(organisation=access.organisation)
        return own if access.can(Capability.REPORTS_NAMED) else own.filter(made_by=access.user)

    def in_use(self) -> Self:
        """Those not withdrawn."""
        return self.filter(withdrawn_at__isnull=True)


class TrainingSession(models.Model):
    """One session: planned, then recorded for those who were there, perhaps withdrawn. The completions are the facts."""

    class Kind(models.TextChoices):
        CLASSROOM = Completion.Source.CLASSROOM.value, "A session with a group"
        DISCUSSION = Completion.Source.DISCUSSION.value, "A recorded discussion"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="training_sessions")
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="sessions")
    course_version = models.ForeignKey(
        CourseVersion,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="sessions",
        help_text="empty: the version in force on the day",
    )
    kind = models.CharField(max_length=20, choices=Kind)
    held_on = models.DateField()
    place = models.CharField(max_length=200)
    led_by = models.CharField(max_length=200)
    covered = models.TextField("what was covered", blank=True)
    sheet = models.ForeignKey(
        DocumentVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="+", help_text="the signed sheet"
    )
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_because = models.CharField(max_length=300, blank=True)

    objects = TrainingSessionQuerySet.as_manager()

    class Meta:
        ordering = ["-held_on", "-pk"]
        constraints = [
            models.CheckConstraint(name="training_session_known_kind", condition=Q(kind__in=["classroom", "discussion"])),
            models.CheckConstraint(
                name="training_session_withdrawn_with_reason",
                condition=Q(withdrawn_at__isnull=True, withdrawn_because="")
                | (Q(withdrawn_at__isnull=False, recorded_at__isnull=False) & ~Q(withdrawn_because="")),
            ),
        ]
        indexes = [models.Index(fields=["organisation", "held_on"], name="training_session_by_day")]

    def __str__(self) -> str:
        return f"{self.course} on {self.held_on}"

    @property
    def is_recorded(self) -> bool:
        """Recorded for somebody at least: from then on its date, course and kind stay as they are."""
        return self.recorded_at is not None

    @property
    def is_withdrawn(self) -> bool:
        return self.withdrawn_at is not None

    def has_come(self, on: date) -> bool:
        """Whether its day has come."""
        return self.held_on <= on


class SessionPersonQuerySet(models.QuerySet["SessionPerson"]):
    def visible_to(self, access: Access) -> Self:
        """Those of the sessions somebody may see."""
        return self.filter(session__in=TrainingSession.objects.visible_to(access))

    def to_record(self) -> Self:
        """On the list, and not recorded."""
        return self.filter(completion__isnull=True)


class SessionPerson(models.Model):
    """One person on the list of a session, and what was recorded for them; nothing as yet, or because it was refused."""

    session = models.ForeignKey(TrainingSession, on_delete=models.CASCADE, related_name="people")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="training_sessions")
    completion = models.OneToOneField(Completion, null=True, blank=True, on_delete=models.PROTECT, related_name="session_person")

    objects = SessionPersonQuerySet.as_manager()

    class Meta:
        ordering = ["session", "person__last_name", "person__first_name", "pk"]
        constraints = [models.UniqueConstraint(fields=["session", "person"], name="session_person_once")]

    def __str__(self) -> str:
        return f"person {self.person_id} at session {self.session_id}"
