"""What the organisation keeps information on, and whether it is looked after."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from registers.models.entries import Entry, EntryQuerySet
from staff.models import Unit

if TYPE_CHECKING:
    from typing import Self


class AssetKind(models.TextChoices):
    DEVICE = "device", "Device"
    SOFTWARE = "software", "Software"
    SYSTEM = "system", "System or service"
    PAPER = "paper", "Paper records"


class Answer(models.TextChoices):
    """Whether something is so. Not known is an answer of its own, and never a good one."""

    YES = "yes", "Yes"
    NO = "no", "No"
    UNKNOWN = "unknown", "Not known"
    NOT_APPLICABLE = "not-applicable", "Not applicable"


class Ownership(models.TextChoices):
    ORGANISATION = "organisation", "The organisation’s"
    PERSONAL = "personal", "A person’s own, used for work"


class Importance(models.TextChoices):
    """How soon its loss would be felt."""

    CRITICAL = "critical", "Critical: care stops or is unsafe without it"
    IMPORTANT = "important", "Important: work slows down without it"
    ROUTINE = "routine", "Routine: we manage for a while"


class AssetQuerySet(EntryQuerySet):
    def unsupported(self, on: date) -> Self:
        """Devices, software and systems whose maker no longer mends them on the date."""
        return self.exclude(kind=AssetKind.PAPER).filter(support_ends_on__lt=on)

    def may_be_unsupported(self) -> Self:
        """Devices, software and systems of which nobody has said how long they are supported."""
        return self.exclude(kind=AssetKind.PAPER).filter(support_ends_on=None, support_has_no_end=False)

    def portable_data(self) -> Self:
        """Devices that hold personal data: those that must be encrypted."""
        return self.filter(kind=AssetKind.DEVICE, holds_personal_data__in=[Answer.YES, Answer.UNKNOWN])


class Asset(Entry):
    """A device, a piece of software, a system or a set of papers."""

    register_slug = "assets"
    changeable = (
        "reference",
        "name",
        "kind",
        "ownership",
        "owner_post",
        "unit",
        "location",
        "serial_number",
        "holds_personal_data",
        "encrypted",
        "screen_lock",
        "support_ends_on",
        "support_has_no_end",
        "importance",
        "depends_on",
        "checked_on",
        "notes",
    )

    reference = models.CharField(
        "Reference",
        max_length=40,
        help_text="Your own number for it, such as the one on its label. It must be different for each.",
    )
    name = models.CharField(
        "What is it?", max_length=200, help_text="For example: office laptop, care records system, blue archive boxes."
    )
    kind = models.CharField("Kind", max_length=10, choices=AssetKind)
    ownership = models.CharField("Whose is it?", max_length=12, choices=Ownership, default=Ownership.ORGANISATION)
    owner_post = models.CharField(
        "Who looks after it?", max_length=100, help_text="A post rather than a name, for example office manager."
    )
    unit = models.ForeignKey(
        Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name="Team or home (optional)"
    )
    location = models.CharField("Where is it? (optional)", max_length=200, blank=True)
    serial_number = models.CharField("Serial number (optional)", max_length=80, blank=True)
    holds_personal_data = models.CharField("Does it hold personal data?", max_length=14, choices=Answer, default=Answer.UNKNOWN)
    encrypted = models.CharField(
        "Is what is on it encrypted?",
        max_length=14,
        choices=Answer,
        default=Answer.UNKNOWN,
        help_text="Phones and laptops of recent years can usually do it, but somebody has to switch it on.",
    )
    screen_lock = models.CharField("Does its screen lock by itself?", max_length=14, choices=Answer, default=Answer.UNKNOWN)
    support_ends_on = models.DateField(
        "When does its maker stop mending it? (optional)", null=True, blank=True, help_text="The last day of security updates."
    )
    support_has_no_end = models.BooleanField("It is kept up to date with no end announced", default=False)
    importance = models.CharField("How much depends on it?", max_length=10, choices=Importance, default=Importance.ROUTINE)
    depends_on = models.CharField(
        "What does it need to work? (optional)",
        max_length=300,
        blank=True,
        help_text="For example: the internet line, the office server.",
    )
    checked_on = models.DateField("When was it last seen? (optional)", null=True, blank=True)
    notes = models.TextField("Notes (optional)", blank=True, max_length=2000)

    objects = AssetQuerySet.as_manager()

    class Meta:
        ordering = ["organisation", "reference"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "reference"], name="asset_reference_unique"),
            models.CheckConstraint(name="asset_has_reference", condition=~Q(reference="")),
            models.CheckConstraint(name="asset_known_kind", condition=Q(kind__in=AssetKind.values)),
            models.CheckConstraint(
                name="asset_support_ends_or_not", condition=Q(support_has_no_end=False) | Q(support_ends_on__isnull=True)
            ),
            models.CheckConstraint(
                name="asset_closed_with_reason",
                condition=Q(closed_on__isnull=True, closed_reason="") | (Q(closed_on__isnull=False) & ~Q(closed_reason="")),
            ),
        ]
        indexes = [models.Index(fields=["organisation", "kind", "reference"], name="asset_by_kind")]

    def __str__(self) -> str:
        return f"{self.reference} {self.name}"

    def clean(self) -> None:
        faults: dict[str, str] = {}
        if self.support_has_no_end and self.support_ends_on:
            faults["support_has_no_end"] = "Give the last day of updates, or say that there is no end, not both."
        same = Asset.objects.filter(organisation_id=self.organisation_id, reference=self.reference).exclude(pk=self.pk)
        if self.reference and same.exists():
            faults["reference"] = f"Another asset has the reference {self.reference}. Give this one a different one."
        if faults:
            raise ValidationError(faults)

    def is_supported(self, on: date) -> bool | None:
        """Whether its maker mends it on the date; None where nobody has said, or for paper."""
        if self.kind == AssetKind.PAPER:
            return None
        if self.support_has_no_end:
            return True
        return None if self.support_ends_on is None else on <= self.support_ends_on
