"""Puts the demonstration together, organisation by organisation. What is already there is left alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Organisation, User
from accounts.services import create_organisation, create_user, record_profile
from audit import events
from audit.services import record
from courses.models import Course
from courses.needs import ensure_default_need
from lms.demonstration import (
    assessments,
    audits,
    authoring,
    dpo,
    group,
    incidents,
    installation,
    interim,
    learning,
    partners,
    policies,
    questions,
    records,
    registers,
    reports,
    rights,
    training,
    two_years,
    workforce,
)
from lms.demonstration.people import invent_completions, invent_people
from lms.demonstration.specifications import CARE, HISTORY_FROM, PASSWORD, SPECIFICATIONS, Specification
from lms.known_passwords import INVENTED
from staff.models import Person
from staff.services.key_posts import appoint

COURSE = "data-security-awareness"
ACTOR = "command:demo"

events.register({INVENTED: "invented {people} people and {completions} training records for the demonstration"})


def build(*, today: date, at: datetime, say: Callable[[str], None]) -> dict[str, Any]:
    """Create what is missing of the three organisations and of the homes of one. Returns counts by ODS code."""
    built: dict[str, Any] = {}
    for specification in SPECIFICATIONS:
        if Organisation.objects.filter(ods_code=specification.ods_code).exists():
            built[specification.ods_code] = "already there"
            continue
        say(f"Inventing {specification.name}: {specification.people} people ...")
        built[specification.ods_code] = build_one(specification, today=today, at=at)
    head = Organisation.objects.get(ods_code=CARE.ods_code)
    built["homes"] = group.build(head, Course.objects.get(code=COURSE), today=today, at=at, say=say)
    installation.build(at=at)
    return built


@transaction.atomic
def build_one(specification: Specification, *, today: date, at: datetime) -> dict[str, int]:
    random = Random(f"tenfold {specification.ods_code}")  # noqa: S311  invented people, not secrets
    begun = timezone.make_aware(datetime.combine(HISTORY_FROM, time(9)))
    organisation = create_organisation(
        specification.ods_code, name=specification.name, type=specification.type, by=ACTOR, at=begun
    )
    record_profile(
        organisation,
        effective_on=HISTORY_FROM,
        by=None,
        at=begun,
        type=specification.type,
        nhsmail_only="no",
        published_before="not_met" if specification.type == "trust" else "met",
        holds_certificates="no",
        several_sites="yes" if specification.type == "social-care" else "no",
        ico_number=specification.ico_number,
        report_to=specification.report_to,
    )
    course = Course.objects.get(code=COURSE)
    ensure_default_need(organisation, by=ACTOR, at=begun)
    staffing = invent_people(organisation, specification, today=today, random=random)
    completions = invent_completions(staffing.people, course, specification, today=today, random=random)
    users = _invite_everybody_named(organisation, specification, staffing.people, at=begun)
    records.build(organisation, specification, users, staffing.people, at=at)
    workforce.arrange(organisation, specification, staffing.people, users, today=today, at=at)
    training.arrange(organisation, specification, staffing.people, users, course, today=today, at=at)
    authoring.arrange(organisation, specification, users, at=begun)
    record(
        INVENTED,
        organisation=organisation,
        by=ACTOR,
        target=organisation,
        summary={"people": len(staffing.people), "completions": completions},
        at=begun,
    )
    counts = {"people": len(staffing.people), "completions": completions}
    counts["questions"] = questions.build(organisation, users, at=at - timedelta(days=40))
    if specification.type != "trust":
        counts["assessments"] = assessments.build(organisation, specification, users, today=today)
        counts["audited"] = audits.build(organisation, specification, users, today=today)
        counts["suppliers"] = partners.build(organisation, specification, users, today=today)
        counts["advice"] = dpo.build(organisation, specification, users, today=today)
        counts["rights"] = rights.build(organisation, specification, users, today=today)
        counts["registers"] = registers.build(organisation, specification, users, today=today)
        counts["incidents"] = incidents.build(organisation, specification, users, today=today)
        counts["quizzes"] = learning.sit_quizzes(staffing.people[-6:], course, at=at - timedelta(days=9))
    if specification.type == "trust":
        counts["judged"] = interim.build(organisation, specification, users, today=today)
    counts["attempts"] = learning.invent_attempts(staffing.people[:-6], course, today=today)
    counts["nights"] = reports.build(organisation, specification, users, staffing.people, course, today=today, at=at)
    counts["policies"] = policies.build(organisation, specification, users, today=today)
    return counts


def _invite_everybody_named(
    organisation: Organisation, specification: Specification, people: list[Person], *, at: datetime
) -> dict[str, User]:
    users: dict[str, User] = {}
    for sign_in, person in zip(specification.sign_ins, people, strict=False):
        user = create_user(
            sign_in_name(sign_in.name, specification),
            organisation=organisation,
            roles=sign_in.roles,
            by=ACTOR,
            at=at,
            email=person.email,
            first_name=person.first_name,
            last_name=person.last_name,
            password=PASSWORD,
        )
        person.user = user
        person.save(update_fields=["user"])
        users[sign_in.name] = user
        for kind in sign_in.kinds:
            appoint(organisation, kind=kind, holder=person, start=HISTORY_FROM, by=user, at=at)
    return users


def sign_in_name(name: str, specification: Specification) -> str:
    """What somebody types to sign in: ``maria@willowbrook.example``."""
    return f"{name.split()[0].lower()}@{specification.domain}"


def sign_ins() -> list[tuple[str, str, str, str]]:
    """Organisation, sign-in name, post and purpose of everybody who can sign in, organisation by organisation."""
    besides = {
        CARE.ods_code: (
            (sign_in_name(dpo.NAME, CARE), dpo.JOB_TITLE, dpo.SAYS),
            (f"iris@audit.{CARE.domain}", "Auditor from outside", "reads one return"),
            (sign_in_name(group.DIRECTOR, CARE), group.JOB_TITLE, group.SAYS),
        )
    }
    return [
        (specification.name, *line)
        for specification in (*SPECIFICATIONS, two_years.ALDER)
        for line in (
            *((sign_in_name(one.name, specification), one.job_title, one.says) for one in specification.sign_ins),
            *besides.get(specification.ods_code, ()),
        )
    ] + [(installation.ORGANISATION, installation.USERNAME, installation.JOB_TITLE, installation.SAYS)]
