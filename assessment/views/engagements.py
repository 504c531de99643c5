"""Auditors from outside: who was invited to a return, until when, and ending it early."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import fresh, requires
from assessment import services
from assessment.forms_engagements import EndEngagementForm, EngageForm
from assessment.models import Engagement
from assessment.views.parts import find_assessment


@requires(Capability.ASSESSMENT_EDIT)
@fresh
@require_http_methods(["GET", "POST"])
def auditor_list(request: SignedInRequest, assessment_id: int) -> HttpResponse:
    """Everybody invited to audit the return; inviting somebody."""
    assessment, today = find_assessment(request, assessment_id), timezone.localdate()
    form = EngageForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            engagement = services.engage_auditor(assessment, by=request.user, at=timezone.now(), **form.cleaned_data)
        except services.AssessmentRefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{engagement.auditor} is invited, and hears of it by e-mail.")
            return redirect("assessment:auditor_list", assessment_id)
    engagements = Engagement.objects.visible_to(request.access).filter(assessment=assessment)
    rows = [
        (one, one.starts_on <= today <= one.ends_on and not hasattr(one, "ending"))
        for one in engagements.select_related("auditor", "ending", "by").order_by("-pk")
    ]
    return render(request, "assessment/auditor_list.jinja", {"assessment": assessment, "rows": rows, "form": form})


@requires(Capability.ASSESSMENT_EDIT)
@fresh
@require_http_methods(["GET", "POST"])
def auditor_end(request: SignedInRequest, engagement_id: int) -> HttpResponse:
    """End an audit early, with a reason."""
    mine = Engagement.objects.visible_to(request.access).select_related("auditor", "assessment__organisation")
    engagement = get_object_or_404(mine, pk=engagement_id)
    form = EndEngagementForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.end_engagement(engagement, reason=form.cleaned_data["reason"], by=request.user, at=timezone.now())
        messages.success(request, f"{engagement.auditor} sees nothing more here from now on.")
        return redirect("assessment:auditor_list", engagement.assessment_id)
    return render(request, "assessment/auditor_end.jinja", {"engagement": engagement, "form": form})
