"""A small organisation walked through a whole training year and over its end, with the clock standing still on each day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core import mail

from accounts.enums import Role
from courses import sessions
from courses.completions import hand_in
from courses.models import Course, ReminderSend, TrainingNeed
from courses.obligations import Due, what_is_due
from courses.obligations_sql import obligations
from courses.reminders import run
from courses.status import State
from staff.models import Person, Post
from tests.courses.test_completions import sat
from tests.factories import AbsenceFactory, CompletionFactory, PersonFactory, PostFactory, course_with_quiz, member

pytestmark = pytest.mark.django_db


class Year:
    """The organisation, its people by first name, and what is done on a day."""

    def __init__(self, organisation) -> None:
        self.organisation = organisation
        self.manager = member(organisation, Role.MANAGER)
        self.everybody, self.board = course_with_quiz(title="Data security"), course_with_quiz(title="Board briefing")
        common = {"organisation": organisation, "rationale": "They need it.", "start": date(2020, 1, 1), "starter_days": 30}
        common |= {"returner_days": 28, "returner_after_days": 28}
        TrainingNeed.objects.create(course=self.everybody.course, months=12, **common)
        TrainingNeed.objects.create(course=self.everybody.course, months=6, job_titles=["Night lead"], **common)
        TrainingNeed.objects.create(course=self.board.course, frequency="yearly", staff_groups=["Board"], **common)

    def join(self, name: str, *, done: date | None = None, **post: object) -> Person:
        address = f"{name.lower()}@example.test"
        person = PersonFactory(organisation=self.organisation, first_name=name, last_name="Lee", email=address)
        PostFactory(person=person, **post)
        if done:
            CompletionFactory(person=person, course=self.everybody.course, completed_on=done)
        return person

    def morning(self, on: date) -> set[str]:
        """The day's reminders; who got one."""
        at, before = datetime(on.year, on.month, on.day, 8, tzinfo=UTC), len(mail.outbox)
        with time_machine.travel(at, tick=False):
            run.decide(self.organisation, at=at)
            run.deliver(at=at, most=100)
        late = [row for row in obligations(self.organisation, on=on) if row.is_overdue]
        assert obligations(self.organisation, on=on, overdue_only=True) == late
        return {
            message.to[0].split("@")[0].capitalize() for message in mail.outbox[before:] if "Your team" not in message.subject
        }

    def due(self, person: Person, on: date, course: Course | None = None) -> Due:
        """By the form for a person, after comparing it with the form for everybody."""
        course = course or self.everybody.course
        one = next(item for item in what_is_due(person, on=on) if item.course == course)
        row = next(r for r in obligations(self.organisation, on=on) if (r.person_id, r.course_id) == (person.pk, course.pk))
        assert (row.state, row.due_on, row.is_overdue) == (one.status.state, one.due_on, one.is_overdue)
        return one

    def told(self, person: Person) -> list[tuple[date, str]]:
        return list(ReminderSend.objects.filter(person=person).order_by("pk").values_list("mail__on", "step"))

    def passes(self, person: Person, version, at: datetime) -> None:
        hand_in(sat(version, person=person, at=at), by="system", at=at)


@pytest.fixture
def year(organisation) -> Year:
    return Year(organisation)


def test_a_yearly_course_over_29_february_and_the_reminders_before_it(year):
    ada = year.join("Ada", done=date(2027, 3, 1))
    steps = [date(2027, 12, 31), date(2028, 1, 30), date(2028, 2, 15), date(2028, 2, 22), date(2028, 2, 29)]

    told = {day: year.morning(day) for first in steps for day in (first, first + timedelta(days=1)) if day < date(2028, 3, 1)}
    assert [day for day, whom in told.items() if whom == {"Ada"}] == steps
    assert (year.due(ada, date(2028, 2, 29)).status.is_current, year.due(ada, date(2028, 2, 29)).due_on) == (
        True,
        date(2028, 2, 29),
    )
    assert year.due(ada, date(2028, 3, 1)).is_overdue

    year.passes(ada, year.everybody, datetime(2028, 2, 29, 17, 0, tzinfo=UTC))

    assert year.due(ada, date(2028, 3, 1)).due_on == date(2029, 2, 28)
    assert year.morning(date(2028, 3, 7)) == set()
    assert not year.due(ada, date(2029, 2, 28)).is_overdue
    assert year.due(ada, date(2029, 3, 1)).is_overdue


