"""Background work as rows: the row says what is to be done and how far it is; the broker only wakes a worker."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Organisation
from accounts.policy import Access


class JobQuerySet(models.QuerySet["Job"]):
    def visible_to(self, access: Access) -> JobQuerySet:
        """The jobs a person started in the organisation they work in."""
        return self.filter(organisation=access.organisation, created_by=access.user)

    def unfinished(self) -> JobQuerySet:
        return self.filter(state__in=[Job.State.QUEUED, Job.State.RUNNING])

    def waiting_since(self, instant: datetime) -> JobQuerySet:
        """Queued before the instant and picked up by nobody."""
        return self.filter(state=Job.State.QUEUED, queued_at__lt=instant)

    def silent_since(self, instant: datetime) -> JobQuerySet:
        """Running, with no sign of life since the instant."""
        return self.filter(state=Job.State.RUNNING, heartbeat_at__lt=instant)


class Job(models.Model):
    """One piece of background work."""

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="jobs")
    kind = models.CharField(max_length=60)
    title = models.CharField(max_length=200)
    arguments = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    progress_done = models.PositiveIntegerField(default=0)
    progress_total = models.PositiveIntegerField(default=0)
    progress_note = models.CharField(max_length=200, blank=True)
    result = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    queued_at = models.DateTimeField()
    heartbeat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="job_finished_iff_done_or_failed",
                condition=Q(state__in=["done", "failed"], finished_at__isnull=False)
                | Q(state__in=["queued", "running"], finished_at__isnull=True),
            ),
        ]
        indexes = [models.Index(fields=["state", "queued_at"], name="job_by_state")]

    def __str__(self) -> str:
        return f"{self.title} ({self.get_state_display().lower()})"

    @property
    def is_finished(self) -> bool:
        return self.state in (self.State.DONE, self.State.FAILED)
