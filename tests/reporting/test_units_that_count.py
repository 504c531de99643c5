"""A counting rule that counts some units only: who is in scope, why the others are not, and what was frozen by the rule before."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine
from django.urls import reverse

from accounts.enums import Role
from reporting.comparison import compare_with_now
from reporting.enums import Category
from reporting.models import CountingRule
from reporting.queries import completion_rate, people_behind
from reporting.readings import rule_in_force, training_reading
from reporting.rules import DSPT_TRAINING, Rule, rule_from
from reporting.services import set_counting_rule, take_snapshot
from tests.factories import NOW, TODAY, CompletionFactory, CourseFactory, UnitFactory, person_in_post

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel("2026-05-01 12:00:00+01:00", tick=False):
        yield


@pytest.fixture
def course(db):
    return CourseFactory(code="data-security-awareness", title="Data security awareness")


@pytest.fixture
def home(organisation, course):
    """In the home two trained and one without access, in its wing one volunteer; elsewhere one trained, one in no unit."""
    home = UnitFactory(organisation=organisation, name="Ash House")
    wing, office = UnitFactory(organisation=organisation, name="Wing", parent=home), UnitFactory(organisation=organisation)
    trained = [person_in_post(organisation, unit=unit, has_access="yes") for unit in (home, home, office)]
    for person in trained:
        CompletionFactory(person=person, course=course, completed_on=date(2026, 1, 1))
    person_in_post(organisation, unit=home, has_access="no")
    person_in_post(organisation, unit=wing, has_access="yes", employment_type="volunteer")
    person_in_post(organisation, unit=wing, has_access="unknown")
    person_in_post(organisation, has_access="yes")
    return home


def rule(home, **values):
    return Rule(key=DSPT_TRAINING, title="T", months=12, units=(home.pk,), unit_names=("Ash House",), **values)


def test_everybody_is_accounted_for_and_every_number_is_that_many_people(organisation, course, home):
    ours = rule(home, employment_types=("permanent",))
    report = completion_rate(organisation, course, on=TODAY, rule=ours, by=["unit", "branch"])

    assert (report.figures.gross.current, report.in_scope, report.unknown_access) == (2, 3, 1)
    assert report.out_of_scope == {"no_access": 1, "employment_type": 1, "other_unit": 2}
    assert report.headcount == 7
    for category, people in [
        (Category.OTHER_UNIT, 2),
        (Category.NO_ACCESS, 1),
        (Category.EMPLOYMENT_TYPE, 1),
        (Category.IN_SCOPE, 3),
    ]:
        assert people_behind(report, category).count() == people
    assert {group.name for group in report.groups["unit"]} == {"Ash House", "Wing"}


def test_without_units_a_rule_is_written_down_as_it_was_before_there_were_any(home):
    plain = Rule(key="t", title="T", months=12)
    assert "units" not in plain.as_dict()
    assert rule_from(plain.as_dict()) == plain
    assert rule_from(rule(home).as_dict()) == rule(home)


def test_a_snapshot_keeps_its_own_rule_when_the_rule_is_edited(organisation, course, home):
    before = take_snapshot(organisation, on=TODAY, by="test", at=NOW)
    set_counting_rule(
        organisation, rule=rule(home, courses=(course.code,)), rationale="Only the home", effective_on=TODAY, by="test", at=NOW
    )

    reading = training_reading(organisation, on=TODAY)
    assert (reading.numerator, reading.denominator, reading.out_of_scope["other_unit"]) == (2, 4, 2)
    assert "in Ash House and below" in reading.definition[0]
    assert (before.numerator, before.denominator) == (3, 6)
    assert compare_with_now(before).is_same
    assert rule_in_force(organisation, DSPT_TRAINING, on=date(2026, 4, 30)).units == ()
    after = take_snapshot(organisation, on=TODAY, by="test", at=NOW)
    assert (after.numerator, after.denominator, compare_with_now(after).is_same) == (2, 4, True)


def test_units_are_chosen_on_the_page_and_only_ones_own(organisation, course, home, sign_in):
    client = sign_in(organisation, Role.TRAINING_LEAD)
    address = reverse("reporting:rule_change", args=[DSPT_TRAINING])
    given = {
        "months": "12", "target": "", "employment_types": ["permanent", "volunteer"], "access": "only", "headline": "gross",
        "effective_on_day": "1", "effective_on_month": "5", "effective_on_year": "2026", "rationale": "Only the home.",
    }  # fmt: skip

    assert "Count only some units" in client.get(address).text
    client.post(address, given | {"units": [UnitFactory(name="Elsewhere").pk], "confirm": "yes"})
    assert CountingRule.objects.count() == 0
    client.post(address, given | {"units": [home.pk], "confirm": "yes"})

    assert CountingRule.objects.get().units == [home.pk]
    assert "in Ash House and below" in client.get(reverse("reporting:rule_list")).text
