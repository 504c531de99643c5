"""Who acts for whom, and what managers say is wrong with their team."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import fresh, requires
from audit.spreadsheets import CSV_TYPE, csv_lines
from staff import queries, services
from staff.forms_people import DelegationForm, DeputyForm, MissingForm, NotMineForm, SettleFlagForm
from staff.models import Delegation, Person, TeamFlag
from staff.models.teams import TeamFlagQuerySet

FLAG_HEADINGS = ("told on", "manager", "manager staff number", "what", "person", "staff number", "in their words")


@requires(Capability.STAFF_VIEW)
@require_safe
def delegation_list(request: SignedInRequest) -> HttpResponse:
    """Who acts for whom, today and later, and before."""
    today = timezone.localdate()
    every = Delegation.objects.visible_to(request.access).select_related("delegate", "manager", "unit")
    context = {
        "current": list(every.not_ended(today).order_by("start", "pk")),
        "past": list(every.filter(end__lte=today)[: queries.PAGE]),
        "today": today,
        "may_edit": request.access.can(Capability.STAFF_EDIT),
    }
    return render(request, "staff/delegation_list.jinja", context)


@requires(Capability.STAFF_EDIT)
@require_http_methods(["GET", "POST"])
def delegation_new(request: SignedInRequest) -> HttpResponse:
    """Let somebody act for a manager or look after a unit."""
    organisation, today = request.access.organisation, timezone.localdate()
    form = DelegationForm(request.POST or None, organisation=organisation, on=today, initial={"start": today})
    if request.method == "POST" and form.is_valid():
        try:
            made = services.delegate(organisation, by=request.user, at=timezone.now(), **form.cleaned_data)
        except services.DelegationRefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{made} is recorded.")
            return redirect("staff:delegation_list")
    return render(request, "staff/delegation_new.jinja", {"form": form})


@requires(Capability.STAFF_EDIT)
@require_POST
def delegation_end(request: SignedInRequest, delegation_id: int) -> HttpResponse:
    """End a delegation today; take back one that has not begun."""
    delegation = get_object_or_404(Delegation.objects.visible_to(request.access), pk=delegation_id)
    services.end_delegation(delegation, last_day=timezone.localdate(), by=request.user, at=timezone.now())
    messages.success(request, "Today is the last day of the delegation.")
    return redirect("staff:delegation_list")


@requires(Capability.TEAM_VIEW)
@require_http_methods(["GET", "POST"])
def team_deputies(request: SignedInRequest) -> HttpResponse:
    """Who acts for the manager who asks; and letting somebody do so."""
    organisation, today = request.access.organisation, timezone.localdate()
    manager = queries.person_of(request.user.pk, organisation)
    form = DeputyForm(request.POST or None, organisation=organisation, on=today, initial={"start": today})
    if request.method == "POST" and manager is not None and form.is_valid():
        try:
            services.delegate(organisation, manager=manager, by=request.user, at=timezone.now(), **form.cleaned_data)
        except services.DelegationRefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{form.cleaned_data['to']} sees your team from {form.cleaned_data['start']:%d/%m/%Y}.")
            return redirect("staff:team_deputies")
    given = manager.delegations_given.not_ended(today).select_related("delegate") if manager else []
    held = manager.delegations_held.not_ended(today).select_related("manager", "unit") if manager else []
    context = {"form": form, "manager": manager, "given": list(given), "held": list(held), "today": today}
    return render(request, "staff/team_deputies.jinja", context)


@requires(Capability.TEAM_VIEW)
@require_POST
def team_deputy_end(request: SignedInRequest, delegation_id: int) -> HttpResponse:
    """A manager ends a delegation of their own."""
    own = Delegation.objects.visible_to(request.access).filter(manager__user=request.user)
    delegation = get_object_or_404(own, pk=delegation_id)
    services.end_delegation(delegation, last_day=timezone.localdate(), by=request.user, at=timezone.now())
    messages.success(request, "Today is the last day of the delegation.")
    return redirect("staff:team_deputies")


@requires(Capability.TEAM_VIEW)
@require_http_methods(["GET", "POST"])
def team_not_mine(request: SignedInRequest, person_id: int) -> HttpResponse:
    """Tell HR that somebody is not in one's team."""
    today = timezone.localdate()
    manager = queries.person_of(request.user.pk, request.access.organisation)
    team = Person.objects.managed_by(manager, today) if manager else Person.objects.none()
    person = get_object_or_404(team, pk=person_id)
    form = NotMineForm(request.POST or None)
    if request.method == "POST" and manager is not None and form.is_valid():
        services.flag_not_mine(manager, person, words=form.cleaned_data["words"], by=request.user, at=timezone.now())
        messages.success(request, f"HR is told that {person} is not in your team. Until they correct it, you go on seeing them.")
        return redirect("staff:team_corrections")
    return render(request, "staff/team_not_mine.jinja", {"form": form, "person": person})


