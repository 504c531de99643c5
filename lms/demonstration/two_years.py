"""The home that has published two years: Approaching Standards with a plan, then all of it but one optional item."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.utils import timezone

from accounts.enums import Role
from accounts.models import Organisation, User
from accounts.services import create_user
from assessment.models import Assessment
from assessment.services import answer, open_year, plan_action
from courses.models import Completion, Course
from lms.demonstration.assessments import LAST_YEAR, TAKE_UP, THIS_YEAR, finish, give_answer, make_documents, responses_of
from lms.demonstration.specifications import HISTORY_FROM, PASSWORD, SignIn, Specification
from staff.enums import KeyPostKind
from staff.models import Person, Post
from staff.services.key_posts import appoint

ACTOR = "command:demo"
MANAGER = SignIn(
    "Hazel Moss",
    "Home manager",
    (Role.HR, Role.DSPT_LEAD, Role.SENIOR_REVIEWER, Role.ORGANISATION_ADMIN),
    "does it all in a small home, and compares two years",
    (KeyPostKind.REGISTERED_MANAGER, KeyPostKind.DSPT_LEAD),
)
ALDER = Specification(
    ods_code="DHOM1",
    name="Alder House",
    type="social-care",
    domain="alderhouse.example",
    people=28,
    units=("Alder House",),
    jobs=(),
    sign_ins=(MANAGER,),
    keeping_up=0,
    report_to="Hazel Moss, home manager, on 0113 496 0170",
    ico_number="ZA000004",
    words={
        "data.accountability.paper-off-site": "Nothing on paper leaves the home but the hospital folder, which goes with the resident "
        "and is signed out and back in by whoever is in charge of the shift.",
        "data.accountability.physical-security": "Both offices and the medicines room have keypads. Visitors sign in at the front door.",
        "data.accountability.mobile-phones": "Three tablets stay in the home, in a locked charging cabinet. There are no work phones.",
        "continuity.testing.plan-tested": "We lost power for an evening in August and worked by the plan. The torch list is longer since.",
    },
)
TRAINED_THEN = 24
PUBLISHED_THEN = date(2026, 6, 19)
OPEN_THEN = {
    TAKE_UP: "Train the four people who joined in spring, and book everybody else’s day for September",
    "continuity.testing.plan-tested": "Go through the continuity plan with both shifts and write down what we find",
    "access.sign-in.multi-factor": "Ask the supplier of the care records to switch two-step sign-in on",
}
"""What was not satisfied in the first year, with what was planned about it."""
ANSWERED_NO = (TAKE_UP, "access.sign-in.multi-factor")
NO_LONGER_DONE = "software.vulnerabilities.identified"
"""Optional, and answered in the first year only."""


def build(organisation: Organisation, course: Course, *, today: date) -> int:
    """Give a home a manager who signs in, and publish its two years. Returns how many were published."""
    manager = _manager(organisation)
    if today <= PUBLISHED_THEN:
        return 0
    _train_for_the_first_year(organisation, course)
    _publish_first_year(organisation, manager)
    if today <= date(2026, 10, 20):
        return 1
    _publish_second_year(organisation, manager, on=today - timedelta(days=4))
    return 2


def _manager(organisation: Organisation) -> User:
    first, last = MANAGER.name.split()
    person = Person.objects.of(organisation).order_by("pk")[0]
    begun = _at(HISTORY_FROM)
    username = f"{first.lower()}@{ALDER.domain}"
    user = create_user(
        username,
        organisation=organisation,
        roles=MANAGER.roles,
        by=ACTOR,
        at=begun,
        email=username,
        first_name=first,
        last_name=last,
        password=PASSWORD,
    )
    person.first_name, person.last_name, person.email, person.user = first, last, username, user
    person.save(update_fields=["first_name", "last_name", "email", "user"])
    Post.objects.filter(person=person).update(job_title=MANAGER.job_title, staff_group="Management")
    for kind in MANAGER.kinds:
        appoint(organisation, kind=kind, holder=person, start=HISTORY_FROM, by=user, at=begun)
    return user


def _train_for_the_first_year(organisation: Organisation, course: Course) -> None:
    day = date(2025, 11, 12)
    Completion.objects.bulk_create(
        Completion(
            person=person,
            course=course,
            completed_on=day,
            source=Completion.Source.CLASSROOM,
            reference="Training day",
            recorded_at=_at(day),
        )
        for person in Person.objects.of(organisation).order_by("pk")[:TRAINED_THEN]
    )


def _publish_first_year(organisation: Organisation, manager: User) -> None:
    opened = _at(date(2025, 10, 13))
    assessment = open_year(organisation, LAST_YEAR, by=manager, at=opened, lead=manager)
    documents = make_documents(organisation, by=manager, on=date(2026, 3, 3))
    for number, response in enumerate(responses_of(assessment)):
        at = opened + timedelta(days=4 * number, minutes=13 * number)
        planned = OPEN_THEN.get(response.item.item_id)
        if planned is None:
            give_answer(response, ALDER, documents, by=manager, at=at)
            continue
        if response.item.item_id in ANSWERED_NO:
            answer(response, value="no", expected_version=0, by=manager, at=at)
        plan_action(response, action=planned, owner_words=MANAGER.job_title, due_on=date(2026, 10, 30), by=manager, at=at)
    finish(assessment, lead=manager, signer=manager, on=PUBLISHED_THEN)


def _publish_second_year(organisation: Organisation, manager: User, *, on: date) -> Assessment:
    opened = _at(date(2026, 9, 14))
    assessment = open_year(organisation, THIS_YEAR, by=manager, at=opened, lead=manager)
    documents = make_documents(organisation, by=manager, on=date(2026, 9, 29))
    for number, response in enumerate(responses_of(assessment)):
        if response.item.item_id != NO_LONGER_DONE:
            give_answer(response, ALDER, documents, by=manager, at=opened + timedelta(hours=12 * number, minutes=13 * number))
    finish(assessment, lead=manager, signer=manager, on=on)
    return assessment


def _at(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(14)))
