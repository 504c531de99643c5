"""Registering: page by page what the organisation is, and at the end what applies to it and why."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.enums import Capability, OrganisationType
from accounts.http import SignedInRequest
from accounts.models import Organisation, Site
from accounts.policy import requires
from assessment import services
from assessment.edition_file import EditionFile
from assessment.forms_registering import AnswersForm, CertificatesForm, SitesForm, TypeForm
from assessment.loading import edition_for, file_of, years_for
from assessment.models import Edition, YearAcknowledgement
from assessment.profile_changes import answers_of, foresee
from assessment.registering import STEPS, mail_matters, steps_of, what_applies
from registers.models import HeldCertificate
from staff.queries import key_posts

FORMS: dict[str, type[forms.Form]] = {
    "type": TypeForm,
    "certificates": CertificatesForm,
    "sites": SitesForm,
}
CONFIRMED = "confirmed"


@requires(Capability.ORGANISATION_MANAGE)
@require_safe
def register(request: SignedInRequest) -> HttpResponse:
    """Every page of registering, with how far each has come."""
    steps = steps_of(request.access.organisation, today=timezone.localdate())
    first = next((step for step in steps if not step.is_done), None)
    context = {"steps": steps, "first": first, "done": sum(step.is_done for step in steps)}
    return render(request, "assessment/register.jinja", context)


@requires(Capability.ORGANISATION_MANAGE)
@require_http_methods(["GET", "POST"])
def register_step(request: SignedInRequest, profile_step: str) -> HttpResponse:
    """One page: what was said so far, kept as soon as it is sent. What it does to an open return is shown first."""
    if profile_step not in STEPS:
        raise Http404
    organisation, today = request.access.organisation, timezone.localdate()
    said = answers_of(organisation, today)
    form = _form(profile_step, request.POST or None, organisation, said)
    if request.method == "POST" and form is not None and form.is_valid():
        felt = foresee(organisation, said | form.cleaned_data, today=today)
        if felt and CONFIRMED not in request.POST:
            context: dict[str, Any] = {
                "felt": felt,
                "step": profile_step,
                "title": STEPS[profile_step],
                "answers": form.cleaned_data,
            }
            return render(request, "assessment/register_check.jinja", context)
        services.change_profile(organisation, form.cleaned_data, by=request.user, at=timezone.now())
        return _next(request, profile_step, form.cleaned_data)
    number = list(STEPS).index(profile_step) + 1
    context = {"form": form, "step": profile_step, "title": STEPS[profile_step], "number": number, "total": len(STEPS)}
    context |= {"after": _after(profile_step), **_shown(request, profile_step)}
    return render(request, "assessment/register_step.jinja", context)


def _form(step: str, data: Any, organisation: Organisation, said: dict[str, str]) -> forms.Form | None:
    """The form of a page, with only the questions on which something depends."""
    if step == "answers":
        return AnswersForm(data, initial=said, asks_mail=mail_matters(organisation.type))
    return FORMS[step](data, initial=said) if step in FORMS else None


def _next(request: SignedInRequest, step: str, said: dict[str, Any]) -> HttpResponse:
    """The page after this one; or this one again, where there is something to enter."""
    messages.success(request, "Saved.")
    if said.get("holds_certificates") == "yes" or said.get("several_sites") == "yes":
        return redirect("assessment:register_step", step)
    after = _after(step)
    return redirect("assessment:register_step", after) if after else redirect("assessment:what_applies")


def _after(step: str) -> str | None:
    keys = list(STEPS)
    return keys[keys.index(step) + 1] if step != keys[-1] else None


def _shown(request: SignedInRequest, step: str) -> dict[str, Any]:
    """What a page shows beside its form."""
    organisation, today = request.access.organisation, timezone.localdate()
    if step == "type":
        return {"lists": _lists(organisation)}
    if step == "certificates":
        held = HeldCertificate.objects.filter(organisation=organisation)
        return {
            "held": [(one, one.standing(today)) for one in held],
            "may_enter": request.access.can(Capability.REGISTERS_EDIT),
        }
    if step == "posts":
        return {"posts": [state for state in key_posts(organisation, today) if state.is_wanted]}
    if step == "sites":
        return {"sites": [site for site in Site.objects.filter(organisation=organisation) if not site.has_closed(today)]}
    return {}


def _lists(organisation: Organisation) -> list[tuple[str, str]]:
    """Every type with the list that it answers in the newest year there is."""
    found = []
    for kind in OrganisationType:
        years = years_for(kind)
        edition = edition_for(kind, years[0]) if years else None
        found.append((kind.label, route_words(file_of(edition)) if edition else "no list of requirements is loaded"))
    return found


def route_words(checked: EditionFile) -> str:
    """The category and the route of a list, in words."""
    if checked.style == "outcome":
        return "category 1: outcomes of the Cyber Assessment Framework"
    audit = ", with an independent audit each year" if checked.header.category == 2 else ""
    return f"category {checked.header.category}: assertions with evidence items{audit}"


@requires(Capability.ORGANISATION_MANAGE, Capability.ASSESSMENT_VIEW)
@require_safe
def what_applies_page(request: SignedInRequest) -> HttpResponse:
    """What a year asks of the organisation and why; printable."""
    organisation, today = request.access.organisation, timezone.localdate()
    years = years_for(organisation.type)
    year = request.GET.get("year", "")
    year = year if year in years else years[0] if years else ""
    applies = what_applies(organisation, year, today=today) if year else None
    context = {
        "organisation": organisation,
        "years": years,
        "year": year,
        "applies": applies,
        "route": route_words(applies.checked) if applies else "",
        "undone": [step for step in steps_of(organisation, today=today) if not step.is_done],
        "may_manage": request.access.can(Capability.ORGANISATION_MANAGE),
        "may_open": request.access.can(Capability.ASSESSMENT_EDIT),
        "read_by": _read_by(organisation, year),
        "has_read": applies is not None and _has_read(request, applies.edition),
        "today": today,
    }
    return render(request, "assessment/what_applies.jinja", context)


def _read_by(organisation: Organisation, year: str) -> list[YearAcknowledgement]:
    """Who has said that they read what the year asks, the newest first; on whichever version of the list."""
    said = YearAcknowledgement.objects.filter(organisation=organisation, edition__year=year).select_related("by", "edition")
    return list(said.defer("edition__source", "edition__content").order_by("-pk"))


def _has_read(request: SignedInRequest, edition: Edition) -> bool:
    mine = YearAcknowledgement.objects.filter(organisation=request.access.organisation, by=request.user)
    return mine.filter(edition=edition).exists()


@requires(Capability.ASSESSMENT_EDIT)
@require_POST
def year_acknowledge(request: SignedInRequest) -> HttpResponse:
    """Say that one has read what a year asks of the organisation."""
    organisation = request.access.organisation
    year = request.POST.get("year", "")
    edition = edition_for(organisation.type, year)
    if edition is None or edition.version != request.POST.get("version"):
        messages.error(request, "Another list applies to you by now. Read what it asks.")
        return redirect("assessment:what_applies")
    services.acknowledge_year(organisation, edition, by=request.user, at=timezone.now())
    messages.success(request, f"It is noted that you have read what applies in {year}.")
    return redirect(f"{reverse('assessment:what_applies')}?year={year}")
