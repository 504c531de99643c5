"""The figure of a day to come: exact if nothing happens, and what it takes to reach a target."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reporting.enums import Movement
from reporting.forecast import MOST_POINTS, days_between, forecast, people_to_ask
from reporting.queries import completion_rate
from reporting.rates import Question, reaches
from reporting.rules import Rule
from tests.factories import AbsenceFactory, CompletionFactory, CourseFactory, OrganisationFactory, person_in_post
from tests.reporting.worlds import build, expected, worlds

RULE = Rule(key="t", title="T", months=12)


@given(today=st.dates(date(2024, 1, 1), date(2027, 1, 1)), days=st.integers(1, 550))
def test_a_forecast_has_few_days_and_both_ends(today, days):
    last = today + timedelta(days=days)
    found = days_between(today, last)
    assert (found[0], found[-1]) == (today, last)
    assert list(found) == sorted(set(found))
    assert len(found) <= MOST_POINTS
    assert all(day.weekday() == 0 for day in found[1:-1])


@pytest.mark.django_db
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(world=worlds(), days=st.sampled_from([1, 20, 200, 400]), target=st.sampled_from([1, 50, 95, 100]))
def test_if_nothing_happens_the_forecast_is_what_that_day_will_say(world, days, target):
    """Nothing dated after today: then the oracle's figure of the later day is the forecast."""
    today = world.on
    for sketch in world.people:
        sketch.completions[:] = [done for done in sketch.completions if done[0] <= today]
    then = replace(world, on=today + timedelta(days=days))
    with transaction.atomic():
        organisation = OrganisationFactory()
        course, _persons = build(world, organisation)
        rule = replace(RULE, months=world.months, employment_types=world.types, only_with_access=world.only_with_access)
        found = forecast(Question(organisation, (course,), then.on, rule), today=today, target=target)

        wanted = expected(then).standing
        assert (found.then.nothing.current, found.then.nothing.in_scope) == (wanted["current"], sum(wanted.values()))
        for point in found.points:
            tally = expected(replace(world, on=point.on)).standing
            assert (point.nothing.current, point.nothing.in_scope) == (tally["current"], sum(tally.values()))
            assert point.nothing.current <= point.slowest <= point.usual <= point.quickest <= point.nothing.in_scope
        current, inside = found.then.nothing.current, found.then.nothing.in_scope
        if inside:
            assert reaches(current + found.needed, inside, target)
            assert found.needed == 0 or not reaches(current + found.needed - 1, inside, target)
        assert people_to_ask(found).count() == inside - current
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_the_shortest_list_reaches_the_target_and_leaves_people_away_for_last(django_assert_num_queries):
    organisation, course = OrganisationFactory(), CourseFactory()
    today, then = date(2026, 3, 2), date(2026, 6, 30)
    people = [person_in_post(organisation, start=date(2020, 1, 1)) for _ in range(10)]
    for person in people[:6]:
        CompletionFactory(person=person, course=course, completed_on=date(2026, 1, 10))
    for person in people[6:9]:
        CompletionFactory(person=person, course=course, completed_on=date(2025, 5, 1))
    AbsenceFactory(person=people[6], start=date(2026, 6, 1), end=None)

    with django_assert_num_queries(3):
        found = forecast(Question(organisation, (course,), then, RULE), today=today, target=85)

    assert (found.now.percent, found.then.nothing.percent) == ("90.0", "60.0")
    assert not found.reached
    assert found.changes.moves[Movement.RAN_OUT] == 3
    assert found.needed == 3
    asked = list(people_to_ask(found))
    assert asked[-1] == people[6]
    assert set(asked[: found.needed]) == {people[7], people[8], people[9]}
    assert found.last_good is not None
    assert found.last_good.on == date(2026, 4, 27)
    assert found.best.on == today
    for person in asked[: found.needed]:
        CompletionFactory(person=person, course=course, completed_on=date(2026, 4, 1))
    assert completion_rate(organisation, course, on=then, rule=RULE).percent == "90.0"


@pytest.mark.django_db
def test_the_pace_is_that_of_the_last_weeks():
    organisation, course = OrganisationFactory(), CourseFactory()
    today = date(2026, 3, 2)
    for n in range(30):
        person = person_in_post(organisation, start=date(2020, 1, 1))
        if n < 12:
            CompletionFactory(person=person, course=course, completed_on=today - timedelta(days=n * 2))
    found = forecast(Question(organisation, (course,), date(2026, 3, 30), RULE), today=today, target=95)

    assert (found.pace.usual, found.pace.slowest, found.pace.quickest) == (0.5, 0.0, 3.0)
    assert (found.then.slowest, found.then.usual, found.then.quickest) == (12, 14, 24)


@pytest.mark.django_db
def test_a_training_that_counts_for_three_months_must_be_done_late_enough():
    organisation, course = OrganisationFactory(), CourseFactory()
    person_in_post(organisation, start=date(2020, 1, 1))
    question = Question(organisation, (course,), date(2026, 9, 30), replace(RULE, months=3))

    found = forecast(question, today=date(2026, 3, 2), target=95)

    assert found.counts_from == date(2026, 7, 1)
    with pytest.raises(ValueError, match="after today"):
        forecast(replace(question, on=date(2026, 3, 2)), today=date(2026, 3, 2), target=95)
