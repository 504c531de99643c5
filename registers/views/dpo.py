"""The data protection officer's desk and yearly report."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import requires
from registers import catalogue
from registers.forms.dpo import AdviceDecisionForm, AdviceForm, ReviewForm
from registers.incident_figures import figures_of, standings
from registers.models import Dpia
from registers.models.dpo import Advice, DpoReview
from registers.queries.actions import actions_of
from registers.queries.dpo import desk_of
from registers.services import dpo as services
from registers.years import days_of, midnight, year_of, years_around


@requires(Capability.INCIDENTS_VIEW)
@require_safe
def dpo_desk(request: SignedInRequest) -> HttpResponse:
    """Who the officer is, whether one is required, and the advice given."""
    organisation, today = request.access.organisation, timezone.localdate()
    context = {
        "desk": desk_of(organisation, on=today),
        "advice": Advice.objects.visible_to(request.access).with_decisions(),
        "tasks": actions_of(request.access, "dpo", organisation.pk, on=today),
        "plans": Dpia.objects.visible_to(request.access).open_on(today).needed(),
        "today": today,
        "year": year_of(today),
        "others": [
            one for slug in ("incidents", "rights", "dpias") if (one := catalogue.find(slug)) and one.may_view(request.access)
        ],
        "may_advise": request.access.can(Capability.ADVICE_GIVE),
        "may_review": request.access.can(Capability.ADVICE_GIVE, Capability.INCIDENTS_HANDLE),
        "register": catalogue.find("advice"),
    }
    return render(request, "registers/dpo_desk.jinja", context)


@requires(Capability.ADVICE_GIVE, Capability.INCIDENTS_HANDLE)
@require_http_methods(["GET", "POST"])
def dpo_review(request: SignedInRequest) -> HttpResponse:
    """Answer whether an officer is required."""
    organisation = request.access.organisation
    form = ReviewForm(request.POST or None, initial=_reviewed(desk_of(organisation, on=timezone.localdate()).review))
    if request.method == "POST" and form.is_valid():
        services.review_need(organisation, by=request.user, at=timezone.now(), **form.values())
        messages.success(request, "The answers are recorded.")
        return redirect("registers:dpo_desk")
    return render(request, "registers/dpo_review.jinja", {"form": form})


@requires(Capability.ADVICE_GIVE)
@require_http_methods(["GET", "POST"])
def advice_add(request: SignedInRequest) -> HttpResponse:
    """Record advice."""
    today = timezone.localdate()
    form = AdviceForm(request.POST or None, initial={"asked_on": today, "given_on": today}, today=today)
    if request.method == "POST" and form.is_ready():
        try:
            given = services.give_advice(request.access.organisation, by=request.user, at=timezone.now(), **form.values())
        except services.AdviceRefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{given} is recorded.")
            return redirect("registers:advice_detail", given.pk)
    return render(request, "registers/advice_add.jinja", {"form": form})


@requires(Capability.INCIDENTS_VIEW)
@require_http_methods(["GET", "POST"])
def advice_detail(request: SignedInRequest, advice_id: int) -> HttpResponse:
    """One piece of advice and what came of it; deciding on it."""
    visible = Advice.objects.visible_to(request.access).with_decisions().select_related("organisation")
    advice = get_object_or_404(visible, pk=advice_id)
    may_decide = request.access.can(Capability.ADVICE_DECIDE) and advice.by_id != request.user.pk
    if request.method == "POST" and not may_decide:
        return render(request, "accounts/refused.jinja", status=403)
    form = AdviceDecisionForm(request.POST or None, today=timezone.localdate())
    if request.method == "POST" and form.is_ready():
        try:
            services.decide_on_advice(advice, by=request.user, at=timezone.now(), **form.values())
        except services.AdviceRefusedError as refusal:
            form.add_error("reason", str(refusal))
        else:
            messages.success(request, "The decision is recorded.")
            return redirect("registers:advice_detail", advice.pk)
    return render(request, "registers/advice_detail.jinja", {"advice": advice, "form": form if may_decide else None})


@requires(Capability.INCIDENTS_VIEW)
@require_safe
def dpo_report(request: SignedInRequest) -> HttpResponse:
    """The officer's report on a DSPT year, to print."""
    organisation, today = request.access.organisation, timezone.localdate()
    year = request.GET.get("year", year_of(today))
    try:
        first, end = days_of(year)
    except ValueError as error:
        raise Http404 from error
    on = min(today, end.replace(month=6, day=30))
    given = Advice.objects.visible_to(request.access).with_decisions().filter(given_on__gte=first, given_on__lt=end)
    rights = catalogue.find("rights")
    context: dict[str, Any] = {
        "organisation": organisation,
        "year": year,
        "years": years_around(year, today=today),
        "on": on,
        "desk": desk_of(organisation, on=on),
        "incidents": figures_of(standings(organisation, since=midnight(first), until=midnight(end), at=timezone.now())),
        "rights": catalogue.figures_of(rights, organisation, on) if rights else [],
        "advice": given,
        "tasks": actions_of(request.access, "dpo", organisation.pk, on=today),
    }
    return render(request, "registers/dpo_report.jinja", context)


def _reviewed(review: DpoReview | None) -> dict[str, Any]:
    if review is None:
        return {}
    return {key: "yes" if answer else "no" for key, answer in review.answers.items()} | {"contact": review.contact}
