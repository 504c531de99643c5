"""What was destroyed or handed over, how, when and by whom."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from evidence.models import DocumentVersion
from registers.models.assets import Asset
from registers.models.entries import Entry, EntryQuerySet

if TYPE_CHECKING:
    from typing import Self


class DisposalKind(models.TextChoices):
    EQUIPMENT = "equipment", "Equipment"
    PAPER = "paper", "Paper records"
    ELECTRONIC = "electronic", "Electronic records"


class DisposalMethod(models.TextChoices):
    SHREDDED = "shredded", "Cross-cut shredded"
    CONFIDENTIAL_WASTE = "confidential-waste", "Confidential waste collection"
    WIPED = "wiped", "Wiped with a tool made for it"
    RESET = "reset", "Reset, after it was encrypted"
    DESTROYED = "destroyed", "Broken or ground up"
    DELETED = "deleted", "Deleted from the system and its backups"
    RETURNED = "returned", "Returned to its owner or lessor, wiped"


class DoneBy(models.TextChoices):
    STAFF = "staff", "Our own staff"
    CONTRACTOR = "contractor", "A contractor"


class DisposalQuerySet(EntryQuerySet):
    def between(self, start: date, end: date) -> Self:
        """Disposals dated in ``[start, end)``, apart from entries made by mistake."""
        return self.filter(disposed_on__gte=start, disposed_on__lt=end, closed_on=None)

    def lacking_certificate(self) -> Self:
        """Disposals by a contractor of which we have no certificate."""
        return self.filter(done_by=DoneBy.CONTRACTOR, certificate=None, certificate_number="")


class Disposal(Entry):
    """One disposal. It happened: closing the entry says that it was entered by mistake."""

    register_slug = "disposals"
    changeable = (
        "what",
        "kind",
        "asset",
        "method",
        "disposed_on",
        "done_by",
        "contractor",
        "certificate_number",
        "certificate",
        "retention_rule",
    )

    what = models.CharField(
        "What was disposed of?",
        max_length=300,
        help_text="Say how much and of what kind, for example “4 boxes of care records, 2012 to 2014”. No names of people.",
    )
    kind = models.CharField("Kind", max_length=12, choices=DisposalKind)
    asset = models.ForeignKey(
        Asset,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="disposals",
        verbose_name="Which asset was it? (optional)",
    )
    method = models.CharField("How?", max_length=20, choices=DisposalMethod)
    disposed_on = models.DateField("When?")
    done_by = models.CharField("Who did it?", max_length=12, choices=DoneBy)
    contractor = models.CharField("Name of the contractor", max_length=200, blank=True, help_text="If a contractor did it.")
    certificate_number = models.CharField("Number of the certificate of destruction (optional)", max_length=100, blank=True)
    certificate = models.ForeignKey(
        DocumentVersion,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name="The certificate in your evidence (optional)",
    )
    retention_rule = models.CharField(
        "Which retention rule let you destroy the records?",
        max_length=300,
        blank=True,
        help_text="For records only. For example: care records, 8 years after the last entry, our retention schedule line 4.",
    )

    objects = DisposalQuerySet.as_manager()

    class Meta:
        ordering = ["organisation", "-disposed_on", "-pk"]
        constraints = [
            models.CheckConstraint(name="disposal_known_kind", condition=Q(kind__in=DisposalKind.values)),
            models.CheckConstraint(name="disposal_known_method", condition=Q(method__in=DisposalMethod.values)),
            models.CheckConstraint(
                name="disposal_names_contractor", condition=Q(done_by="staff") | (Q(done_by="contractor") & ~Q(contractor=""))
            ),
            models.CheckConstraint(
                name="disposal_closed_with_reason",
                condition=Q(closed_on__isnull=True, closed_reason="") | (Q(closed_on__isnull=False) & ~Q(closed_reason="")),
            ),
        ]
        indexes = [models.Index(fields=["organisation", "disposed_on"], name="disposal_by_date")]

    def __str__(self) -> str:
        return self.what

    def clean(self) -> None:
        faults: dict[str, str] = {}
        if self.done_by == DoneBy.CONTRACTOR and not self.contractor:
            faults["contractor"] = "Name the contractor who did it."
        if self.kind and self.kind != DisposalKind.EQUIPMENT and not self.retention_rule:
            faults["retention_rule"] = "Say which retention rule let you destroy the records."
        if self.disposed_on and self.recorded_on and self.disposed_on > self.recorded_on:
            faults["disposed_on"] = "The day of the disposal is still to come. Record it once it is done."
        if faults:
            raise ValidationError(faults)
