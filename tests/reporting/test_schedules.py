"""Reports by e-mail: to whom, once, without names, and what became of them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from accounts.models import Membership
from audit.models import Event
from jobs.models import Job
from jobs.services import run
from reporting.enums import Every, ReportKind
from reporting.models import DeliveryOutcome, ReportDelivery, ScheduledReport
from reporting.rhythm import last_day, next_day
from reporting.sending import end_report, pause_report, resume_report, schedule_report, send_due
from staff.models import Person
from tests.factories import CompletionFactory, CourseFactory, UnitFactory, member, person_in_post

pytestmark = pytest.mark.django_db
FRIDAY = datetime(2026, 5, 1, 11, 0, tzinfo=UTC)
MONDAY = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(FRIDAY, tick=False):
        yield


@pytest.fixture
def course(db):
    return CourseFactory(code="data-security-awareness", title="Data security awareness")


@pytest.fixture
def staffed(organisation, course):
    unit = UnitFactory(organisation=organisation, name="Kestrel")
    for number in range(6):
        person = person_in_post(organisation, unit=unit, has_access="yes")
        if number:
            CompletionFactory(person=person, course=course, completed_on=date(2026, 4, 1))
    Person.objects.update(last_name="Secretname", first_name="Secretfirst")
    return organisation


def scheduled(organisation, course, *users, kind=ReportKind.BOARD, every=Every.WEEK):
    by = users[0] if users else member(organisation, Role.HR)
    return schedule_report(organisation, kind=kind, course=course, every=every, receivers=users, by=by, at=FRIDAY)


@pytest.mark.parametrize(
    ("every", "day", "following", "before"),
    [
        (Every.WEEK, date(2026, 5, 1), date(2026, 5, 4), date(2026, 4, 27)),
        (Every.WEEK, date(2026, 5, 4), date(2026, 5, 4), date(2026, 5, 4)),
        (Every.MONTH, date(2026, 5, 2), date(2026, 6, 1), date(2026, 5, 1)),
        (Every.QUARTER, date(2026, 5, 2), date(2026, 7, 1), date(2026, 4, 1)),
        (Every.QUARTER, date(2026, 11, 2), date(2027, 1, 1), date(2026, 10, 1)),
    ],
)
def test_the_days_of_a_rhythm(every, day, following, before):
    assert (next_day(every, day), last_day(every, day)) == (following, before)


def test_a_board_report_goes_on_its_day_once_with_the_sheet_and_nobodys_name(staffed, course):
    reader = member(staffed, Role.BOARD)
    scheduled(staffed, course, reader)

    assert send_due(at=FRIDAY) == 0
    assert send_due(at=MONDAY) == 1
    assert send_due(at=MONDAY) == 0

    (sent,) = mail.outbox
    assert sent.to == [reader.email]
    assert "83.3% trained (5 of 6)" in sent.body
    assert reverse("reporting:board_detail") in sent.body
    assert "Secretname" not in sent.body + sent.subject
    (attachment,) = sent.attachments
    assert attachment[1].startswith(b"%PDF")
    assert DeliveryOutcome.objects.get().kind == "sent"


def test_hr_and_managers_get_figures_and_a_link_and_no_attachment(staffed, course):
    hr = member(staffed, Role.HR)
    manager = member(staffed, Role.MANAGER)
    boss = person_in_post(staffed, user=manager, has_access="yes")
    person_in_post(staffed, manager=boss, has_access="yes")
    member(staffed, Role.MANAGER)
    Person.objects.update(last_name="Secretname", first_name="Secretfirst")
    scheduled(staffed, course, hr, kind=ReportKind.HR)
    scheduled(staffed, course, kind=ReportKind.TEAM)

    assert send_due(at=MONDAY) == 2

    to_hr, to_manager = mail.outbox
    assert "Trained: 5 (62.5%)" in to_hr.body
    assert to_manager.to == [manager.email]
    assert "1 person in your team, 1 of them in scope. Trained: 0." in to_manager.body
    assert reverse("courses:team_list") in to_manager.body
    assert "Secret" not in to_hr.body + to_manager.body
    assert not to_hr.attachments + to_manager.attachments
    assert list(DeliveryOutcome.objects.filter(kind="not-sent").values_list("detail", flat=True)) == ["Looks after nobody today."]


def test_whoever_leaves_or_may_no_longer_see_it_gets_nothing(staffed, course):
    gone, reader = member(staffed, Role.BOARD), member(staffed, Role.BOARD)
    scheduled(staffed, course, gone, reader)
    Membership.objects.filter(user=gone).update(ended_at=timezone.now())

    assert send_due(at=MONDAY) == 1

    assert [one.to for one in mail.outbox] == [[reader.email]]
    refusal = DeliveryOutcome.objects.get(kind="not-sent")
    assert (refusal.delivery.user, "may no longer see" in refusal.detail) == (gone, True)


def test_what_the_mail_server_refuses_is_tried_three_times(staffed, course, monkeypatch):
    scheduled(staffed, course, member(staffed, Role.BOARD))

    def refuse(self, *args, **kwargs):
        raise OSError("down")

    monkeypatch.setattr("django.core.mail.EmailMessage.send", refuse)
    for _ in range(5):
        assert send_due(at=MONDAY) == 0

    assert ReportDelivery.objects.count() == 3
    assert set(DeliveryOutcome.objects.values_list("kind", "detail")) == {("refused", "OSError")}


def test_an_attempt_that_broke_off_is_not_repeated(staffed, course):
    reader = member(staffed, Role.BOARD)
    report = scheduled(staffed, course, reader)
    ReportDelivery.objects.create(report=report, user=reader, occasion="2026-05-04", number=1, begun_at=MONDAY)

    assert send_due(at=MONDAY) == 0


def test_a_paused_report_waits_and_an_ended_one_is_gone(staffed, course, sign_in):
    reader = member(staffed, Role.BOARD)
    paused, ended = scheduled(staffed, course, reader), scheduled(staffed, course, reader)
    pause_report(paused, by=reader, at=FRIDAY)
    end_report(ended, by=reader, at=FRIDAY)

    assert send_due(at=MONDAY) == 0
    resume_report(paused, by=reader, at=MONDAY)
    assert send_due(at=MONDAY) == 0
    assert paused.next_on(date(2026, 5, 4)) == date(2026, 5, 11)
    assert sign_in(staffed, Role.HR).get(reverse("reporting:schedule_detail", args=[ended.pk])).status_code == 404


def test_hr_sets_one_up_sends_it_now_and_reads_what_became_of_it(staffed, course, sign_in):
    reader = member(staffed, Role.BOARD)
    client = sign_in(staffed, Role.HR)
    choice = {"kind": "board", "course": course.code, "every": "month", "receivers": [str(reader.pk)]}

    refused = client.post(reverse("reporting:schedule_create"), choice | {"kind": "dspt"})
    client.post(reverse("reporting:schedule_create"), choice)
    report = ScheduledReport.objects.get()
    client.post(reverse("reporting:schedule_send", args=[report.pk]))
    job = run(Job.objects.get(kind="reporting.send_now").pk)

    assert "May not see this report" in refused.text
    assert job.error == ""
    assert [one.to for one in mail.outbox] == [[reader.email]]
    html = client.get(job.result["url"]).text
    assert "Next on 1 June 2026" in html
    assert "asked for by" in html
    assert ">Sent<" in html.replace("\n", "").replace("  ", "")
    assert set(Event.objects.filter(type__startswith="reporting.report").values_list("type", flat=True)) == {
        "reporting.report_scheduled",
        "reporting.report_sent",
    }


def test_another_organisations_report_is_not_found_and_staff_are_refused(staffed, course, sign_in, other_organisation):
    report = scheduled(staffed, course, member(staffed, Role.BOARD))

    assert sign_in(other_organisation, Role.HR).get(reverse("reporting:schedule_detail", args=[report.pk])).status_code == 404
    assert sign_in(staffed, Role.BOARD).get(reverse("reporting:schedule_list")).status_code == 403
