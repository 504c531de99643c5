"""Units with all below them, and sites, against plain counting over generated trees."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Site
from reporting.enums import By
from reporting.queries import completion_rate, people_behind
from reporting.rules import Rule
from staff.models import Post, Unit
from tests.factories import CompletionFactory, CourseFactory, OrganisationFactory, PersonFactory

RULE = Rule(key="t", title="T", months=12)
ON = date(2026, 5, 1)


def chain(above, number):
    """The unit and those above it."""
    yield number
    if above[number] < number:
        yield from chain(above, above[number])


def oracle(above, people, units, sites):
    """Who is in each branch and at each site, and whether they are trained."""
    branches: dict = {}
    by_site: dict = {}
    for who, (places, is_trained) in enumerate(people):
        held = {place if place is None else place % len(units) for place in places}
        reached = {
            "" if place is None else units[one] for place in held for one in (chain(above, place) if place is not None else [0])
        }
        at = {sites[place // 2 % 2] if place is not None and place % 2 else "" for place in held}
        for found, keys in ((branches, reached), (by_site, at)):
            for key in keys:
                found.setdefault(key, []).append((who, is_trained))
    return branches, by_site


@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    above=st.lists(st.integers(0, 5), min_size=1, max_size=6),
    people=st.lists(
        st.tuples(st.sets(st.one_of(st.none(), st.integers(0, 5)), min_size=1, max_size=3), st.booleans()), max_size=7
    ),
)
def test_a_branch_counts_everybody_once(above, people):
    """Unit n stands below one of those before it, or at the top; every second unit has a site."""
    with transaction.atomic():
        organisation, course = OrganisationFactory(), CourseFactory()
        sites = [Site.objects.create(organisation=organisation, name=name) for name in ("East", "West")]
        units: list[Unit] = []
        for number, place in enumerate(above):
            parent = units[place] if place < number else None
            site = sites[number // 2 % 2] if number % 2 else None
            units.append(Unit.objects.create(organisation=organisation, name=f"U{number}", parent=parent, site=site))
        for places, is_trained in people:
            person = PersonFactory(organisation=organisation)
            if is_trained:
                CompletionFactory(person=person, course=course, completed_on=date(2026, 4, 1))
            for place in places:
                unit = units[place % len(units)] if place is not None else None
                Post.objects.create(person=person, unit=unit, start=date(2020, 1, 1))

        report = completion_rate(organisation, course, on=ON, rule=RULE, by=[By.BRANCH, By.SITE])

        wanted, by_site = oracle(above, people, [str(unit.pk) for unit in units], [str(site.pk) for site in sites])
        for by, expected in ((By.BRANCH, wanted), (By.SITE, by_site)):
            found = {group.key: (group.figures.gross.in_scope, group.figures.gross.current) for group in report.groups[by]}
            assert found == {key: (len(held), sum(trained for _, trained in held)) for key, held in expected.items()}
            for group in report.groups[by][:3]:
                assert people_behind(report, "in_scope", (by, group.key)).count() == group.figures.gross.in_scope
        assert report.counted_again(By.BRANCH) == 0
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_a_branch_is_named_by_its_way_and_belongs_to_one_organisation(organisation, other_organisation):
    course = CourseFactory()
    top = Unit.objects.create(organisation=organisation, name="North")
    ward = Unit.objects.create(organisation=organisation, name="Ward 3", parent=top)
    theirs = Unit.objects.create(organisation=other_organisation, name="Theirs")
    Post.objects.create(person=PersonFactory(organisation=organisation), unit=ward, start=date(2020, 1, 1))
    Post.objects.create(person=PersonFactory(organisation=other_organisation), unit=theirs, start=date(2020, 1, 1))

    report = completion_rate(organisation, course, on=ON, rule=RULE, by=By.BRANCH)

    assert [group.name for group in report.groups[By.BRANCH]] == ["North", "North › Ward 3"]
    assert people_behind(report, "in_scope", (By.BRANCH, str(theirs.pk))).count() == 0
