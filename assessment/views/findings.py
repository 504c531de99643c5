"""What an auditor found: the table side by side, assessing, answering."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import requires
from assessment import services
from assessment.audit_desk import samples_of
from assessment.audit_findings import side_by_side, writes_as
from assessment.forms_findings import FindingAnswerForm, FindingForm
from assessment.models import AuditFinding
from assessment.queries import current_return
from assessment.views.audits import may_audit
from assessment.views.parts import find_assessment, find_leaf, find_return


@requires(Capability.ASSESSMENT_VIEW, Capability.ASSESSMENT_INVITED)
@require_safe
def finding_list(request: SignedInRequest, assessment_id: int) -> HttpResponse:
    """Claimed, computed and assessed side by side, with every finding in words; to be read or printed."""
    whole = find_return(request, assessment_id)
    context = {
        "whole": whole,
        "found": side_by_side(whole),
        "samples": samples_of(whole.assessment),
        "may_assess": may_audit(request, whole.assessment),
        "today": timezone.localdate(),
    }
    return render(request, "assessment/finding_list.jinja", context)


@requires(Capability.ASSESSMENT_AUDIT)
@require_http_methods(["GET", "POST"])
def finding_record(request: SignedInRequest, assessment_id: int, edition_item_id: int | None = None) -> HttpResponse:
    """Assess an assertion, item or outcome, or the standard as a whole; correct what one said before."""
    assessment = find_assessment(request, assessment_id)
    writes_as(request.user, assessment, on=timezone.localdate())
    whole = current_return(assessment, today=timezone.localdate())
    line = side_by_side(whole).line(edition_item_id)
    if line is None:
        raise Http404
    before = line.told_by(request.user)
    said = (
        {"assessed": before.assessed, "severity": before.severity, "text": before.text, "replaces": before.pk} if before else {}
    )
    form = FindingForm(request.POST or None, initial=said)
    if request.method == "POST" and form.is_valid():
        try:
            services.record_finding(
                assessment, edition_item_id=edition_item_id, by=request.user, at=timezone.now(), **form.cleaned_data
            )
        except services.AssessmentRefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"Your finding about {line.about} is saved.")
            return redirect("assessment:finding_list", assessment_id)
    context = {"whole": whole, "line": line, "form": form, "before": before}
    return render(request, "assessment/finding_record.jinja", context)


@requires(Capability.ASSESSMENT_EDIT)
@require_http_methods(["GET", "POST"])
def finding_answer(request: SignedInRequest, finding_id: int) -> HttpResponse:
    """Answer a finding, and put what will be done about it in the plan."""
    mine = AuditFinding.objects.visible_to(request.access).select_related("by", "subject")
    finding = get_object_or_404(mine, pk=finding_id)
    whole = find_return(request, finding.assessment_id)
    found = next(((line, told) for line, told in side_by_side(whole).told if told.finding.pk == finding.pk), None)
    if found is None:
        messages.info(request, "The auditor has corrected this finding, or the return asks it no more. This is what stands.")
        return redirect("assessment:finding_list", finding.assessment_id)
    line, told = found
    form = FindingAnswerForm(request.POST or None, line=line, may_plan=whole.is_editable)
    if request.method == "POST" and form.is_valid():
        given, plan = form.cleaned_data, None
        if form.is_planning:
            leaf = find_leaf(whole, int(given["item"]))
            plan = services.Planned(leaf.response, given["action"], given["owner_words"], given["due_on"])
        try:
            services.answer_finding(finding, text=given["text"], plan=plan, by=request.user, at=timezone.now())
        except (services.AssessmentRefusedError, services.StepRefusedError) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Your answer is saved, and the action is in the plan." if plan else "Your answer is saved.")
            return redirect("assessment:finding_list", finding.assessment_id)
    context = {"whole": whole, "line": line, "told": told, "form": form}
    return render(request, "assessment/finding_answer.jinja", context)
