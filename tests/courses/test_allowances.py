from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.urls import reverse

from accounts.enums import Role
from courses.allowances import (
    AllowanceRefusedError,
    ask_exemption,
    ask_more_time,
    decide_exemption,
    end_exemption,
    give_more_time,
    refuse_more_time,
    take_back_time,
)
from courses.models import Exemption, Extension
from courses.needs import set_need
from courses.obligations import what_is_due, what_was_asked
from courses.obligations_sql import obligations
from reporting.queries import completion_rate
from reporting.rules import shipped_rules
from tests.content.markup import faults
from tests.factories import NOW, TODAY, AbsenceFactory, CompletionFactory, CourseFactory, PostFactory, member, person_in_post

pytestmark = pytest.mark.django_db
LATER = TODAY + timedelta(days=20)


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


@pytest.fixture
def course(organisation):
    course = CourseFactory(title="Data security awareness")
    plain = {"audience": "everyone", "months": 12, "starter_days": 30, "rationale": "x", "start": date(2020, 1, 1)}
    set_need(organisation, course=course, by="system", at=NOW, **plain)
    return course


@pytest.fixture
def person(organisation, course):
    person = person_in_post(organisation, user=member(organisation))
    CompletionFactory(person=person, course=course, completed_on=date(2025, 4, 21))
    return person


@pytest.fixture
def lead(organisation):
    return member(organisation, Role.TRAINING_LEAD)


@pytest.fixture
def manager(organisation):
    return member(organisation, Role.MANAGER)


def due(person, on=TODAY):
    return what_is_due(person, on=on)[0]


def test_more_time_moves_the_date_keeps_the_old_one_and_ends_with_the_next_completion(person, course, lead, manager):
    ask_more_time(person, course, until=LATER, reason="Short of staff.", by=manager, at=NOW)
    assert due(person).is_overdue

    give_more_time(person, course, until=LATER, reason="Short of staff.", by=lead, at=NOW)

    now = due(person)
    assert (now.due_on, now.baseline_due_on, now.is_overdue) == (LATER, date(2026, 4, 20), False)
    assert "Given until 21 May 2026 instead of 20 April 2026: Short of staff." in now.why
    assert due(person, LATER + timedelta(days=1)).is_overdue
    assert due(person, TODAY - timedelta(days=1)).is_overdue  # it was not given then
    CompletionFactory(person=person, course=course, completed_on=TODAY)
    assert (due(person).due_on, due(person).is_extended) == (date(2027, 4, 30), False)


def test_more_time_is_undone_by_a_new_row(person, course, lead, organisation):
    give_more_time(person, course, until=LATER, reason="Busy.", by=lead, at=NOW)

    take_back_time(person, course, reason="Mistake.", by=lead, at=NOW)

    assert [act.act for act in Extension.objects.order_by("pk")] == ["granted", "withdrawn"]
    assert due(person).due_on == date(2026, 4, 20)
    assert [one.is_overdue for one in obligations(organisation, on=TODAY)] == [True]


def test_what_waits_is_what_was_asked_last(person, course, lead, manager):
    ask_more_time(person, course, until=LATER, reason="Busy.", by=manager, at=NOW)
    ask_more_time(person, course, until=LATER, reason="Busy.", by=manager, at=NOW)
    assert Extension.objects.waiting().count() == 1

    refuse_more_time(person, course, reason="There was time.", by=lead, at=NOW)

    assert not Extension.objects.waiting().exists()
    assert due(person).due_on == date(2026, 4, 20)


@pytest.mark.parametrize(
    ("act", "kwargs", "says"),
    [
        (give_more_time, {"until": date(2026, 4, 20)}, "due by 20 April 2026 as it is"),
        (refuse_more_time, {}, "Nothing waits"),
        (take_back_time, {}, "No extra time"),
        (ask_more_time, {"until": LATER, "reason": " "}, "Say why"),
    ],
)
def test_more_time_is_refused(person, course, lead, act, kwargs, says):
    with pytest.raises(AllowanceRefusedError, match=says):
        act(person, course, by=lead, at=NOW, **({"reason": "Because."} | kwargs))

    assert not Extension.objects.exists()


