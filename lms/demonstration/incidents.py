"""The demonstration's incidents: what a care provider of this size would have in its register by now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from uuid import NAMESPACE_URL, UUID, uuid5

from django.utils import timezone

from accounts.models import Organisation, User
from jobs.models import Job
from lms.demonstration.specifications import Specification
from registers.models import Incident, Recipient, Source
from registers.services import incident_handling as handling
from registers.services.actions import Owner, add_action, report_progress
from registers.services.incidents import TELL_HANDLERS, Report, renew_link, report_anonymously, report_incident
from staff.models import Unit


def build(organisation: Organisation, specification: Specification, users: Mapping[str, User], *, today: date) -> int:
    """Report and handle what there is to tell. Returns how many reports."""
    if specification.type != "social-care":
        return 0
    lead = next(users[s.name] for s in specification.sign_ins if "dspt-lead" in s.roles)
    worker = next(users[s.name] for s in specification.sign_ins if s.roles == ("staff",))
    renew_link(organisation, by=lead, at=_at(date(2026, 7, 6)))
    stories = (_wrong_flat, _phishing, _lost_phone, _new_today)
    begin = (date(2026, 8, 11), date(2026, 9, 15), date(2026, 10, 9), today - timedelta(days=1))
    told = [(story, day) for story, day in zip(stories, begin, strict=True) if day < today]
    for story, day in told:
        story(organisation, day, lead=lead, worker=worker)
    # These reports are history: nobody is to get a letter about them.
    Job.objects.filter(organisation=organisation, kind=TELL_HANDLERS).delete()
    return len(told)


def _wrong_flat(organisation: Organisation, day: date, *, lead: User, worker: User) -> None:
    incident = report_incident(
        organisation,
        Report(
            kind="incident",
            nature="wrong-person",
            what_happened="The week’s visit sheet was put through the wrong letter box. The neighbour rang to say so.",
            what_was_done="Went back within the hour and took it away. The neighbour had opened it.",
            happened_on=day,
            noticed_at=_at(day, 16, 20),
            unit=Unit.objects.filter(organisation=organisation, name="North round").first(),
            whose="supported",
            people_affected=1,
        ),
        key=_key(organisation, "wrong flat"),
        by=worker,
        at=_at(day, 16, 45),
    ).incident
    handling.assess(
        incident,
        is_breach=True,
        categories=["confidentiality"],
        role="controller",
        aware_at=_at(day, 16, 45),
        vulnerable=True,
        likelihood=2,
        impact=3,
        reason="One neighbour saw visit times and a first name, gave it back and was spoken to. The person was told and was not worried.",
        by=lead,
        at=_at(day, 17, 30),
    )
    handling.decide(
        incident,
        tell_ico=False,
        tell_people=True,
        reason="A risk to the person is unlikely: nothing about health was on the sheet, and it came back. We told them all the same.",
        by=lead,
        at=_at(day, 17, 40),
    )
    handling.record_notification(
        incident,
        recipient=Recipient.PEOPLE,
        told_at=_at(day, 18, 5),
        how="In person, by the round lead",
        by=lead,
        at=_at(day, 18, 10),
    )
    _finish(
        incident,
        theme="checking",
        root_cause="Two flats share a landing and the numbers are hard to see. The sheet had no name on the outside.",
        lesson="Sheets go in a sealed envelope with a name, and are handed over, not posted.",
        words="Thank you for ringing at once. Visit sheets are now handed over in an envelope.",
        lead=lead,
        at=_at(day + timedelta(days=6), 11),
    )


def _phishing(organisation: Organisation, day: date, *, lead: User, worker: User) -> None:
    incident = report_anonymously(
        organisation,
        Report(
            kind="near-miss",
            nature="scam",
            what_happened="An e-mail that looked like our payroll asked for my password. I had typed it when I noticed the address.",
            what_was_done="Closed the page without sending it.",
            noticed_at=_at(day, 21),
            whose="staff",
            people_affected=0,
        ),
        key=_key(organisation, "phishing"),
        source=Source.LINK,
        at=_at(day, 22),
    ).incident
    handling.assess(
        incident,
        is_breach=False,
        categories=[],
        role="controller",
        aware_at=_at(day, 22),
        vulnerable=False,
        likelihood=1,
        impact=1,
        reason="Nothing was sent. The mail system shows that nobody else opened the page.",
        by=lead,
        at=_at(day + timedelta(days=1), 9),
    )
    _finish(
        incident,
        theme="scams",
        root_cause="The message came in the week in which payslips come, and looked the same on a phone.",
        lesson="Payroll never asks by e-mail. We told everybody, and the sender is blocked.",
        words="Thank you: telling us stopped it for others. The sender is blocked and everybody has been warned.",
        lead=lead,
        at=_at(day + timedelta(days=3), 14),
    )


def _lost_phone(organisation: Organisation, day: date, *, lead: User, worker: User) -> None:
    noticed = _at(day, 19, 30)
    incident = report_incident(
        organisation,
        Report(
            kind="incident",
            nature="lost",
            what_happened="A round phone was left on a bus. Its screen lock had been switched off so that it could be shared.",
            what_was_done="Rang the bus company and the office.",
            happened_on=day,
            noticed_at=noticed,
            unit=Unit.objects.filter(organisation=organisation, name="South round").first(),
            whose="both",
            people_affected=24,
        ),
        key=_key(organisation, "lost phone"),
        by=worker,
        at=noticed + timedelta(minutes=40),
    ).incident
    handling.assess(
        incident,
        is_breach=True,
        categories=["confidentiality", "availability"],
        role="controller",
        aware_at=noticed,
        vulnerable=True,
        likelihood=3,
        impact=4,
        reason="Names, addresses and key-safe codes of 24 people could be read until the phone was wiped the next morning.",
        by=lead,
        at=noticed + timedelta(hours=14),
    )
    handling.decide(
        incident,
        tell_ico=True,
        tell_people=True,
        reason="Somebody who finds the codes could enter homes. That harm is likely enough and serious.",
        by=lead,
        at=noticed + timedelta(hours=15),
    )
    for recipient, hours, how in (
        (Recipient.POLICE, 16, "By phone, crime reference on file"),
        (Recipient.PEOPLE, 20, "Each by phone or visit; the codes were changed the same day"),
        (Recipient.COMMISSIONER, 45, "E-mail to the council’s contract team"),
        (Recipient.ICO, 50, "National reporting tool, reference on file"),
    ):
        told_at = noticed + timedelta(hours=hours)
        handling.record_notification(incident, recipient=recipient, told_at=told_at, how=how, by=lead, at=told_at)
    _finish(
        incident,
        theme="devices",
        root_cause="Six people shared two phones, so somebody switched the lock off. Nobody checked settings.",
        lesson="Every round has its own phones, with a lock that cannot be switched off and wiping from afar.",
        words="The phone was wiped, codes were changed and everybody was told. Each round has its own locked phone now.",
        lead=lead,
        at=noticed + timedelta(days=20),
    )
    action = add_action(
        organisation,
        what="Check the lock on every round phone once a quarter",
        owner=Owner(post="dspt-lead"),
        due_on=day + timedelta(days=70),
        why="A lock was switched off and nobody noticed.",
        source=("incident", incident.pk),
        by=lead,
        at=noticed + timedelta(days=4),
    )
    report_progress(action, note="The first check is done: all locks are on.", by=lead, at=noticed + timedelta(days=20))


def _new_today(organisation: Organisation, day: date, *, lead: User, worker: User) -> None:
    report_incident(
        organisation,
        Report(
            kind="incident",
            nature="wrong-person",
            what_happened="The rota for next week, with people’s first names and visit times, was sent to a worker who has left.",
            what_was_done="Asked them to delete it. They said yes.",
            happened_on=day,
            noticed_at=_at(day, 9, 15),
            unit=Unit.objects.filter(organisation=organisation, name="Office").first(),
            whose="supported",
            people_affected=31,
        ),
        key=_key(organisation, "old rota"),
        by=worker,
        at=_at(day, 9, 40),
    )


def _finish(incident: Incident, *, theme: str, root_cause: str, lesson: str, words: str, lead: User, at: datetime) -> None:
    handling.learn(incident, theme=theme, root_cause=root_cause, lesson=lesson, by=lead, at=at)
    handling.close(incident, words=words, by=lead, at=at + timedelta(minutes=10))


def _key(organisation: Organisation, name: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"tenfold demonstration {organisation.ods_code} {name}")


def _at(day: date, hour: int = 10, minute: int = 0) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(hour, minute)))
