"""The data protection officer's desk: whether one is required, what was advised, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Prefetch, Q

from accounts.models import Organisation
from accounts.policy import Access
from audit.models import AppendOnlyModel

if TYPE_CHECKING:
    from typing import Self


class DpoReview(AppendOnlyModel):
    """The answers on whether an officer is required, with how to reach whoever looks after data protection. The newest counts."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="dpo_reviews")
    answers = models.JSONField(help_text="true or false by the question's key")
    contact = models.CharField(max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["organisation", "pk"]
        verbose_name = "review of the need for a DPO"

    def __str__(self) -> str:
        return f"Review {self.pk}"


class AdviceQuerySet(models.QuerySet["Advice"]):
    def visible_to(self, access: Access) -> Self:
        return self.filter(organisation=access.organisation)

    def with_decisions(self) -> Self:
        """Each with what was decided on it, oldest first."""
        decisions = AdviceDecision.objects.order_by("pk").select_related("by")
        return self.select_related("by").prefetch_related(Prefetch("decisions", queryset=decisions))


class Advice(AppendOnlyModel):
    """A question put to the officer, and the answer."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="advice")
    number = models.PositiveIntegerField()
    asked_on = models.DateField()
    given_on = models.DateField()
    question = models.TextField()
    advice = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = AdviceQuerySet.as_manager()

    class Meta:
        ordering = ["-given_on", "-number"]
        verbose_name_plural = "advice"
        constraints = [
            models.UniqueConstraint(fields=["organisation", "number"], name="advice_number_unique"),
            models.CheckConstraint(name="advice_given_after_asked", condition=Q(given_on__gte=models.F("asked_on"))),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """``ADV-0002``."""
        return f"ADV-{self.number:04d}"

    @property
    def decision(self) -> AdviceDecision | None:
        """The newest decision on it; costs no query after ``with_decisions``."""
        decisions = list(self.decisions.all())
        return decisions[-1] if decisions else None


class AdviceDecision(AppendOnlyModel):
    """Advice was followed, or overruled with a reason, by somebody who answers for it. The newest counts."""

    advice = models.ForeignKey(Advice, on_delete=models.PROTECT, related_name="decisions")
    is_followed = models.BooleanField()
    reason = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["advice", "pk"]
        constraints = [
            models.CheckConstraint(name="advice_overruled_with_reason", condition=Q(is_followed=True) | ~Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"Advice {self.advice_id} {'followed' if self.is_followed else 'overruled'}"
