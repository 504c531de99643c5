"""Puts the days by which returns are due on the organisation's calendar."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.urls import reverse

from accounts.enums import Capability
from accounts.models import Organisation
from assessment.models import Assessment
from registers.calendar import Entry, register


def _returns(organisation: Organisation, today: date) -> Iterator[Entry]:
    for assessment in Assessment.objects.filter(organisation=organisation, closed_at__isnull=True, due_on__isnull=False):
        assert assessment.due_on is not None  # noqa: S101  filtered above
        url = reverse("assessment:assessment_detail", args=[assessment.pk])
        yield Entry(str(assessment.pk), assessment.due_on, f"DSPT {assessment.title} is to be published", url)


register("assessment", label="DSPT", find=_returns, capabilities=(Capability.ASSESSMENT_VIEW,))
