"""Training done elsewhere: what somebody handed in about it, and what was decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.policy import Access
from courses.models.courses import Course
from courses.models.facts import Completion
from evidence.models import DocumentVersion
from staff.models import Person

if TYPE_CHECKING:
    from typing import Self


class PriorLearningQuerySet(models.QuerySet["PriorLearning"]):
    def visible_to(self, access: Access) -> Self:
        return self.filter(person__organisation=access.organisation)

    def waiting(self) -> Self:
        return self.filter(decision="")


class PriorLearning(models.Model):
    """A certificate or a training record from elsewhere, and the decision about it. Nothing of it counts before approval."""

    class Kind(models.TextChoices):
        CERTIFICATE = "certificate", "Certificate or other proof"
        RECORD = "record", "Training record"

    class Check(models.TextChoices):
        SIGNED = "signed", "Signature checked"
        NOT_VERIFIED = "not-verified", "Not verified"

    class Decision(models.TextChoices):
        APPROVED = "approved", "Approved"
        REFUSED = "refused", "Refused"

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="prior_learning")
    kind = models.CharField(max_length=12, choices=Kind)
    given_by = models.CharField("who gave the training", max_length=200)
    evidence = models.ForeignKey(DocumentVersion, on_delete=models.PROTECT, related_name="+")
    check_result = models.CharField(max_length=12, choices=Check, default=Check.NOT_VERIFIED)
    check_words = models.CharField(max_length=300, help_text="what was checked, and what came of it")
    handed_in_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    handed_in_at = models.DateTimeField()
    decision = models.CharField(max_length=10, choices=Decision, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)

    objects = PriorLearningQuerySet.as_manager()

    class Meta:
        ordering = ["-handed_in_at", "-pk"]
        verbose_name_plural = "prior learning"
        constraints = [
            models.CheckConstraint(
                name="prior_learning_decided_whole",
                condition=Q(decision="", decided_at__isnull=True)
                | Q(decision="approved", decided_at__isnull=False)
                | (Q(decision="refused", decided_at__isnull=False) & ~Q(reason="")),
            ),
            models.CheckConstraint(name="prior_learning_known_kind", condition=Q(kind__in=["certificate", "record"])),
            models.CheckConstraint(name="prior_learning_known_check", condition=Q(check_result__in=["signed", "not-verified"])),
        ]

    def __str__(self) -> str:
        return f"prior learning of person {self.person_id} from {self.given_by}"


class PriorLearningLine(models.Model):
    """One course that the paper names. ``course`` is the one here that it would count for; empty: there is none."""

    claim = models.ForeignKey(PriorLearning, on_delete=models.PROTECT, related_name="lines")
    title = models.CharField("course as the paper names it", max_length=300)
    completed_on = models.DateField()
    reference = models.CharField(max_length=100, blank=True)
    course = models.ForeignKey(Course, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    completion = models.ForeignKey(Completion, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["claim", "-completed_on", "pk"]

    def __str__(self) -> str:
        return f"{self.title}, {self.completed_on}"
