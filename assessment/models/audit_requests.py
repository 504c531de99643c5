"""What an auditor asks for, what comes of it, and the telling that an audit ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.policy import Access
from assessment.models.engagements import Engagement
from assessment.models.returns import Assessment, Response
from audit.models import AppendOnlyModel
from evidence.models import DocumentVersion

if TYPE_CHECKING:
    from typing import Self


class AuditRequestQuerySet(models.QuerySet["AuditRequest"]):
    def visible_to(self, access: Access) -> Self:
        return self.filter(assessment__in=Assessment.objects.visible_to(access))


class AuditRequest(AppendOnlyModel):
    """Something an auditor asks for: about one item, or without ``response`` about the return as a whole.

    ``engagement`` is empty for an auditor who has the standing role.
    """

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="audit_requests")
    engagement = models.ForeignKey(Engagement, null=True, on_delete=models.PROTECT, related_name="+")
    response = models.ForeignKey(Response, null=True, on_delete=models.PROTECT, related_name="audit_requests")
    text = models.TextField()
    wanted_by = models.DateField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = AuditRequestQuerySet.as_manager()

    class Meta:
        ordering = ["assessment", "pk"]
        constraints = [models.CheckConstraint(name="audit_request_says_something", condition=~Q(text=""))]

    def __str__(self) -> str:
        return self.text


class AuditRequestStep(AppendOnlyModel):
    """What came of a request: an answer, perhaps with a document in a pinned version; asked again by another day; accepted."""

    class Kind(models.TextChoices):
        ANSWERED = "answered", "Answered"
        AGAIN = "again", "Asked again"
        ACCEPTED = "accepted", "Accepted"

    request = models.ForeignKey(AuditRequest, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=8, choices=Kind)
    text = models.TextField(blank=True)
    document_version = models.ForeignKey(DocumentVersion, null=True, on_delete=models.PROTECT, related_name="+")
    wanted_by = models.DateField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["request", "pk"]
        constraints = [
            models.CheckConstraint(
                name="audit_request_step_of_its_kind",
                condition=Q(kind="answered", wanted_by__isnull=True) & (~Q(text="") | Q(document_version__isnull=False))
                | Q(kind="again", document_version__isnull=True, wanted_by__isnull=False) & ~Q(text="")
                | Q(kind="accepted", document_version__isnull=True, wanted_by__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.text}"


class EngagementNotice(AppendOnlyModel):
    """That the auditor and the organisation were told that an audit ends soon: once."""

    engagement = models.OneToOneField(Engagement, on_delete=models.PROTECT, related_name="notice")
    at = models.DateTimeField()

    class Meta:
        ordering = ["engagement"]

    def __str__(self) -> str:
        return f"told of the end of {self.engagement_id}"
