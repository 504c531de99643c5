"""Reports by e-mail: who has what sent to whom, and handing it over once.

A delivery is written before the mail server hears of it and its outcome after, each in a transaction of its own. A second
run, or two at once, finds the row. What the mail server refused is tried again, three times in all.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from accounts.enums import Capability
from accounts.models import Membership, Organisation, User
from accounts.policy import roles_with
from audit.services import SYSTEM, record
from courses.models import Course
from nhsuk import mail
from reporting.enums import Every, ReportKind
from reporting.letters import Letters
from reporting.models import DeliveryOutcome, ReportDelivery, ReportReceiver, ScheduledReport
from reporting.rhythm import last_day

logger = logging.getLogger(__name__)

NEEDED = {
    ReportKind.TEAM: Capability.TEAM_VIEW,
    ReportKind.HR: Capability.STAFF_VIEW,
    ReportKind.DSPT: Capability.ASSESSMENT_VIEW,
    ReportKind.BOARD: Capability.REPORTS_VIEW,
}
"""What somebody must be allowed to see for a report to go to them."""
LATE_BY = timedelta(days=6)
"""A report that could not go on its day goes up to so long after; then the next one takes its place."""
TRIES = 3

Kind = DeliveryOutcome.Kind


def may_receive(organisation: Organisation, kind: ReportKind, *, on: date) -> QuerySet[User]:
    """Those of the organisation who may see such a report on the day and have an e-mail address."""
    roles = [role.value for role in roles_with(NEEDED[kind])]
    held = Membership.objects.standing(on).filter(organisation=organisation, role__in=roles, user=OuterRef("pk"))
    return User.objects.filter(Exists(held), is_active=True).exclude(email="").order_by("last_name", "first_name", "pk")


@transaction.atomic
def schedule_report(
    organisation: Organisation,
    *,
    kind: ReportKind,
    course: Course,
    every: Every,
    receivers: Iterable[User],
    by: User,
    at: datetime,
) -> ScheduledReport:
    """Have a report sent from tomorrow on. A team report goes to every manager, so it takes no receivers."""
    report = ScheduledReport.objects.create(
        organisation=organisation,
        kind=kind,
        course=course,
        every=every,
        starts_on=timezone.localdate(at) + timedelta(days=1),
        made_by=by,
        made_at=at,
    )
    rows = ReportReceiver.objects.bulk_create([ReportReceiver(report=report, user=user) for user in receivers])
    summary = {"report": str(report), "course": course.title, "receivers": len(rows)}
    record("reporting.report_scheduled", organisation=organisation, by=by, target=report, summary=summary, at=at)
    return report


@transaction.atomic
def pause_report(report: ScheduledReport, *, by: User, at: datetime) -> None:
    """Stop sending for a while; a paused report stays as it is."""
    _turn(report, "paused_at", None, at, act="reporting.report_paused", by=by, at=at)


@transaction.atomic
def resume_report(report: ScheduledReport, *, by: User, at: datetime) -> None:
    """Go on sending, from the next day it is due."""
    _turn(report, "paused_at", report.paused_at, None, act="reporting.report_resumed", by=by, at=at)


@transaction.atomic
def end_report(report: ScheduledReport, *, by: User, at: datetime) -> None:
    """Stop sending for good; what was sent stays on record."""
    _turn(report, "ended_at", None, at, act="reporting.report_ended", by=by, at=at)


def _turn(
    report: ScheduledReport, field: str, before: datetime | None, after: datetime | None, *, act: str, by: User, at: datetime
) -> None:
    if getattr(report, field) != before or before == after:
        return
    setattr(report, field, after)
    if field == "paused_at" and after is None:
        report.starts_on = timezone.localdate(at) + timedelta(days=1)
    report.save(update_fields=[field, "starts_on"])
    summary = {"report": str(report)}
    record(act, organisation=report.organisation, by=by, target=report, summary=summary, at=at)


def send_due(*, at: datetime) -> int:
    """Send every report whose day has come. Returns how many e-mails the mail server took; a second run sends nothing more."""
    today, taken = timezone.localdate(at), 0
    for report in ScheduledReport.objects.running().select_related("organisation", "course").order_by("pk"):
        day = last_day(Every(report.every), today)
        if report.starts_on <= day and today - day <= LATE_BY:
            taken += send(report, occasion=day.isoformat(), asked_by=None, at=at)
    return taken


def send(report: ScheduledReport, *, occasion: str, asked_by: User | None, at: datetime) -> int:
    """Send a report on one occasion to everybody it goes to and who has not had it. Returns how many the mail server took."""
    today = timezone.localdate(at)
    kind = ReportKind(report.kind)
    allowed = {user.pk: user for user in may_receive(report.organisation, kind, on=today)}
    named = User.objects.filter(pk__in=report.receivers.values("user"))
    wanted = list(allowed.values()) if kind == ReportKind.TEAM else list(named.order_by("pk"))
    letters = Letters(report, today=today, at=at)
    taken = sum(_hand_over(report, user, user.pk in allowed, letters, occasion, asked_by, at) for user in wanted)
    if taken:
        summary = {"report": str(report), "people": taken}
        by: Any = asked_by or SYSTEM
        with transaction.atomic():
            record("reporting.report_sent", organisation=report.organisation, by=by, target=report, summary=summary, at=at)
    return taken


def _hand_over(
    report: ScheduledReport,
    user: User,
    is_allowed: bool,
    letters: Letters,
    occasion: str,
    asked_by: User | None,
    at: datetime,
) -> bool:
    delivery = _claim(report, user, occasion=occasion, asked_by=asked_by, at=at)
    if delivery is None:
        return False
    if not is_allowed:
        return _ended(delivery, Kind.NOT_SENT, "Has left, may no longer see this report, or has no e-mail address.", at)
    letter = letters.to(user)
    if letter is None:
        return _ended(delivery, Kind.NOT_SENT, "Looks after nobody today.", at)
    message = mail.letter(letter.subject, letter.text, user.email)
    if letter.attachment is not None:
        message.attach(letter.attachment_name, letter.attachment, "application/pdf")
    try:
        message.send()
    except mail.NOT_TAKEN as error:
        logger.warning("Report delivery %s was not taken: %s", delivery.pk, type(error).__name__)
        return _ended(delivery, Kind.REFUSED, type(error).__name__, at)
    _ended(delivery, Kind.SENT, "", at)
    return True


def _claim(report: ScheduledReport, user: User, *, occasion: str, asked_by: User | None, at: datetime) -> ReportDelivery | None:
    """The row of the next attempt; None where the report went, cannot go, or somebody else is at it."""
    before = list(ReportDelivery.objects.filter(report=report, user=user, occasion=occasion).select_related("outcome"))
    refused = [one for one in before if hasattr(one, "outcome") and one.outcome.kind == Kind.REFUSED]
    if len(refused) < len(before) or len(before) >= TRIES:
        return None
    try:
        with transaction.atomic():
            return ReportDelivery.objects.create(
                report=report, user=user, occasion=occasion, number=len(before) + 1, asked_by=asked_by, begun_at=at
            )
    except IntegrityError:
        return None


def _ended(delivery: ReportDelivery, kind: str, detail: str, at: datetime) -> bool:
    DeliveryOutcome.objects.create(delivery=delivery, kind=kind, detail=detail, at=at)
    return False
