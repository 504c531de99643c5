"""Whom to tell when something goes wrong here: for everybody to read, for a few to write."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import requires
from courses.forms import LocalDetailsForm
from courses.local_details import here_in, record_local_details

_WRITERS = (Capability.NEEDS_EDIT, Capability.ORGANISATION_MANAGE)


@requires(Capability.LEARN)
@require_safe
def local_details(request: SignedInRequest) -> HttpResponse:
    """What lessons say of this organisation, on a page of its own."""
    here = here_in(request.access.organisation, on=timezone.localdate())
    return render(request, "courses/local_details.jinja", {"here": here, "may_edit": request.access.can(*_WRITERS)})


@requires(*_WRITERS)
@require_http_methods(["GET", "POST"])
def local_details_edit(request: SignedInRequest) -> HttpResponse:
    """Write it down from a day on; what was right before stays on record."""
    organisation, today = request.access.organisation, timezone.localdate()
    here = here_in(organisation, on=today, with_posts=False)
    fields = ("phone", "email", "out_of_hours", "how")
    known = {name: getattr(here.details, name) for name in fields} if here.details else {}
    form = LocalDetailsForm(request.POST or None, initial={"effective_on": today, "tell": here.tell} | known)
    if request.method == "POST" and form.is_valid():
        record_local_details(organisation, by=request.user, at=timezone.now(), **form.cleaned_data)
        messages.success(request, "Saved. Lessons show it from now on.")
        return redirect("courses:local_details")
    return render(request, "courses/local_details_edit.jinja", {"form": form})
