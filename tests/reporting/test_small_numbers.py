"""Small groups stay hidden, whatever is subtracted from what."""

from __future__ import annotations

import io
from fractions import Fraction

import pytest
import time_machine
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from accounts.enums import Role
from audit.models import Event
from evidence import blobs
from reporting.services import take_snapshot
from reporting.small_numbers import fewest_of, hidden_units
from tests.factories import NOW, TODAY, CompletionFactory, CourseFactory, UnitFactory, person_in_post


@st.composite
def trees(draw):
    """Units with people, each below an earlier one or at the top, some at sites, and some people of no unit."""
    count = draw(st.integers(1, 9))
    units = {str(n): draw(st.sampled_from([0, 1, 2, 3, 4, 5, 6, 9, 30])) for n in range(count)}
    parents = {str(n): draw(st.sampled_from([None, *map(str, range(n))])) for n in range(count)}
    sites = {unit: site for unit in units if (site := draw(st.sampled_from(["", "A", "B", "C"])))}
    if draw(st.booleans()):
        units[""] = draw(st.integers(1, 8))
    return {unit: people for unit, people in units.items() if people}, parents, sites


def line(parents, unit):
    while unit is not None:
        yield unit
        unit = parents.get(unit)


def solved(rows: list[list[int]], width: int) -> set[int]:
    """Which unknowns a set of sums determines, by plain elimination."""
    matrix = [[Fraction(value) for value in row] for row in rows]
    done: list[list[Fraction]] = []
    for column in range(width):
        pivot = next((row for row in matrix if row not in done and row[column]), None)
        if pivot is None:
            continue
        by = pivot[column]
        pivot[:] = [value / by for value in pivot]
        for row in matrix:
            if row is not pivot and row[column]:
                times = row[column]
                row[:] = [value - times * other for value, other in zip(row, pivot, strict=True)]
        done.append(pivot)
    return {next(n for n, value in enumerate(row) if value) for row in matrix if sum(map(bool, row)) == 1}


@given(trees())
@settings(max_examples=400, deadline=None)
def test_no_small_unit_can_be_worked_out_from_units_branches_sites_and_the_total(tree):
    units, parents, sites = tree
    found = hidden_units(units, parents=parents, sites=sites, fewest=5)

    order = sorted(units)
    small = {n for n, unit in enumerate(order) if units[unit] < 5}
    rows = [[1] * len(order)]
    rows += [[int(one == unit) for one in order] for unit in order if unit not in found.units]
    rows += [[int(branch in line(parents, one)) for one in order] for branch in parents if branch not in found.branches]
    rows += [[int(sites.get(one, "") == site) for one in order] for site in {*sites.values(), ""} if site not in found.sites]

    alone = len(order) == 1
    assert alone or not small & solved(rows, len(order))
    assert {order[n] for n in small} <= found.units


@given(trees())
@settings(max_examples=200, deadline=None)
def test_a_branch_or_a_site_of_fewer_than_five_is_hidden(tree):
    units, parents, sites = tree
    found = hidden_units(units, parents=parents, sites=sites, fewest=5)

    for branch in parents:
        people = sum(n for unit, n in units.items() if branch in line(parents, unit))
        assert not 0 < people < 5 or branch in found.branches
    for site in {*sites.values(), ""}:
        people = sum(n for unit, n in units.items() if sites.get(unit, "") == site)
        assert not 0 < people < 5 or site in found.sites


@pytest.mark.parametrize(
    ("units", "parents", "hidden", "branches"),
    [
        ({"a": 20, "b": 30}, {"a": None, "b": None}, set(), set()),
        ({"a": 4, "b": 6, "c": 30}, {"a": None, "b": None, "c": None}, {"a", "b"}, {"a", "b"}),
        ({"a": 3, "b": 3, "c": 30}, {"a": None, "b": None, "c": None}, {"a", "b"}, {"a", "b"}),
        ({"top": 20, "small": 3, "c": 30}, {"top": None, "small": "top", "c": None}, {"small", "top"}, {"small"}),
    ],
)
def test_the_next_smallest_is_hidden_where_the_total_would_tell(units, parents, hidden, branches):
    found = hidden_units(units, parents=parents, sites={}, fewest=5)

    assert (set(found.units), set(found.branches)) == (hidden, branches)


def small_world(organisation, course):
    for name, people in (("Kestrel", 8), ("Heron", 6), ("Wren", 2)):
        unit = UnitFactory(organisation=organisation, name=name)
        for number in range(people):
            person = person_in_post(organisation, unit=unit, has_access="yes", staff_group=f"Group {name}")
            if number:
                CompletionFactory(person=person, course=course, completed_on=TODAY)


@pytest.mark.django_db
class TestPages:
    @pytest.fixture(autouse=True)
    def _today(self):
        with time_machine.travel("2026-05-01 12:00:00+01:00", tick=False):
            yield

    @pytest.fixture
    def course(self):
        return CourseFactory(code="data-security-awareness")

    @pytest.mark.parametrize("role", [Role.BOARD, Role.SENIOR_REVIEWER, Role.ORGANISATION_ADMIN])
    def test_whoever_sees_no_names_sees_no_small_unit_on_the_page_or_in_a_file(self, organisation, course, sign_in, role):
        small_world(organisation, course)
        client = sign_in(organisation, role)

        html = client.get(reverse("reporting:report_detail") + "?by=branch").text
        table = client.get(reverse("reporting:report_csv")).text

        assert "Groups of fewer than 5 people are hidden" in html
        assert html.count(">Hidden<") == 6
        hidden = [line.split(",")[1] for line in table.splitlines() if line.endswith(",hidden")]
        assert sorted(hidden) == ["Group Heron", "Group Wren", "Heron", "Wren"]
        assert "unit,Kestrel,everyone in scope,8,7" in table
        assert "Kestrel,without" not in table

    def test_whoever_may_see_names_sees_every_unit(self, organisation, course, sign_in):
        small_world(organisation, course)

        html = sign_in(organisation, Role.DSPT_LEAD).get(reverse("reporting:report_detail")).text

        assert "Hidden" not in html
        assert "Wren" in html

    def test_the_statement_hides_them_from_everybody(self, organisation, course):
        small_world(organisation, course)

        snapshot = take_snapshot(organisation, on=TODAY, by="command", at=NOW)

        pages = PdfReader(io.BytesIO(blobs.read(snapshot.statement))).pages
        text = " ".join(" ".join(page.extract_text() for page in pages).split())
        assert "Wren hidden hidden hidden" in text
        assert "Kestrel 8 7 87.5%" in text

    def test_an_organisation_sets_its_own_number_with_a_reason(self, organisation, course, sign_in):
        small_world(organisation, course)
        lead = sign_in(organisation, Role.DSPT_LEAD)

        refused = lead.post(reverse("reporting:small_number_change"), {"fewest": "1", "reason": ""})
        lead.post(reverse("reporting:small_number_change"), {"fewest": "2", "reason": "Our board asked for it."})

        assert "from 2 to 20" in refused.text
        assert "Say why" in refused.text
        assert fewest_of(organisation) == 2
        assert "Hidden" not in sign_in(organisation, Role.BOARD).get(reverse("reporting:report_detail")).text
        assert Event.objects.filter(type="reporting.small_number_set").count() == 1
