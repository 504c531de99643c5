"""What to read in a refresher."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.enums import Role
from courses.completions import hand_in
from courses.learning import reading
from courses.loading import load
from courses.models import Completion, Course
from courses.refresher import LastPaper, advise, this_years, whole_years
from quizzes.loading import load_bank
from quizzes.services import start_attempt
from tests.factories import NOW, TODAY, CompletionFactory, person_in_post


def modules(*orders, words=""):
    return [{"slug": f"m{order}", "order": order, "lessons": [{"title": f"{order}{words}"}]} for order in orders]


def to_read(advice):
    return sorted(slug for slug, one in advice.items() if one.to_read)


def test_each_year_has_its_third_and_three_years_have_all():
    turns = [this_years(range(1, 7), years=year) for year in range(4)]

    assert turns == [{1, 2}, {3, 4}, {5, 6}, {1, 2}]


@given(count=st.integers(1, 20), years=st.integers(0, 40))
def test_any_three_years_together_ask_for_every_module(count, years):
    turns = [this_years(range(1, count + 1), years=years + step) for step in range(3)]

    assert set.union(*turns) == set(range(1, count + 1))


@pytest.mark.parametrize(
    ("since", "until", "years"),
    [
        (date(2024, 2, 29), date(2025, 2, 28), 0),
        (date(2024, 2, 29), date(2025, 3, 1), 1),
        (date(2024, 6, 30), date(2026, 6, 30), 2),
        (date(2026, 6, 30), date(2026, 6, 1), 0),
    ],
)
def test_whole_years(since, until, years):
    assert whole_years(since, until) == years


def test_what_changed_is_read_and_the_rest_takes_turns():
    before = {"modules": modules(1, 2, 3, 4, 5, 6)}
    now = [*modules(1, 2, 3, 4, 5), *modules(6, words=" changed")]

    advice = advise(now, before=before, years=1, paper=None)

    assert to_read(advice) == ["m3", "m4", "m6"]
    assert advice["m6"].why == "It has changed since you last did it."
    assert advice["m1"].why == "You may skip it this year."


def test_a_test_first_spares_what_it_shows_and_asks_for_what_it_missed():
    now = modules(1, 2, 3, 4, 5, 6)
    paper = LastPaper(asked={1, 2, 3, 4, 5, 6}, missed={6}, is_of_this_round=True)

    advice = advise(now, before={"modules": now}, years=1, paper=paper)

    assert to_read(advice) == ["m6"]
    assert advice["m3"].why == "Your answers show that you know this. You may skip it."


def test_last_years_right_answers_spare_nothing():
    now = modules(1, 2, 3, 4, 5, 6)
    paper = LastPaper(asked={1, 2, 3, 4, 5, 6}, missed={6}, is_of_this_round=False)

    assert to_read(advise(now, before={"modules": now}, years=1, paper=paper)) == ["m3", "m4", "m6"]


@pytest.fixture
def course(db):
    from content.loading import load as load_site

    load_site(at=NOW)
    load_bank("quizzes/data/data-security-awareness.yaml", at=NOW)
    load(at=NOW)
    return Course.objects.get(code="data-security-awareness")


def test_the_first_time_all_is_read_and_a_year_later_a_third(course, organisation):
    person = person_in_post(organisation)
    first = reading(person, course, on=TODAY)
    CompletionFactory(person=person, course=course, completed_on=TODAY, course_version=first.version)

    again = reading(person, course, on=TODAY + timedelta(days=370))

    assert (first.is_refresher, first.minutes_left) == (False, sum(module.minutes for module in first.modules))
    assert again.is_refresher
    assert [module.order for module in again.modules if module.is_asked] == [3, 4]
    assert again.next_lesson.module == "scams-and-pressure"


def test_a_failed_test_first_leaves_what_was_missed(course, organisation):
    person = person_in_post(organisation)
    version = reading(person, course, on=TODAY).version
    CompletionFactory(person=person, course=course, completed_on=TODAY - timedelta(days=370), course_version=version)
    attempt = start_attempt(person, version.blueprint_version, at=NOW)
    hand_in(attempt, by="system", at=NOW)

    found = reading(person, course, on=TODAY)

    assert not Completion.objects.filter(attempt=attempt).exists()
    assert [module.advice.why for module in found.modules] == ["Your last answers missed something here."] * 6


def test_the_course_page_offers_the_quiz_first(course, organisation, sign_in):
    client = sign_in(organisation, Role.STAFF)
    person = person_in_post(organisation, user=client.user)
    version = reading(person, course, on=TODAY).version
    CompletionFactory(person=person, course=course, completed_on=date(2024, 1, 10), course_version=version)

    page = client.get(reverse("courses:course_detail", args=[course.code])).content.decode()

    assert "You have done this before, so you may take the quiz first." in page
    assert "It is one of this year’s to read again." in page
    assert page.count("May skip") == 4
