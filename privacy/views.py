"""What is kept and how long, what is held back, and letting go."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import fresh, requires
from privacy import keeping, services
from privacy.data_map import data_map
from privacy.enums import RunState
from privacy.forms import DaysForm, HoldForm, LiftForm, PreviewForm
from privacy.models import KeepingChoice, LegalHold, RetentionRun
from privacy.plan import what_is_over

_DECIDES = (Capability.PRIVACY_MANAGE, Capability.PRIVACY_APPROVE)
SHOWN = 200


@requires(*_DECIDES)
@require_safe
def privacy_home(request: SignedInRequest) -> HttpResponse:
    """Every rule with what would go on a date, the holds, and what went."""
    access, today = request.access, timezone.localdate()
    form = PreviewForm(request.GET if "on_0" in request.GET or "on_day" in request.GET else None, today=today)
    on = form.cleaned_data["on"] if form.is_bound and form.is_valid() else today
    context = {
        "form": form,
        "on": on,
        "today": today,
        "plan": what_is_over(access.organisation, on),
        "copies": keeping.in_force(access.organisation)[keeping.COPIES],
        "holds": LegalHold.objects.visible_to(access).holding(today).select_related("person", "incident", "set_by"),
        "runs": RetentionRun.objects.visible_to(access).select_related("asked_by", "decided_by")[:20],
        "open_run": RetentionRun.objects.visible_to(access).open().first(),
        "may_manage": access.can(Capability.PRIVACY_MANAGE),
    }
    return render(request, "privacy/privacy_home.jinja", context)


@requires(*_DECIDES)
@require_safe
def over_list(request: SignedInRequest, rule: str, on: str) -> HttpResponse:
    """What one rule would let go on a date, and what is held back, each with its reason."""
    try:
        day = date.fromisoformat(on)
    except ValueError as error:
        raise Http404 from error
    plan = what_is_over(request.access.organisation, day)
    part = next((part for part in plan.parts if part.rule.rule.key == rule), None)
    if part is None:
        raise Http404
    return render(request, "privacy/over_list.jinja", {"part": part, "on": day, "shown": SHOWN})


@requires(Capability.PRIVACY_MANAGE)
@require_http_methods(["GET", "POST"])
def days_choose(request: SignedInRequest, rule: str) -> HttpResponse:
    """Keep one kind of thing longer or shorter, within the limits of its rule."""
    organisation = request.access.organisation
    found = keeping.in_force(organisation).get(rule)
    if found is None:
        raise Http404
    form = DaysForm(request.POST or None, rule=found.rule, initial={"days": found.days})
    if request.method == "POST" and form.is_valid():
        try:
            services.choose_days(organisation, rule, **form.cleaned_data, by=request.user, at=timezone.now())
        except services.KeepingRefusedError as refusal:
            form.add_error("days", str(refusal))
        else:
            messages.success(request, f"{found.rule.title}: the new time counts from now on.")
            return redirect("privacy:privacy_home")
    earlier = KeepingChoice.objects.filter(organisation=organisation, rule=rule).select_related("made_by")
    return render(request, "privacy/days_choose.jinja", {"form": form, "found": found, "earlier": earlier})


@requires(Capability.PRIVACY_MANAGE)
@require_http_methods(["GET", "POST"])
def hold_new(request: SignedInRequest) -> HttpResponse:
    """Hold something back, whatever the rules say."""
    form = HoldForm(request.POST or None, access=request.access)
    if request.method == "POST" and form.is_valid():
        try:
            services.hold(request.access.organisation, **form.asked(), by=request.user, at=timezone.now())
        except services.KeepingRefusedError as refusal:
            form.add_error("last_day", str(refusal))
        else:
            messages.success(request, "The hold is in force.")
            return redirect("privacy:privacy_home")
    return render(request, "privacy/hold_new.jinja", {"form": form})


@requires(Capability.PRIVACY_MANAGE)
@require_http_methods(["GET", "POST"])
def hold_lift(request: SignedInRequest, legal_hold_id: int) -> HttpResponse:
    """End a hold, with a reason."""
    held = get_object_or_404(LegalHold.objects.visible_to(request.access), pk=legal_hold_id)
    form = LiftForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.lift(held, **form.cleaned_data, by=request.user, at=timezone.now())
        messages.success(request, "The hold is lifted.")
        return redirect("privacy:privacy_home")
    return render(request, "privacy/hold_lift.jinja", {"form": form, "held": held})


@requires(Capability.PRIVACY_MANAGE)
@fresh
@require_POST
def run_ask(request: SignedInRequest) -> HttpResponse:
    """Ask that what is over today goes."""
    try:
        run = services.ask_to_let_go(request.access.organisation, by=request.user, at=timezone.now())
    except services.KeepingRefusedError as refusal:
        messages.error(request, str(refusal))
        return redirect("privacy:privacy_home")
    messages.success(request, "Somebody else now has to approve it.")
    return redirect("privacy:run_detail", retention_run_id=run.pk)


@requires(*_DECIDES)
@require_safe
def run_detail(request: SignedInRequest, retention_run_id: int) -> HttpResponse:
    """What was asked for, what is over now, who decided and what went."""
    runs = RetentionRun.objects.visible_to(request.access).select_related("asked_by", "decided_by", "organisation")
    run = get_object_or_404(runs, pk=retention_run_id)
    waits = run.state == RunState.ASKED
    plan = what_is_over(run.organisation, run.on) if waits else None
    context = {
        "run": run,
        "rules": keeping.shipped(),
        "has_changed": plan is not None and plan.digest != run.digest,
        "may_approve": waits and request.access.can(Capability.PRIVACY_APPROVE) and run.asked_by_id != request.user.pk,
        "may_refuse": waits,
    }
    return render(request, "privacy/run_detail.jinja", context)


@requires(*_DECIDES)
@fresh
@require_POST
def run_decide(request: SignedInRequest, retention_run_id: int) -> HttpResponse:
    """Approve or refuse."""
    run = get_object_or_404(RetentionRun.objects.visible_to(request.access), pk=retention_run_id)
    approve = request.POST.get("decision") == "approve"
    if approve and not request.access.can(Capability.PRIVACY_APPROVE):
        messages.error(request, "A data protection officer or a senior reviewer has to approve it.")
        return redirect("privacy:run_detail", retention_run_id=run.pk)
    try:
        services.decide(run, approve=approve, by=request.user, at=timezone.now())
    except services.KeepingRefusedError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "Approved: it is going now." if approve else "Refused: everything stays.")
    return redirect("privacy:run_detail", retention_run_id=run.pk)


@requires(*_DECIDES, Capability.AUDIT_VIEW)
@require_safe
def data_map_page(request: SignedInRequest) -> HttpResponse:
    """Which table holds what, why and for how long."""
    return render(request, "privacy/data_map.jinja", {"map": data_map()})
