"""Why the figure of one unit changed, what it will be, and what people without sight of names see of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
import time_machine
from django.urls import reverse

from accounts.enums import Role
from reporting.changes import Changes, changes_between, people_who
from reporting.enums import Movement
from reporting.forecast import forecast
from reporting.queries import completion_rate
from reporting.rates import Question
from reporting.rules import Rule
from reporting.small_moves import without_small_moves
from staff.models import Post
from tests.factories import CompletionFactory, CourseFactory, UnitFactory, person_in_post

pytestmark = pytest.mark.django_db
THEN, NOW = date(2026, 2, 28), date(2026, 4, 30)
RULE = Rule(key="t", title="T", months=12)


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel("2026-05-01 12:00:00+01:00", tick=False):
        yield


@pytest.fixture
def course(db):
    return CourseFactory(code="data-security-awareness", title="Data security awareness")


def people(organisation, course, unit, number: int, *, done: date | None, **post):
    made = [person_in_post(organisation, unit=unit, **({"start": date(2020, 1, 1)} | post)) for _ in range(number)]
    for person in made if done else []:
        CompletionFactory(person=person, course=course, completed_on=done)
    return made


@pytest.fixture
def home(organisation, course):
    """Six trained and one not in the home; in its wing four whose training runs out on 31 March; elsewhere others."""
    home = UnitFactory(organisation=organisation, name="Ash House")
    wing = UnitFactory(organisation=organisation, name="Wing", parent=home)
    people(organisation, course, home, 6, done=date(2025, 12, 1))
    people(organisation, course, home, 1, done=None)
    people(organisation, course, wing, 4, done=date(2025, 3, 31))
    people(organisation, course, UnitFactory(organisation=organisation, name="Office"), 5, done=None)
    return home


def question(organisation, course, unit, on=NOW):
    return Question(organisation, (course,), on, RULE, unit.pk)


def test_a_unit_counts_itself_and_all_below_and_a_move_is_joining_and_leaving(organisation, course, home):
    mover = people(organisation, course, home, 1, done=date(2026, 1, 5))[0]
    Post.objects.filter(person=mover).update(end=date(2026, 4, 1))
    Post.objects.create(person=mover, unit=home.children.get(), has_access="yes", start=date(2026, 4, 1))
    leaver = people(organisation, course, home, 1, done=date(2026, 1, 5))[0]
    Post.objects.filter(person=leaver).update(end=date(2026, 4, 1))
    Post.objects.create(person=leaver, unit=None, has_access="yes", start=date(2026, 4, 1))
    after = question(organisation, course, home)

    changes = changes_between(replace(after, on=THEN), after)

    assert changes.moves == {
        Movement.STILL_TRAINED: 7,
        Movement.STILL_UNTRAINED: 1,
        Movement.RAN_OUT: 4,
        Movement.LEFT_TRAINED: 1,
    }
    assert list(people_who(changes, Movement.LEFT_TRAINED)) == [leaver]
    whole = completion_rate(organisation, course, on=NOW, rule=RULE, by="branch")
    mine = next(group for group in whole.groups["branch"] if group.key == str(home.pk)).figures.gross
    assert (changes.now.current, changes.now.in_scope) == (mine.current, mine.in_scope) == (7, 12)
    found = forecast(question(organisation, course, home, date(2026, 12, 31)), today=date(2026, 5, 1), target=95)
    assert (found.now.in_scope, found.then.nothing.current) == (12, 1)


def test_a_closed_unit_keeps_the_figure_of_a_day_when_it_was_open(organisation, course, home, sign_in):
    wing = home.children.get()
    Post.objects.filter(unit=wing).update(end=date(2026, 4, 1))
    wing.closed_on = date(2026, 4, 1)
    wing.save()

    report = completion_rate(organisation, course, on=THEN, rule=RULE, by="unit")
    assert [(group.name, group.figures.gross.current) for group in report.groups["unit"] if group.key == str(wing.pk)] == [
        ("Wing", 4)
    ]
    after = question(organisation, course, wing)
    assert changes_between(replace(after, on=THEN), after).moves == {Movement.LEFT_TRAINED: 4}
    html = sign_in(organisation, Role.HR).get(reverse("reporting:changes"), {"unit": wing.pk}).text
    assert "Ash House › Wing (closed)" in html


def test_without_names_small_movements_and_small_units_are_hidden(organisation, course, home, sign_in):
    page = {"since_day": 28, "since_month": 2, "since_year": 2026, "until_day": 30, "until_month": 4, "until_year": 2026}
    board, hr = sign_in(organisation, Role.BOARD), sign_in(organisation, Role.HR)
    address = reverse("reporting:changes")

    shown = board.get(address, page).text
    assert "Movements of fewer than 5 people are hidden" in shown
    assert "ran out" not in shown.split("Between the two days")[0]
    named = hr.get(address, page | {"unit": home.pk}).text
    assert "4 ran out" in named
    assert "are hidden" not in named
    wing = home.children.get()  # its four people could be told from the figure of the house, which is hidden with it
    for name in ("changes", "forecast"):
        for unit in (wing, home):
            assert "This unit is not shown." in board.get(reverse(f"reporting:{name}"), {"unit": unit.pk}).text
            assert "This unit is not shown." not in hr.get(reverse(f"reporting:{name}"), {"unit": unit.pk}).text
    other = UnitFactory(name="Elsewhere")
    assert "Elsewhere" not in hr.get(address, {"unit": other.pk}).text


def test_hidden_movements_cannot_be_worked_out_from_the_two_figures(organisation, course):
    after = Question(organisation, (course,), NOW, RULE)

    def hidden(**moves):
        changes = Changes(organisation, replace(after, on=THEN), after, {Movement(name): n for name, n in moves.items()})
        return {movement.value for movement in without_small_moves(changes, 5).hidden}

    assert hidden(still_trained=40, ran_out=9, left_trained=6) == set()
    # Whoever knows the two figures knows how many ran out, unless others are hidden with them.
    assert hidden(still_trained=40, still_untrained=9, ran_out=2) == {"ran_out", "still_untrained", "still_trained"}
    assert hidden(still_trained=40, still_untrained=9, ran_out=2, trained_since=8) >= {"ran_out", "trained_since"}
