"""Who acts for whom, and what managers say is wrong with their team."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import Organisation
from accounts.policy import Access
from audit.models import AppendOnlyModel
from staff.enums import FlagKind, FlagOutcome
from staff.models.people import Person, Unit

if TYPE_CHECKING:
    from typing import Self


class DelegationQuerySet(models.QuerySet["Delegation"]):
    def visible_to(self, access: Access) -> Self:
        return self.filter(organisation=access.organisation)

    def covering(self, on: date) -> Self:
        """Delegations that hold on the date. A delegation is ``[start, end)``."""
        return self.filter(Q(end__isnull=True) | Q(end__gt=on), start__lte=on)

    def not_ended(self, on: date) -> Self:
        """Delegations that hold on the date or begin later."""
        return self.filter(Q(end__isnull=True) | Q(end__gt=on))


class Delegation(models.Model):
    """Somebody acts for a manager, or looks after a unit and all below it, from ``start`` up to and not including ``end``."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="delegations")
    delegate = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="delegations_held")
    manager = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="delegations_given")
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="delegations")
    start = models.DateField()
    end = models.DateField(null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    objects = DelegationQuerySet.as_manager()

    class Meta:
        ordering = ["-start", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="delegation_for_manager_or_unit",
                condition=Q(manager__isnull=False, unit__isnull=True) | Q(manager__isnull=True, unit__isnull=False),
            ),
            models.CheckConstraint(
                name="delegation_to_somebody_else", condition=Q(manager__isnull=True) | ~Q(manager=F("delegate"))
            ),
            models.CheckConstraint(name="delegation_ends_after_start", condition=Q(end__isnull=True) | Q(end__gt=F("start"))),
        ]
        indexes = [models.Index(fields=["delegate", "start", "end"], name="delegation_by_delegate")]

    def __str__(self) -> str:
        return f"{self.delegate} for {self.manager or self.unit}"

    @property
    def last_day(self) -> date | None:
        """The last day on which it holds."""
        return date.fromordinal(self.end.toordinal() - 1) if self.end else None


class TeamFlagQuerySet(models.QuerySet["TeamFlag"]):
    def visible_to(self, access: Access) -> Self:
        return self.filter(organisation=access.organisation)

    def waiting(self) -> Self:
        """Flags that HR has not settled."""
        return self.filter(settlement__isnull=True)


class TeamFlag(AppendOnlyModel):
    """A manager says that somebody is not in their team, or that somebody is missing from it."""

    erasable = ("words",)

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="team_flags")
    kind = models.CharField(max_length=12, choices=FlagKind)
    manager = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="team_flags_raised")
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="team_flags")
    words = models.CharField(max_length=300, blank=True, help_text="who is missing, or where they work now")
    raised_at = models.DateTimeField()

    objects = TeamFlagQuerySet.as_manager()

    class Meta:
        ordering = ["raised_at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="team_flag_says_whom",
                condition=Q(kind="not-mine", person__isnull=False) | (Q(kind="missing") & ~Q(words="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.person or self.words}"


class TeamFlagSettlement(AppendOnlyModel):
    """What HR did about a flag."""

    erasable = ("note",)

    flag = models.OneToOneField(TeamFlag, on_delete=models.PROTECT, related_name="settlement")
    outcome = models.CharField(max_length=12, choices=FlagOutcome)
    note = models.CharField(max_length=300, blank=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    settled_at = models.DateTimeField()

    class Meta:
        ordering = ["settled_at", "pk"]

    def __str__(self) -> str:
        return self.get_outcome_display()