def test_a_starter_is_reminded_until_a_session_is_recorded_that_was_earlier(year):
    ben = year.join("Ben", start=date(2027, 9, 1))
    days = [date(2027, 9, 1), date(2027, 9, 17), date(2027, 9, 24), date(2027, 10, 1), date(2027, 10, 2), date(2027, 10, 8)]

    told = [day for day in days if year.morning(day)]
    assert told == [day for day in days if day != date(2027, 10, 2)]
    assert year.due(ben, date(2027, 10, 5)).is_overdue

    at = datetime(2027, 10, 12, 12, tzinfo=UTC)
    session = sessions.plan_session(
        year.organisation, year.everybody.course, kind="classroom", held_on=date(2027, 9, 20), place="Elm House", led_by="Pat",
        by=year.manager, at=at,
    )  # fmt: skip
    sessions.put_on_list(session, [ben], by=year.manager, at=at)
    sessions.record_session(session, by=year.manager, at=at)

    assert year.due(ben, date(2027, 10, 5)).status.is_current
    assert year.due(ben, date(2027, 10, 15)).due_on == date(2028, 9, 19)
    assert year.morning(date(2027, 10, 15)) == set()
    assert [step for _day, step in year.told(ben)] == ["before-30", "before-14", "before-7", "before-0", "after-7"]


def test_of_two_rules_for_one_person_the_earlier_date_stands_and_both_are_told(year):
    cy = year.join("Cy", done=date(2027, 2, 10), job_title="Night lead")

    one = year.due(cy, date(2027, 7, 1))
    assert (one.due_on, [on for _need, on in one.others]) == (date(2027, 8, 9), [date(2028, 2, 9)])
    assert any("The earlier date stands." in sentence for sentence in one.why)
    Post.objects.filter(person=cy).update(job_title="Care worker")
    assert year.due(cy, date(2027, 8, 10)).due_on == date(2028, 2, 9)


def test_overlapping_absences_move_the_date_and_nobody_is_reminded_in_them(year):
    di = year.join("Di", done=date(2027, 2, 10))  # due on 9 February 2028
    AbsenceFactory(person=di, start=date(2028, 1, 1), end=date(2028, 4, 1))
    AbsenceFactory(person=di, start=date(2028, 3, 15), end=date(2028, 6, 1))

    days = [date(2027, 12, 11), date(2028, 1, 10), date(2028, 2, 9), date(2028, 4, 2), date(2028, 6, 1), date(2028, 6, 15)]
    told = [day for day in days if year.morning(day)]

    assert told == [date(2027, 12, 11), date(2028, 6, 1), date(2028, 6, 15)]
    assert year.due(di, date(2028, 6, 1)).due_on == date(2028, 6, 29)
    assert [step for _day, step in year.told(di)] == ["before-60", "before-30", "before-14"]


def test_half_past_eleven_on_30_june_is_this_training_year_and_half_past_midnight_the_next(year):
    ed = year.join("Ed", done=date(2027, 7, 1), staff_group="Board")
    board = year.board.course
    CompletionFactory(person=ed, course=board, completed_on=date(2027, 5, 1))  # counts for 2026-27
    assert year.due(ed, date(2028, 6, 30), board).due_on == date(2028, 6, 30)
    assert year.due(ed, date(2028, 7, 1), board).is_overdue

    year.passes(ed, year.board, datetime(2028, 6, 30, 22, 30, tzinfo=UTC))  # 23:30 in London
    year.passes(ed, year.everybody, datetime(2028, 6, 30, 23, 30, tzinfo=UTC))  # 00:30 on 1 July

    on_the_last = year.due(ed, date(2028, 6, 30), board)
    assert (on_the_last.status.is_current, on_the_last.status.completed_on) == (True, date(2028, 6, 30))
    next_year = year.due(ed, date(2028, 7, 1), board)
    assert (next_year.status.is_current, next_year.due_on, next_year.is_overdue) == (False, date(2029, 6, 30), False)
    assert year.due(ed, date(2028, 7, 1)).status.completed_on == date(2028, 7, 1)
    assert year.due(ed, date(2028, 7, 1)).due_on == date(2029, 6, 30)
    assert year.morning(date(2028, 7, 2)) == set()


def test_what_lapses_is_overdue_until_its_holder_has_gone(year):
    fay = year.join("Fay", done=date(2027, 5, 5), end=date(2028, 6, 1))

    days = [date(2028, 5, 4), date(2028, 5, 5), date(2028, 5, 11), date(2028, 6, 1), date(2028, 6, 8)]
    told = [day for day in days if year.morning(day)]

    assert year.due(fay, date(2028, 5, 5)).status.state == State.LAPSED
    assert told == [date(2028, 5, 4), date(2028, 5, 11)]
    assert what_is_due(fay, on=date(2028, 6, 1)) == []
