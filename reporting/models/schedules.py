"""Reports that go out by e-mail on their days, to whom, and what became of each."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Organisation
from accounts.policy import Access
from audit.models import AppendOnlyModel
from courses.models import Course
from reporting.enums import Every, ReportKind
from reporting.rhythm import next_day

if TYPE_CHECKING:
    from typing import Self


class ScheduledReportQuerySet(models.QuerySet["ScheduledReport"]):
    def visible_to(self, access: Access) -> Self:
        return self.filter(organisation=access.organisation, ended_at__isnull=True)

    def running(self) -> Self:
        """Neither paused nor ended."""
        return self.filter(paused_at__isnull=True, ended_at__isnull=True)


class ScheduledReport(models.Model):
    """One report, how often it goes, and until when. ``starts_on`` is the first day on which it may go."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="scheduled_reports")
    kind = models.CharField(max_length=10, choices=ReportKind)
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="+")
    every = models.CharField(max_length=10, choices=Every)
    starts_on = models.DateField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    paused_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = ScheduledReportQuerySet.as_manager()

    class Meta:
        ordering = ["kind", "pk"]
        constraints = [
            models.CheckConstraint(name="scheduled_report_known_kind", condition=Q(kind__in=ReportKind.values)),
            models.CheckConstraint(name="scheduled_report_known_rhythm", condition=Q(every__in=Every.values)),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.get_every_display().lower()}"

    def next_on(self, today: date) -> date:
        """The next day it goes: today counts."""
        return next_day(Every(self.every), max(today, self.starts_on))


class ReportReceiver(models.Model):
    """One person a report goes to, for as long as the row is there."""

    report = models.ForeignKey(ScheduledReport, on_delete=models.CASCADE, related_name="receivers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["report", "user"]
        constraints = [models.UniqueConstraint(fields=["report", "user"], name="report_receiver_once")]

    def __str__(self) -> str:
        return f"{self.report} to user {self.user_id}"


class ReportDelivery(AppendOnlyModel):
    """One attempt to send one report to one person: written before the mail server hears of it.

    ``occasion`` is the day of the schedule, or what somebody's “send now” is known by. A second run finds the row and
    sends nothing.
    """

    report = models.ForeignKey(ScheduledReport, on_delete=models.PROTECT, related_name="deliveries")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    occasion = models.CharField(max_length=40)
    number = models.PositiveSmallIntegerField(help_text="1 for the first attempt")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    begun_at = models.DateTimeField()

    class Meta:
        ordering = ["-begun_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["report", "user", "occasion", "number"], name="report_delivery_once"),
            models.CheckConstraint(name="report_delivery_three_attempts", condition=Q(number__range=(1, 3))),
        ]

    def __str__(self) -> str:
        return f"{self.report}, {self.occasion}"


class DeliveryOutcome(AppendOnlyModel):
    """What became of an attempt. An attempt without one broke off: nobody knows whether the e-mail went."""

    class Kind(models.TextChoices):
        SENT = "sent", "Sent"
        NOT_SENT = "not-sent", "Not sent"
        REFUSED = "refused", "The mail server did not take it"

    delivery = models.OneToOneField(ReportDelivery, on_delete=models.PROTECT, related_name="outcome")
    kind = models.CharField(max_length=10, choices=Kind)
    detail = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return self.get_kind_display()
