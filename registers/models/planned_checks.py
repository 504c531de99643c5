"""The plan of checks: which, where, when first, how often, and who does it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from registers import check_kinds
from registers.dates import months_after
from registers.models.checks import Check
from registers.models.entries import EntryQuerySet, OwnedEntry
from staff.models import Unit

if TYPE_CHECKING:
    from typing import Self


class Often(models.IntegerChoices):
    """Every so many months; 0 is once."""

    ONCE = 0, "Once"
    MONTHLY = 1, "Every month"
    QUARTERLY = 3, "Every 3 months"
    HALF_YEARLY = 6, "Every 6 months"
    YEARLY = 12, "Every year"
    TWO_YEARLY = 24, "Every 2 years"


class PlannedCheckQuerySet(EntryQuerySet):
    def with_last(self, on: date | None = None) -> Self:
        """Each with the last check done for it, up to a date: of its kind, in its place, since it was planned."""
        done = Check.objects.annotate(place=Coalesce("unit_id", Value(0))).filter(
            organisation=OuterRef("organisation"),
            kind=OuterRef("kind"),
            place=OuterRef("place"),
            done_on__gte=OuterRef("recorded_on"),
        )
        if on is not None:
            done = done.filter(done_on__lte=on)
        last = done.order_by("-done_on").values("done_on")[:1]
        return self.annotate(place=Coalesce("unit_id", Value(0))).annotate(last_on=Subquery(last))


class PlannedCheck(OwnedEntry):
    """A check that is wanted. That it was done follows from the checks (``with_last``)."""

    register_slug = "planned-checks"
    changeable = ("kind", "unit", "first_due_on", "every_months", "owner_post", "note")

    kind = models.CharField("Which check?", max_length=30)
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name="Where?")
    first_due_on = models.DateField("When first?")
    every_months = models.PositiveSmallIntegerField("How often?", choices=Often, default=Often.YEARLY)
    note = models.TextField("Anything to look at in particular? (optional)", max_length=1000, blank=True)

    objects = PlannedCheckQuerySet.as_manager()

    class Meta:
        ordering = ["organisation", "first_due_on", "pk"]
        constraints = [
            models.CheckConstraint(name="planned_check_known_rhythm", condition=Q(every_months__in=Often.values)),
            models.CheckConstraint(name="planned_check_has_kind", condition=~Q(kind="")),
            models.CheckConstraint(
                name="planned_check_closed_with_reason",
                condition=Q(closed_on__isnull=True, closed_reason="") | (Q(closed_on__isnull=False) & ~Q(closed_reason="")),
            ),
        ]

    last_on: date | None
    """Of ``with_last``."""

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.unit}" if self.unit else self.get_kind_display()

    def clean(self) -> None:
        if self.kind and self.kind not in check_kinds.kinds():
            raise ValidationError({"kind": "Choose one of the checks."})

    def get_kind_display(self) -> str:
        return check_kinds.title_of(self.kind)

    @property
    def due_on(self) -> date | None:
        """When it is next due, after ``with_last``: never before the first day planned; None once a single check is done."""
        if self.last_on is None:
            return self.first_due_on
        return max(self.first_due_on, months_after(self.last_on, self.every_months)) if self.every_months else None
