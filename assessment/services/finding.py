"""What an auditor finds, and what the organisation answers and plans."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from accounts.models import User
from assessment.audit_findings import side_by_side, writes_as
from assessment.models import Assessment, AuditFinding, AuditFindingReply, Response
from assessment.queries import current_return
from assessment.services.answering import plan_action
from assessment.services.auditing import tell_by_letter
from assessment.services.steps import AssessmentRefusedError, locked, london_day, tell

Assessed = AuditFinding.Assessed


@transaction.atomic
def record_finding(
    assessment: Assessment,
    *,
    edition_item_id: int | None,
    assessed: str,
    severity: str = "",
    text: str = "",
    replaces: int | None = None,
    by: User,
    at: datetime,
) -> AuditFinding:
    """Write down what an auditor makes of an assertion, item or outcome, or without one of the standard as a whole.

    Args:
        assessment: the return.
        edition_item_id: what it is of; None for the standard as a whole.
        assessed: agreed, partly or not.
        severity: how bad it is, unless agreed.
        text: why, unless agreed.
        replaces: their own finding that this one corrects, as they saw it.
        by: the auditor.
        at: when.

    Raises:
        RefusedError: they are not invited to this return today, or have a part in it.
        AssessmentRefusedError: something is not said, the return does not ask it, or they have corrected it meanwhile.
    """
    assessment = locked(assessment)
    engagement = writes_as(by, assessment, on=london_day(at))
    line = side_by_side(current_return(assessment, today=london_day(at))).line(edition_item_id)
    if line is None:
        raise AssessmentRefusedError("This return does not ask that. Go back to the list and choose again.")
    agreed = assessed == Assessed.AGREED
    if assessed not in Assessed.values or not (agreed or (severity in AuditFinding.Severity.values and text.strip())):
        raise AssessmentRefusedError("Say whether you agree; if not wholly, also how serious it is and why.")
    standing = line.told_by(by)
    if (standing.pk if standing else None) != replaces:
        raise AssessmentRefusedError("You have assessed this in another window meanwhile. Look at what stands, then save again.")
    finding = AuditFinding.objects.create(
        assessment=assessment,
        engagement=engagement,
        subject_id=edition_item_id,
        assessed=assessed,
        severity="" if agreed else severity,
        text=text.strip(),
        seen=line.seen,
        replaces=standing,
        by=by,
        at=at,
    )
    event = "assessment.finding_corrected" if standing else "assessment.finding_made"
    summary = {"about": line.about, "assessed": finding.get_assessed_display().lower()}
    tell(event, assessment, by=by, at=at, target=finding, summary=summary)
    if not agreed:
        tell_by_letter("finding", assessment, row=finding.pk, at=at)
    return finding


@dataclass(frozen=True)
class Planned:
    """What will be done about a finding, put in the plan for one item."""

    response: Response
    action: str
    owner_words: str
    due_on: date | None


@transaction.atomic
def answer_finding(finding: AuditFinding, *, text: str, plan: Planned | None = None, by: User, at: datetime) -> AuditFindingReply:
    """Answer a finding, and put what will be done about it in the plan.

    Raises:
        AssessmentRefusedError: nothing is said, the auditor has corrected it meanwhile, or the plan lacks something.
        StepRefusedError: something is to be planned in a return that is in review, signed or published.
    """
    assessment = locked(finding.assessment)
    if not text.strip():
        raise AssessmentRefusedError("Write what you answer.")
    if AuditFinding.objects.filter(replaces=finding).exists():
        raise AssessmentRefusedError("The auditor has corrected this finding. Answer the newer one.")
    planned = None
    if plan is not None:
        planned = plan_action(plan.response, action=plan.action, owner_words=plan.owner_words, due_on=plan.due_on, by=by, at=at)
    reply = AuditFindingReply.objects.create(finding=finding, text=text.strip(), plan_action=planned, by=by, at=at)
    tell("assessment.finding_answered", assessment, by=by, at=at, target=finding, summary={"about": finding.about})
    tell_by_letter("reply", assessment, row=reply.pk, at=at)
    return reply
