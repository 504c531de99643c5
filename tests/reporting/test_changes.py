"""Why a figure changed between two days, against an oracle over generated histories."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reporting.changes import EFFECTS, changes_between, people_who
from reporting.enums import Movement
from reporting.queries import completion_rate
from reporting.rates import Question
from reporting.rules import Rule
from tests.factories import CompletionFactory, CourseFactory, OrganisationFactory, person_in_post
from tests.reporting.worlds import back, build, opinion, recalled_after, worlds


def movement_of(world, sketch, earlier: date, *, net: bool) -> str | None:
    """What happened to a person between the two days, told from the definitions."""

    def stood(on):
        view = opinion(replace(world, on=on), sketch)
        if view is None:
            return "gone"
        scope, status, left_out, _unknown = view
        if scope != "in" or (net and left_out):
            return "outside"
        return "trained" if status == "current" else "untrained"

    was, now = stood(earlier), stood(world.on)
    inside = {"trained", "untrained"}
    if was in inside and now in inside:
        if was == "trained" and now == "untrained":
            dates = [day for day, course, void in sketch.completions if course == 0 and not void and day <= world.on]
            in_window = [day for day in dates if day > back(world.on, world.months)]
            assert all(recalled_after(world, day) < world.on for day in in_window)
            return "asked_again" if in_window else "ran_out"
        return {"trained": {"trained": "still_trained"}, "untrained": {"trained": "trained_since"}}[was].get(
            now, "still_untrained"
        )
    if now in inside:
        return ("joined_" if was == "gone" else "came_in_") + now
    if was in inside:
        return ("left_" if now == "gone" else "went_out_") + was
    return None


@pytest.mark.django_db
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(world=worlds(), days=st.sampled_from([1, 30, 365, 366, 500]), net=st.booleans())
def test_everybody_moves_as_the_oracle_says_and_the_moves_make_the_figures(world, days, net):
    earlier = world.on - timedelta(days=days)
    with transaction.atomic():
        organisation = OrganisationFactory()
        course, persons = build(world, organisation)
        rule = Rule(
            key="t",
            title="T",
            months=world.months,
            employment_types=world.types,
            only_with_access=world.only_with_access,
            headline="net" if net else "gross",
        )
        before = Question(organisation, (course,), earlier, rule)
        after = replace(before, on=world.on)

        changes = changes_between(before, after)

        wanted = [movement_of(world, sketch, earlier, net=net) for sketch in world.people]
        assert changes.moves == Counter(one for one in wanted if one)
        for movement in set(filter(None, wanted)):
            numbers = [persons[n].pk for n, one in enumerate(wanted) if one == movement]
            assert sorted(people_who(changes, Movement(movement)).values_list("pk", flat=True)) == numbers
        was = completion_rate(organisation, course, on=earlier, rule=rule).headline
        now = completion_rate(organisation, course, on=world.on, rule=rule).headline
        assert (changes.was.current, changes.was.in_scope) == (was.current, was.in_scope)
        assert (changes.now.current, changes.now.in_scope) == (now.current, now.in_scope)
        assert was.current + sum(move.trained for move in changes.all) == now.current
        assert was.in_scope + sum(move.in_scope for move in changes.all) == now.in_scope
        transaction.set_rollback(True)


def test_every_movement_has_an_effect_and_words():
    assert set(EFFECTS) == set(Movement)
    assert len({movement.in_words for movement in Movement}) == len(Movement)


@pytest.mark.django_db
def test_the_finding_names_what_weighs_most(django_assert_num_queries):
    organisation, course = OrganisationFactory(), CourseFactory()
    for n in range(4):
        person = person_in_post(organisation, start=date(2020, 1, 1))
        CompletionFactory(person=person, course=course, completed_on=date(2025, 3 if n < 2 else 9, 1))
    joiner = person_in_post(organisation, start=date(2026, 3, 10))
    rule = Rule(key="t", title="T", months=12)
    before = Question(organisation, (course,), date(2026, 2, 28), rule)
    after = replace(before, on=date(2026, 3, 31))

    with django_assert_num_queries(1):
        changes = changes_between(before, after)

    assert changes.finding == "The figure fell from 100.0% to 40.0%: 2 ran out; 1 joined and not trained yet"
    assert list(people_who(changes, Movement.JOINED_UNTRAINED)) == [joiner]


@pytest.mark.django_db
def test_nobody_on_one_of_the_days_is_said():
    organisation, course = OrganisationFactory(), CourseFactory()
    question = Question(organisation, (course,), date(2026, 2, 28), Rule(key="t", title="T", months=12))

    changes = changes_between(replace(question, on=date(2025, 2, 28)), question)

    assert changes.all == []
    assert changes.finding.startswith("On one of the two days no one was in scope")
