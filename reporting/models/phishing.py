"""What phishing exercises came to: counts of a campaign, never who clicked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import Organisation
from accounts.policy import Access
from audit.models import AppendOnlyModel
from staff.models import Unit

if TYPE_CHECKING:
    from datetime import date
    from typing import Self


class PhishingExerciseQuerySet(models.QuerySet["PhishingExercise"]):
    def visible_to(self, access: Access) -> Self:
        return self.standing().filter(organisation=access.organisation)

    def standing(self) -> Self:
        """Results that no later row takes back."""
        return self.filter(withdrawn_by_row__isnull=True, withdraws__isnull=True)

    def sent_between(self, since: date, until: date) -> Self:
        """Sent from the one day to the other, both included."""
        return self.filter(sent_on__range=(since, until))


class PhishingExercise(AppendOnlyModel):
    """One campaign in one unit, or in the whole organisation. A correction is a row that ``withdraws`` this one, and a new one."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="phishing_exercises")
    campaign = models.CharField(max_length=120)
    sent_on = models.DateField()
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    sent = models.PositiveIntegerField()
    opened = models.PositiveIntegerField(null=True, blank=True)
    clicked = models.PositiveIntegerField()
    reported = models.PositiveIntegerField(null=True, blank=True)
    withdraws = models.OneToOneField("self", null=True, blank=True, on_delete=models.PROTECT, related_name="withdrawn_by_row")
    reason = models.CharField(max_length=300, blank=True, help_text="why a row is taken back")
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    objects = PhishingExerciseQuerySet.as_manager()

    class Meta:
        ordering = ["-sent_on", "campaign", "pk"]
        constraints = [
            models.CheckConstraint(
                name="phishing_parts_of_sent",
                condition=Q(sent__gte=1, clicked__lte=F("sent"))
                & (Q(opened__isnull=True) | Q(opened__lte=F("sent")))
                & (Q(reported__isnull=True) | Q(reported__lte=F("sent"))),
            ),
            models.CheckConstraint(name="phishing_withdrawn_with_reason", condition=Q(withdraws__isnull=True) | ~Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"{self.campaign} on {self.sent_on}"
