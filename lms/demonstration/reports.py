"""What the demonstration reports and how it teaches groups: a report by e-mail, one that is kept, exercises, opinions, sessions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from random import Random

from accounts.enums import Capability
from accounts.models import Organisation, User
from accounts.policy import ROLE_CAPABILITIES
from courses import sessions
from courses.feedback import give_feedback
from courses.models import Completion, Course, TrainingSession
from lms.demonstration.specifications import Specification
from reporting.enums import Every, ReportKind
from reporting.phishing import Result, record_results
from reporting.sending import may_receive, schedule_report
from reporting.services import save_report
from reporting.trend import keep_rate
from staff.models import Person, Unit

CAMPAIGNS = (
    ("Parcel that could not be delivered", 260, 17, 24),
    ("Change of bank details", 150, 11, 35),
    ("New rota", 40, 6, 48),
)
"""Name, days ago, and how many in a hundred clicked and reported it."""


def build(
    organisation: Organisation,
    specification: Specification,
    users: Mapping[str, User],
    people: Sequence[Person],
    course: Course,
    *,
    today: date,
    at: datetime,
) -> int:
    """Everything of one organisation that has somebody to schedule reports. Returns how many nights' figures were recorded."""
    keeper = _who_may(specification, users, Capability.REPORTS_SCHEDULE)
    lead = _who_may(specification, users, Capability.EVIDENCE_EDIT)
    if keeper is None or lead is None:
        return 0
    _exercises(organisation, by=lead, today=today, at=at)
    _opinions(organisation, course, today=today)
    _sessions(organisation, course, people, by=keeper, today=today, at=at)
    receivers = list(may_receive(organisation, ReportKind.BOARD, on=today)[:2])
    if receivers:
        schedule_report(
            organisation, kind=ReportKind.BOARD, course=course, every=Every.MONTH, receivers=receivers, by=keeper, at=at
        )
    columns = "&".join(f"columns={name}" for name in ("staff_number", "last_name", "first_name", "units", "standing", "managers"))
    query = f"course={course.code}&standing=lapsed&standing=not_started&{columns}"
    save_report(organisation, title="Not trained today", is_shared=True, query=query, by=keeper, at=at)
    nights = [today - timedelta(days=days) for days in (120, 90, 60, 30, 7, 1)]
    for night in nights:
        keep_rate(organisation, course, on=night, at=at)
    return len(nights)


def _who_may(specification: Specification, users: Mapping[str, User], capability: Capability) -> User | None:
    able = {role for role, granted in ROLE_CAPABILITIES.items() if capability in granted}
    return next((users[one.name] for one in specification.sign_ins if able & set(one.roles) and one.name in users), None)


def _exercises(organisation: Organisation, *, by: User, today: date, at: datetime) -> None:
    units = list(Unit.objects.filter(organisation=organisation, parent=None).order_by("pk")[:2])
    results = [
        Result(today - timedelta(days=ago), name, unit, sent, None, sent * clicked // 100, sent * reported // 100)
        for name, ago, clicked, reported in CAMPAIGNS
        for unit, sent in zip(units, (60, 48), strict=False)
    ]
    record_results(organisation, results, by=by, at=at)


def _opinions(organisation: Organisation, course: Course, *, today: date) -> None:
    dice = Random(f"opinions {organisation.ods_code}")  # noqa: S311  invented people, not secrets
    done = Completion.objects.filter(
        person__organisation=organisation, course=course, completed_on__gte=today - timedelta(days=300)
    )
    for completion in done.select_related("person__organisation", "course").order_by("pk")[:40]:
        answers = {name: dice.choices([4, 3, 2, 1], [45, 35, 14, 6])[0] for name in ("fits_work", "was_clear", "will_use")}
        give_feedback(completion, on=completion.completed_on, **answers)


def _sessions(
    organisation: Organisation, course: Course, people: Sequence[Person], *, by: User, today: date, at: datetime
) -> None:
    """One that was held and is recorded, and one to come with its list."""
    held, coming = today - timedelta(days=21), today + timedelta(days=12)
    staying = set(Person.objects.of(organisation).in_post(held).values_list("pk", flat=True))
    staying &= set(Person.objects.of(organisation).in_post(coming).values_list("pk", flat=True))
    there = [person for person in people[20:] if person.pk in staying]
    for held_on, some in ((held, there[:8]), (coming, there[8:19])):
        session = sessions.plan_session(
            organisation,
            course,
            kind=TrainingSession.Kind.CLASSROOM,
            held_on=held_on,
            place="Training room",
            led_by="The training lead",
            by=by,
            at=at,
        )
        sessions.put_on_list(session, some, by=by, at=at)
        if held_on < today:
            sessions.record_session(session, by=by, at=at)
