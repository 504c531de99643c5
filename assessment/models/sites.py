"""Branches of a return: which it speaks for, and the word of whoever answers for each."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Site
from assessment.models.returns import Assessment
from audit.models import AppendOnlyModel
from staff.models import Person


class SiteDecision(AppendOnlyModel):
    """Whether a return speaks for a site, and who answers for it there. The newest row of a site stands."""

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="site_decisions")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    is_included = models.BooleanField()
    reason = models.CharField("why it is left out", max_length=300, blank=True)
    responsible = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    confirm_by = models.DateField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["assessment", "pk"]
        constraints = [
            models.CheckConstraint(
                name="site_decision_has_person_or_reason",
                condition=Q(is_included=True, reason="", responsible__isnull=False, confirm_by__isnull=False)
                | (Q(is_included=False, responsible__isnull=True, confirm_by__isnull=True) & ~Q(reason="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.site_id} {'in' if self.is_included else 'not in'} {self.assessment_id}"


class SiteAttestation(AppendOnlyModel):
    """What the person responsible for a site said of the return's answers there. It counts only while ``digest`` fits them."""

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="site_attestations")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    is_true = models.BooleanField()
    differs = models.TextField("what is otherwise there", blank=True)
    statement = models.TextField()
    digest = models.CharField(max_length=64)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["assessment", "pk"]
        constraints = [
            models.CheckConstraint(
                name="site_attestation_says_what_differs",
                condition=Q(is_true=True, differs="") | (Q(is_true=False) & ~Q(differs="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.site_id} in {self.assessment_id}: {'true' if self.is_true else 'not so'}"
