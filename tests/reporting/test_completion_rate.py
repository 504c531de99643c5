"""The completion rate against an oracle written apart from it, over generated histories."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import transaction
from django.db.models import Q
from hypothesis import HealthCheck, given, settings

from courses.frequencies import Frequency
from courses.models import TrainingNeed
from courses.status import Done, status
from courses.status_sql import last_completion, with_status
from reporting.enums import By, Category
from reporting.queries import completion_rate, people_behind
from reporting.rates import Question
from reporting.readings import read
from reporting.rules import Rule
from staff.models import Person
from tests.factories import (
    AbsenceFactory,
    CompletionFactory,
    CourseFactory,
    OrganisationFactory,
    PersonFactory,
    PostFactory,
    UnitFactory,
    person_in_post,
)
from tests.reporting.worlds import AT, build, expected, recalled_after, worlds

STANDINGS = ("current", "lapsed", "in_progress", "not_started")
GENERATED = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
GROUPED = [By.UNIT, By.STAFF_GROUP, By.EMPLOYMENT_TYPE, By.MANAGER]
RULE = Rule(key="training", title="Trained", months=12)


def rule_of(world) -> Rule:
    return Rule(key="t", title="T", months=world.months, employment_types=world.types, only_with_access=world.only_with_access)


@pytest.mark.django_db
@GENERATED
@given(world=worlds())
def test_the_rate_is_what_the_oracle_counts(world):
    with transaction.atomic():
        organisation = OrganisationFactory()
        course, persons = build(world, organisation)
        wanted = expected(world)

        report = completion_rate(organisation, course, on=world.on, rule=rule_of(world), by=GROUPED)

        gross, net = report.figures.gross, report.figures.net
        assert report.headcount == wanted.headcount
        assert {k: n for k, n in report.out_of_scope.items() if n} == dict(wanted.out_of_scope)
        assert {s: getattr(gross, s) for s in STANDINGS if getattr(gross, s)} == dict(wanted.standing)
        assert {s: getattr(net, s) for s in STANDINGS if getattr(net, s)} == dict(wanted.net)
        assert {k: n for k, n in report.figures.left_out.items() if n} == dict(wanted.left_out)
        assert report.unknown_access == wanted.unknown
        keys = {str(person.pk): number for number, person in enumerate(persons)}
        found = {}
        for by, groups in report.groups.items():
            for group in groups:
                place = group.key
                if by == "manager":
                    place = keys[group.key] if group.key else None
                elif by == "unit" and group.key:
                    place = group.name
                tally = group.figures.gross
                found[by, place] = {s: getattr(tally, s) for s in STANDINGS if getattr(tally, s)}
        assert found == {place: dict(counts) for place, counts in wanted.groups.items()}
        transaction.set_rollback(True)


@pytest.mark.django_db
@settings(parent=GENERATED, max_examples=20)
@given(world=worlds())
def test_everything_adds_up_and_every_list_is_as_long_as_its_number(world):
    with transaction.atomic():
        organisation = OrganisationFactory()
        course, _persons = build(world, organisation)
        rule = rule_of(world)

        report = completion_rate(organisation, course, on=world.on, rule=rule, by=GROUPED)
        reading = read(Question(organisation, (course,), world.on, rule))

        answer = report.as_dict(By.UNIT)
        assert answer["headcount"] == answer["in_scope"] + sum(answer["out_of_scope"].values())
        for tally in (answer, answer["net"], *answer["groups"], *(group["net"] for group in answer["groups"])):
            assert tally["in_scope"] == sum(tally[standing] for standing in STANDINGS)
        assert answer["in_scope"] == answer["net"]["in_scope"] + sum(answer["net"]["left_out"].values())
        numbers = {
            Category.HEADCOUNT: report.headcount,
            Category.IN_SCOPE: report.in_scope,
            Category.UNKNOWN_ACCESS: report.unknown_access,
        }
        numbers |= {Category.OUT_OF_SCOPE: sum(report.out_of_scope.values()), Category.NET_IN_SCOPE: report.figures.net.in_scope}
        numbers |= dict(report.out_of_scope) | dict(report.figures.left_out)
        for standing in STANDINGS:
            numbers[standing] = getattr(report.figures.gross, standing)
            numbers[f"net_{standing}"] = getattr(report.figures.net, standing)
        assert set(numbers) | {Category.OTHER_UNIT} == set(Category.values)  # only where a rule names units
        for category, number in numbers.items():
            assert people_behind(report, category).count() == number, category
        for by, groups in report.groups.items():
            for group in groups[:2]:
                assert people_behind(report, "current", (by, group.key)).count() == group.figures.gross.current
                assert people_behind(report, "net_in_scope", (by, group.key)).count() == group.figures.net.in_scope
        # The reading comes from rows, the report from counts: two ways to the same figures.
        assert reading.figures == report.figures
        assert (reading.out_of_scope, reading.unknown_access, reading.headcount) == (
            report.out_of_scope,
            report.unknown_access,
            report.headcount,
        )
        assert {group.name: group.figures for group in reading.by_unit} == {g.name: g.figures for g in report.groups["unit"]}
        assert {group.name: group.figures for group in reading.by_staff_group} == {
            g.name: g.figures for g in report.groups["staff_group"]
        }
        assert sum(row.counted for row in reading.rows) == reading.numerator
        transaction.set_rollback(True)


@pytest.mark.django_db
@GENERATED
@given(world=worlds())
def test_the_sql_and_the_python_form_of_status_agree(world):
    with transaction.atomic():
        organisation = OrganisationFactory()
        course, persons = build(world, organisation)

        within = Q(person__organisation=organisation)
        people = with_status(Person.objects.of(organisation), within=within, on=world.on, months=world.months, courses=[course])
        people = people.annotate(last=last_completion("pk", on=world.on, courses=[course]))

        in_sql = {person.pk: (person.status, person.last) for person in people}
        in_python = {}
        for person, sketch in zip(persons, world.people, strict=True):
            dates = [Done(day, recalled_after(world, day)) for day, which, void in sketch.completions if which == 0 and not void]
            begun = any(day <= world.on for day in sketch.begun)
            found = status(
                dates, on=world.on, frequency=Frequency(TrainingNeed.Frequency.ROLLING, world.months), has_progress=begun
            )
            in_python[person.pk] = (found.state, found.completed_on)
        assert in_sql == in_python
        transaction.set_rollback(True)


@pytest.mark.parametrize(
    ("completed_on", "on", "standing"),
    [
        (date(2025, 6, 30), date(2026, 6, 29), "current"),
        (date(2025, 6, 30), date(2026, 6, 30), "lapsed"),
        (date(2025, 7, 1), date(2026, 6, 30), "current"),
        (date(2026, 6, 30), date(2026, 6, 30), "current"),
        (date(2026, 7, 1), date(2026, 6, 30), "not_started"),
        (date(2024, 2, 29), date(2025, 2, 28), "current"),
        (date(2024, 2, 29), date(2025, 3, 1), "lapsed"),
        (date(2023, 2, 28), date(2024, 2, 28), "lapsed"),
        (date(2023, 2, 28), date(2024, 2, 27), "current"),
        (date(2023, 2, 28), date(2024, 2, 29), "lapsed"),
        (date(2023, 3, 1), date(2024, 2, 29), "current"),
    ],
)
def test_twelve_months_end_on_the_right_day(organisation, completed_on, on, standing):
    course = CourseFactory()
    CompletionFactory(person=person_in_post(organisation), course=course, completed_on=completed_on)

    report = completion_rate(organisation, course, on=on, rule=RULE)

    assert getattr(report.figures.gross, standing) == 1


@pytest.mark.parametrize(
    ("current", "others", "percent", "reaches_95"),
    [
        (0, 0, None, None),
        (0, 3, "0.0", False),
        (3, 0, "100.0", True),
        (2, 1, "66.6", False),
        (19, 1, "95.0", True),
        (1187, 63, "94.9", False),
    ],
)
def test_percentages_are_rounded_down(organisation, current, others, percent, reaches_95):
    course = CourseFactory()
    persons = Person.objects.bulk_create(PersonFactory.build_batch(current + others, organisation=organisation))
    PostFactory._meta.model.objects.bulk_create([PostFactory.build(person=person) for person in persons])
    CompletionFactory._meta.model.objects.bulk_create(
        [CompletionFactory.build(person=person, course=course) for person in persons[:current]]
    )

    report = completion_rate(organisation, course, on=date(2026, 5, 1), rule=RULE.changed(target=95))

    assert report.percent == percent
    assert report.meets_target is reaches_95


def test_someone_in_two_units_counts_in_each_and_once_in_the_total(organisation):
    course = CourseFactory()
    north, south = UnitFactory(organisation=organisation, name="North"), UnitFactory(organisation=organisation, name="South")
    person = person_in_post(organisation, unit=north)
    PostFactory(person=person, unit=south)
    PostFactory(person=person, unit=south, job_title="Cook")

    report = completion_rate(organisation, course, on=date(2026, 5, 1), rule=RULE, by="unit")

    assert [(group.name, group.figures.gross.in_scope) for group in report.groups["unit"]] == [("North", 1), ("South", 1)]
    assert report.in_scope == 1
    assert report.counted_again("unit") == 1


def test_any_one_of_several_courses_will_do(organisation):
    ours, theirs = CourseFactory(), CourseFactory()
    CompletionFactory(person=person_in_post(organisation), course=theirs)
    CompletionFactory(person=person_in_post(organisation), course=ours)
    person_in_post(organisation)

    report = completion_rate(organisation, [ours, theirs], on=date(2026, 5, 1), rule=RULE)

    assert (report.figures.gross.current, report.in_scope) == (2, 3)


def test_other_organisations_are_never_counted(organisation, other_organisation):
    course = CourseFactory()
    CompletionFactory(person=person_in_post(other_organisation), course=course)

    report = completion_rate(organisation, course, on=date(2026, 5, 1), rule=RULE, by=GROUPED)

    assert report.headcount == 0
    assert report.percent is None
    assert not any(report.groups.values())


def test_the_net_rule_makes_the_net_figure_the_headline(organisation):
    course = CourseFactory()
    CompletionFactory(person=person_in_post(organisation), course=course)
    AbsenceFactory(person=person_in_post(organisation))

    gross = completion_rate(organisation, course, on=AT.date(), rule=RULE)
    net = completion_rate(organisation, course, on=AT.date(), rule=RULE.changed(headline="net"))

    assert (gross.percent, net.percent) == ("50.0", "100.0")
    assert gross.figures == net.figures


@pytest.mark.parametrize("people", [3, 40])
def test_a_rate_is_one_statement_however_many_people(organisation, people, django_assert_num_queries):
    course = CourseFactory()
    boss = person_in_post(organisation)
    for _ in range(people):
        unit = UnitFactory(organisation=organisation)
        CompletionFactory(person=person_in_post(organisation, unit=unit, manager=boss), course=course)

    with django_assert_num_queries(1):
        completion_rate(organisation, course, on=AT.date(), rule=RULE)
    with django_assert_num_queries(3):  # the figures, the names of units, the names of managers
        report = completion_rate(organisation, course, on=AT.date(), rule=RULE, by=GROUPED)

    assert report.in_scope == people + 1


@pytest.mark.parametrize("group", [("unit", "x"), ("unit", "9" * 30), ("shoe_size", "9")])
def test_a_group_that_cannot_be_is_refused(organisation, group):
    report = completion_rate(organisation, CourseFactory(), on=AT.date(), rule=RULE)

    with pytest.raises(ValueError, match=r"unit|shoe_size"):
        people_behind(report, "current", group)
