"""The dates of training on the calendar of the registers: the two apps know nothing of each other, so it is done here."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.db.models import Q
from django.urls import reverse

from accounts.enums import Capability
from accounts.models import Organisation
from courses.models import Exemption, NeedsAnalysis
from registers.calendar import Entry, register


def exemptions(organisation: Organisation, today: date) -> Iterator[Entry]:
    """When to look again at each approved exemption that has not ended."""
    approved = Exemption.objects.approved().filter(person__organisation=organisation, review_on__isnull=False)
    holding = approved.filter(Q(end__isnull=True) | Q(end__gt=today)).select_related("person")
    for exemption in holding:
        assert exemption.review_on is not None  # noqa: S101  filtered above
        what = f"Look again at the exemption of {exemption.person}"
        yield Entry(str(exemption.pk), exemption.review_on, what, reverse("courses:allowance_list"))


def needs_analyses(organisation: Organisation, today: date) -> Iterator[Entry]:
    """When the version of the training needs analysis in force is to be reviewed."""
    for analysis in NeedsAnalysis.objects.in_force(today).filter(organisation=organisation, review_on__isnull=False):
        assert analysis.review_on is not None  # noqa: S101  filtered above
        yield Entry(str(analysis.pk), analysis.review_on, "Review the training needs analysis", reverse("courses:need_list"))


def connect() -> None:
    """Put both kinds of date on the calendar."""
    register("exemption", label="Exemption from training", find=exemptions, capabilities=(Capability.NEEDS_EDIT,))
    register("needs-analysis", label="Training needs analysis", find=needs_analyses, capabilities=(Capability.NEEDS_VIEW,))
