"""The pages of the list of actions."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import requires, signed_in
from registers import action_sources, catalogue
from registers.forms.actions import ActionFilterForm, ActionForm, ActionUpdateForm
from registers.models.actions import Action, ActionQuerySet, ActionUpdate
from registers.queries import actions as queries
from registers.services import actions as services

Kind = ActionUpdate.Kind


@signed_in
@require_safe
def action_list(request: SignedInRequest) -> HttpResponse:
    """The list: all of it for those who see the registers, their own for others."""
    today = timezone.localdate()
    visible = Action.objects.visible_to(request.access, today)
    sees_all = request.access.can(Capability.REGISTERS_VIEW)
    form = ActionFilterForm(request.GET, sees_all=sees_all)
    chosen = form.cleaned_data if form.is_valid() else {}
    found = _filtered(request, visible, chosen)
    return render(
        request,
        "registers/action_list.jinja",
        {
            "lines": queries.lines(request.access, found, today),
            "counts": queries.counts(visible, today),
            "form": form,
            "is_filtered": any(chosen.values()),
            "sees_all": sees_all,
            "may_add": request.access.can(Capability.REGISTERS_EDIT),
            "register": catalogue.find("actions"),
            "today": today,
        },
    )


def _filtered(request: SignedInRequest, visible: ActionQuerySet, chosen: dict[str, Any]) -> ActionQuerySet:
    today = timezone.localdate()
    if chosen.get("whose") == "mine":
        visible = visible.owned_by_user(request.user.pk, today)
    if chosen.get("source"):
        visible = visible.from_source(chosen["source"])
    match chosen.get("show"):
        case "overdue":
            return visible.overdue(today)
        case "closed":
            return visible.closed()
        case "all":
            return visible
    return visible.open()


@requires(Capability.REGISTERS_EDIT)
@require_http_methods(["GET", "POST"])
def action_add(request: SignedInRequest) -> HttpResponse:
    """Add an action; ``?source=kind:id`` says what it came out of."""
    organisation, today = request.access.organisation, timezone.localdate()
    source, link = _source(request)
    form = ActionForm(request.POST or None, organisation=organisation, today=today)
    if request.method == "POST" and form.is_valid():
        services.add_action(organisation, source=source, by=request.user, at=timezone.now(), **form.cleaned_data)
        messages.success(request, "The action is on the list.")
        return redirect(link.url if link and link.url else "registers:action_list")
    names = queries.names_to_offer(organisation, today)
    return render(request, "registers/action_add.jinja", {"form": form, "source": link, "names": names})


def _source(request: SignedInRequest) -> tuple[tuple[str, int] | None, action_sources.Link | None]:
    """What the new action comes out of; 404 for a thing that is not there or not theirs."""
    kind, colon, number = request.GET.get("source", "").partition(":")
    if not kind:
        return None, None
    if not colon or not number.isascii() or not number.isdigit() or len(number) > 18:
        raise Http404
    link = action_sources.find(request.access.organisation, kind, int(number))
    if link is None:
        raise Http404
    return (kind, int(number)), link


@signed_in
@require_http_methods(["GET", "POST"])
def action_detail(request: SignedInRequest, action_id: int) -> HttpResponse:
    """One action with how it went; saying how it goes."""
    organisation, today = request.access.organisation, timezone.localdate()
    action = get_object_or_404(Action.objects.visible_to(request.access, today).with_newest(), pk=action_id)
    may_report = queries.may_report(request.access, action, today)
    may_manage = request.access.can(Capability.REGISTERS_EDIT)
    is_open = action.newest.state == ActionUpdate.State.OPEN
    form = ActionUpdateForm(
        request.POST if request.method == "POST" else None,
        organisation=organisation,
        today=today,
        is_open=is_open,
        may_manage=may_manage,
    )
    if request.method == "POST":
        if not may_report:
            return render(request, "accounts/refused.jinja", status=403)
        if form.is_valid():
            try:
                _update(request, action, form.cleaned_data)
            except services.ActionRefusedError as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, "The action is up to date.")
                return redirect("registers:action_detail", action_id)
    links = action_sources.links_for(request.access, [(action.source_kind, action.source_id)])
    return render(
        request,
        "registers/action_detail.jinja",
        {
            "action": action,
            "standing": action.standing(today),
            "source": links.get((action.source_kind, action.source_id or 0)),
            "updates": action.updates.select_related("owner_person", "by").order_by("-n"),
            "form": form,
            "may_report": may_report and (is_open or may_manage),
            "names": queries.names_to_offer(organisation, today) if may_manage else [],
        },
    )


def _update(request: SignedInRequest, action: Action, said: dict[str, Any]) -> None:
    """Do what the form says."""
    common = {"note": said["note"], "by": request.user, "at": timezone.now()}
    match said["how"]:
        case Kind.PROGRESS:
            services.report_progress(action, **common)
        case Kind.DONE:
            services.finish_action(action, **common)
        case Kind.CANCELLED:
            services.cancel_action(action, **common)
        case Kind.MOVED:
            services.move_action(action, due_on=said["due_on"], **common)
        case Kind.REOPENED:
            services.reopen_action(action, due_on=said["due_on"], **common)
        case Kind.HANDED_OVER:
            services.hand_over_action(action, owner=said["owner"], **common)
