"""A copy of what is held about a person: for whoever answers the request, and for everybody about themselves."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import fresh, requires, signed_in
from accounts.short_links import by_short_link
from privacy import copies, keeping
from privacy.data_map import data_map
from privacy.holdings import counts_of
from privacy.models import PersonCopy
from privacy.services import KeepingRefusedError
from staff.models import Person


@requires(Capability.PRIVACY_COPY)
@fresh
@require_http_methods(["GET", "POST"])
def copy_list(request: SignedInRequest, person_id: int) -> HttpResponse:
    """The copies made for one person; sending the form has a new one made."""
    person = get_object_or_404(Person.objects.visible_to(request.access).select_related("organisation", "user"), pk=person_id)
    if request.method == "POST":
        copies.ask_for_copy(person, by=request.user, at=timezone.now())
        messages.success(request, "The copy is being made. It appears here in a moment.")
        return redirect("privacy:copy_list", person_id=person.pk)
    found = PersonCopy.objects.visible_to(request.access).filter(person=person).select_related("asked_by")
    days = keeping.in_force(person.organisation)[keeping.COPIES].words
    return render(request, "privacy/copy_list.jinja", {"person": person, "copies": found, "days": days})


def _copy(request: SignedInRequest, person_copy_id: int) -> PersonCopy:
    visible = PersonCopy.objects.visible_to(request.access).select_related("organisation", "person")
    return get_object_or_404(visible, pk=person_copy_id)


@requires(Capability.PRIVACY_COPY)
@fresh
@require_safe
@by_short_link(find=_copy, page=lambda copy: reverse("privacy:copy_list", args=[copy.person_id]))
def copy_fetch(request: SignedInRequest, copy: PersonCopy) -> HttpResponse:
    """The ZIP."""
    try:
        content = copies.fetch_copy(copy, by=request.user, at=timezone.now())
    except KeepingRefusedError as refusal:
        messages.error(request, str(refusal))
        return redirect("privacy:copy_list", person_id=copy.person_id)
    name = f"what-is-held-{copy.person_id}-{timezone.localdate(copy.asked_at)}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store, private"}
    return HttpResponse(content, content_type="application/zip", headers=headers)


@requires(Capability.PRIVACY_COPY)
@require_POST
def copy_delete(request: SignedInRequest, person_copy_id: int) -> HttpResponse:
    """Delete the file before its days are over."""
    copy = _copy(request, person_copy_id)
    copies.delete_copy(copy, by=request.user, at=timezone.now())
    messages.success(request, "The copy is deleted.")
    return redirect("privacy:copy_list", person_id=copy.person_id)


@signed_in
@require_safe
def about_me(request: SignedInRequest) -> HttpResponse:
    """What is held about the person who looks: which kinds of things, how many, why and how long."""
    access = request.access
    people = Person.objects.visible_to(access).select_related("organisation", "user")
    person = people.filter(user=access.user).first()
    lines = list(counts_of(person)) if person else []
    return render(request, "privacy/about_me.jinja", {"person": person, "lines": lines, "periods": data_map().periods})
