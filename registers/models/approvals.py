"""That a register was read through as a whole and approved, by whom and in which post."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Organisation
from accounts.policy import Access
from audit.models import AppendOnlyModel
from nhsuk.jinja import day

if TYPE_CHECKING:
    from typing import Self

LASTS = timedelta(days=365)
"""An approval counts for a year."""


class RegisterApprovalQuerySet(models.QuerySet["RegisterApproval"]):
    def visible_to(self, access: Access) -> Self:
        return self.filter(organisation=access.organisation)

    def given_by(self, on: date) -> Self:
        """Approvals given by the date, the newest first."""
        return self.filter(approved_on__lte=on).order_by("-approved_on", "-pk")


class RegisterApproval(AppendOnlyModel):
    """Somebody answerable read a register through and approved it as it was. The newest counts."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="register_approvals")
    register = models.CharField(max_length=40)
    entries = models.PositiveIntegerField("how many entries it had")
    approved_on = models.DateField()
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    approved_as = models.CharField("post or role in which they approved", max_length=100)
    note = models.TextField(blank=True)
    at = models.DateTimeField()

    objects = RegisterApprovalQuerySet.as_manager()

    class Meta:
        ordering = ["-approved_on", "-pk"]
        constraints = [models.CheckConstraint(name="register_approval_says_as_what", condition=~Q(approved_as=""))]
        indexes = [models.Index(fields=["organisation", "register", "approved_on"], name="register_approval_newest")]

    def __str__(self) -> str:
        return f"Approval of {self.register} on {self.approved_on}"

    @property
    def again_by(self) -> date:
        """The last day on which it counts."""
        return self.approved_on + LASTS

    @property
    def sentence(self) -> str:
        """The approval in words, for a figure."""
        number = f"{self.entries} entr{'y' if self.entries == 1 else 'ies'}"
        return f"Read through and approved as a whole on {day(self.approved_on)} ({self.approved_as}; {number})."
