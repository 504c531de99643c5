"""Tells the other side of an audit by e-mail that something waits for them. A letter holds none of its words."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Capability
from accounts.models import Membership, User
from accounts.policy import roles_with
from assessment.models import Assessment, AuditFinding, AuditFindingReply, AuditRequest, AuditRequestStep, Engagement
from assessment.services.auditing import TELL_OF_AUDIT
from jobs.registry import Progress, handles
from nhsuk import mail
from nhsuk.jinja import day

LETTER = """{what} in the audit of the DSPT assessment {year} of {organisation}.

Sign in to read it: {address}
"""


@dataclass(frozen=True)
class News:
    """What is told, of which return, to whom, and where it is read."""

    what: str
    assessment: Assessment
    to: list[User]
    path: str


def _of_a_request(row: int) -> News:
    asked = AuditRequest.objects.select_related("assessment__organisation", "assessment__lead", "response__owner").get(pk=row)
    owner = asked.response.owner if asked.response else None
    path = reverse("assessment:audit_request", args=[asked.pk])
    return News(
        "The auditor asks for something", asked.assessment, [*leading(asked.assessment), *([owner] if owner else [])], path
    )


def _of_an_answer(row: int) -> News:
    step = AuditRequestStep.objects.select_related("request__assessment__organisation", "request__by").get(pk=row)
    path = reverse("assessment:audit_request", args=[step.request_id])
    return News("There is an answer to what you asked for", step.request.assessment, [step.request.by], path)


def _of_a_finding(row: int) -> News:
    finding = AuditFinding.objects.select_related("assessment__organisation", "assessment__lead").get(pk=row)
    path = reverse("assessment:finding_list", args=[finding.assessment_id]) + f"#finding-{finding.pk}"
    return News("The auditor has written down a finding", finding.assessment, leading(finding.assessment), path)


def _of_a_reply(row: int) -> News:
    reply = AuditFindingReply.objects.select_related("finding__assessment__organisation", "finding__by").get(pk=row)
    path = reverse("assessment:finding_list", args=[reply.finding.assessment_id]) + f"#finding-{reply.finding_id}"
    return News("There is an answer to your finding", reply.finding.assessment, [reply.finding.by], path)


def _of_an_end(row: int) -> News:
    engagement = Engagement.objects.select_related("assessment__organisation", "assessment__lead", "auditor").get(pk=row)
    assessment = engagement.assessment
    path = reverse("assessment:audit_desk", args=[assessment.pk])
    what = f"The audit ends on {day(engagement.ends_on)}, and the auditor sees nothing after that day"
    return News(what, assessment, [engagement.auditor, *leading(assessment)], path)


NEWS: dict[str, Callable[[int], News]] = {
    "request": _of_a_request,
    "answer": _of_an_answer,
    "finding": _of_a_finding,
    "reply": _of_a_reply,
    "end": _of_an_end,
}


def leading(assessment: Assessment) -> list[User]:
    """Whoever leads a return; everybody who answers returns where nobody leads it."""
    if assessment.lead is not None:
        return [assessment.lead]
    editors = list(roles_with(Capability.ASSESSMENT_EDIT))
    held = Membership.objects.standing(timezone.localdate()).filter(organisation=assessment.organisation, role__in=editors)
    return [one.user for one in held.select_related("user").order_by("pk")]


def _who_may_read(people: Iterable[User], assessment: Assessment, *, on: date) -> list[User]:
    """Of the people those who have an address and may open the return on the date, each once."""
    roles = [*roles_with(Capability.ASSESSMENT_VIEW), *roles_with(Capability.ASSESSMENT_INVITED)]
    held = Membership.objects.standing(on).filter(organisation=assessment.organisation, role__in=roles)
    seeing = set(held.values_list("user", flat=True))
    return list({user.pk: user for user in people if user.pk in seeing and user.email}.values())


@handles(TELL_OF_AUDIT)
def tell_of_audit(progress: Progress, *, news: str, row: int) -> dict[str, Any]:
    """Write to everybody whom something in an audit is for, each apart."""
    found = NEWS[news](row)
    people = _who_may_read(found.to, found.assessment, on=timezone.localdate())
    organisation = found.assessment.organisation.name
    address = settings.BASE_URL.rstrip("/") + found.path
    text = LETTER.format(what=found.what, year=found.assessment.title, organisation=organisation, address=address)
    subject = f"Audit of the data security return of {organisation}"
    progress(0, len(people), "Writing to whom it is for")
    return {"told": mail.send_each(subject, text, [user.email for user in people])}
