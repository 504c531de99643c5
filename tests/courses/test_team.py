"""A manager's page: who is in the team, where they stand, and what it never shows."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta

import pytest
import time_machine
from django.core import mail
from django.urls import reverse

from accounts.enums import Role
from courses.models import (
    Exemption,
    ReminderMail,
    ReminderOutcome,
    ReminderPause,
    ReminderSend,
    TrainingNeed,
)
from courses.reminders.run import decide, deliver
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

    # session, user, memberships, me, delegations, team; lines, posts, learning, absences with exemptions and extensions; reminders
    with django_assert_num_queries(11):
        response = client.get(reverse("courses:team_list"))

    assert response.content.count(b'class="nhsuk-table__row"') == people


@pytest.fixture
def reachable(team):
    """The team, each with an e-mail address but the starter."""
    for person in Person.objects.exclude(last_name="Starter"):
        Person.objects.filter(pk=person.pk).update(email=f"{person.last_name.lower()}@example.test")
    return team


def test_whoever_is_to_chase_gets_one_email_a_day_and_the_others_none(reachable, client):
    client_of(reachable, client)

    first = client.post(reverse("courses:team_chase"), follow=True).text
    second = client.post(reverse("courses:team_chase"), follow=True).text
    deliver(at=NOW, most=100)
    deliver(at=NOW, most=100)

    assert "An e-mail goes out in the next minutes to: Sam Overdue." in first
    assert "Without an e-mail address, so please tell them yourself: Sam Starter." in first
    assert "Reminded today already, so not again: Sam Overdue." in second
    assert [message.to for message in mail.outbox] == [["overdue@example.test"]]
    assert f"{reachable.user} asks you to do your training" in mail.outbox[0].body
    assert "was due by 28 February 2026" in mail.outbox[0].body
    assert not ReminderSend.objects.exists()


def test_one_person_is_chased_from_the_list_and_looked_at_again_before_the_email_goes(reachable, course, client):
    overdue = Person.objects.get(last_name="Overdue")
    client_of(reachable, client).post(reverse("courses:team_chase"), {"person": overdue.pk, "show": "chase"})
    CompletionFactory(person=overdue, course=course, completed_on=TODAY)

    deliver(at=NOW, most=100)

    assert mail.outbox == []
    assert ReminderOutcome.objects.get().kind == "not-needed"


def test_nobody_chases_people_of_another_team_or_while_reminders_are_stopped(reachable, organisation, client):
    stranger = person_in_post(organisation)
    client_of(reachable, client)

    assert client.post(reverse("courses:team_chase"), {"person": stranger.pk}).status_code == 404
    assert client.post(reverse("courses:team_chase"), {"person": Person.objects.get(last_name="Trained").pk}).status_code == 404
    ReminderPause.objects.create(organisation=organisation, is_paused=True, reason="Year end.", at=NOW)
    assert "Reminders are stopped at the moment: Year end." in client.post(reverse("courses:team_chase"), follow=True).text
    assert not ReminderMail.objects.exists()


def test_a_chased_person_gets_the_step_of_the_day_on_the_next(reachable, organisation, course, client):
    soon = of_team(reachable, "Step", start=TODAY - timedelta(days=23))  # due in a week: a step of today
    Person.objects.filter(pk=soon.pk).update(email="step@example.test")
    client_of(reachable, client).post(reverse("courses:team_chase"), {"person": soon.pk})

    decide(organisation, at=NOW)
    deliver(at=NOW, most=100)
    same_day = [message.to[0] for message in mail.outbox].count("step@example.test")
    decide(organisation, at=NOW + timedelta(days=1))

    assert same_day == 1
    assert list(ReminderSend.objects.filter(person=soon).values_list("step", "mail__on")) == [
        ("before-7", TODAY + timedelta(days=1))
    ]
