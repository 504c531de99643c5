"""Taking reports of incidents and near misses, with and without a name."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from accounts.models import Organisation, User
from audit.services import record
from jobs.services import enqueue
from registers import word_codes
from registers.models import Incident, ReportingLink, Source
from staff.models import Unit

ANONYMOUS = "anonymous"
REPORTS_AN_HOUR = 20
"""So many reports an hour may come through an organisation's address. Counted by the hour they are kept to, not by who sent them."""
CODES_AN_HOUR = 60
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""What can be told apart on a poster. Sixteen of them are 79 bits: nobody guesses an address."""
TELL_HANDLERS = "registers.tell_handlers"


class ReportRefusedError(ValueError):
    """The report cannot be taken as given; the text is one sentence that says why and what to do."""


@dataclass(frozen=True)
class Report:
    """What somebody reports."""

    kind: str
    nature: str
    what_happened: str
    noticed_at: datetime
    what_was_done: str = ""
    happened_on: date | None = None
    unit: Unit | None = None
    whose: str = "unknown"
    people_affected: int | None = None


@dataclass(frozen=True)
class Taken:
    """A report that was taken. ``code`` is for somebody who gave no name, and known only now."""

    incident: Incident
    code: str = ""


@transaction.atomic
def report_incident(organisation: Organisation, report: Report, *, key: UUID, by: User, at: datetime) -> Taken:
    """Take a report under its sender's name. The same key again returns the report that is there.

    Raises:
        ReportRefusedError: a time lies in the future, nothing is said, or the unit is another organisation's.
    """
    return _take(organisation, report, key=key, source=Source.NAMED, reporter=by, at=at)


@transaction.atomic
def report_anonymously(organisation: Organisation, report: Report, *, key: UUID, source: Source, at: datetime) -> Taken:
    """Take a report of which nothing says who sent it: no user, no address, no session, and times to the hour.

    Raises:
        ReportRefusedError: as for ``report_incident``; or too many came through the address this hour.
    """
    hour = at.replace(minute=0, second=0, microsecond=0)
    if source == Source.LINK and not Incident.objects.filter(organisation=organisation, submission_key=key).exists():
        this_hour = Incident.objects.filter(organisation=organisation, source=Source.LINK, reported_at=hour)
        if this_hour.count() >= REPORTS_AN_HOUR:
            raise ReportRefusedError(
                "Too many reports have come this hour. Try again in an hour, or tell somebody in charge by phone now."
            )
    _check(organisation, report, at=at)
    noticed = min(report.noticed_at.replace(minute=0, second=0, microsecond=0), hour)
    hidden = Report(**{**report.__dict__, "noticed_at": noticed})
    return _take(organisation, hidden, key=key, source=source, reporter=None, at=hour)


@transaction.atomic
def take_over_report(
    organisation: Organisation,
    *,
    reported_on: date,
    kind: str,
    nature: str,
    what_happened: str,
    what_was_done: str = "",
    happened_on: date | None = None,
    unit: Unit | None = None,
    whose: str = "unknown",
    people_affected: int | None = None,
    by: User,
    at: datetime,
) -> Incident:
    """Take over a report from a log kept before, under the day on which it was reported then. Nobody is told by e-mail.

    Raises:
        ReportRefusedError: as for ``report_incident``.
    """
    reported_at = min(timezone.make_aware(datetime.combine(reported_on, time(12))), at)
    report = Report(
        kind, nature, what_happened, reported_at, what_was_done, happened_on, unit, whose=whose, people_affected=people_affected
    )
    _check(organisation, report, at=at)
    if reported_on > timezone.localtime(at).date():
        raise ReportRefusedError("The day of the report lies in the future. Correct the day.")
    incident = _create(organisation, report, key=uuid4(), source=Source.NAMED, reporter=by, at=reported_at)
    summary = {"reference": incident.reference, "reported_on": reported_on.isoformat()}
    record("registers.incident_taken_over", organisation=organisation, by=by, target=incident, summary=summary, at=at)
    return incident


def _take(organisation: Organisation, report: Report, *, key: UUID, source: Source, reporter: User | None, at: datetime) -> Taken:
    code = "" if source == Source.NAMED else word_codes.code_for(str(key))
    there = Incident.objects.filter(organisation=organisation, submission_key=key).first()
    if there is not None:
        return Taken(there, code)
    _check(organisation, report, at=at)
    incident = _create(organisation, report, key=key, source=source, reporter=reporter, code=code, at=at)
    enqueue(
        TELL_HANDLERS,
        title=f"Tell who handles incidents of {incident.reference}",
        organisation=organisation,
        by=None,
        arguments={"incident_id": incident.pk},
        at=at,
    )
    record(
        "registers.incident_reported",
        organisation=organisation,
        by=reporter or ANONYMOUS,
        target=incident,
        summary={"reference": incident.reference, "kind": incident.kind, "nature": incident.nature},
        at=at,
    )
    return Taken(incident, code)


def _create(
    organisation: Organisation, report: Report, *, key: UUID, source: Source, reporter: User | None, code: str = "", at: datetime
) -> Incident:
    Organisation.objects.select_for_update().get(pk=organisation.pk)
    last = Incident.objects.filter(organisation=organisation).aggregate(last=Max("number"))["last"]
    return Incident.objects.create(
        organisation=organisation,
        number=(last or 0) + 1,
        submission_key=key,
        code_digest=word_codes.digest_of(code) if code else "",
        source=source,
        reported_by=reporter,
        reported_at=at,
        kind=report.kind,
        nature=report.nature,
        what_happened=report.what_happened.strip(),
        what_was_done=report.what_was_done.strip(),
        happened_on=report.happened_on,
        noticed_at=report.noticed_at,
        unit=report.unit,
        whose=report.whose,
        people_affected=report.people_affected,
    )


def _check(organisation: Organisation, report: Report, *, at: datetime) -> None:
    if not report.what_happened.strip():
        raise ReportRefusedError("Say in a few words what happened.")
    if report.noticed_at > at + timedelta(minutes=5):
        raise ReportRefusedError("The time when it was noticed lies in the future. Correct the day or the time.")
    if report.unit and report.unit.organisation_id != organisation.pk:
        raise ReportRefusedError("Choose a team of your own organisation.")


@transaction.atomic
def reword(incident: Incident, *, what_happened: str, what_was_done: str, by: User, at: datetime) -> Incident:
    """Replace the words of a report, to take out what names a person. What they were before is not kept.

    Raises:
        ReportRefusedError: nothing would be left of what happened.
    """
    what_happened, what_was_done = what_happened.strip(), what_was_done.strip()
    if not what_happened:
        raise ReportRefusedError("Leave a few words that say what happened.")
    incident = Incident.objects.select_for_update().get(pk=incident.pk)
    if (incident.what_happened, incident.what_was_done) == (what_happened, what_was_done):
        return incident
    incident.what_happened, incident.what_was_done = what_happened, what_was_done
    incident.save(update_fields=["what_happened", "what_was_done"])
    summary = {"reference": incident.reference}
    record("registers.incident_reworded", organisation=incident.organisation, by=by, target=incident, summary=summary, at=at)
    return incident


@transaction.atomic
def renew_link(organisation: Organisation, *, by: User | str, at: datetime) -> ReportingLink:
    """Give the organisation a new address for reports without a name. The one before stops working."""
    Organisation.objects.select_for_update().get(pk=organisation.pk)
    ended = ReportingLink.objects.current().filter(organisation=organisation).update(ended_at=at)
    link = ReportingLink.objects.create(
        organisation=organisation,
        token="".join(secrets.choice(LETTERS) for _ in range(16)),
        created_at=at,
        created_by=by if isinstance(by, User) else None,
    )
    summary = {"ended": ended}
    record("registers.reporting_link_made", organisation=organisation, by=by, target=link, summary=summary, at=at)
    return link


@transaction.atomic
def ask_with_code(link: ReportingLink, code: str, *, at: datetime) -> Incident | None:
    """The report that a code belongs to, or nothing.

    Raises:
        ReportRefusedError: too many codes were asked for this hour, by whomever.
    """
    hour = at.replace(minute=0, second=0, microsecond=0)
    link = ReportingLink.objects.select_for_update().get(pk=link.pk)
    asked = link.asked_count if link.asked_hour == hour else 0
    if asked >= CODES_AN_HOUR:
        raise ReportRefusedError("Too many codes were tried this hour. Wait an hour and try again.")
    ReportingLink.objects.filter(pk=link.pk).update(asked_hour=hour, asked_count=asked + 1)
    found = Incident.objects.filter(organisation=link.organisation, code_digest=word_codes.digest_of(code))
    return found.with_facts().first()
