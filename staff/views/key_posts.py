"""Who holds the posts that the DSPT asks about."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest, way_back
from accounts.policy import requires
from staff import queries, services
from staff.enums import KeyPostKind
from staff.forms_people import AppointmentForm, LastDayForm
from staff.key_post_rules import UNVERIFIED
from staff.models import KeyPost


@requires(Capability.STAFF_VIEW, Capability.ASSESSMENT_VIEW, Capability.ORGANISATION_MANAGE)
@require_safe
def key_post_list(request: SignedInRequest) -> HttpResponse:
    """Every key post with its holder today: what an organisation like this should fill first, vacancies named."""
    states = queries.key_posts(request.access.organisation, timezone.localdate())
    wanted = [state for state in states if state.is_wanted]
    return render(
        request,
        "staff/key_post_list.jinja",
        {
            "wanted": wanted,
            "vacant": [state for state in wanted if state.is_vacant],
            "is_unverified": request.access.organisation.type in UNVERIFIED,
            "others": [state for state in states if not state.is_wanted],
            "may_manage": request.access.can(Capability.ORGANISATION_MANAGE),
            "sees_people": request.access.can(Capability.STAFF_VIEW),
            "back": way_back(request),
        },
    )


@requires(Capability.ORGANISATION_MANAGE)
@require_http_methods(["GET", "POST"])
def key_post_appoint(request: SignedInRequest) -> HttpResponse:
    """Appoint somebody, and go back to the page that led here."""
    organisation = request.access.organisation
    kind = request.GET.get("kind", "")
    initial = {"kind": kind if kind in KeyPostKind.values else KeyPostKind.SIRO, "start": timezone.localdate()}
    form = AppointmentForm(request.POST or None, organisation=organisation, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            post = services.appoint(organisation, by=request.user, at=timezone.now(), **form.cleaned_data)
        except services.AppointmentRefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{post} is recorded.")
            return redirect(way_back(request) or "staff:key_post_list")
    return render(request, "staff/key_post_appoint.jinja", {"form": form, "back": way_back(request)})


@requires(Capability.ORGANISATION_MANAGE)
@require_http_methods(["GET", "POST"])
def key_post_end(request: SignedInRequest, key_post_id: int) -> HttpResponse:
    """End an appointment."""
    mine = KeyPost.objects.visible_to(request.access).select_related("holder", "organisation")
    post = get_object_or_404(mine, pk=key_post_id)
    form = LastDayForm(request.POST or None, label="Last day in the post", initial={"last_day": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            services.end_appointment(post, last_day=form.cleaned_data["last_day"], by=request.user, at=timezone.now())
        except services.AppointmentRefusedError as refusal:
            form.add_error("last_day", str(refusal))
        else:
            messages.success(request, "The end of the appointment is recorded.")
            return redirect("staff:key_post_list")
    return render(request, "staff/key_post_end.jinja", {"form": form, "post": post})
