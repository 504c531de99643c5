"""Reminds those who answer for a site to say whether what the return says is true there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.urls import reverse

from accounts.enums import Capability
from accounts.models import Organisation
from assessment.branches import waiting_for
from assessment.models import Assessment
from assessment.queries import current_return
from assessment.states import State
from registers import calendar, reminder_sources
from registers.calendar import Entry
from registers.queries.reminders import AHEAD
from registers.reminder_sources import Reminder

KIND = "site to confirm"


def _waiting(organisation: Organisation, on: date) -> Iterator[tuple[Assessment, int, int, str, date]]:
    """Return, site, person, name of the site and day of every confirmation that is waited for."""
    open_ones = Assessment.objects.filter(organisation=organisation, closed_at=None, site_decisions__isnull=False).distinct()
    for assessment in open_ones.select_related("organisation", "edition"):
        whole = current_return(assessment, today=on)
        if whole.state == State.SIGNED:
            continue
        for branch, confirm_by in waiting_for(assessment, whole):
            assert branch.decision  # noqa: S101  it is waited for
            assert branch.decision.responsible_id  # noqa: S101  included
            yield assessment, branch.site.pk, branch.decision.responsible_id, branch.site.name, confirm_by


def _reminders(organisation: Organisation, on: date) -> Iterator[Reminder]:
    for assessment, site, person, _name, confirm_by in _waiting(organisation, on):
        if confirm_by <= on + AHEAD:
            yield Reminder(person, KIND, confirm_by, reverse("assessment:branch_attest", args=[assessment.pk, site]))


def _entries(organisation: Organisation, today: date) -> Iterator[Entry]:
    for assessment, site, _person, name, confirm_by in _waiting(organisation, today):
        url = reverse("assessment:branch_attest", args=[assessment.pk, site])
        yield Entry(f"{assessment.pk}-{site}", confirm_by, f"{name} confirms the DSPT {assessment.year}", url)


reminder_sources.register(KIND, _reminders, plural="sites to confirm")
calendar.register("branches", label="DSPT branches", find=_entries, capabilities=(Capability.ASSESSMENT_VIEW,))
