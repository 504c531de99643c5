"""A manager's page: who is in the team, where they stand, and what it never shows."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta

import pytest
import time_machine
from django.urls import reverse

from accounts.enums import Role
from courses.models import Exemption, TrainingNeed
from courses.team import Standing, team_of
from staff.models import Person
from tests.factories import NOW, TODAY, AbsenceFactory, CompletionFactory, CourseFactory, PostFactory, member, person_in_post

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel("2026-05-01 12:00:00+01:00", tick=False):
        yield


@pytest.fixture
def course(organisation):
    course = CourseFactory(title="Data security awareness")
    TrainingNeed.objects.create(
        organisation=organisation, course=course, months=12, starter_days=30, rationale="They need it.", start=date(2020, 1, 1)
    )
    return course


@pytest.fixture
def manager(organisation) -> Person:
    return person_in_post(organisation, user=member(organisation, Role.MANAGER))


def of_team(manager: Person, last_name: str, **post) -> Person:
    person = person_in_post(manager.organisation, manager=manager, **post)
    person.last_name = last_name
    person.save()
    return person


@pytest.fixture
def team(manager, course):
    """One of each: trained, running out, starting, overdue, overdue and away, excused."""
    CompletionFactory(
        person=of_team(manager, "Trained"), course=course, completed_on=TODAY - timedelta(days=10), score_percent=97
    )
    CompletionFactory(person=of_team(manager, "Soon"), course=course, completed_on=date(2025, 5, 20))
    of_team(manager, "Starter", start=TODAY - timedelta(days=5))
    CompletionFactory(person=of_team(manager, "Overdue"), course=course, completed_on=date(2025, 3, 1))
    AbsenceFactory(person=of_team(manager, "Away"), start=date(2026, 2, 1), end=date(2026, 6, 1))
    excused = of_team(manager, "Excused")
    Exemption.objects.create(person=excused, reason="secondment", start=date(2026, 1, 1), end=date(2026, 7, 1), approved_at=NOW)
    return manager


def client_of(manager: Person, client):
    client.force_login(manager.user)
    return client


def test_everyone_stands_where_they_should(team, course):
    found = team_of(team, on=TODAY)

    assert [(line.person.last_name, line.standing, line.is_to_chase) for line in found.lines] == [
        ("Away", Standing.OVERDUE, False),
        ("Overdue", Standing.OVERDUE, True),
        ("Starter", Standing.DUE, True),
        ("Soon", Standing.SOON, False),
        ("Trained", Standing.TRAINED, False),
        ("Excused", Standing.EXCUSED, False),
    ]
    assert found.away == 1


def test_dates_are_shown_and_marks_are_not(team, client):
    html = client_of(team, client).get(reverse("courses:team_list")).content.decode()

    for words in (
        "counts until",
        "19 May 2026",
        "was due by",
        "28 Feb 2026",
        "26 May 2026",
        "since",
        "back",
        "1 Jun 2026",
        "30 Jun 2026",
    ):
        assert words in html, words
    assert "97%" not in html
    assert ">97<" not in html


def test_only_those_to_chase_are_shown_when_asked_for(team, client):
    html = client_of(team, client).get(reverse("courses:team_list") + "?show=chase").content.decode()

    assert "Overdue, Sam" in html
    assert "Starter, Sam" in html
    assert not [name for name in ("Trained", "Soon", "Away", "Excused") if f"{name}, Sam" in html]


def test_the_list_is_taken_away_as_csv(team, client):
    Person.objects.filter(last_name="Overdue").update(last_name="=1+1")

    response = client_of(team, client).get(reverse("courses:team_csv") + "?show=chase")

    rows = list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig"))))
    assert [(row["last name"], row["standing"]) for row in rows] == [("'=1+1", "Overdue"), ("Starter", "Due")]
    assert "score" not in " ".join(rows[0])


def test_a_team_is_whose_posts_name_me_today(manager, course, other_organisation):
    here = of_team(manager, "Here")
    PostFactory(person=here, manager=manager)
    of_team(manager, "Left", start=date(2020, 1, 1), end=TODAY)
    of_team(manager, "Tomorrow", start=TODAY + timedelta(days=1))
    person_in_post(manager.organisation, manager=here)

    assert [person.last_name for person in team_of(manager, on=TODAY).people] == ["Here"]
    assert len(team_of(manager, on=TODAY).lines) == 1


def test_people_of_whom_nothing_is_asked_are_named_apart(manager, course, client):
    of_team(manager, "Asked")
    of_team(manager, "Gardener", has_access="no")

    html = client_of(manager, client).get(reverse("courses:team_list")).content.decode()

    assert "No training asked of them" in html
    assert "Gardener, Sam" in html


def test_an_empty_team_and_a_sign_in_without_a_person_are_explained(manager, course, organisation, sign_in, client):
    assert b"Nobody has a post today that names you" in client_of(manager, client).get(reverse("courses:team_list")).content
    stranger = sign_in(organisation, Role.MANAGER)
    assert b"not linked to anybody on the staff list" in stranger.get(reverse("courses:team_list")).content
    assert stranger.get(reverse("courses:team_csv")).status_code == 200


def test_with_nobody_to_chase_the_page_says_so(manager, course, client):
    CompletionFactory(person=of_team(manager, "Trained"), course=course, completed_on=TODAY)

    assert b"There is nobody to chase" in client_of(manager, client).get(reverse("courses:team_list") + "?show=chase").content


@pytest.mark.parametrize("role", [Role.STAFF, Role.HR, Role.DSPT_LEAD])
def test_only_managers_have_a_team(organisation, sign_in, role):
    client = sign_in(organisation, role)

    assert client.get(reverse("courses:team_list")).status_code == 403
    assert client.get(reverse("courses:team_csv")).status_code == 403


@pytest.mark.parametrize("people", [2, 40])
def test_the_page_costs_the_same_however_large_the_team(manager, course, client, people, django_assert_num_queries):
    for number in range(people):
        person = of_team(manager, f"P{number}")
        if number % 2:
            CompletionFactory(person=person, course=course)
        else:
            AbsenceFactory(person=person)
    client_of(manager, client)

    # session, user, memberships, me, delegations, team; lines, posts, learning, absences with exemptions and extensions
    with django_assert_num_queries(10):
        response = client.get(reverse("courses:team_list"))

    assert response.content.count(b'class="nhsuk-table__row"') == people
