"""Incidents and near misses from the log that was kept before."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone

from accounts.models import Organisation, User
from accounts.policy import Access
from registers.forms.rows import IncidentRow
from registers.intake import Intake
from registers.models import Incident
from registers.services.incidents import ReportRefusedError, take_over_report


def said(incident: Incident, name: str) -> Any:
    """What a report says for a field of its row."""
    if name == "reported_on":
        return timezone.localtime(incident.reported_at).date()
    return getattr(incident, name)


def _form(data: Mapping[str, Any] | None, /, *, access: Access, there: Any = None) -> IncidentRow:
    return IncidentRow(data, organisation=access.organisation, today=timezone.localdate())


def _add(organisation: Organisation, values: Mapping[str, Any], /, *, by: User, at: datetime) -> Incident:
    return take_over_report(organisation, by=by, at=at, **values)


INTAKE = Intake(
    rows=lambda organisation: Incident.objects.filter(organisation=organisation).select_related("unit"),
    form=_form,
    add=_add,
    said=said,
    refused=(ReportRefusedError,),
    names_nobody=True,
    advice="One row for each report, without names. They come in to be assessed, decided and learnt from on their own pages; "
    "nobody is sent an e-mail about them.",
)
