"""What an auditor found: their own assessment beside what was claimed and what the rules compute."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.policy import Access
from assessment.models.editions import EditionItem
from assessment.models.engagements import Engagement
from assessment.models.returns import Assessment, PlanAction
from audit.models import AppendOnlyModel

if TYPE_CHECKING:
    from typing import Self


class AuditFindingQuerySet(models.QuerySet["AuditFinding"]):
    def visible_to(self, access: Access) -> Self:
        return self.filter(assessment__in=Assessment.objects.visible_to(access))

    def standing(self) -> Self:
        """Those that no newer one has corrected."""
        return self.filter(replaced_by__isnull=True)


class AuditFinding(AppendOnlyModel):
    """What an auditor makes of one assertion, item or outcome of a return; without a ``subject`` of the standard as a whole.

    A newer one of the same auditor corrects it. ``seen`` is the digest of what was there to be assessed. ``engagement`` is
    empty for an auditor who has the role without an invitation.
    """

    class Assessed(models.TextChoices):
        AGREED = "agreed", "Agreed"
        PARTLY = "partly", "Partly agreed"
        NOT = "not", "Not agreed"

    class Severity(models.TextChoices):
        LOW = "low", "Low"
        MEDIUM = "medium", "Medium"
        HIGH = "high", "High"

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="+")
    engagement = models.ForeignKey(Engagement, null=True, on_delete=models.PROTECT, related_name="+")
    subject = models.ForeignKey(EditionItem, null=True, on_delete=models.PROTECT, related_name="+")
    assessed = models.CharField(max_length=6, choices=Assessed)
    severity = models.CharField(max_length=6, choices=Severity, blank=True)
    text = models.TextField(blank=True)
    seen = models.CharField(max_length=64)
    replaces = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="replaced_by")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = AuditFindingQuerySet.as_manager()

    class Meta:
        ordering = ["assessment", "pk"]
        constraints = [
            models.CheckConstraint(
                name="audit_finding_severe_or_agreed",
                condition=Q(assessed="agreed", severity="")
                | Q(assessed__in=["partly", "not"], severity__in=["low", "medium", "high"]),
            ),
            models.CheckConstraint(name="audit_finding_says_why", condition=~Q(text="") | Q(assessed="agreed")),
        ]

    def __str__(self) -> str:
        return f"{self.about}: {self.get_assessed_display()}"

    @property
    def about(self) -> str:
        """What it is of, in words."""
        if self.subject is None:
            return "the standard as a whole"
        kind = "item" if self.subject.kind == EditionItem.Kind.ITEM else self.subject.get_kind_display().lower()
        return f"{kind.removeprefix('contributing ')} {self.subject.number}"


class AuditFindingReply(AppendOnlyModel):
    """What the organisation answers to a finding; with ``plan_action`` where it became an action in the plan."""

    finding = models.ForeignKey(AuditFinding, on_delete=models.PROTECT, related_name="replies")
    text = models.TextField()
    plan_action = models.ForeignKey(PlanAction, null=True, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["finding", "pk"]
        constraints = [models.CheckConstraint(name="audit_finding_reply_says_something", condition=~Q(text=""))]

    def __str__(self) -> str:
        return self.text
