"""Suppliers and partners, what was seen of their assurance, and the agreements with them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import Organisation
from accounts.policy import Access
from audit.models import AppendOnlyModel
from evidence.models import DocumentVersion
from registers import due_diligence

if TYPE_CHECKING:
    from typing import Self


class SupplierQuerySet(models.QuerySet["Supplier"]):
    def visible_to(self, access: Access) -> Self:
        return self.filter(organisation=access.organisation)

    def of(self, organisation: Organisation) -> Self:
        return self.filter(organisation=organisation)

    def current(self, on: date) -> Self:
        """Those who work for us on the date: begun, and not ended. The last day still counts."""
        return self.filter(Q(last_day__isnull=True) | Q(last_day__gte=on), since__lte=on)

    def handling_data(self) -> Self:
        return self.exclude(handles=Supplier.Data.NONE)

    def with_facts(self) -> Self:
        """Each with its agreements and sightings at hand, for :meth:`Supplier.diligence`."""
        return self.prefetch_related("agreements", "sightings")


class Supplier(models.Model):
    """A company, body or person that does something for the organisation, or shares data with it."""

    class Category(models.TextChoices):
        CARE_SYSTEM = "care-system", "Care or clinical system"
        IT_SUPPORT = "it-support", "IT support"
        OFFICE_IT = "office-it", "E-mail, files and other office IT"
        PAYROLL_HR = "payroll-hr", "Payroll and HR"
        DISPOSAL = "disposal", "Shredding and disposal"
        COMMUNICATION = "communication", "Phones and messages"
        TRAINING = "training", "Training"
        CARE_PARTNER = "care-partner", "Care partner or commissioner"
        PROFESSIONAL = "professional", "Accountant, solicitor or adviser"
        OTHER = "other", "Something else"

    class Data(models.TextChoices):
        """What personal data they handle for us."""

        HEALTH = "health", "Health or care records"
        PERSONAL = "personal", "Other personal data, such as staff details"
        NONE = "none", "No personal data"

    class Criticality(models.TextChoices):
        HIGH = "high", "We could not give safe care"
        MEDIUM = "medium", "We could manage for a few days"
        LOW = "low", "We would hardly notice"

    class Place(models.TextChoices):
        UK = "uk", "Only in the UK"
        EEA = "eea", "In the UK or the European Economic Area"
        ELSEWHERE = "elsewhere", "Also elsewhere"
        UNKNOWN = "unknown", "We do not know"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="suppliers")
    name = models.CharField(max_length=200)
    category = models.CharField(max_length=20, choices=Category)
    does = models.TextField("what they do for us")
    handles = models.CharField(max_length=10, choices=Data)
    criticality = models.CharField(max_length=10, choices=Criticality)
    contact_name = models.CharField(max_length=100, blank=True)
    contact_email = models.EmailField(blank=True)
    ods_code = models.CharField(max_length=10, blank=True)
    place = models.CharField("where the data is", max_length=10, choices=Place, default=Place.UNKNOWN)
    transfers = models.TextField("how data that leaves the UK is protected", blank=True)
    sub_processors = models.TextField("whom they bring in", blank=True)
    since = models.DateField()
    last_day = models.DateField(null=True, blank=True)

    objects = SupplierQuerySet.as_manager()

    class Meta:
        ordering = ["organisation", "name"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "name"], name="supplier_name_unique_in_organisation"),
            models.CheckConstraint(name="supplier_has_a_name", condition=~Q(name="") & ~Q(does="")),
            models.CheckConstraint(
                name="supplier_ends_after_start", condition=Q(last_day__isnull=True) | Q(last_day__gte=F("since"))
            ),
            models.CheckConstraint(name="supplier_handles_known_data", condition=Q(handles__in=["health", "personal", "none"])),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def handles_data(self) -> bool:
        return self.handles != self.Data.NONE

    def diligence(self, on: date) -> due_diligence.Found:
        """How far it has been checked on the date; costs no query after ``with_facts``."""
        return due_diligence.judge(
            handles_data=self.handles_data,
            agreements=[agreement.as_signed() for agreement in self.agreements.all()],
            seen=[sighting.as_seen() for sighting in self.sightings.all()],
            on=on,
            by=due_diligence.rules(),
        )


class Sighting(AppendOnlyModel):
    """What somebody saw, on a date, of a supplier's DSPT or of a certificate it holds. Never changed: a later look is a new row."""

    class Kind(models.TextChoices):
        DSPT = "dspt", "DSPT status"
        CYBER_ESSENTIALS = "cyber_essentials", "Cyber Essentials"
        CYBER_ESSENTIALS_PLUS = "cyber_essentials_plus", "Cyber Essentials Plus"
        ISO27001 = "iso27001", "ISO 27001"

    class Status(models.TextChoices):
        """What the DSPT says; a certificate is held or not."""

        EXCEEDED = "exceeded", "Standards Exceeded"
        MET = "met", "Standards Met"
        APPROACHING = "approaching", "Approaching Standards"
        NOT_MET = "not-met", "Standards Not Met"
        NOT_PUBLISHED = "not-published", "Nothing published this year"
        NOT_NEEDED = "not-needed", "Not asked of them"
        HELD = "held", "Held"

    class Basis(models.TextChoices):
        SEEN = "seen", "We saw it ourselves"
        TOLD = "told", "The supplier told us"

    supplier = models.ForeignKey(Supplier, on_delete=models.PROTECT, related_name="sightings")
    kind = models.CharField(max_length=25, choices=Kind)
    status = models.CharField(max_length=15, choices=Status)
    basis = models.CharField(max_length=5, choices=Basis)
    seen_on = models.DateField()
    valid_until = models.DateField(null=True)
    note = models.CharField(max_length=300, blank=True)
    document = models.ForeignKey(DocumentVersion, null=True, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["supplier", "-seen_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="sighting_certificate_says_how_long",
                condition=Q(kind="dspt", valid_until__isnull=True) & ~Q(status="held")
                | ~Q(kind="dspt") & Q(status="held", valid_until__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.get_status_display().lower()}"

    def as_seen(self) -> due_diligence.SeenAssurance:
        return due_diligence.SeenAssurance(
            self.kind, self.status, self.seen_on, self.valid_until, was_told=self.basis == self.Basis.TOLD
        )


class AgreementQuerySet(models.QuerySet["Agreement"]):
    def visible_to(self, access: Access) -> Self:
        return self.filter(supplier__organisation=access.organisation)


class Agreement(models.Model):
    """A contract or agreement with a supplier or partner. ``clauses`` are the keys of those found in it."""

    class Kind(models.TextChoices):
        CONTRACT = "contract", "Contract"
        PROCESSING = "processing", "Data processing agreement"
        SHARING = "sharing", "Data sharing agreement"
        CONFIDENTIALITY = "confidentiality", "Confidentiality agreement"

    supplier = models.ForeignKey(Supplier, on_delete=models.PROTECT, related_name="agreements")
    kind = models.CharField(max_length=15, choices=Kind)
    title = models.CharField(max_length=200)
    start = models.DateField()
    last_day = models.DateField(null=True, blank=True)
    review_by = models.DateField(null=True, blank=True)
    clauses = models.JSONField(default=list)
    document = models.ForeignKey(DocumentVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = AgreementQuerySet.as_manager()

    class Meta:
        ordering = ["supplier", "-start", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="agreement_ends_after_start", condition=Q(last_day__isnull=True) | Q(last_day__gte=F("start"))
            ),
            models.CheckConstraint(
                name="agreement_review_after_start", condition=Q(review_by__isnull=True) | Q(review_by__gte=F("start"))
            ),
            models.CheckConstraint(name="agreement_has_a_title", condition=~Q(title="")),
        ]

    def __str__(self) -> str:
        return self.title

    def as_signed(self) -> due_diligence.SignedAgreement:
        return due_diligence.SignedAgreement(self.start, self.last_day, frozenset(self.clauses))

    def in_date(self, on: date) -> bool:
        return self.as_signed().in_date(on)