def test_nobody_gives_themselves_more_time_or_grants_what_they_asked(person, course, lead):
    with pytest.raises(AllowanceRefusedError, match="your own training"):
        give_more_time(person, course, until=LATER, reason="x", by=person.user, at=NOW)
    ask_more_time(person, course, until=LATER, reason="x", by=lead, at=NOW)
    with pytest.raises(AllowanceRefusedError, match="somebody else decides"):
        give_more_time(person, course, until=LATER, reason="x", by=lead, at=NOW)


def exempt(person, by, **changes):
    plain = {"course": None, "reason": "secondment", "note": "", "effect": "excused", "start": TODAY, "review_on": None}
    return ask_exemption(person, by=by, at=NOW, **({"last_day": date(2026, 6, 30)} | plain | changes))


def net_of(organisation, course):
    return completion_rate(organisation, course, on=TODAY, rule=shipped_rules()["training"]).figures.net.in_scope


def test_an_exemption_counts_when_somebody_else_has_approved_it(person, course, lead, manager, organisation):
    asked = exempt(person, manager)
    assert (due(person).is_overdue, net_of(organisation, course)) == (True, 1)
    with pytest.raises(AllowanceRefusedError, match="somebody else decides"):
        decide_exemption(asked, approve=True, by=manager, at=NOW)
    with pytest.raises(AllowanceRefusedError, match="your own"):
        decide_exemption(asked, approve=True, by=person.user, at=NOW)

    decide_exemption(asked, approve=True, by=lead, at=NOW)

    assert (due(person).is_overdue, due(person).why[-1]) == (False, "Excused until 30 June 2026.")
    assert net_of(organisation, course) == 0
    assert due(person, date(2026, 7, 1)).is_overdue
    end_exemption(asked, last_day=TODAY - timedelta(days=1), by=lead, at=NOW)
    assert (due(person).is_overdue, net_of(organisation, course)) == (True, 1)
    with pytest.raises(AllowanceRefusedError, match="decided already"):
        decide_exemption(asked, approve=False, by=lead, at=NOW)


def test_a_refused_exemption_changes_nothing(person, course, lead, manager, organisation):
    decide_exemption(exempt(person, manager), approve=False, by=lead, at=NOW)

    assert due(person).is_overdue
    assert net_of(organisation, course) == 1
    assert not Exemption.objects.waiting().exists()


def test_one_that_moves_the_date_leaves_nobody_out(person, course, lead, manager, organisation):
    asked = exempt(person, manager, effect="later", start=date(2026, 3, 1), last_day=date(2026, 5, 31))

    decide_exemption(asked, approve=True, by=lead, at=NOW)

    assert (due(person).due_on, due(person).is_overdue) == (date(2026, 7, 1), False)
    assert net_of(organisation, course) == 1


# --- Dates that go wrong --------------------------------------------------------------------


def test_overlapping_absences_are_one(person):
    for start, end in [
        (date(2026, 3, 1), date(2026, 4, 15)),
        (date(2026, 4, 1), date(2026, 5, 10)),
        (date(2026, 3, 10), date(2026, 4, 20)),
    ]:
        AbsenceFactory(person=person, start=start, end=end)

    assert (due(person).due_on, due(person).is_overdue) == (date(2026, 6, 9), False)


@pytest.mark.parametrize(
    ("start", "end", "due_on", "overdue"),
    [
        (date(2026, 4, 1), None, date(2026, 4, 20), False),  # away, nobody knows until when
        (date(2026, 4, 21), date(2026, 6, 1), date(2026, 4, 20), True),  # overdue before they went
        (date(2026, 4, 10), date(2026, 4, 24), date(2026, 4, 20), True),  # a fortnight is no long absence
    ],
)
def test_what_an_absence_does_to_a_date(person, start, end, due_on, overdue):
    AbsenceFactory(person=person, start=start, end=end)

    assert (due(person).due_on, due(person).is_overdue) == (due_on, overdue)


def test_a_back_dated_completion_begins_another_cycle_and_one_from_the_future_none(person, course, lead):
    give_more_time(person, course, until=LATER, reason="Busy.", by=lead, at=NOW)
    CompletionFactory(person=person, course=course, completed_on=TODAY + timedelta(days=1))
    assert due(person).due_on == LATER

    CompletionFactory(person=person, course=course, completed_on=date(2025, 4, 30))

    assert (due(person).due_on, due(person).is_extended) == (date(2026, 4, 29), False)


