"""The pages about reminders: what goes out tomorrow and why, the rules, and stopping them."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from courses.models import ReminderPause, ReminderPlan, TrainingNeed
from courses.reminders import run
from tests.factories import AbsenceFactory, CompletionFactory, CourseFactory, PersonFactory, PostFactory

pytestmark = pytest.mark.django_db

LIST, EDIT, PAUSE = (reverse(f"courses:reminder_{name}") for name in ("list", "plan_edit", "pause"))


@pytest.fixture(autouse=True)
def _sunday():
    with time_machine.travel("2026-06-14 12:00:00+01:00", tick=False):
        yield


@pytest.fixture
def people(organisation):
    course = CourseFactory(title="Data security awareness")
    TrainingNeed.objects.create(
        organisation=organisation, course=course, months=12, starter_days=30, rationale="They need it.", start=date(2020, 1, 1)
    )

    def made(name: str, done: date | None = None, **values: object):
        person = PersonFactory(organisation=organisation, last_name=name, **{"email": f"{name}@example.test", **values})
        PostFactory(person=person)
        if done:
            CompletionFactory(person=person, course=course, completed_on=done)
        return person

    made("Duesoon", date(2025, 6, 30))
    made("Trained", date(2026, 5, 1))
    made("Paper", email="")
    AbsenceFactory(person=made("Absent"), start=date(2026, 1, 1))
    return made


def test_the_page_says_who_is_told_tomorrow_and_why(organisation, people, sign_in):
    html = sign_in(organisation, Role.HR).get(LIST).text

    assert "e-mail would go to 1 person about their own training" in html
    assert "Away: 1 person" in html
    assert "Without an e-mail address: told by letter, or by their manager: 1 person" in html
    assert "Sam Duesoon" in html
    assert "Due in 14 days" in html
    assert "Trained" not in html


def test_whoever_may_not_see_names_sees_counts(organisation, people, sign_in):
    html = sign_in(organisation, Role.ORGANISATION_ADMIN).get(LIST).text

    assert "e-mail would go to 1 person about their own training" in html
    assert "Your role shows counts only" in html
    assert "Duesoon" not in html


def test_what_was_sent_and_what_was_refused_is_shown(organisation, people, sign_in, monkeypatch):
    people("Refused")

    def send(self, **kwargs):
        if "Refused" in self.to[0]:
            raise ConnectionRefusedError
        return 1

    monkeypatch.setattr(EmailMessage, "send", send)
    people("Sentto")
    run.decide(organisation, at=timezone.now())
    for _ in range(3):
        run.deliver(at=timezone.now(), most=10)

    html = sign_in(organisation, Role.TRAINING_LEAD).get(LIST).text

    row = html.split("E-mails and letters by day")[1].split("<tbody>")[1].split("</tbody>")[0]
    assert "<td>2</td><td>0</td><td>0</td><td>0</td><td>1</td><td>0</td>" in row
    assert "Sam Refused. Check the e-mail address" in html


def test_the_rules_are_changed_from_tomorrow_and_wrong_ones_refused(organisation, sign_in):
    client = sign_in(organisation, Role.HR)
    good = {"days_before": "21, 1", "overdue_every_days": "0", "digest_weekday": "", "escalate_after_weeks": "", "note": ""}

    too_early = client.post(EDIT, good | {"days_before": "90"})
    nothing = client.post(EDIT, good | {"days_before": ""})
    saved = client.post(EDIT, good)

    assert "Give whole numbers from 0 to 60" in too_early.text
    assert "nobody would hear anything" in nothing.text
    assert saved.status_code == 302
    plan = ReminderPlan.objects.get()
    assert (plan.days_before, plan.starts_on, plan.digest_weekday) == ([21, 1], date(2026, 6, 15), None)
    assert "21, 1 days before" in client.get(LIST).text


def test_reminders_are_stopped_with_a_reason_and_go_on(organisation, people, sign_in):
    client = sign_in(organisation, Role.TRAINING_LEAD)

    assert "This field is required" in client.post(PAUSE, {"reason": ""}).text or not ReminderPause.objects.exists()
    client.post(PAUSE, {"reason": "A new rota"})
    stopped = client.get(LIST).text
    assert run.decide(organisation, at=timezone.now()) == 0
    client.post(PAUSE, {"reason": "It is in"})

    assert "Nothing goes out." in stopped
    assert "A new rota" in stopped
    assert list(ReminderPause.objects.order_by("pk").values_list("is_paused", flat=True)) == [True, False]
    assert run.decide(organisation, at=timezone.now()) == 1


@pytest.mark.parametrize("role", [Role.STAFF, Role.MANAGER, Role.AUDITOR])
def test_others_change_nothing(organisation, sign_in, role):
    client = sign_in(organisation, role)

    assert client.get(EDIT).status_code == client.post(PAUSE, {"reason": "x"}).status_code == 403
    assert not ReminderPause.objects.exists()
