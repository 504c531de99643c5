"""Reminders of training: who is told what on which day, once; and what becomes of those who are not."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.enums import Role
from courses.models import (
    Completion,
    CompletionVoid,
    CourseVersion,
    Exemption,
    Extension,
    ReminderMail,
    ReminderOutcome,
    ReminderPlan,
    ReminderRun,
    ReminderSend,
    RetakeDemand,
    TrainingNeed,
)
from courses.obligations import what_is_due_for
from courses.reminders import run
from courses.reminders.plans import pause, resume, set_plan
from courses.reminders.rules import SHIPPED, Rules, latest_step
from staff.models import Absence, Delegation, Person, Post
from tests.factories import (
    AbsenceFactory,
    CompletionFactory,
    CourseFactory,
    OrganisationFactory,
    PersonFactory,
    PostFactory,
    UnitFactory,
    member,
)

pytestmark = pytest.mark.django_db

ONE = timedelta(days=1)


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 8, 0, tzinfo=UTC)


def work(organisation, day: date, *, most: int = 1000) -> list[str]:
    """Everything the queue does on a day; who got an e-mail."""
    before = len(mail.outbox)
    run.decide(organisation, at=at(day))
    run.deliver(at=at(day), most=most)
    return sorted(message.to[0] for message in mail.outbox[before:])


def steps() -> list[tuple[str, date, str]]:
    """Whose, due when, which step; in the order in which they went."""
    return list(ReminderSend.objects.order_by("pk").values_list("person__first_name", "due_on", "step"))


@pytest.fixture
def course(organisation):
    course = CourseFactory(title="Data security awareness")
    CourseVersion.objects.create(
        course=course,
        number=1,
        content={"title": "Course", "modules": [{"slug": "one", "title": "One", "minutes": 25}, {"slug": "two", "minutes": 15}]},
        content_hash="0",
        effective_on=date(2020, 1, 1),
        created_at=at(date(2020, 1, 1)),
    )
    TrainingNeed.objects.create(
        organisation=organisation, course=course, months=12, starter_days=30, rationale="They need it.", start=date(2020, 1, 1)
    )
    return course


@pytest.fixture
def somebody(organisation, course):
    """``somebody("Ada", done=...)``: in post since 2020, with an e-mail address and a completion on a day."""

    def made(name: str, *, done: date | None = None, email: str | None = None, **post: object) -> Person:
        address = f"{name.lower()}@example.test" if email is None else email
        person = PersonFactory(organisation=organisation, first_name=name, last_name=f"{name}son", email=address)
        PostFactory(person=person, **post)
        if done:
            CompletionFactory(person=person, course=course, completed_on=done)
        return person

    return made


@pytest.mark.parametrize(
    ("days_to_go", "name", "reached"),
    [
        (61, None, None),
        (60, "before-60", 60),
        (31, "before-60", 60),
        (14, "before-14", 14),
        (1, "before-7", 7),
        (0, "before-0", 0),
        (-6, "before-0", 0),
        (-7, "after-7", -7),
        (-13, "after-7", -7),
        (-700, "after-700", -700),
    ],
)
def test_the_step_that_came_last_counts(days_to_go, name, reached):
    due_on = date(2027, 1, 3)

    step = latest_step(due_on, on=due_on - timedelta(days=days_to_go), history=[SHIPPED])

    assert (step and step.name, step and step.on) == (name, None if reached is None else due_on - timedelta(days=reached))


def test_new_rules_call_up_no_steps_of_the_past():
    due_on, change = date(2026, 6, 30), date(2026, 6, 10)
    history = [Rules(days_before=(60, 7)), Rules(days_before=(30, 21, 3), overdue_every_days=0, starts_on=change)]

    by_day = {day: latest_step(due_on, on=date(2026, 6, day), history=history) for day in (9, 10, 26, 27, 30)}

    assert {day: step.name for day, step in by_day.items()} == {
        9: "before-60",
        10: "before-60",  # 30 and 21 days before came while the old rules held
        26: "before-60",
        27: "before-3",
        30: "before-3",
    }
    assert latest_step(due_on, on=date(2027, 1, 1), history=history).name == "before-3"


def test_over_a_year_end_each_step_goes_once(organisation, somebody):
    somebody("Ada", done=date(2026, 1, 4))  # counts until 3 January 2027

    days = [date(2026, 10, 30) + timedelta(days=n) for n in range(90)]
    told = {day: work(organisation, day) for day in days}

    due_on = date(2027, 1, 3)
    assert [day for day, whom in told.items() if whom] == [
        date(2026, 11, 4),
        date(2026, 12, 4),
        date(2026, 12, 20),
        date(2026, 12, 27),
        date(2027, 1, 3),
        date(2027, 1, 10),
        date(2027, 1, 17),
        date(2027, 1, 24),
    ]
    names = ["before-60", "before-30", "before-14", "before-7", "before-0", "after-7", "after-14", "after-21"]
    assert steps() == [("Ada", due_on, name) for name in names]


def test_a_reminder_says_what_by_when_how_long_and_whom_to_ask(organisation, course, somebody):
    person = somebody("Ada", done=date(2025, 7, 1))
    Completion.objects.create(
        person=person, course=course, completed_on=date(2025, 6, 1), source="quiz", score_percent=37, recorded_at=at(date(2025, 6, 1)),
        course_version=course.versions.get(),
    )  # fmt: skip

    work(organisation, date(2026, 6, 16))

    (message,) = mail.outbox
    assert message.subject == "Your training is due by 30 June 2026"
    assert message.body == (
        "Hello Ada,\n\n"
        f"At {organisation.name} you have training to do:\n\n"
        "- Data security awareness: due by 30 June 2026. It takes about 40 minutes.\n\n"
        "Start here, or go on where you stopped:\nhttp://localhost:8000/my-training/\n\n"
        "You can do it in parts, on a phone, a tablet or a computer.\n\n"
        "If you cannot get in, or there is no time for it at work, ask your manager. If you have done it already "
        "somewhere else, ask your manager how to have that recorded.\n"
    )


def test_those_who_need_not_hear_hear_nothing(organisation, course, somebody):
    today = date(2026, 6, 1)
    somebody("Done", done=date(2026, 5, 1))
    somebody("Gone", start=date(2020, 1, 1), end=today)
    somebody("Coming", start=today + ONE)
    AbsenceFactory(person=somebody("Away"), start=date(2026, 5, 20), end=date(2026, 6, 5))
    AbsenceFactory(person=somebody("Openaway"), start=date(2026, 5, 20))
    Exemption.objects.create(person=somebody("Exempt"), reason="secondment", start=today, approved_at=at(today))
    somebody("Paper", email="")
    somebody("Gardener", has_access="no")
    somebody("Late")

    assert work(organisation, today) == ["late@example.test"]


def test_an_extension_and_a_retake_move_the_date_and_begin_again(organisation, course, somebody):
    more, again = somebody("More", done=date(2025, 6, 16)), somebody("Again", done=date(2026, 1, 10))
    work(organisation, date(2026, 6, 8))
    assert steps() == [("More", date(2026, 6, 15), "before-7")]
    Extension.objects.create(
        person=more, course=course, cycle_after=date(2025, 6, 16), act="granted", baseline_due_on=date(2026, 6, 15),
        until=date(2026, 7, 15), reason="Busy.", on=date(2026, 6, 9), at=at(date(2026, 6, 9)),
    )  # fmt: skip
    version = CourseVersion.objects.create(
        course=course, number=2, content={}, content_hash="0", effective_on=date(2026, 6, 9), created_at=at(date(2026, 6, 9))
    )
    RetakeDemand.objects.create(course=course, version=version, asked_on=date(2026, 6, 9), last_day=date(2026, 6, 23))

    assert work(organisation, date(2026, 6, 9)) == ["again@example.test", "more@example.test"]
    assert work(organisation, date(2026, 6, 15)) == ["more@example.test"]
    assert again.reminder_mails.count() == 1
    assert sorted(steps()[1:]) == [
        ("Again", date(2026, 6, 23), "before-14"),
        ("More", date(2026, 7, 15), "before-30"),
        ("More", date(2026, 7, 15), "before-60"),
    ]


def test_after_a_week_without_a_server_only_the_last_step_goes(organisation, somebody):
    somebody("Ada", done=date(2025, 7, 1))
    work(organisation, date(2026, 6, 1))

    assert work(organisation, date(2026, 7, 20)) == ["ada@example.test"]

    assert [step for *_rest, step in steps()] == ["before-30", "after-14"]


def test_the_run_twice_sends_once(organisation, somebody):
    for name in ("Ada", "Bea", "Cy"):
        somebody(name)
    today = date(2026, 6, 1)

    assert len(work(organisation, today)) == 3
    assert work(organisation, today) == []
    assert run.decide(organisation, at=at(today)) == 0
    assert ReminderSend.objects.count() == 3


def test_a_run_that_broke_off_loses_none_and_sends_none_twice(organisation, somebody, monkeypatch):
    for name in ("Ada", "Bea", "Cy"):
        somebody(name)
    today = date(2026, 6, 1)

    def breaks(*args, **kwargs):
        raise RuntimeError("the power went")

    with monkeypatch.context() as patched:
        patched.setattr(run, "digests", breaks)
        with pytest.raises(RuntimeError):
            run.decide(organisation, at=at(today))
    assert not ReminderRun.objects.exists()

    real, sent = EmailMessage.send, []

    def second_breaks(self, **kwargs):
        sent.append(self.to[0])
        if len(sent) == 2:
            raise RuntimeError("the power went again")
        return real(self, **kwargs)

    run.decide(organisation, at=at(today))
    with monkeypatch.context() as patched:
        patched.setattr(EmailMessage, "send", second_breaks)
        with pytest.raises(RuntimeError):
            run.deliver(at=at(today), most=10)
    run.deliver(at=at(today), most=10)

    # Bea's was in the hands of the mail server when it broke off: nobody knows, so it is not repeated.
    assert sorted(message.to[0] for message in mail.outbox) == ["ada@example.test", "cy@example.test"]
    assert ReminderMail.objects.filter(attempts__outcome__isnull=True).get().person.first_name == "Bea"


def test_two_workers_with_the_same_mails_send_each_once(organisation, somebody):
    somebody("Ada")
    today = date(2026, 6, 1)
    run.decide(organisation, at=at(today))
    first, second = (list(ReminderMail.objects.waiting(today).select_related("person", "organisation")) for _ in range(2))

    with run.get_connection() as connection:
        for mails in (first, second):
            words = run._words(mails, on=today)
            for one in mails:
                run._hand_over(one, words[one.pk], connection=connection, at=at(today))

    assert len(mail.outbox) == 1


def test_what_the_mail_server_refuses_is_tried_three_times(organisation, somebody, monkeypatch):
    somebody("Ada")
    today = date(2026, 6, 1)

    def refuse(self, **kwargs):
        raise ConnectionRefusedError("a name and a password")

    with monkeypatch.context() as patched:
        patched.setattr(EmailMessage, "send", refuse)
        assert work(organisation, today) == []
        for _ in range(4):
            run.deliver(at=at(today), most=10)

    assert list(ReminderOutcome.objects.values_list("kind", "detail")) == [("failed", "ConnectionRefusedError")] * 3
    assert work(organisation, today) == []


def test_people_are_looked_at_again_just_before(organisation, course, somebody):
    done, away, excused, gone, stays = (somebody(name) for name in ("Done", "Away", "Excused", "Gone", "Stays"))
    today = date(2026, 6, 1)
    run.decide(organisation, at=at(today))
    CompletionFactory(person=done, course=course, completed_on=today)
    AbsenceFactory(person=away, start=today)
    Exemption.objects.create(person=excused, reason="other", start=today, approved_at=at(today))
    Post.objects.filter(person=gone).update(end=today)

    run.deliver(at=at(today), most=10)

    assert [message.to for message in mail.outbox] == [[stays.email]]
    assert ReminderOutcome.objects.filter(kind="not-needed").count() == 4


def test_they_are_spread_over_time(organisation, somebody):
    for name in ("Ada", "Bea", "Cy"):
        somebody(name)
    today = date(2026, 6, 1)

    assert len(work(organisation, today, most=2)) == 2
    assert len(work(organisation, today, most=2)) == 1


def test_while_paused_nothing_goes_and_afterwards_only_the_last_step(organisation, somebody):
    lead = member(organisation, Role.TRAINING_LEAD)
    somebody("Ada", done=date(2025, 7, 1))
    run.decide(organisation, at=at(date(2026, 6, 16)))
    pause(organisation, reason="Moving to a new rota", by=lead, at=at(date(2026, 6, 16)))

    assert [work(organisation, date(2026, 6, day)) for day in (16, 23, 29)] == [[], [], []]
    resume(organisation, reason="The rota is in", by=lead, at=at(date(2026, 6, 29)))

    assert work(organisation, date(2026, 6, 29)) == ["ada@example.test"]
    assert [step for *_rest, step in steps()] == ["before-14", "before-7"]
    assert work(organisation, date(2026, 6, 30)) == ["ada@example.test"]


def test_a_manager_gets_one_mail_a_week_with_names_and_dates(organisation, course, somebody):
    top = somebody("Top", done=date(2026, 5, 1))
    boss = somebody("Boss", done=date(2026, 5, 1), manager=top)
    deputy = somebody("Deputy", done=date(2026, 5, 1))
    Delegation.objects.create(
        organisation=organisation, delegate=deputy, manager=boss, start=date(2026, 1, 1), created_at=at(date(2026, 1, 1))
    )
    somebody("Late", done=date(2025, 4, 1), manager=boss)
    somebody("Soon", done=date(2025, 6, 20), manager=boss, email="")
    AbsenceFactory(person=somebody("Away", manager=boss), start=date(2026, 1, 1))
    CompletionFactory(person=somebody("Trained", manager=boss), course=course, completed_on=date(2026, 5, 1), score_percent=93)

    monday = date(2026, 6, 1)
    whom = [address for address in work(organisation, monday) if address != "late@example.test"]
    later = [address for n in range(1, 7) for address in work(organisation, monday + timedelta(days=n)) if "boss" in address]

    assert whom == ["boss@example.test", "deputy@example.test", "top@example.test"]
    assert later == []
    by_address = {message.to[0]: message for message in mail.outbox}
    words = by_address["boss@example.test"]
    assert words.subject == "Your team’s training: 1 person overdue"
    assert "overdue for 1 person, due soon for 1 person" in words.body
    assert "- Late Lateson, Data security awareness: was due by 31 March 2026" in words.body
    assert "- Soon Soonson, Data security awareness: due by 19 June 2026" in words.body
    assert "please tell them yourself or hand them their letter: Soon Soonson" in words.body
    for secret in ("Away", "Trained", "93%", "Passed on"):
        assert secret not in words.body
    escalated = by_address["top@example.test"]
    assert escalated.subject == "Training overdue for weeks: 1 person"
    assert "Passed on to you" in escalated.body
    assert "Late Lateson" in escalated.body
    assert "Soon" not in escalated.body.replace("due soon", "")


def test_a_unit_someone_acts_for_and_a_missed_monday(organisation, course, somebody):
    home = UnitFactory(organisation=organisation, name="Home")
    upstairs = UnitFactory(organisation=organisation, name="Upstairs", parent=home)
    carer, stand_in = somebody("Carer", unit=upstairs), somebody("Standin", done=date(2026, 5, 1))
    Delegation.objects.create(
        organisation=organisation, delegate=stand_in, unit=home, start=date(2026, 1, 1), created_at=at(date(2026, 1, 1))
    )
    work(organisation, date(2026, 5, 30))

    wednesday = work(organisation, date(2026, 6, 3))

    assert stand_in.email in wednesday
    assert stand_in.email not in work(organisation, date(2026, 6, 4))
    assert carer.reminder_mails.filter(kind="team").count() == 0


@pytest.mark.parametrize("people", [3, 60])
def test_deciding_costs_the_same_however_many_people(organisation, somebody, people, django_assert_max_num_queries):
    for number in range(people):
        somebody(f"P{number}", done=date(2025, 6, 20) if number % 2 else None)

    with django_assert_max_num_queries(36):  # BATCH people at a time: nothing is asked for one person alone
        decided = run.decide(organisation, at=at(date(2026, 6, 2)))

    assert decided == people


def test_a_batch_is_asked_about_in_six_questions(organisation, somebody, monkeypatch, django_assert_num_queries):
    for number in range(7):
        somebody(f"P{number}", done=date(2026, 5, 1))
    history = [SHIPPED]
    lines = run.lines_of(organisation, on=date(2026, 6, 2))
    batches = list(run.people_in_batches(organisation, on=date(2026, 6, 2)))

    # who was asked again, and what is due; nobody is to be told of anything
    with django_assert_num_queries(2):
        assert run.reached(organisation, on=date(2026, 6, 2), people=batches[0], history=history, lines=lines) == []

    # ... and which steps they were told of, and whether they are told of anything today
    with django_assert_num_queries(4):
        assert len(run.reached(organisation, on=date(2027, 4, 1), people=batches[0], history=history, lines=lines)) == 7


def test_rules_are_data_and_hold_from_tomorrow(organisation, somebody):
    lead = member(organisation, Role.TRAINING_LEAD)
    somebody("Ada", done=date(2025, 7, 1))
    today = date(2026, 6, 8)
    values = {"days_before": (21, 1), "overdue_every_days": 3, "digest_weekday": None, "escalate_after_weeks": None, "note": ""}

    set_plan(organisation, by=lead, at=at(today), **values)
    told = [today + timedelta(days=n) for n in range(-7, 40) if work(organisation, today + timedelta(days=n))]

    assert ReminderPlan.objects.get().starts_on == date(2026, 6, 9)
    assert told == [
        date(2026, 6, 1),  # 30 days before, as shipped
        date(2026, 6, 9),
        date(2026, 6, 29),
        *[date(2026, 6, 30) + timedelta(days=3 * n) for n in range(1, 6)],
    ]


day_of_world = st.integers(-420, 45).map(lambda n: date(2026, 12, 20) + timedelta(days=n))
length = st.one_of(st.none(), st.integers(1, 60))
sketches = st.fixed_dictionaries(
    {
        "email": st.sampled_from([True, True, True, False]),
        "posts": st.lists(st.tuples(day_of_world, st.one_of(st.none(), st.integers(200, 500))), min_size=1, max_size=2),
        "done": st.lists(
            st.tuples(day_of_world, st.sampled_from([False, False, True])), max_size=2, unique_by=lambda one: one[0]
        ),
        "away": st.lists(st.tuples(st.integers(-30, 40), length), max_size=2),
        "excused": st.lists(st.tuples(st.integers(-30, 40), length), max_size=1),
        "more": st.one_of(st.none(), st.integers(1, 40)),
    }
)


@settings(max_examples=4, phases=[Phase.explicit, Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    people=st.lists(sketches, min_size=2, max_size=4),
    off=st.sets(st.integers(0, 29), max_size=15),
    change=st.tuples(st.integers(0, 29), st.sets(st.integers(0, 60), max_size=4), st.sampled_from([0, 2, 5, 7])),
)
def test_over_generated_histories_everybody_hears_what_a_walk_from_day_to_day_says(db, people, off, change):  # noqa: C901
    mail.outbox.clear()
    first, organisation, course = date(2026, 12, 10), OrganisationFactory(), CourseFactory()
    TrainingNeed.objects.create(
        organisation=organisation, course=course, months=12, starter_days=20, rationale="x", start=date(2020, 1, 1)
    )
    persons = []
    for number, sketch in enumerate(people):
        person = PersonFactory(organisation=organisation, email=f"p{number}@example.test" if sketch["email"] else "")
        persons.append(person)
        for start, days in sketch["posts"]:
            Post.objects.create(person=person, start=start, end=start + timedelta(days=days) if days else None)
        for start, days in sketch["away"]:
            Absence.objects.create(
                person=person, start=first + timedelta(days=start), end=days and first + timedelta(days=start + days)
            )
        for start, days in sketch["excused"]:
            Exemption.objects.create(
                person=person, reason="other", start=first + timedelta(days=start),
                end=days and first + timedelta(days=start + days), approved_at=at(first),
            )  # fmt: skip
        for day, void in sketch["done"]:
            done = Completion.objects.create(person=person, course=course, completed_on=day, source="import", recorded_at=at(day))
            if void:
                CompletionVoid.objects.create(completion=done, reason="not so", voided_at=at(day))
        counted = [day for day, void in sketch["done"] if not void and day < first]
        if sketch["more"]:
            Extension.objects.create(
                person=person, course=course, cycle_after=max(counted, default=None), act="granted", baseline_due_on=date(2000, 1, 1),
                until=first + timedelta(days=sketch["more"]), reason="Busy.", on=first, at=at(first),
            )  # fmt: skip
    changed_on, before, every = first + timedelta(days=change[0]), change[1], change[2]
    ReminderPlan.objects.create(
        organisation=organisation, days_before=sorted(before, reverse=True), overdue_every_days=every, starts_on=changed_on,
        made_at=at(first),
    )  # fmt: skip

    def is_step(due_on: date, day: date) -> str | None:
        """What the rules of a day call for on that very day."""
        days, often = (before, every) if day >= changed_on else ({60, 30, 14, 7, 0}, 7)
        away = (due_on - day).days
        if away in days:
            return f"before-{away}"
        return f"after-{-away}" if away < 0 and often and -away % often == 0 else None

    told: set[tuple[int, date, str]] = set()
    for n in range(30):
        today = first + timedelta(days=n)
        if n in off:
            continue
        expected = set()
        for person, own in ((person, what_is_due_for([person], on=today)[person.pk]) for person in persons):
            away = any(one.start <= today and (one.end is None or one.end > today) for one in person.absences.all())
            for due in own:
                if due.due_on is None or due.exemption or due.when.is_paused or away or not person.email:
                    continue
                if due.status.is_current and today > due.due_on:
                    continue
                day = today
                while (step := is_step(due.due_on, day)) is None and day > due.due_on - timedelta(days=61):
                    day -= ONE
                if step and (person.pk, due.due_on, step) not in told:
                    expected.add((person.pk, due.due_on, step))

        addresses = work(organisation, today)

        went = set(
            ReminderSend.objects.filter(mail__on=today, mail__organisation=organisation).values_list("person", "due_on", "step")
        )
        assert went == expected
        assert addresses == sorted(person.email for person in persons if any(pk == person.pk for pk, *_rest in expected))
        told |= expected
    assert ReminderSend.objects.filter(person__organisation=organisation).count() == len(told)
