"""Files named by their content, and the documents and versions that point to them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Prefetch, Q

from accounts.models import Organisation
from accounts.policy import Access
from audit.models import AppendOnlyModel

if TYPE_CHECKING:
    from typing import Self


class Blob(AppendOnlyModel):
    """Bytes, stored once under their SHA-256. ``evidence.blobs`` reads and writes them."""

    sha256 = models.CharField(primary_key=True, max_length=64)
    size = models.PositiveBigIntegerField(help_text="bytes")
    media_type = models.CharField(max_length=100)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.CheckConstraint(name="blob_key_is_sha256", condition=Q(sha256__regex=r"^[0-9a-f]{64}$"))]

    def __str__(self) -> str:
        return self.sha256[:12]


class DocumentKind(models.TextChoices):
    POLICY = "policy", "Policy"
    PROCEDURE = "procedure", "Procedure"
    TRAINING = "training", "Training record"
    RISK_ASSESSMENT = "risk-assessment", "Risk assessment"
    INCIDENT_REPORT = "incident-report", "Incident report"
    DISPOSAL = "disposal", "Disposal record"
    CONTRACT = "contract", "Contract"
    AGREEMENT = "agreement", "Sharing agreement"
    CERTIFICATE = "certificate", "Certificate"
    REGISTER = "register", "Register"
    MINUTES = "minutes", "Minutes"
    SCREENSHOT = "screenshot", "Screenshot"
    OTHER = "other", "Other"


class DocumentQuerySet(models.QuerySet["Document"]):
    def visible_to(self, access: Access) -> Self:
        return self.filter(organisation=access.organisation)

    def due_for_review(self, on: date) -> Self:
        """Documents whose newest version has a review date before the date."""
        late = DocumentVersion.objects.newest().due_for_review(on).filter(document=OuterRef("pk"))
        return self.filter(Exists(late))

    def with_newest(self) -> Self:
        """Each with its newest version at hand, for :attr:`Document.newest`."""
        newest = DocumentVersion.objects.newest().select_related("blob")
        return self.prefetch_related(Prefetch("versions", queryset=newest, to_attr="newest_versions"))


class Document(models.Model):
    """What a piece of evidence is, whatever version of it is the newest."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="documents")
    title = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=DocumentKind, default=DocumentKind.OTHER)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    objects = DocumentQuerySet.as_manager()

    class Meta:
        ordering = ["title", "pk"]
        constraints = [models.CheckConstraint(name="document_known_kind", condition=Q(kind__in=DocumentKind.values))]
        indexes = [models.Index(fields=["organisation", "title", "id"], name="document_by_title")]

    def __str__(self) -> str:
        return self.title

    @property
    def newest(self) -> DocumentVersion | None:
        """The newest version; costs no query after ``with_newest``."""
        if hasattr(self, "newest_versions"):
            return self.newest_versions[0] if self.newest_versions else None
        return self.versions.order_by("-number").first()


class DocumentVersionQuerySet(models.QuerySet["DocumentVersion"]):
    def visible_to(self, access: Access) -> Self:
        return self.filter(document__organisation=access.organisation)

    def newest(self) -> Self:
        """The last version of each document."""
        later = DocumentVersion.objects.filter(document=OuterRef("document"), number__gt=OuterRef("number"))
        return self.filter(~Exists(later))

    def due_for_review(self, on: date) -> Self:
        """Versions whose review date has passed by the date."""
        return self.filter(review_by__lt=on)


class DocumentVersion(AppendOnlyModel):
    """One version of a document: a file, a link, or where a paper is kept. Never changed; a newer one is a new row.

    The period it covers is ``[covers_from, covers_to)``.
    """

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    blob = models.ForeignKey(Blob, null=True, blank=True, on_delete=models.PROTECT, related_name="versions")
    file_name = models.CharField(max_length=255, blank=True)
    link = models.URLField(blank=True, max_length=500)
    location = models.CharField("where it is kept", max_length=300, blank=True)
    received_on = models.DateField()
    effective_on = models.DateField(null=True, blank=True)
    covers_from = models.DateField(null=True, blank=True)
    covers_to = models.DateField(null=True, blank=True)
    review_by = models.DateField(null=True, blank=True)
    change_note = models.CharField(max_length=300, blank=True)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    objects = DocumentVersionQuerySet.as_manager()

    class Meta:
        ordering = ["document", "number"]
        constraints = [
            models.UniqueConstraint(fields=["document", "number"], name="document_version_number_unique"),
            models.CheckConstraint(
                name="document_version_is_file_link_or_place",
                condition=(Q(blob__isnull=False) & ~Q(file_name="") & Q(link="", location=""))
                | (Q(blob__isnull=True, file_name="", location="") & ~Q(link=""))
                | (Q(blob__isnull=True, file_name="", link="") & ~Q(location="")),
            ),
            models.CheckConstraint(
                name="document_version_covers_a_period",
                condition=Q(covers_from__isnull=True) | Q(covers_to__isnull=True) | Q(covers_to__gt=models.F("covers_from")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document} version {self.number}"

    @property
    def last_day_covered(self) -> date | None:
        """The last day of the period it covers, as a person would say it."""
        return self.covers_to - timedelta(days=1) if self.covers_to else None

    def review_passed(self, on: date) -> bool:
        """Whether its review date is before the date."""
        return self.review_by is not None and self.review_by < on
