"""Questions sent to suppliers by a link, their one answer, and what we made of it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.policy import Access
from audit.models import AppendOnlyModel
from evidence.models import DocumentVersion
from registers.models.suppliers import Supplier

if TYPE_CHECKING:
    from typing import Self


class RequestState(models.TextChoices):
    """Where a question to a supplier stands on a date."""

    WAITING = "waiting", "Waiting for their answer"
    ANSWERED = "answered", "Answered: look at it"
    QUERIED = "queried", "Answered, with a question from us"
    ACCEPTED = "accepted", "Answered and accepted"
    EXPIRED = "expired", "No answer: the link has expired"
    REVOKED = "revoked", "Taken back"


class SupplierRequestQuerySet(models.QuerySet["SupplierRequest"]):
    def visible_to(self, access: Access) -> Self:
        return self.filter(supplier__organisation=access.organisation)

    def with_answers(self) -> Self:
        return self.select_related("answer__document__document").prefetch_related("answer__reviews__by")


class SupplierRequest(models.Model):
    """A question to a supplier. Only the hash of its link is kept; the link works up to and including ``last_day``, for one answer."""

    supplier = models.ForeignKey(Supplier, on_delete=models.PROTECT, related_name="requests")
    link_sha256 = models.CharField(max_length=64, unique=True)
    sent_to = models.EmailField(blank=True)
    message = models.TextField(blank=True)
    last_day = models.DateField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    revoked_at = models.DateTimeField(null=True)

    objects = SupplierRequestQuerySet.as_manager()

    class Meta:
        ordering = ["supplier", "-asked_at", "-pk"]
        constraints = [
            models.CheckConstraint(name="supplier_request_link_is_sha256", condition=Q(link_sha256__regex=r"^[0-9a-f]{64}$")),
        ]

    def __str__(self) -> str:
        return f"question to supplier {self.supplier_id}"

    def state(self, on: date) -> RequestState:
        """Where it stands; costs no query after ``with_answers``."""
        if hasattr(self, "answer"):
            reviews = self.answer.reviews.all()
            verdict = max(reviews, key=lambda review: review.pk).verdict if reviews else RequestState.ANSWERED
            return RequestState(verdict)
        if self.revoked_at:
            return RequestState.REVOKED
        return RequestState.EXPIRED if self.last_day < on else RequestState.WAITING


class SupplierAnswer(AppendOnlyModel):
    """What a supplier said, once. ``values`` is what the form took, dates as text; it is offered again the next time."""

    request = models.OneToOneField(SupplierRequest, on_delete=models.PROTECT, related_name="answer")
    values = models.JSONField()
    document = models.ForeignKey(DocumentVersion, null=True, on_delete=models.PROTECT, related_name="+")
    answered_by = models.CharField("who answered, in their words", max_length=150)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"answer to {self.request}"


class AnswerReview(AppendOnlyModel):
    """What we made of a supplier's answer. The last one counts."""

    class Verdict(models.TextChoices):
        ACCEPTED = "accepted", "Accepted"
        QUERIED = "queried", "We have a question"

    answer = models.ForeignKey(SupplierAnswer, on_delete=models.PROTECT, related_name="reviews")
    verdict = models.CharField(max_length=10, choices=Verdict)
    note = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["answer", "pk"]
        constraints = [
            models.CheckConstraint(name="answer_review_known_verdict", condition=Q(verdict__in=["accepted", "queried"])),
            models.CheckConstraint(name="answer_review_query_says_what", condition=Q(verdict="accepted") | ~Q(note="")),
        ]

    def __str__(self) -> str:
        return f"{self.get_verdict_display()}: {self.answer}"
