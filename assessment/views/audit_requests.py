"""What an auditor asks for: asking, answering, accepting or asking again."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import requires
from accounts.short_links import by_short_link
from assessment import services
from assessment.audit_desk import Asked, request_whole
from assessment.audit_findings import writes_as
from assessment.forms_audits import AnswerRequestForm, AskForm, SettleForm
from assessment.models import AuditRequest, AuditRequestStep
from assessment.queries import current_return
from assessment.views.audits import may_audit
from assessment.views.evidence import library_of
from assessment.views.parts import find_assessment, find_leaf
from evidence.closing import closed_to
from evidence.downloads import sent
from evidence.models import DocumentVersion


@requires(Capability.ASSESSMENT_AUDIT)
@require_http_methods(["GET", "POST"])
def audit_request_make(request: SignedInRequest, assessment_id: int) -> HttpResponse:
    """Ask the organisation for something; ``?item=`` names the item it is about."""
    assessment, today = find_assessment(request, assessment_id), timezone.localdate()
    writes_as(request.user, assessment, on=today)
    whole = current_return(assessment, today=today)
    form = AskForm(request.POST or None, whole=whole, initial={"item": request.GET.get("item", "")})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        response = find_leaf(whole, int(given["item"])).response if given["item"] else None
        try:
            asked = services.ask_for(
                assessment,
                text=given["text"],
                wanted_by=given["wanted_by"],
                response=response,
                by=request.user,
                at=timezone.now(),
            )
        except services.AssessmentRefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Your request is sent.")
            return redirect("assessment:audit_request", asked.pk)
    return render(request, "assessment/audit_request_make.jinja", {"assessment": assessment, "form": form})


def _find(request: SignedInRequest, audit_request_id: int) -> Asked:
    """A request that the person may see; 404 otherwise."""
    found = request_whole(audit_request_id, request.access, today=timezone.localdate())
    if found is None:
        raise Http404
    return found


@requires(Capability.ASSESSMENT_VIEW, Capability.ASSESSMENT_INVITED)
@require_safe
def audit_request(request: SignedInRequest, audit_request_id: int) -> HttpResponse:
    """One request with everything that came of it, and the form for whoever's turn it is."""
    return _page(request, _find(request, audit_request_id))


def _page(
    request: SignedInRequest, asked: Asked, *, answer_form: AnswerRequestForm | None = None, settle_form: SettleForm | None = None
) -> HttpResponse:
    assessment = find_assessment(request, asked.request.assessment_id)
    may_answer = asked.may_be_answered_by(request.access)
    may_settle = asked.request.by_id == request.user.pk and asked.state != "accepted" and may_audit(request, assessment)
    context = {
        "assessment": assessment,
        "asked": asked,
        "answer_form": answer_form or (AnswerRequestForm(library=library_of(request, open_only=True)) if may_answer else None),
        "settle_form": settle_form or (SettleForm() if may_settle and asked.steps else None),
        "closed": closed_to(request.access),
        "may_withdraw": may_settle and not asked.steps,
    }
    return render(request, "assessment/audit_request.jinja", context)


@requires(Capability.ASSESSMENT_EDIT, Capability.ASSESSMENT_SIGN)
@require_http_methods(["POST"])
def audit_request_answer(request: SignedInRequest, audit_request_id: int) -> HttpResponse:
    """Answer a request, with words or with a document."""
    asked = _find(request, audit_request_id)
    if not asked.may_be_answered_by(request.access):
        messages.error(request, "The auditor has accepted this already, or somebody else looks after it.")
        return redirect("assessment:audit_request", audit_request_id)
    form = AnswerRequestForm(request.POST, library=library_of(request, open_only=True))
    if form.is_valid():
        chosen = form.cleaned_data["document_version"]
        mine = DocumentVersion.objects.visible_to(request.access).select_related("document")
        version = get_object_or_404(mine, pk=chosen) if chosen else None
        try:
            services.answer_request(
                asked.request, text=form.cleaned_data["text"], document_version=version, by=request.user, at=timezone.now()
            )
        except services.AssessmentRefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Your answer is saved, and the auditor hears of it.")
            return redirect("assessment:audit_request", audit_request_id)
    return _page(request, asked, answer_form=form)


@requires(Capability.ASSESSMENT_AUDIT)
@require_http_methods(["POST"])
def audit_request_settle(request: SignedInRequest, audit_request_id: int) -> HttpResponse:
    """Accept what was answered, or ask again."""
    asked = _find(request, audit_request_id)
    form = SettleForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        accepts = given["accepts"] == "yes"
        try:
            services.settle_request(
                asked.request,
                accepts=accepts,
                text=given["text"],
                wanted_by=None if accepts else given["wanted_by"],
                by=request.user,
                at=timezone.now(),
            )
        except services.AssessmentRefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "You have accepted it." if accepts else "You have asked again.")
            return redirect("assessment:audit_request", audit_request_id)
    return _page(request, asked, settle_form=form)


def _answer_with_file(request: SignedInRequest, audit_answer_id: int) -> AuditRequestStep:
    steps = AuditRequestStep.objects.filter(
        request__in=AuditRequest.objects.visible_to(request.access),
        document_version__in=DocumentVersion.objects.visible_to(request.access).filter(blob__isnull=False),
    )
    return get_object_or_404(
        steps.select_related("document_version__blob", "document_version__document__organisation"), pk=audit_answer_id
    )


@requires(Capability.EVIDENCE_VIEW, Capability.ASSESSMENT_INVITED)
@require_safe
@by_short_link(find=_answer_with_file, page=lambda step: reverse("assessment:audit_request", args=[step.request_id]))
def audit_answer_file(request: SignedInRequest, step: AuditRequestStep) -> HttpResponse:
    """The file with which a request was answered, in the version it had then."""
    return sent(request, step.document_version)  # type: ignore[arg-type]
