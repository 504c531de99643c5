"""Auditors from outside: invited for a time, and gone when it ends."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.policy import Access
from assessment.models.returns import Assessment
from audit.models import AppendOnlyModel

if TYPE_CHECKING:
    from typing import Self


class EngagementQuerySet(models.QuerySet["Engagement"]):
    def visible_to(self, access: Access) -> Self:
        return self.filter(assessment__in=Assessment.objects.visible_to(access))

    def covering(self, on: date) -> Self:
        """Engagements during which the auditor may read on a date. ``ends_on`` is the last day."""
        return self.filter(ending__isnull=True, starts_on__lte=on, ends_on__gte=on)


class Engagement(AppendOnlyModel):
    """Somebody invited to audit one return, from a day to a day. Ending it early is a row of its own."""

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="engagements")
    auditor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    firm = models.CharField(max_length=200)
    terms = models.TextField("what they are to look at")
    starts_on = models.DateField()
    ends_on = models.DateField("last day")
    shows_names = models.BooleanField("whether the auditor may see the names of people in a sample", default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = EngagementQuerySet.as_manager()

    class Meta:
        ordering = ["assessment", "pk"]
        constraints = [
            models.CheckConstraint(name="engagement_ends_after_start", condition=Q(ends_on__gte=F("starts_on"))),
            models.CheckConstraint(name="engagement_says_who_and_what", condition=~Q(firm="") & ~Q(terms="")),
        ]

    def __str__(self) -> str:
        return f"{self.auditor} ({self.firm}), {self.starts_on} to {self.ends_on}"


class EngagementEnd(AppendOnlyModel):
    """That an engagement was ended before its last day, and why."""

    engagement = models.OneToOneField(Engagement, on_delete=models.PROTECT, related_name="ending")
    reason = models.CharField(max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["engagement"]
        constraints = [models.CheckConstraint(name="engagement_end_says_why", condition=~Q(reason=""))]

    def __str__(self) -> str:
        return self.reason