@requires(Capability.TEAM_VIEW)
@require_http_methods(["GET", "POST"])
def team_corrections(request: SignedInRequest) -> HttpResponse:
    """Whom one may tell HR about: who is in the team and should not be, who is missing; and what HR said."""
    today = timezone.localdate()
    manager = queries.person_of(request.user.pk, request.access.organisation)
    form = MissingForm(request.POST or None)
    if request.method == "POST" and manager is not None and form.is_valid():
        services.flag_missing(manager, words=form.cleaned_data["words"], by=request.user, at=timezone.now())
        messages.success(request, "HR is told who is missing.")
        return redirect("staff:team_corrections")
    told = TeamFlag.objects.filter(manager=manager) if manager else TeamFlag.objects.none()
    context = {
        "form": form,
        "team": list(queries.team_of(manager, today)) if manager else [],
        "told": list(told.select_related("person", "settlement").order_by("-raised_at", "-pk")[: queries.PAGE]),
    }
    return render(request, "staff/team_corrections.jinja", context)


@requires(Capability.STAFF_EDIT)
@require_safe
def flag_list(request: SignedInRequest) -> HttpResponse:
    """What managers told HR: what waits, and what was done."""
    flags = _flags(request)
    settled = flags.filter(settlement__isnull=False).select_related("settlement__settled_by").order_by("-settlement__settled_at")
    context = {"waiting": list(flags.waiting()), "settled": list(settled[: queries.PAGE])}
    return render(request, "staff/flag_list.jinja", context)


@requires(Capability.STAFF_EDIT)
@fresh
@require_safe
def flag_export(request: SignedInRequest) -> StreamingHttpResponse:
    """What waits, as a file."""
    response = StreamingHttpResponse(csv_lines(FLAG_HEADINGS, _flag_rows(request)), content_type=CSV_TYPE)
    response["Content-Disposition"] = f'attachment; filename="team-corrections-{timezone.localdate()}.csv"'
    return response


@requires(Capability.STAFF_EDIT)
@require_http_methods(["GET", "POST"])
def flag_settle(request: SignedInRequest, team_flag_id: int) -> HttpResponse:
    """Write down what HR did."""
    flag = get_object_or_404(_flags(request), pk=team_flag_id)
    posts = list(flag.person.posts.not_ended(timezone.localdate()).select_related("unit", "manager")) if flag.person else []
    form = SettleFlagForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.settle_flag(flag, by=request.user, at=timezone.now(), **form.cleaned_data)
        except services.FlagRefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "What you did is recorded, and the manager sees it.")
            return redirect("staff:flag_list")
    return render(request, "staff/flag_settle.jinja", {"form": form, "flag": flag, "posts": posts})


def _flags(request: SignedInRequest) -> TeamFlagQuerySet:
    return TeamFlag.objects.visible_to(request.access).select_related("manager", "person")


def _flag_rows(request: SignedInRequest) -> Iterator[list[Any]]:
    for flag in _flags(request).waiting():
        person = flag.person
        yield [
            timezone.localdate(flag.raised_at).isoformat(),
            str(flag.manager),
            flag.manager.staff_number,
            flag.get_kind_display(),
            str(person) if person else "",
            person.staff_number if person else "",
            flag.words,
        ]
