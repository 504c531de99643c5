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
from evidence import closing
from evidence.owners import OwnerPost
from evidence.reading import plain

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


class DocumentState(models.TextChoices):
    """Where a version stands. Computed from approvals, later versions and withdrawals, never stored."""

    DRAFT = "draft", "Not approved"
    APPROVED = "approved", "Approved"
    SUPERSEDED = "superseded", "Superseded"
    WITHDRAWN = "withdrawn", "Withdrawn"


class BlobWords(models.Model):
    """The distinct words of a stored file, by which it is found. Derived: may be thrown away and read again."""

    blob = models.OneToOneField(Blob, primary_key=True, on_delete=models.CASCADE, related_name="read")
    words = models.TextField(blank=True)

    class Meta:
        verbose_name_plural = "words of files"

    def __str__(self) -> str:
        return f"words of {self.blob}"


class DocumentQuerySet(models.QuerySet["Document"]):
    def visible_to(self, access: Access) -> Self:
        """The organisation's own, without those that ask for a capability which the reader does not hold, or are closed to them."""
        mine = self.filter(organisation=access.organisation, needs__in=["", *access.capabilities])
        return mine.filter(closing.open_to(access, "pk"))

    def due_for_review(self, on: date) -> Self:
        """Documents whose newest version has a review date before the date."""
        late = DocumentVersion.objects.newest().due_for_review(on).filter(document=OuterRef("pk"))
        return self.filter(Exists(late))

    def matching(self, typed: str) -> Self:
        """Documents in which every word that was typed begins a word of the newest version's file, or stands in the title."""
        found = self
        for word in plain(typed).split()[:10]:
            inside = DocumentVersion.objects.newest().filter(document=OuterRef("pk"), blob__read__words__contains=f" {word}")
            found = found.filter(Q(title__icontains=word) | Exists(inside))
        return found

    def in_state(self, state: str) -> Self:
        """Documents whose newest version stands so."""
        gone = Q(Exists(DocumentWithdrawal.objects.filter(document=OuterRef("pk"))))
        approved = Q(Exists(DocumentVersion.objects.newest().filter(document=OuterRef("pk"), approval__isnull=False)))
        if state == DocumentState.WITHDRAWN:
            return self.filter(gone)
        return self.filter(~gone & (approved if state == DocumentState.APPROVED else ~approved))

    def to_review(self, *, until: date) -> Self:
        """Documents in use whose newest version has a review date before the date."""
        due = DocumentVersion.objects.newest().filter(document=OuterRef("pk"), review_by__lt=until)
        return self.filter(Exists(due), withdrawal__isnull=True)

    def with_newest(self) -> Self:
        """Each with its newest version at hand, for :attr:`Document.newest`."""
        newest = DocumentVersion.objects.newest().select_related("blob", "approval")
        return self.select_related("withdrawal").prefetch_related(
            Prefetch("versions", queryset=newest, to_attr="newest_versions")
        )


class Document(models.Model):
    """What a piece of evidence is, whatever version of it is the newest."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="documents")
    title = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=DocumentKind, default=DocumentKind.OTHER)
    needs = models.CharField("capability without which nobody sees it", max_length=40, blank=True)
    owner_post = models.CharField("whose post it is to look after it", max_length=30, choices=OwnerPost, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    objects = DocumentQuerySet.as_manager()

    class Meta:
        ordering = ["title", "pk"]
        constraints = [
            models.CheckConstraint(name="document_known_kind", condition=Q(kind__in=DocumentKind.values)),
            models.CheckConstraint(name="document_known_owner_post", condition=Q(owner_post__in=["", *OwnerPost.values])),
        ]
        indexes = [models.Index(fields=["organisation", "title", "id"], name="document_by_title")]

    def __str__(self) -> str:
        return self.title

    @property
    def is_restricted(self) -> bool:
        """Whether only those who hold a certain capability see it."""
        return bool(self.needs)

    @property
    def state(self) -> DocumentState | None:
        """How its newest version stands; costs no query after ``with_newest``."""
        if getattr(self, "withdrawal", None) is not None:
            return DocumentState.WITHDRAWN
        newest = self.newest
        if newest is None:
            return None
        return DocumentState.APPROVED if getattr(newest, "approval", None) else DocumentState.DRAFT

    @property
    def newest(self) -> DocumentVersion | None:
        """The newest version; costs no query after ``with_newest``."""
        if hasattr(self, "newest_versions"):
            return self.newest_versions[0] if self.newest_versions else None
        return self.versions.order_by("-number").first()


class DocumentVersionQuerySet(models.QuerySet["DocumentVersion"]):
    def visible_to(self, access: Access) -> Self:
        """As for documents (:meth:`DocumentQuerySet.visible_to`)."""
        mine = self.filter(document__organisation=access.organisation, document__needs__in=["", *access.capabilities])
        return mine.filter(closing.open_to(access, "document"))

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

    erasable = ("file_name", "change_note")

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


class DocumentApproval(AppendOnlyModel):
    """Somebody answered for one version."""

    version = models.OneToOneField(DocumentVersion, on_delete=models.PROTECT, related_name="approval")
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    approved_as = models.CharField(max_length=100, blank=True, help_text="the post in which they approved")
    approved_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.version} approved"


class DocumentWithdrawal(AppendOnlyModel):
    """A document no longer holds. Its versions stay, and so do the places that point to them."""

    document = models.OneToOneField(Document, on_delete=models.PROTECT, related_name="withdrawal")
    reason = models.CharField(max_length=300)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.document} withdrawn"


class WaitingFileQuerySet(models.QuerySet["WaitingFile"]):
    def visible_to(self, access: Access) -> Self:
        """The files that somebody brought in themselves and has not named yet."""
        return self.filter(organisation=access.organisation, uploaded_by=access.user)


class WaitingFile(models.Model):
    """One of several files that came in together, until somebody says what it is."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="waiting_files")
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    file_name = models.CharField(max_length=255)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()

    objects = WaitingFileQuerySet.as_manager()

    class Meta:
        ordering = ["uploaded_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "uploaded_by", "blob"], name="waiting_file_once"),
        ]

    def __str__(self) -> str:
        return self.file_name


class ScanOrderQuerySet(models.QuerySet["ScanOrder"]):
    def waiting(self) -> Self:
        """Files that no scanner has judged."""
        return self.filter(scan__isnull=True)


class ScanOrder(AppendOnlyModel):
    """A file that somebody brought in, to be looked at by a scanner before anybody may open it."""

    blob = models.OneToOneField(Blob, on_delete=models.PROTECT, related_name="scan_order")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    ordered_at = models.DateTimeField()

    objects = ScanOrderQuerySet.as_manager()

    class Meta:
        ordering = ["ordered_at", "pk"]

    def __str__(self) -> str:
        return f"scan of {self.blob}"


class Scan(AppendOnlyModel):
    """What a scanner said of a file."""

    order = models.OneToOneField(ScanOrder, on_delete=models.PROTECT, related_name="scan")
    finding = models.CharField("what was found; empty if it is clean", max_length=200, blank=True)
    scanned_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.order}: {self.finding or 'clean'}"

    @property
    def is_clean(self) -> bool:
        return not self.finding
