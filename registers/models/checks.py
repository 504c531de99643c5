"""Checks and tests: what was looked at, what was found, and when to look again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.enums import Capability
from accounts.models import Organisation
from accounts.policy import Access
from audit.models import AppendOnlyModel
from evidence.models import DocumentVersion
from registers import check_kinds
from staff.models import Unit

if TYPE_CHECKING:
    from typing import Self


class CheckOutcome(models.TextChoices):
    """What a check found, all in all."""

    IN_ORDER = "in-order", "All in order"
    NOT_ALL_SEEN = "not-all-seen", "Not all seen"
    TO_MEND = "to-mend", "Something to mend"


class CheckQuerySet(models.QuerySet["Check"]):
    def of(self, organisation: Organisation) -> Self:
        return self.filter(organisation=organisation)

    def visible_to(self, access: Access) -> Self:
        """Every check for those who see the registers; for managers those they did."""
        mine = self.of(access.organisation)
        return mine if access.can(Capability.REGISTERS_VIEW) else mine.filter(done_by=access.user)

    def between(self, start: date, end: date) -> Self:
        """Checks done in ``[start, end)``."""
        return self.filter(done_on__gte=start, done_on__lt=end)


class Check(AppendOnlyModel):
    """One check as it was done. The questions are kept with their answers, so that a new sheet changes no old check."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="checks")
    kind = models.CharField(max_length=30)
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    done_on = models.DateField()
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    answers = models.JSONField(help_text="[{code, question, answer, note}]")
    note = models.TextField(blank=True)
    evidence = models.ForeignKey(DocumentVersion, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    objects = CheckQuerySet.as_manager()

    class Meta:
        ordering = ["organisation", "-done_on", "-pk"]
        verbose_name = "check"
        constraints = [models.CheckConstraint(name="check_has_kind", condition=~Q(kind=""))]
        indexes = [models.Index(fields=["organisation", "kind", "done_on"], name="check_by_kind_and_date")]

    def __str__(self) -> str:
        return f"{self.title}, {self.unit}" if self.unit else self.title

    @property
    def title(self) -> str:
        return check_kinds.title_of(self.kind)

    @property
    def outcome(self) -> CheckOutcome:
        return outcome_of(row["answer"] for row in self.answers)


def outcome_of(answers: Iterable[str]) -> CheckOutcome:
    """What the answers of a sheet come to."""
    given = set(answers)
    if "no" in given:
        return CheckOutcome.TO_MEND
    return CheckOutcome.NOT_ALL_SEEN if "not-seen" in given else CheckOutcome.IN_ORDER
