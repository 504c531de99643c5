"""The pages of checks and tests. A manager does spot checks on a phone; whoever keeps the registers does them all."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import Access, requires
from registers import catalogue
from registers.check_answers import ANSWERS
from registers.check_kinds import kinds
from registers.forms.checks import CheckForm
from registers.models import Check, PlannedCheck
from registers.models.actions import Action
from registers.queries.checks import kinds_open_to, plans, plans_of_user, turns, units_of
from registers.services.checks import record_check
from staff.queries import person_of

PAGE = 50


@requires(Capability.REGISTERS_VIEW, Capability.TEAM_VIEW, Capability.LEARN)
@require_safe
def check_list(request: SignedInRequest) -> HttpResponse:
    """What was checked, what is due, and the way to do one. Who keeps no register sees what is planned for them and what they did."""
    organisation, today = request.access.organisation, timezone.localdate()
    sees_all = request.access.can(Capability.REGISTERS_VIEW)
    mine = kinds_open_to(request.access, today)
    visible = Check.objects.visible_to(request.access).select_related("unit", "done_by")
    one = catalogue.find("checks")
    context = {
        "register": one,
        "page": Paginator(visible, PAGE).get_page(request.GET.get("page")),
        "plans": _plans_for(request.access, today),
        "turns": [turn for turn in turns(organisation, today) if sees_all or turn.kind in mine],
        "may_do": mine,
        "sees_all": sees_all,
        "may_edit": request.access.can(Capability.REGISTERS_EDIT),
        "figures": catalogue.figures_of(one, organisation, today) if sees_all and one else [],
        "today": today,
    }
    return render(request, "registers/check_list.jinja", context)


@requires(Capability.REGISTERS_EDIT, Capability.TEAM_VIEW, Capability.LEARN)
@require_http_methods(["GET", "POST"])
def check_do(request: SignedInRequest, check_kind: str) -> HttpResponse:
    """The sheet of one kind of check. Done in three minutes, and its action is on the list."""
    kind = kinds().get(check_kind)
    if kind is None or kind not in kinds_open_to(request.access, timezone.localdate()):
        raise Http404("No such check for you.")
    form = CheckForm(request.POST or None, kind=kind, access=request.access, today=timezone.localdate())
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        check = record_check(
            request.access.organisation,
            kind,
            answers=form.answers(),
            done_on=given["done_on"],
            unit=given["unit"],
            note=given["note"],
            evidence=given.get("evidence"),
            to_do=form.action(),
            by=request.user,
            at=timezone.now(),
        )
        messages.success(request, f"The check is recorded: {check.outcome.label.lower()}.")
        return redirect("registers:check_detail", check_id=check.pk)
    return render(request, "registers/check_do.jinja", {"kind": kind, "form": form})


@requires(Capability.REGISTERS_VIEW, Capability.TEAM_VIEW, Capability.LEARN)
@require_safe
def check_detail(request: SignedInRequest, check_id: int) -> HttpResponse:
    """One check as it was done, and its action."""
    visible = Check.objects.visible_to(request.access).select_related("unit", "done_by", "evidence__document")
    check = get_object_or_404(visible, pk=check_id)
    today = timezone.localdate()
    actions = Action.objects.of(request.access.organisation).from_source("check", check.pk).with_newest()
    openable = set(
        Action.objects.visible_to(request.access, today).filter(pk__in=actions.values("pk")).values_list("pk", flat=True)
    )
    context = {"check": check, "actions": actions, "openable": openable, "answers": ANSWERS, "today": today}
    return render(request, "registers/check_detail.jinja", context)


def _plans_for(access: Access, today: date) -> list[PlannedCheck]:
    """The planned checks: all of them for those who see the registers, for others their own and those of their teams."""
    found = plans(access.organisation, today)
    if not access.can(Capability.REGISTERS_VIEW):
        person = person_of(access.user.pk, access.organisation)
        teams = {unit.pk for unit in units_of(person, today)} if access.can(Capability.TEAM_VIEW) else set()
        own = set(plans_of_user(access, today).values_list("pk", flat=True))
        found = [plan for plan in found if plan.unit_id in teams or plan.pk in own]
    return sorted((plan for plan in found if plan.due_on), key=lambda plan: plan.due_on or date.max)
