"""The calendar: everything with a date."""

from __future__ import annotations

from itertools import groupby

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import requires
from registers import calendar
from registers.forms.calendar import CalendarFilterForm
from registers.icalendar import as_icalendar


@requires(Capability.REGISTERS_VIEW)
@require_safe
def calendar_list(request: SignedInRequest) -> HttpResponse:
    """What is overdue, then what comes, month by month."""
    today = timezone.localdate()
    form = CalendarFilterForm(request.GET)
    kind = form.cleaned_data["kind"] if form.is_valid() else ""
    dates = calendar.dates_for(request.access, today, kind=kind)
    coming = [dated for dated in dates if not dated.is_overdue]
    months = [(first, list(found)) for first, found in groupby(coming, key=lambda dated: dated.entry.on.replace(day=1))]
    return render(
        request,
        "registers/calendar_list.jinja",
        {
            "overdue": [dated for dated in dates if dated.is_overdue],
            "months": months,
            "form": form,
            "kind": kind,
            "today": today,
        },
    )


@requires(Capability.REGISTERS_VIEW)
@require_safe
def calendar_file(request: SignedInRequest) -> HttpResponse:
    """The same dates as a file for another calendar."""
    organisation, now = request.access.organisation, timezone.now()
    form = CalendarFilterForm(request.GET)
    kind = form.cleaned_data["kind"] if form.is_valid() else ""
    body = as_icalendar(
        calendar.dates_for(request.access, timezone.localdate(), kind=kind),
        title=f"Data security, {organisation.name}",
        owner=organisation.ods_code,
        base_url=settings.BASE_URL,
        at=now,
    )
    name = f"{organisation.ods_code}-calendar.ics"
    return HttpResponse(
        body,
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"},
    )
