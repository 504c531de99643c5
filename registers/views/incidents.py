"""The register of incidents for those who handle them, or look on."""

from __future__ import annotations

from typing import Any

import segno
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import requires
from registers import catalogue
from registers.breach_grid import current_grid
from registers.incident_figures import figures_of, standings
from registers.incident_states import State, standing
from registers.models import Incident, ReportingLink
from registers.patient_details import find
from registers.queries.actions import actions_of
from registers.queries.papers import shown_papers
from registers.services import incidents as services
from registers.views.incident_reports import report_to
from registers.years import days_of, midnight, year_of, years_around


@requires(Capability.INCIDENTS_VIEW)
@require_safe
def incident_list(request: SignedInRequest) -> HttpResponse:
    """The reports of a year, what each waits for, and the year's figures."""
    today = timezone.localdate()
    year = request.GET.get("year", year_of(today))
    try:
        first, end = days_of(year)
    except ValueError as error:
        raise Http404 from error
    rows = standings(request.access.organisation, since=midnight(first), until=midnight(end), at=timezone.now())
    context = {
        "year": year,
        "years": years_around(year, today=today),
        "rows": rows,
        "figures": figures_of(rows),
        "register": catalogue.find("incidents"),
        "may_handle": request.access.can(Capability.INCIDENTS_HANDLE),
    }
    return render(request, "registers/incident_list.jinja", context)


@requires(Capability.INCIDENTS_VIEW)
@require_safe
def incident_detail(request: SignedInRequest, incident_id: int) -> HttpResponse:
    """One incident with everything that was decided, done and learnt."""
    incident = find_incident(request, incident_id)
    now = standing(incident, at=timezone.now())
    context = {
        "now": now,
        "details": find(f"{incident.what_happened}\n{incident.what_was_done}", today=timezone.localdate()),
        "may_handle": request.access.can(Capability.INCIDENTS_HANDLE),
        "papers": shown_papers(incident, request.access),
        "history": history_of(incident),
        "actions": actions_of(request.access, "incident", incident.pk, on=timezone.localdate()),
        "steps": steps_of(now.state, has_breach=bool(now.assessment and now.assessment.is_breach)),
    }
    return render(request, "registers/incident_detail.jinja", context)


@requires(Capability.INCIDENTS_VIEW)
@require_safe
def incident_summary(request: SignedInRequest, incident_id: int) -> HttpResponse:
    """The incident as fields to copy into the national reporting tool, and to print."""
    incident = find_incident(request, incident_id)
    context = {
        "now": standing(incident, at=timezone.now()),
        "grid": current_grid(),
        "report_to": report_to(incident.organisation),
    }
    return render(request, "registers/incident_summary.jinja", context)


@requires(Capability.INCIDENTS_VIEW)
@require_safe
def reporting_link_detail(request: SignedInRequest) -> HttpResponse:
    """The address for reports without a name, as a poster to print."""
    link = ReportingLink.objects.visible_to(request.access).current().first()
    address = settings.BASE_URL + reverse("registers:incident_report_public", args=[link.token]) if link else ""
    context = {
        "link": link,
        "address": address,
        "code": segno.make(address, error="m", micro=False).svg_data_uri(scale=8, border=2) if link else "",
        "report_to": report_to(request.access.organisation),
        "may_handle": request.access.can(Capability.INCIDENTS_HANDLE),
    }
    return render(request, "registers/reporting_link_detail.jinja", context)


@requires(Capability.INCIDENTS_HANDLE)
@require_POST
def reporting_link_renew(request: SignedInRequest) -> HttpResponse:
    """Make the address, or put a new one in the place of the old."""
    services.renew_link(request.access.organisation, by=request.user, at=timezone.now())
    messages.success(request, "The new address works from now on. Print the poster again and take the old ones down.")
    return redirect("registers:reporting_link_detail")


def find_incident(request: SignedInRequest, incident_id: int) -> Incident:
    """The incident if the visitor may see it, with its facts; else a 404."""
    seen = Incident.objects.visible_to(request.access).with_facts().select_related("organisation", "unit", "reported_by")
    return get_object_or_404(seen, pk=incident_id)


def history_of(incident: Incident) -> list[Any]:
    """Everything written down, oldest first, by instant and then by table."""
    facts = [
        *((0, fact) for fact in incident.assessments.select_related("by")),
        *((1, fact) for fact in incident.decisions.select_related("by")),
        *((2, fact) for fact in incident.notifications.select_related("by")),
        *((3, fact) for fact in incident.learnings.select_related("by")),
        *((4, fact) for fact in incident.turns.select_related("by")),
    ]
    return [fact for _, fact in sorted(facts, key=lambda pair: (pair[1].at, pair[0], pair[1].pk))]


def steps_of(state: State, *, has_breach: bool) -> list[dict[str, Any]]:
    """The way through an incident: each step with its page and whether it is done."""
    order = [State.NEW, State.TO_DECIDE, State.TO_TELL, State.TO_LEARN, State.TO_CLOSE]
    steps = [
        ("Assess it", "registers:incident_assess", State.NEW, True),
        ("Decide who must be told", "registers:incident_decide", State.TO_DECIDE, has_breach),
        ("Record who was told", "registers:incident_tell", State.TO_TELL, has_breach),
        ("Write down the lesson", "registers:incident_learn", State.TO_LEARN, True),
        ("Close it", "registers:incident_close", State.TO_CLOSE, True),
    ]
    at = len(order) if state == State.CLOSED else order.index(state)
    return [
        {"label": label, "url_name": name, "is_done": order.index(step) < at, "is_next": step == state}
        for label, name, step, is_shown in steps
        if is_shown or state == State.NEW
    ]
