"""The saved ways of reading HR files: see, rename, delete."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import requires
from staff import services
from staff.enums import ERASABLE_FIELDS, KeepableField
from staff.forms import ProfileNameForm
from staff.importing.mapping import LABELS
from staff.importing.preparing import Reading
from staff.models import ImportProfile


@requires(Capability.STAFF_IMPORT)
@require_safe
def profile_list(request: SignedInRequest) -> HttpResponse:
    """Every saved way of reading a file."""
    profiles = ImportProfile.objects.visible_to(request.access)
    return render(request, "staff/profile_list.jinja", {"profiles": profiles})


@requires(Capability.STAFF_IMPORT)
@require_http_methods(["GET", "POST"])
def profile_edit(request: SignedInRequest, profile_id: int) -> HttpResponse:
    """What it says, and another name for it."""
    profile = _profile(request, profile_id)
    form = ProfileNameForm(request.POST or None, initial={"name": profile.name})
    if request.method == "POST" and form.is_valid():
        try:
            services.rename_profile(profile, name=form.cleaned_data["name"], by=request.user, at=timezone.now())
        except services.ProfileRefusedError as refusal:
            form.add_error("name", str(refusal))
        else:
            messages.success(request, "The columns have their new name.")
            return redirect("staff:profile_list")
    reading = Reading.of(profile.reading)
    context = {
        "profile": profile,
        "form": form,
        "columns": [(heading, LABELS.get(name, "Not taken")) for heading, name in profile.mapping.items()],
        "erased": [ERASABLE_FIELDS[name] for name in reading.erased if name in ERASABLE_FIELDS],
        "kept_here": [KeepableField(name).label for name in reading.kept_here],
    }
    return render(request, "staff/profile_edit.jinja", context)


@requires(Capability.STAFF_IMPORT)
@require_POST
def profile_delete(request: SignedInRequest, profile_id: int) -> HttpResponse:
    """Forget it."""
    services.delete_profile(_profile(request, profile_id), by=request.user, at=timezone.now())
    messages.success(request, "The saved columns are deleted. What was imported with them stays.")
    return redirect("staff:profile_list")


def _profile(request: SignedInRequest, profile_id: int) -> ImportProfile:
    profiles = ImportProfile.objects.visible_to(request.access).select_related("organisation")
    return get_object_or_404(profiles, pk=profile_id)
