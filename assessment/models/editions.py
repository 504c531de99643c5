"""Editions as loaded: one row for the file, one for each thing in it that a return can point to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q

from audit.models import AppendOnlyModel

if TYPE_CHECKING:
    from typing import Self


class EditionQuerySet(models.QuerySet["Edition"]):
    def of_year(self, year: str) -> Self:
        return self.filter(year=year)

    def in_use(self) -> Self:
        """Editions that a return may be opened on."""
        return self.filter(status="active")


class Edition(AppendOnlyModel):
    """One version of one year's requirements for one route, exactly as its file said it."""

    edition_id = models.CharField(max_length=80)
    version = models.CharField(max_length=20)
    year = models.CharField(max_length=7)
    style = models.CharField(max_length=10)
    category = models.PositiveSmallIntegerField(null=True)
    title = models.CharField(max_length=200)
    provisional = models.BooleanField()
    status = models.CharField(max_length=10)
    content = models.JSONField()
    content_sha256 = models.CharField(max_length=64, unique=True)
    source = models.TextField()
    loaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    loaded_at = models.DateTimeField()

    objects = EditionQuerySet.as_manager()

    class Meta:
        ordering = ["year", "edition_id", "version"]
        constraints = [
            models.UniqueConstraint(fields=["edition_id", "version"], name="edition_version_unique"),
            models.CheckConstraint(name="edition_known_style", condition=Q(style__in=["assertion", "outcome"])),
            models.CheckConstraint(name="edition_known_status", condition=Q(status__in=["draft", "active", "retired"])),
        ]
        indexes = [models.Index(fields=["year", "status"], name="edition_by_year")]

    def __str__(self) -> str:
        return f"{self.title} (version {self.version})"

    @property
    def version_key(self) -> tuple[int, ...]:
        """For finding the newest: 8.10.0 is newer than 8.9.0."""
        return tuple(int(part) for part in self.version.split("."))


class EditionItem(AppendOnlyModel):
    """A standard, assertion or item (objective, principle or outcome on the other route) of an edition.

    ``item_id`` is stable across years; ``number`` is what the year calls it.
    """

    class Kind(models.TextChoices):
        STANDARD = "standard", "Standard"
        ASSERTION = "assertion", "Assertion"
        ITEM = "item", "Evidence item"
        OBJECTIVE = "objective", "Objective"
        PRINCIPLE = "principle", "Principle"
        OUTCOME = "outcome", "Contributing outcome"

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="items")
    item_id = models.CharField(max_length=120)
    number = models.CharField(max_length=20)
    kind = models.CharField(max_length=10, choices=Kind)
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children")
    order = models.PositiveIntegerField()
    title = models.TextField()
    spec = models.JSONField(default=dict)

    class Meta:
        ordering = ["edition", "order"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "item_id"], name="edition_item_id_unique"),
            models.UniqueConstraint(fields=["edition", "order"], name="edition_item_order_unique"),
            models.CheckConstraint(
                name="edition_item_known_kind",
                condition=Q(kind__in=["standard", "assertion", "item", "objective", "principle", "outcome"]),
            ),
            models.CheckConstraint(
                name="edition_item_top_has_no_parent",
                condition=Q(kind__in=["standard", "objective"], parent__isnull=True)
                | Q(kind__in=["assertion", "item", "principle", "outcome"], parent__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class Crosswalk(AppendOnlyModel):
    """How the items of one edition became those of another."""

    from_edition = models.CharField(max_length=80)
    to_edition = models.CharField(max_length=80)
    lines = models.JSONField()
    content_sha256 = models.CharField(max_length=64, unique=True)
    source = models.TextField()
    loaded_at = models.DateTimeField()

    class Meta:
        ordering = ["to_edition", "from_edition", "-pk"]

    def __str__(self) -> str:
        return f"{self.from_edition} → {self.to_edition}"
