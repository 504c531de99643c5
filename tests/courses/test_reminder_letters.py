"""Reminders on paper: whom they reach, once for each step, and what is printed."""

from __future__ import annotations

import io
from datetime import date, timedelta

import pytest
import time_machine
from django.core import mail
from django.urls import reverse
from pypdf import PdfReader

from accounts.enums import Role
from courses.models import Exemption, ReminderLetterRun, ReminderPause, ReminderSend, TrainingNeed
from courses.reminders import paper, run
from courses.reminders.plans import ReminderRefusedError
from tests.factories import (
    NOW,
    TODAY,
    AbsenceFactory,
    CompletionFactory,
    CourseFactory,
    PersonFactory,
    PostFactory,
    UnitFactory,
    member,
)

pytestmark = pytest.mark.django_db
LAPSED = date(2025, 4, 1)
"""Done on that day, it is overdue on 1 May 2026: since 31 March."""


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
def by(organisation):
    return member(organisation, Role.HR)


@pytest.fixture
def somebody(organisation, course):
    def made(name: str, *, done: date | None = LAPSED, email: str = "", **post: object):
        person = PersonFactory(organisation=organisation, first_name=name, last_name="Lee", email=email)
        PostFactory(person=person, **post)
        if done:
            CompletionFactory(person=person, course=course, completed_on=done)
        return person

    return made


def told() -> list[tuple[str, str, str]]:
    return list(ReminderSend.objects.order_by("pk").values_list("person__first_name", "step", "mail__attempts__outcome__detail"))


def test_people_without_an_email_address_are_told_by_letter_once(organisation, somebody, by):
    somebody("Ann")
    somebody("Bob", email="bob@example.test")

    paper.make_letters(organisation, unit=None, by=by, at=NOW)
    with pytest.raises(ReminderRefusedError, match="Nobody there waits"):
        paper.make_letters(organisation, unit=None, by=by, at=NOW)
    run.decide(organisation, at=NOW)
    run.deliver(at=NOW, most=100)

    assert told() == [("Ann", "after-28", "By letter."), ("Bob", "after-28", "")]
    assert [message.to for message in mail.outbox] == [["bob@example.test"]]
    later = NOW + timedelta(days=7)
    assert {one.step.name for one in paper.waiting_for_a_letter(organisation, on=later.date())} == {"after-35"}


def test_a_step_told_by_letter_is_not_told_by_email_when_an_address_comes(organisation, somebody, by):
    ann = somebody("Ann")
    paper.make_letters(organisation, unit=None, by=by, at=NOW)
    ann.email = "ann@example.test"
    ann.save()

    run.decide(organisation, at=NOW + timedelta(days=1))
    run.deliver(at=NOW + timedelta(days=1), most=100)

    assert mail.outbox == []


def test_nobody_trained_excused_away_or_gone_gets_a_letter(organisation, somebody, by):
    somebody("Trained", done=TODAY)
    AbsenceFactory(person=somebody("Away"), start=date(2026, 3, 1))
    somebody("Gone", end=TODAY)
    Exemption.objects.create(person=somebody("Excused"), reason="secondment", start=date(2026, 1, 1), approved_at=NOW)

    with pytest.raises(ReminderRefusedError, match="Nobody there waits"):
        paper.make_letters(organisation, unit=None, by=by, at=NOW)

    assert not ReminderLetterRun.objects.exists()


def test_a_unit_takes_in_those_below_it_and_no_others(organisation, somebody, by):
    home = UnitFactory(organisation=organisation, name="Elm House")
    night = UnitFactory(organisation=organisation, name="Nights", parent=home)
    somebody("Ann", unit=night)
    somebody("Bob", unit=UnitFactory(organisation=organisation, name="Office"))

    paper.make_letters(organisation, unit=home, by=by, at=NOW)

    assert [name for name, _step, _how in told()] == ["Ann"]


def test_letters_are_refused_while_reminders_are_stopped_and_when_too_many(organisation, somebody, by, monkeypatch):
    somebody("Ann")
    somebody("Bob")
    monkeypatch.setattr(paper, "MOST_LETTERS", 1)
    with pytest.raises(ReminderRefusedError, match="That would be 2 letters"):
        paper.make_letters(organisation, unit=None, by=by, at=NOW)
    ReminderPause.objects.create(organisation=organisation, is_paused=True, reason="Year end.", at=NOW)

    with pytest.raises(ReminderRefusedError, match="Reminders are stopped: Year end"):
        paper.make_letters(organisation, unit=None, by=by, at=NOW)


def test_the_letters_are_sorted_by_unit_and_print_the_same_again(organisation, somebody, by):
    somebody("Zoe", unit=UnitFactory(organisation=organisation, name="Attic"))
    somebody("Ann", unit=UnitFactory(organisation=organisation, name="Nights"))
    made = paper.make_letters(organisation, unit=None, by=by, at=NOW)

    content = paper.letters_pdf(made)

    pages = [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]
    assert len(pages) == 2
    assert "Zoe Lee" in pages[0]
    assert "Your training is overdue" in pages[0]
    assert "was due by 31 March 2026" in pages[0]
    assert "Nights" in pages[1]
    assert paper.letters_pdf(made) == content


def test_hr_makes_and_prints_letters_on_the_page(organisation, somebody, sign_in):
    somebody("Ann")
    client = sign_in(organisation, Role.HR)
    address = reverse("courses:reminder_letter_list")

    assert "1 person waits" in client.get(address).text
    html = client.post(address, {"unit": ""}, follow=True).text

    assert "1 letter is ready to print." in html
    assert "Nobody waits for a letter today." in html
    pdf = client.get(reverse("courses:reminder_letter_pdf", args=[ReminderLetterRun.objects.get().pk]))
    assert pdf.content.startswith(b"%PDF")
    assert "Nobody there waits" in client.post(address, {"unit": ""}).text


@pytest.mark.parametrize("people", [1, 30])
def test_making_letters_costs_the_same_however_many(organisation, somebody, by, people, django_assert_max_num_queries):
    for number in range(people):
        somebody(f"P{number}")

    with django_assert_max_num_queries(28):
        paper.make_letters(organisation, unit=None, by=by, at=NOW)

    assert ReminderSend.objects.count() == people
