"""Looking into an organisation from outside: a platform administrator's side, and the organisation's."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import looking
from accounts.enums import Capability
from accounts.forms_looking import LookForm
from accounts.http import PlatformRequest, SignedInRequest
from accounts.looking import LOOK_KEY
from accounts.models import AccessGrant, PlatformAdministrator
from accounts.policy import RefusedError, fresh, requires
from accounts.row_security import every_organisation

SHOWN = 50


@requires(Capability.PLATFORM_ASK)
@require_safe
def look_list(request: PlatformRequest) -> HttpResponse:
    """What one asked for, and what became of it."""
    now = timezone.now()
    with every_organisation():
        grants = list(AccessGrant.objects.filter(asked_by=request.user).with_steps()[:SHOWN])
    return render(request, "accounts/look_list.jinja", {"grants": [(grant, grant.state(now)) for grant in grants]})


@requires(Capability.PLATFORM_ASK)
@fresh
@require_http_methods(["GET", "POST"])
def look_ask(request: PlatformRequest) -> HttpResponse:
    """Ask to look into an organisation; where waiting would do harm, begin at once."""
    form = LookForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        act = looking.ask if form.cleaned_data["waits"] == "yes" else looking.take
        try:
            act(
                form.cleaned_data["organisation"],
                reason=form.cleaned_data["reason"],
                capabilities=form.asked_for,
                hours=int(form.cleaned_data["hours"]),
                by=request.user,
                at=timezone.now(),
            )
        except RefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The organisation has been told.")
            return redirect("accounts:look_list")
    return render(request, "accounts/look_ask.jinja", {"form": form})


@requires(Capability.PLATFORM_ASK)
@fresh
@require_POST
def look_begin(request: PlatformRequest, look_id: int) -> HttpResponse:
    """Look from now on, in this session, into the organisation that lets one."""
    with every_organisation():
        grant = get_object_or_404(AccessGrant.objects.live(timezone.now()), pk=look_id, asked_by=request.user)
    request.session[LOOK_KEY] = grant.pk
    return redirect("home")


@requires(Capability.PLATFORM_ASK)
@require_POST
def look_end(request: PlatformRequest, look_id: int) -> HttpResponse:
    """Stop looking, or withdraw what one asked for."""
    with every_organisation():
        grant = get_object_or_404(AccessGrant.objects.with_steps(), pk=look_id, asked_by=request.user)
        looking.end(grant, by=request.user, at=timezone.now())
    request.session.pop(LOOK_KEY, None)
    messages.success(request, f"You no longer look into {grant.organisation.name}.")
    return redirect("accounts:look_list")


@requires(Capability.AUDIT_VIEW, Capability.OUTSIDE_MANAGE)
@require_safe
def outside_list(request: SignedInRequest) -> HttpResponse:
    """Who from outside has asked to look, when they could, and what they opened."""
    now = timezone.now()
    grants = AccessGrant.objects.filter(organisation=request.access.organisation).with_steps().prefetch_related("uses")[:SHOWN]
    administrators = PlatformAdministrator.objects.who_can_act()
    lines = [(grant, grant.state_among(administrators, now), _labels(grant), _pages(grant)) for grant in grants]
    return render(request, "accounts/outside_list.jinja", {"lines": lines})


@requires(Capability.OUTSIDE_MANAGE)
@fresh
@require_POST
def outside_answer(request: SignedInRequest, access_grant_id: int) -> HttpResponse:
    """Let somebody from outside look, or refuse it."""
    yes = request.POST.get("answer") == "yes"
    looking.answer(_of_mine(request, access_grant_id), yes=yes, by=request.user, at=timezone.now())
    messages.success(request, "They may look from now on." if yes else "They will see nothing.")
    return redirect("accounts:outside_list")


@requires(Capability.OUTSIDE_MANAGE)
@require_POST
def outside_end(request: SignedInRequest, access_grant_id: int) -> HttpResponse:
    """End it from their next page on."""
    looking.end(_of_mine(request, access_grant_id), by=request.user, at=timezone.now())
    messages.success(request, "They see nothing more.")
    return redirect("accounts:outside_list")


def _of_mine(request: SignedInRequest, access_grant_id: int) -> AccessGrant:
    mine = AccessGrant.objects.filter(organisation=request.access.organisation)
    return get_object_or_404(mine.with_steps(), pk=access_grant_id)


def _labels(grant: AccessGrant) -> list[str]:
    return [Capability(one).label for one in grant.capabilities]


def _pages(grant: AccessGrant) -> list[tuple[datetime, str]]:
    return [(use.at, use.page.replace(":", ": ").replace("_", " ")) for use in grant.uses.all()]
