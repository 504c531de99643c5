"""An auditor from outside, invited to this year's return: what she asked for, sampled and found, and what was answered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from accounts.models import Organisation, User
from assessment.models import Assessment, EditionItem, LiveReading, Response
from assessment.services import (
    answer_finding,
    answer_request,
    ask_for,
    check_sampled,
    draw_sample,
    engage_auditor,
    record_finding,
    settle_request,
)
from evidence.models import DocumentVersion
from lms.demonstration.specifications import PASSWORD, Specification

NAME, FIRM = "Iris Bell", "Bell and Partners"


def build(organisation: Organisation, specification: Specification, users: Mapping[str, User], *, today: date) -> int:
    """The audit of a care provider's open return. Returns how many requests were made."""
    assessment = Assessment.objects.filter(organisation=organisation, closed_at=None).order_by("-pk").first()
    reading = LiveReading.objects.filter(assessment=assessment).order_by("-pk").first()
    if specification.type != "social-care" or assessment is None or reading is None or reading.numerator < SAMPLED:
        return 0
    lead = next(users[one.name] for one in specification.sign_ins if "dspt-lead" in one.roles)
    auditor = _invited(assessment, specification, lead=lead, today=today)
    _requests(assessment, auditor=auditor, lead=lead, today=today)
    yesterday = _at(today - timedelta(days=1))
    sample = draw_sample(
        assessment,
        reading=reading,
        population="counted",
        size=SAMPLED,
        seed="dice 4 2 6 1",
        by=auditor,
        at=yesterday + timedelta(hours=2),
    )
    for sampled in sample.people.order_by("n")[: SAMPLED - 1]:
        is_last = sampled.n == SAMPLED - 1
        words = "The session's sheet is signed by somebody else." if is_last else ""
        check_sampled(sampled, agrees=not is_last, text=words, by=auditor, at=yesterday + timedelta(hours=3, minutes=sampled.n))
    _findings(assessment, auditor=auditor, lead=lead, at=yesterday + timedelta(hours=4))
    return len(ASKED)


SAMPLED = 5
ASKED = (
    ("1.1.2", "The register as it stands today, and who approved it.", 9),
    ("4.1.1", "The list as at the first of this month, and what became of the sign-ins of two people who have left since.", -2),
    ("", "Minutes of the meeting in which the owners last talked about data security.", 5),
)
"""Item, words, and in how many days from today it is wanted."""


def _invited(assessment: Assessment, specification: Specification, *, lead: User, today: date) -> User:
    engagement = engage_auditor(
        assessment,
        email=f"{NAME.split()[0].lower()}@audit.{specification.domain}",
        first_name=NAME.split()[0],
        last_name=NAME.split()[1],
        firm=FIRM,
        terms="Whether the answers about people and access hold, and whether the training figure is true.",
        ends_on=today + timedelta(days=20),
        by=lead,
        at=_at(today - timedelta(days=10)),
    )
    auditor = engagement.auditor
    auditor.set_password(PASSWORD)
    auditor.save(update_fields=["password"])
    return auditor


def _requests(assessment: Assessment, *, auditor: User, lead: User, today: date) -> None:
    at = _at(today - timedelta(days=8))
    responses = {one.item.number: one for one in Response.objects.filter(assessment=assessment).select_related("item")}
    made = [
        ask_for(
            assessment,
            text=text,
            wanted_by=today + timedelta(days=days),
            response=responses.get(number),
            by=auditor,
            at=at + timedelta(minutes=n),
        )
        for n, (number, text, days) in enumerate(ASKED)
    ]
    document = DocumentVersion.objects.filter(
        document__organisation=assessment.organisation, document__needs="", document__title__icontains="register"
    ).first()
    answer_request(made[0], text="This is the register we keep.", document_version=document, by=lead, at=at + timedelta(days=1))
    answer_request(
        made[2], text="The owners met on 4 September; the minutes say it in point 6.", by=lead, at=at + timedelta(days=2)
    )
    settle_request(made[2], accepts=True, text="Seen on a call.", by=auditor, at=at + timedelta(days=3))


def _findings(assessment: Assessment, *, auditor: User, lead: User, at: datetime) -> None:
    items = {one.number: one for one in EditionItem.objects.filter(edition=assessment.edition)}
    found = record_finding(
        assessment,
        edition_item_id=items["1.1.2"].pk,
        assessed="partly",
        severity="medium",
        text="The register is kept and was approved this year. What the pharmacy and the day centre get is not in it.",
        by=auditor,
        at=at,
    )
    answer_finding(found, text="Both are in it since the day you told us.", by=lead, at=at + timedelta(hours=1))
    record_finding(assessment, edition_item_id=items["1.1.1"].pk, assessed="agreed", by=auditor, at=at + timedelta(minutes=9))
    record_finding(
        assessment,
        edition_item_id=items["3.2.1"].pk,
        assessed="partly",
        severity="low",
        text="One of the five records drawn does not carry the signature of the person it is about.",
        by=auditor,
        at=at + timedelta(minutes=20),
    )


def _at(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(9)))
