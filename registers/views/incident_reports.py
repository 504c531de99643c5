"""Reporting an incident or a near miss, signed in or not, and asking afterwards what was done."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_http_methods, require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.models import Organisation, OrganisationProfile
from accounts.policy import public, requires
from registers.forms.incidents import CodeForm, ReportForm, StaffReportForm
from registers.incident_states import standing
from registers.models import Incident, ReportingLink, Source
from registers.queries.dpo import desk_of
from registers.services import incidents as services


@requires(Capability.INCIDENTS_REPORT)
@require_http_methods(["GET", "POST"])
def incident_report(request: SignedInRequest) -> HttpResponse:
    """Report, under one's name or without.

    The answer to a report is a page and no redirect, so that no address and no session ever holds what leads back to it.
    """
    organisation = request.access.organisation
    form = StaffReportForm(request.POST or None, access=request.access, initial=_now(), today=timezone.localdate())
    taken = None
    if request.method == "POST" and form.is_ready():
        key, at = form.cleaned_data["key"], timezone.now()
        try:
            if form.cleaned_data["unnamed"]:
                taken = services.report_anonymously(organisation, form.report(), key=key, source=Source.UNNAMED, at=at)
            else:
                taken = services.report_incident(organisation, form.report(), key=key, by=request.user, at=at)
        except services.ReportRefusedError as refusal:
            form.add_error(None, str(refusal))
    if taken:
        link = ReportingLink.objects.visible_to(request.access).current().first()
        return render(request, "registers/incident_sent.jinja", _thanks(organisation, taken) | {"link": link, "is_public": False})
    context = {"form": form, "report_to": report_to(organisation)}
    return render(request, "registers/incident_report.jinja", context)


@requires(Capability.INCIDENTS_REPORT)
@require_safe
def incident_mine(request: SignedInRequest) -> HttpResponse:
    """What one reported oneself, and how it goes."""
    mine = Incident.objects.filter(organisation=request.access.organisation, reported_by=request.user).with_facts()
    now = timezone.now()
    context = {
        "standings": [standing(incident, at=now) for incident in mine],
        "contact": desk_of(request.access.organisation, on=timezone.localdate(now)).contact,
    }
    return render(request, "registers/incident_mine.jinja", context)


@public
@require_http_methods(["GET", "POST"])
def incident_report_public(request: HttpRequest, token: str) -> HttpResponse:
    """Report through the address on the poster."""
    link = _link(token)
    if link is None:
        return _private(render(request, "registers/reporting_link_gone.jinja", status=404))
    form = ReportForm(request.POST or None, initial=_now(), today=timezone.localdate())
    taken = None
    if request.method == "POST" and form.is_ready():
        try:
            taken = services.report_anonymously(
                link.organisation, form.report(), key=form.cleaned_data["key"], source=Source.LINK, at=timezone.now()
            )
        except services.ReportRefusedError as refusal:
            form.add_error(None, str(refusal))
    if taken:
        context = _thanks(link.organisation, taken) | {"link": link, "is_public": True}
        return _private(render(request, "registers/incident_sent.jinja", context))
    context = {"form": form, "link": link, "report_to": report_to(link.organisation)}
    return _private(render(request, "registers/incident_report_public.jinja", context))


@public
@require_http_methods(["GET", "POST"])
def incident_ask(request: HttpRequest, token: str) -> HttpResponse:
    """Ask with the code what was done. The code is sent, never part of an address."""
    link = _link(token)
    if link is None:
        return _private(render(request, "registers/reporting_link_gone.jinja", status=404))
    form = CodeForm(request.POST or None)
    found = None
    if request.method == "POST" and form.is_valid():
        try:
            found = services.ask_with_code(link, form.cleaned_data["code"], at=timezone.now())
        except services.ReportRefusedError as refusal:
            form.add_error("code", str(refusal))
        else:
            if found is None:
                form.add_error("code", "No report has these words. Check the spelling and the order.")
    context = {"form": form, "link": link, "standing": standing(found, at=timezone.now()) if found else None}
    return _private(render(request, "registers/incident_ask.jinja", context))


def report_to(organisation: Organisation) -> str:
    """Whom staff tell at once, as the organisation's profile has it."""
    profile = OrganisationProfile.objects.in_force(organisation, timezone.localdate())
    return profile.report_to if profile else ""


def _link(token: str) -> ReportingLink | None:
    return ReportingLink.objects.current().filter(token=token).select_related("organisation").first()


def _now() -> dict[str, Any]:
    now = timezone.localtime()
    return {"key": uuid.uuid4(), "noticed_on": now.date(), "noticed_time": now.time()}


def _thanks(organisation: Organisation, taken: services.Taken) -> dict[str, Any]:
    return {"incident": taken.incident, "code": taken.code, "report_to": report_to(organisation)}


def _private(response: HttpResponse) -> HttpResponse:
    add_never_cache_headers(response)
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
