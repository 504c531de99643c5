"""The certificates an organisation holds: Cyber Essentials, ISO 27001 and their like."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from accounts.models import Organisation
from accounts.policy import Access
from evidence.models import DocumentVersion

if TYPE_CHECKING:
    from typing import Self


class Scheme(models.TextChoices):
    """Certificates that a DSPT edition may name. The values are those of the edition files."""

    CYBER_ESSENTIALS = "cyber_essentials", "Cyber Essentials"
    CYBER_ESSENTIALS_PLUS = "cyber_essentials_plus", "Cyber Essentials Plus"
    ISO27001 = "iso27001", "ISO 27001"
    PSN_IA = "psn_ia", "PSN IA conditions"


class Standing(models.TextChoices):
    """Where a certificate stands on a date."""

    VALID = "valid", "Valid"
    NOT_YET = "not-yet", "Not valid yet"
    EXPIRED = "expired", "Expired"


class HeldCertificateQuerySet(models.QuerySet["HeldCertificate"]):
    def visible_to(self, access: Access) -> Self:
        return self.filter(organisation=access.organisation)

    def valid_on(self, on: date) -> Self:
        """Certificates issued by the date and not expired on it: the expiry date is the last valid day."""
        return self.filter(issued_on__lte=on, expires_on__gte=on)


class HeldCertificate(models.Model):
    """A certificate that an organisation holds, with what it covers and how long."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="held_certificates")
    scheme = models.CharField(max_length=30, choices=Scheme)
    number = models.CharField(max_length=60)
    covers_all = models.BooleanField("covers all health and care data processing", default=False)
    issued_on = models.DateField()
    expires_on = models.DateField()
    document = models.ForeignKey(DocumentVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = HeldCertificateQuerySet.as_manager()

    class Meta:
        ordering = ["organisation", "scheme", "-expires_on"]
        constraints = [
            models.CheckConstraint(name="held_certificate_expires_after_issue", condition=Q(expires_on__gte=F("issued_on"))),
            models.CheckConstraint(name="held_certificate_known_scheme", condition=Q(scheme__in=Scheme.values)),
        ]

    def __str__(self) -> str:
        return f"{self.get_scheme_display()} {self.number}"

    def standing(self, on: date) -> Standing:
        """Valid from the day of issue up to and including the last valid day."""
        if on < self.issued_on:
            return Standing.NOT_YET
        return Standing.VALID if on <= self.expires_on else Standing.EXPIRED
