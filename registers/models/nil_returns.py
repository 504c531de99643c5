"""Signed statements that a register has nothing to record for a period, and that a register was reviewed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from accounts.models import Organisation
from accounts.policy import Access
from audit.models import AppendOnlyModel
from nhsuk.jinja import day

if TYPE_CHECKING:
    from typing import Self


class NilReturnQuerySet(models.QuerySet["NilReturn"]):
    def visible_to(self, access: Access) -> Self:
        return self.filter(organisation=access.organisation)

    def signed(self) -> Self:
        """Nil returns that nobody has withdrawn. Whether one has lapsed only its register can tell."""
        withdrawal = NilReturn.objects.filter(withdraws=OuterRef("pk"))
        return self.filter(~Exists(withdrawal), withdraws=None)

    def covering(self, on: date) -> Self:
        """Nil returns for a period that the date falls in, or that ended by it at most a year before."""
        return self.filter(start__lte=on, end__gt=on - timedelta(days=365))


class NilReturn(AppendOnlyModel):
    """Somebody answerable says: in ``[start, end)`` there was nothing to record. A row that names another withdraws it.

    It lapses by itself when the register has a row of that period (``registers.queries.nil_returns``).
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="nil_returns")
    register = models.CharField(max_length=40)
    start = models.DateField()
    end = models.DateField()
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    signed_as = models.CharField("post or role of the signer", max_length=100)
    signed_at = models.DateTimeField()
    withdraws = models.OneToOneField("self", null=True, blank=True, on_delete=models.PROTECT, related_name="withdrawn_by")
    reason = models.CharField("why it is withdrawn", max_length=300, blank=True)

    objects = NilReturnQuerySet.as_manager()

    class Meta:
        ordering = ["-signed_at", "-pk"]
        constraints = [
            models.CheckConstraint(name="nil_return_ends_after_start", condition=Q(end__gt=F("start"))),
            models.CheckConstraint(
                name="nil_return_withdrawn_with_reason",
                condition=Q(withdraws__isnull=True, reason="") | (Q(withdraws__isnull=False) & ~Q(reason="")),
            ),
        ]
        indexes = [models.Index(fields=["organisation", "register", "start"], name="nil_return_by_register")]

    def __str__(self) -> str:
        return f"Nil return for {self.register}, {self.start} to {self.last_day}"

    @property
    def last_day(self) -> date:
        """The last day of the period, as a person would say it."""
        return self.end - timedelta(days=1)

    @property
    def counts_until(self) -> date:
        """The last day on which it still answers for its register (``covering``)."""
        return self.end + timedelta(days=364)

    @property
    def sentence(self) -> str:
        """The nil return in words, for a figure."""
        return f"Nil return signed for {day(self.start)} to {day(self.last_day)} ({self.signed_as}, {day(self.signed_at)})."
