"""A corrected version of the list a return is on: what it changes, and taking it up."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import requires
from assessment import services
from assessment.loading import file_of
from assessment.patches import newer_edition, patch_of
from assessment.views.parts import find_return


@requires(Capability.ASSESSMENT_EDIT)
@require_http_methods(["GET", "POST"])
def edition_take_up(request: SignedInRequest, assessment_id: int) -> HttpResponse:
    """What the corrected list changes for this return, item by item; taking it up."""
    whole = find_return(request, assessment_id)
    newer = newer_edition(whole.assessment)
    if newer is None:
        messages.success(request, "This return is on the newest version of its list.")
        return redirect("assessment:assessment_detail", assessment_id)
    patch = patch_of(whole, file_of(newer))
    if request.method == "POST":
        if request.POST.get("version") != newer.version:
            messages.error(request, "Another corrected list has come in since you opened this page. Look at what it changes.")
            return redirect("assessment:edition_take_up", assessment_id)
        try:
            services.take_up_edition(whole.assessment, newer, by=request.user, at=timezone.now())
        except (services.AssessmentRefusedError, services.StepRefusedError) as refusal:
            messages.error(request, str(refusal))
            return redirect("assessment:edition_take_up", assessment_id)
        messages.success(request, f"This return is on version {newer.version} of its list now.")
        return redirect("assessment:assessment_detail", assessment_id)
    return render(request, "assessment/edition_take_up.jinja", {"whole": whole, "newer": newer, "patch": patch})
