"""Three care homes whose head office is the demonstration's care provider: one that has published, one behind, one that has not begun."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from django.db import transaction
from django.utils import timezone

from accounts.enums import Role
from accounts.models import Organisation, User
from accounts.services import create_organisation, create_user, record_profile
from assessment.services import open_year, record_official_status
from courses.models import Completion, Course
from courses.needs import ensure_default_need
from lms.demonstration import two_years
from lms.demonstration.specifications import CARE, FIRST_NAMES, HISTORY_FROM, LAST_NAMES, PASSWORD
from reporting.trend import keep_rate
from staff.models import Person, Post, Unit

ACTOR = "command:demo"
DIRECTOR, JOB_TITLE, SAYS = "Olive Grant", "Director of the group", "compares the homes, and sees nobody's name"


@dataclass(frozen=True)
class Home:
    """``trained``: of its ``people``, how many did last month; ``showed``: what the national site showed for 2025-26."""

    ods_code: str
    name: str
    people: int
    trained: int
    showed: str = ""
    has_begun: bool = False


HOMES = (
    Home(
        two_years.ALDER.ods_code, two_years.ALDER.name, people=two_years.ALDER.people, trained=27, showed="Approaching Standards"
    ),
    Home("DHOM2", "Beech Court", people=32, trained=25, showed="Standards Met", has_begun=True),
    Home("DHOM3", "Cedar Lodge", people=22, trained=12),
)


def build(head: Organisation, course: Course, *, today: date, at: datetime, say: Callable[[str], None]) -> int:
    """Create the homes that are missing. Returns how many."""
    missing = [home for home in HOMES if not Organisation.objects.filter(ods_code=home.ods_code).exists()]
    for home in missing:
        say(f"Inventing {home.name}: {home.people} people ...")
        _build_one(home, head, course, today=today, at=at)
    _let_the_director_in(head)
    return len(missing)


def _let_the_director_in(head: Organisation) -> None:
    first, last = DIRECTOR.split()
    username = f"{first.lower()}@{CARE.domain}"
    if User.objects.filter(username=username).exists():
        return
    create_user(
        username,
        organisation=head,
        roles=(Role.HEAD_OFFICE,),
        by=ACTOR,
        at=timezone.make_aware(datetime.combine(HISTORY_FROM, time(9))),
        email=username,
        first_name=first,
        last_name=last,
        password=PASSWORD,
    )


@transaction.atomic
def _build_one(home: Home, head: Organisation, course: Course, *, today: date, at: datetime) -> None:
    begun = timezone.make_aware(datetime.combine(HISTORY_FROM, time(9)))
    organisation = create_organisation(home.ods_code, name=home.name, type="social-care", by=ACTOR, at=begun)
    organisation.parent = head
    organisation.save(update_fields=["parent"])
    record_profile(organisation, effective_on=HISTORY_FROM, by=None, at=begun, type="social-care", nhsmail_only="no")
    ensure_default_need(organisation, by=ACTOR, at=begun)
    _people(organisation, home, course, today=today)
    for night in (today - timedelta(days=30), today - timedelta(days=1)):
        keep_rate(organisation, course, on=night, at=at)
    if home.ods_code == two_years.ALDER.ods_code:
        two_years.build(organisation, course, today=today)
    if home.showed and today > date(2026, 7, 6):
        record_official_status(organisation, year="2025-26", status=home.showed, recorded_on=date(2026, 7, 6), by=ACTOR, at=at)
    if home.has_begun and today > date(2026, 9, 10):
        open_year(organisation, "2026-27", by=ACTOR, at=at)


def _people(organisation: Organisation, home: Home, course: Course, *, today: date) -> None:
    random = Random(f"tenfold {home.ods_code}")  # noqa: S311  invented people, not secrets
    unit = Unit.objects.create(organisation=organisation, name=home.name)
    people = Person.objects.bulk_create(
        Person(
            organisation=organisation,
            staff_number=f"{number:05d}",
            first_name=random.choice(FIRST_NAMES),
            last_name=random.choice(LAST_NAMES),
        )
        for number in range(1, home.people + 1)
    )
    Post.objects.bulk_create(
        Post(person=person, unit=unit, job_title="Care worker", staff_group="Care", has_access="yes", start=HISTORY_FROM)
        for person in people
    )
    day = today - timedelta(days=40)
    recorded = timezone.make_aware(datetime.combine(day, time(17)))
    Completion.objects.bulk_create(
        Completion(
            person=person,
            course=course,
            completed_on=day,
            source=Completion.Source.CLASSROOM,
            reference="Training day",
            recorded_at=recorded,
        )
        for person in people[: home.trained]
    )
