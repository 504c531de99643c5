"""Inviting an auditor from outside for a time, and ending that early."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.urls import reverse

from accounts.enums import Role
from accounts.models import Membership, User
from accounts.services import create_user, grant_role, password_link
from assessment.models import Assessment, Engagement, EngagementEnd, EngagementNotice
from assessment.services.auditing import tell_by_letter
from assessment.services.steps import AssessmentRefusedError, london_day, tell
from nhsuk import mail
from nhsuk.jinja import day

MOST_DAYS = 366
DAYS_BEFORE_THE_END = timedelta(days=7)
"""So long before its last day both sides are told that an audit ends; not of one that was so short from the beginning."""
LETTER = """Hello {name},

{organisation} asks you to audit its data security return for {year}.

You can read it until the end of {last_day}: every answer with the evidence, figures and readings it rests on, and nothing
else of the organisation. You can change none of it. What you find you write down beside it, and the organisation answers.

{way_in}
"""


@transaction.atomic
def engage_auditor(
    assessment: Assessment,
    *,
    email: str,
    first_name: str,
    last_name: str,
    firm: str,
    terms: str,
    ends_on: date,
    shows_names: bool = False,
    by: User,
    at: datetime,
) -> Engagement:
    """Invite somebody to read one return, and what it rests on, until a day. They hear of it by e-mail.

    With ``shows_names`` they see who the people in a sample are; otherwise only the number that stands for each.

    Raises:
        AssessmentRefusedError: the day will not do, something is not said, or the person has another role here.
    """
    today, email = london_day(at), email.strip().lower()
    if not today <= ends_on <= today + timedelta(days=MOST_DAYS):
        raise AssessmentRefusedError("Give a last day from today on, within a year.")
    if not (email and firm.strip() and terms.strip()):
        raise AssessmentRefusedError("Say who audits, for which firm, and what they are to look at.")
    organisation = assessment.organisation
    auditor = User.objects.filter(email__iexact=email).order_by("pk").first()
    is_new = auditor is None
    if auditor is None:
        auditor = create_user(
            email, organisation=organisation, roles=[], by=by, at=at, email=email, first_name=first_name, last_name=last_name
        )
    mine = Membership.objects.current().filter(user=auditor, organisation=organisation)
    if mine.exclude(role__in=[Role.AUDITOR, Role.INVITED_AUDITOR]).exists():
        raise AssessmentRefusedError("This person has another role here. Whoever audits a return must have no part in it.")
    if mine.filter(role=Role.AUDITOR).exists():
        raise AssessmentRefusedError("This person is a standing auditor here already, without a last day.")
    grant_role(auditor, organisation=organisation, role=Role.INVITED_AUDITOR, by=by, at=at)
    engagement = Engagement.objects.create(
        assessment=assessment,
        auditor=auditor,
        firm=firm.strip(),
        terms=terms.strip(),
        starts_on=today,
        ends_on=ends_on,
        shows_names=shows_names,
        by=by,
        at=at,
    )
    summary = {"user": f"user:{auditor.pk}", "year": assessment.year, "until": ends_on.isoformat()}
    tell("assessment.auditor_invited", assessment, by=by, at=at, target=engagement, summary=summary)
    _write_to(engagement, is_new=is_new or not auditor.has_usable_password())
    return engagement


def _write_to(engagement: Engagement, *, is_new: bool) -> None:
    auditor, assessment = engagement.auditor, engagement.assessment
    address = settings.BASE_URL.rstrip("/") + reverse("assessment:assessment_detail", args=[assessment.pk])
    way_in = f"Choose a password first, within three days: {password_link(auditor)}" if is_new else f"Sign in here: {address}"
    text = LETTER.format(
        name=auditor.first_name or auditor.username,
        organisation=assessment.organisation.name,
        year=assessment.year,
        last_day=day(engagement.ends_on),
        way_in=way_in,
    )
    subject = f"Audit of the data security return of {assessment.organisation.name}"
    mail.send_on_commit(subject, text, auditor.email)


@transaction.atomic
def end_engagement(engagement: Engagement, *, reason: str, by: User, at: datetime) -> EngagementEnd:
    """End an engagement now: from the next page on the auditor sees nothing. Ending it again returns the ending that is there.

    Raises:
        AssessmentRefusedError: no reason is given.
    """
    Assessment.objects.select_for_update().get(pk=engagement.assessment_id)
    if not reason.strip():
        raise AssessmentRefusedError("Say why the audit ends early.")
    ending, created = EngagementEnd.objects.get_or_create(
        engagement=engagement, defaults={"reason": reason.strip(), "by": by, "at": at}
    )
    if created:
        summary = {"user": f"user:{engagement.auditor_id}"}
        tell(
            "assessment.auditor_ended",
            engagement.assessment,
            by=by,
            at=at,
            target=engagement,
            summary=summary,
            reason=ending.reason,
        )
    return ending


def tell_of_endings(*, at: datetime) -> int:
    """Have both sides of every audit that ends within the week told of it, once; how many audits that were."""
    today, told = london_day(at), 0
    running = Engagement.objects.covering(today).filter(ends_on__lte=today + DAYS_BEFORE_THE_END, notice__isnull=True)
    longer = Engagement.objects.filter(
        assessment=OuterRef("assessment"), auditor=OuterRef("auditor"), ending__isnull=True, ends_on__gt=OuterRef("ends_on")
    )
    soon = running.filter(~Exists(longer), ends_on__gt=F("starts_on") + DAYS_BEFORE_THE_END)
    for engagement in soon.select_related("assessment__organisation").order_by("pk"):
        with transaction.atomic():
            _notice, is_new = EngagementNotice.objects.get_or_create(engagement=engagement, defaults={"at": at})
            if is_new:
                told += 1
                summary = {"user": f"user:{engagement.auditor_id}", "until": engagement.ends_on.isoformat()}
                tell("assessment.audit_end_told", engagement.assessment, by=None, at=at, target=engagement, summary=summary)
                tell_by_letter("end", engagement.assessment, row=engagement.pk, at=at)
    return told
