"""Samples of the people behind a training figure: drawing, looking, checking."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import requires
from assessment import sampling, services
from assessment.audit_desk import may_see_names, samples_of
from assessment.audit_findings import writes_as
from assessment.forms_audits import CheckSampledForm, DrawForm
from assessment.models import AuditSample, SampledPerson
from assessment.views.audits import may_audit
from assessment.views.parts import find_assessment


@requires(Capability.ASSESSMENT_AUDIT)
@require_http_methods(["GET", "POST"])
def audit_sample_draw(request: SignedInRequest, assessment_id: int) -> HttpResponse:
    """Draw people from a training figure that was kept for the return."""
    assessment = find_assessment(request, assessment_id)
    writes_as(request.user, assessment, on=timezone.localdate())
    readings = list(assessment.readings.filter(denominator__gt=0).select_related("item", "rows").order_by("-pk"))
    form = DrawForm(request.POST or None, readings=readings, initial={"population": AuditSample.Population.COUNTED})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        reading = next(one for one in readings if str(one.pk) == given["reading"])
        try:
            sample = services.draw_sample(
                assessment,
                reading=reading,
                population=given["population"],
                size=given["size"],
                seed=given["seed"],
                by=request.user,
                at=timezone.now(),
            )
        except services.AssessmentRefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The sample is drawn.")
            return redirect("assessment:audit_sample", sample.pk)
    context = {"assessment": assessment, "form": form, "readings": readings, "how": sampling.ALGORITHM_IN_WORDS}
    return render(request, "assessment/audit_sample_draw.jinja", context)


@requires(Capability.ASSESSMENT_VIEW, Capability.ASSESSMENT_INVITED)
@require_safe
def audit_sample(request: SignedInRequest, audit_sample_id: int) -> HttpResponse:
    """A sample: who was drawn, what the records say of each, what the auditor saw."""
    draw = get_object_or_404(AuditSample.objects.visible_to(request.access).select_related("engagement"), pk=audit_sample_id)
    assessment, is_named = find_assessment(request, draw.assessment_id), may_see_names(request.access, draw)
    sample = samples_of(assessment, named=is_named, only=draw.pk)[0]
    context = {
        "assessment": assessment,
        "sample": sample,
        "is_named": is_named,
        "may_check": sample.draw.by_id == request.user.pk and may_audit(request, assessment),
        "how": sampling.ALGORITHM_IN_WORDS,
    }
    return render(request, "assessment/audit_sample.jinja", context)


@requires(Capability.ASSESSMENT_AUDIT)
@require_http_methods(["GET", "POST"])
def audit_sampled_check(request: SignedInRequest, sampled_person_id: int) -> HttpResponse:
    """Write down what the auditor saw of one sampled person."""
    mine = SampledPerson.objects.filter(sample__in=AuditSample.objects.visible_to(request.access)).select_related(
        "sample__engagement"
    )
    row = get_object_or_404(mine, pk=sampled_person_id)
    assessment = find_assessment(request, row.sample.assessment_id)
    writes_as(request.user, assessment, on=timezone.localdate())
    sample = samples_of(assessment, named=may_see_names(request.access, row.sample), only=row.sample_id)[0]
    sampled = next((one for one in sample.people if one.row.pk == row.pk), None)
    if sampled is None:
        raise Http404
    said = {"agrees": "yes" if sampled.check.agrees else "no", "text": sampled.check.text} if sampled.check else {}
    form = CheckSampledForm(request.POST or None, initial=said)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        services.check_sampled(row, agrees=given["agrees"] == "yes", text=given["text"], by=request.user, at=timezone.now())
        messages.success(request, f"Person {row.person} is checked.")
        return redirect("assessment:audit_sample", row.sample_id)
    context = {"assessment": assessment, "sample": sample, "sampled": sampled, "form": form}
    return render(request, "assessment/audit_sampled_check.jinja", context)
