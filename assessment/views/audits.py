"""The auditor's own place: what they were invited to, and what is going on in the audit of a return."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import RefusedError, requires
from assessment.audit_desk import Desk, desk_of, requests_by_return
from assessment.audit_export import audit_workbook
from assessment.audit_findings import side_by_side, writes_as
from assessment.models import Assessment, Engagement
from assessment.views.parts import find_assessment, find_return
from audit.services import record
from audit.spreadsheets import XLSX_TYPE


def may_audit(request: SignedInRequest, assessment: Assessment) -> bool:
    """Whether this person writes about the return as its auditor today."""
    if not request.access.can(Capability.ASSESSMENT_AUDIT):
        return False
    try:
        writes_as(request.user, assessment, on=timezone.localdate())
    except RefusedError:
        return False
    return True


@requires(Capability.ASSESSMENT_INVITED)
@require_safe
def audit_home(request: SignedInRequest) -> HttpResponse:
    """Every audit that somebody is invited to today, with its end, its terms and what waits for them."""
    today = timezone.localdate()
    running = Engagement.objects.visible_to(request.access).filter(auditor=request.user).covering(today)
    engagements = list(running.select_related("assessment__organisation").order_by("ends_on", "pk"))
    desks = requests_by_return([one.assessment for one in engagements], today=today)
    rows = [(one, desks.get(one.assessment_id, Desk())) for one in engagements]
    return render(request, "assessment/audit_home.jinja", {"rows": rows})


@requires(Capability.ASSESSMENT_VIEW, Capability.ASSESSMENT_INVITED)
@require_safe
def audit_desk(request: SignedInRequest, assessment_id: int) -> HttpResponse:
    """What was asked for and drawn in the audit of a return, and where each stands."""
    assessment, today = find_assessment(request, assessment_id), timezone.localdate()
    engagements = Engagement.objects.visible_to(request.access).filter(assessment=assessment).covering(today)
    if request.access.is_by_invitation:
        engagements = engagements.filter(auditor=request.user)
    context = {
        "assessment": assessment,
        "desk": desk_of(assessment, today=today),
        "engagements": engagements.select_related("auditor").order_by("ends_on", "pk"),
        "may_audit": may_audit(request, assessment),
    }
    return render(request, "assessment/audit_desk.jinja", context)


@requires(Capability.ASSESSMENT_VIEW, Capability.ASSESSMENT_INVITED)
@require_safe
def audit_workbook_download(request: SignedInRequest, assessment_id: int) -> HttpResponse:
    """What was written in the audit, to take away: all of it for the organisation, their own for an invited auditor."""
    whole, at = find_return(request, assessment_id), timezone.now()
    assessment = whole.assessment
    content = audit_workbook(
        assessment,
        side_by_side(whole),
        desk_of(assessment, today=timezone.localdate()),
        list(Engagement.objects.visible_to(request.access).filter(assessment=assessment).select_related("auditor")),
        only_of=request.user if request.access.is_by_invitation else None,
    )
    summary = {"year": assessment.title}
    record(
        "assessment.audit_exported",
        organisation=assessment.organisation,
        by=request.user,
        target=assessment,
        summary=summary,
        at=at,
    )
    kind = "-interim" if assessment.is_interim else ""
    name = f"audit-dspt-{assessment.year}{kind}-{assessment.organisation.ods_code}.xlsx"
    return HttpResponse(
        content,
        content_type=XLSX_TYPE,
        headers={
            "Content-Disposition": content_disposition_header(True, name) or "attachment",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store, private",
        },
    )