def test_a_completion_before_the_first_day_counts(organisation, course):
    starter = person_in_post(organisation, start=TODAY)
    CompletionFactory(person=starter, course=course, completed_on=date(2025, 12, 24))

    assert (due(starter).status.is_current, due(starter).due_on) == (True, date(2026, 12, 23))


def test_over_the_end_of_a_training_year(organisation, course):
    """Done once in 2025-26: done until 30 June, due again from 1 July, overdue a year after that."""
    course.needs.update(frequency="yearly")
    person = person_in_post(organisation)
    CompletionFactory(person=person, course=course, completed_on=date(2025, 9, 1))

    found = [due(person, day) for day in (date(2026, 6, 30), date(2026, 7, 1), date(2027, 6, 30), date(2027, 7, 1))]

    assert [(one.status.is_current, one.due_on, one.is_overdue) for one in found] == [
        (True, date(2027, 6, 30), False),
        (False, date(2027, 6, 30), False),
        (False, date(2027, 6, 30), False),
        (False, date(2027, 6, 30), True),
    ]


def test_what_is_not_asked_any_more_is_closed_with_why(person, course):
    PostFactory(person=person, start=TODAY)
    person.posts.update(end=TODAY + timedelta(days=5))
    assert what_was_asked(person, on=TODAY) == []

    (closed,) = what_was_asked(person, on=TODAY + timedelta(days=5))

    assert (closed.last_day, closed.why) == (TODAY + timedelta(days=4), "In no post from the next day.")


# --- Pages ---------------------------------------------------------------------------------


def test_a_manager_asks_and_the_lead_gives(person, course, organisation, sign_in):
    manager, lead = sign_in(organisation, Role.MANAGER), sign_in(organisation, Role.TRAINING_LEAD)
    boss = person_in_post(organisation, user=manager.user)
    person.posts.update(manager=boss)
    address = reverse("courses:more_time", args=[person.pk, course.code])
    answers = {"until_day": "21", "until_month": "5", "until_year": "2026", "reason": "Short of staff."}
    assert faults(manager.get(address)) == []

    asked = manager.post(address, answers, follow=True)

    assert faults(asked) == []
    assert b"Asked for until 21 May 2026" in asked.content
    waiting = lead.get(reverse("courses:allowance_list"))
    assert faults(waiting) == []
    assert b"Short of staff." in waiting.content
    given = lead.post(address, answers, follow=True)
    assert b"Without the extra time it would be due by 20 April 2026." in given.content
    assert faults(lead.get(reverse("courses:more_time_end", args=[person.pk, course.code]))) == []


def test_a_manager_sees_only_their_own_team(person, organisation, sign_in):
    manager = sign_in(organisation, Role.MANAGER)
    person_in_post(organisation, user=manager.user)

    for name, args in (("person_reasons", [person.pk]), ("exemption_ask", [person.pk])):
        assert manager.get(reverse(f"courses:{name}", args=args)).status_code == 404


def test_an_exemption_by_page(person, organisation, sign_in):
    lead, other = sign_in(organisation, Role.TRAINING_LEAD), sign_in(organisation, Role.DSPT_LEAD)
    address = reverse("courses:exemption_ask", args=[person.pk])
    day = {"start_day": "1", "start_month": "5", "start_year": "2026"}
    assert faults(lead.get(address)) == []
    assert b"say when to look at it again" in lead.post(address, {"reason": "other", "effect": "excused"} | day).content
    review = {"review_on_day": "1", "review_on_month": "8", "review_on_year": "2026"}
    lead.post(address, {"reason": "other", "effect": "excused"} | day | review)
    exemption = Exemption.objects.get()

    other.post(reverse("courses:exemption_decide", args=[exemption.pk]), {"approve": "1"})

    page = other.get(reverse("courses:allowance_list"))
    assert faults(page) == []
    assert b"To be looked at again by 1 August 2026." in page.content
    end = reverse("courses:exemption_end", args=[exemption.pk])
    assert faults(other.get(end)) == []
    other.post(end, {"last_day_day": "10", "last_day_month": "5", "last_day_year": "2026"})
    exemption.refresh_from_db()
    assert exemption.end == date(2026, 5, 11)


def test_one_reads_why_oneself_is_overdue(person, client, course):
    client.force_login(person.user)

    page = client.get(reverse("courses:my_reasons"))

    assert faults(page) == []
    assert b"was due by 20 April 2026" in page.content
    assert b"Asked of everyone in post, every 12 months." in page.content
