"""The pages of figures and of frozen evidence: journeys, refusals, and what they cost."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import date

import openpyxl
import pytest
import time_machine
from django.urls import reverse

from accounts.enums import Role
from audit.models import Event
from jobs.models import Job
from jobs.services import run
from reporting.models import CountingRule, EvidenceSnapshot
from reporting.services import take_snapshot
from tests.factories import NOW, TODAY, AbsenceFactory, CompletionFactory, CourseFactory, UnitFactory, person_in_post

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel("2026-05-01 12:00:00+01:00", tick=False):
        yield


@pytest.fixture
def course(db):
    return CourseFactory(code="data-security-awareness", title="Data security awareness")


@pytest.fixture
def staffed(organisation, course):
    north = UnitFactory(organisation=organisation, name="North <b>")
    for number in range(3):
        CompletionFactory(
            person=person_in_post(organisation, unit=north, has_access="yes"),
            course=course,
            completed_on=date(2026, 4, number + 1),
        )
    AbsenceFactory(person=person_in_post(organisation, unit=north, has_access="yes"))
    person_in_post(organisation, unit=UnitFactory(organisation=organisation, name="South"), has_access="unknown")
    person_in_post(organisation, has_access="no")
    return organisation


def page(client, name: str, query: str = "", **kwargs) -> str:
    response = client.get(reverse(f"reporting:{name}", kwargs=kwargs) + query)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def links_in(html: str) -> list[tuple[str, int]]:
    """Every link to a list of people, with the number it stands on."""
    found = re.findall(r'<a href="(/reports/people/[^"]+)">([\d,]+)', html)
    return [(href.replace("&amp;", "&"), int(number.replace(",", ""))) for href, number in found]


def test_headline_and_net_stand_side_by_side_with_the_definition(staffed, sign_in):
    html = page(sign_in(staffed, Role.DSPT_LEAD), "report_detail")

    assert "Who was trained on 1 May 2026" in html
    assert "60.0%" in html
    assert "75.0%" in html
    assert "60.0% of 5 people in scope were trained on 1 May 2026" in html
    assert "A person counts once, however many posts they hold." in html
    assert "after 1 May 2025 and no later than 1 May 2026" in html
    assert "North &lt;b&gt;" in html


def test_every_number_leads_to_exactly_that_many_people(staffed, sign_in):
    client = sign_in(staffed, Role.TRAINING_LEAD)

    links = links_in(page(client, "report_detail", "?by=employment_type"))

    assert len(links) > 12
    for href, number in links:
        html = client.get(href).content.decode()
        assert html.count('<th scope="row">') == number, href


def test_somebody_who_may_not_see_names_gets_figures_without_links(staffed, sign_in):
    client = sign_in(staffed, Role.SENIOR_REVIEWER)

    assert links_in(page(client, "report_detail")) == []
    assert client.get(reverse("reporting:people_list") + "?category=current").status_code == 403
    assert client.get(reverse("reporting:people_csv") + "?category=current").status_code == 403
    assert page(client, "report_csv")


@pytest.mark.parametrize(
    "name", ["report_detail", "report_csv", "report_xlsx", "people_list", "people_csv", "snapshot_list", "snapshot_take"]
)
def test_staff_and_managers_are_refused(staffed, sign_in, name):
    assert sign_in(staffed, Role.STAFF, Role.MANAGER).get(reverse(f"reporting:{name}")).status_code == 403


def test_a_past_date_is_shown_as_it_was(staffed, sign_in):
    html = page(sign_in(staffed, Role.HR), "report_detail", "?as_of_day=2&as_of_month=4&as_of_year=2026")

    assert "Who was trained on 2 April 2026" in html
    assert "40.0%" in html


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("?as_of_day=31&as_of_month=2&as_of_year=2026", "Enter a real date"),
        ("?as_of_day=2&as_of_month=5&as_of_year=2026", "today or in the past"),
        ("?as_of_day=1&as_of_month=1&as_of_year=0001", "must be 1948 or later"),
    ],
)
def test_a_date_that_cannot_be_is_explained_and_shows_no_figures(staffed, sign_in, query, words):
    client = sign_in(staffed, Role.DSPT_LEAD)
    html = page(client, "report_detail", query)

    assert words in html
    assert "There is a problem" in html
    assert "Where people stand" not in html
    assert client.get(reverse("reporting:report_csv") + query).status_code == 404


def test_no_one_in_scope_is_said_and_never_a_percentage(organisation, course, sign_in):
    person_in_post(organisation, has_access="no")

    html = page(sign_in(organisation, Role.DSPT_LEAD), "report_detail")

    assert "no one in scope" in html
    assert not re.search(r"\d%", html)


def test_without_people_or_without_a_course_the_page_says_what_to_do(organisation, sign_in):
    client = sign_in(organisation, Role.DSPT_LEAD)

    assert "There is no course yet" in page(client, "report_detail")
    CourseFactory()
    assert "Nobody was in post on this date" in page(client, "report_detail")


def test_the_downloads_hold_the_figures_of_the_page(staffed, sign_in):
    client = sign_in(staffed, Role.SENIOR_REVIEWER)

    rows = list(csv.reader(io.StringIO(page(client, "report_csv").removeprefix("\ufeff"))))
    book = openpyxl.load_workbook(io.BytesIO(client.get(reverse("reporting:report_xlsx")).content))

    assert rows[1] == ["total", "Everybody", "everyone in scope", "5", "3", "0", "0", "2", "60.0"]
    assert rows[2][-1] == "75.0"
    cells = list(book["Figures"].iter_rows(min_row=2, values_only=True))
    assert cells[0] == ("total", "Everybody", "everyone in scope", 5, 3, 0, 0, 2, 0.6)
    assert len(cells) == len(rows) - 1


def test_a_list_taken_away_is_harmless_and_put_on_record(staffed, sign_in, course):
    person = person_in_post(staffed, has_access="yes")
    person.last_name = "=HYPERLINK(1)"
    person.save()
    client = sign_in(staffed, Role.HR)

    response = client.get(reverse("reporting:people_csv") + "?category=not_started")
    rows = list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig"))))

    assert len(rows) == 1 + 3
    assert "'=HYPERLINK(1)" in {row[1] for row in rows}
    event = Event.objects.get(type="reporting.people_exported")
    assert (event.actor, event.summary["people"]) == (f"user:{client.user.pk}", 3)


@pytest.mark.parametrize(
    "query",
    [
        "?category=rich",
        "?group_by=shoes",
        "?group_by=unit&group=x",
        "?as_of_day=1&as_of_month=13&as_of_year=2025",
        "?course=nope",
    ],
)
def test_a_list_of_what_cannot_be_is_not_found(staffed, sign_in, query):
    assert sign_in(staffed, Role.HR).get(reverse("reporting:people_list") + query).status_code == 404


def test_a_unit_of_another_organisation_lists_nobody(staffed, other_organisation, course, sign_in):
    unit = UnitFactory(organisation=other_organisation)
    CompletionFactory(person=person_in_post(other_organisation, unit=unit), course=course)

    html = page(sign_in(staffed, Role.HR), "people_list", f"?category=current&group_by=unit&group={unit.pk}")

    assert "Nobody is on this list" in html


@pytest.mark.parametrize("people", [2, 60])
def test_the_pages_cost_the_same_however_many_people(organisation, course, sign_in, people, django_assert_max_num_queries):
    for number in range(people):
        person = person_in_post(organisation, unit=UnitFactory(organisation=organisation))
        if number % 2:
            CompletionFactory(person=person, course=course)
    client = sign_in(organisation, Role.HR)

    with django_assert_max_num_queries(10):
        page(client, "report_detail")
    with django_assert_max_num_queries(12):
        page(client, "people_list", "?category=in_scope")


def test_a_long_list_has_pages(organisation, course, sign_in):
    for _ in range(51):
        person_in_post(organisation)
    client = sign_in(organisation, Role.HR)

    assert "Page 1 of 2" in page(client, "people_list", "?category=in_scope")
    assert page(client, "people_list", "?category=in_scope&page=2").count('<th scope="row">') == 1


def test_evidence_is_frozen_in_the_background_and_taken_away(staffed, sign_in):
    client = sign_in(staffed, Role.DSPT_LEAD)
    assert "Nothing has been frozen yet" in page(client, "snapshot_list")

    response = client.post(reverse("reporting:snapshot_take"), {"as_of_day": "30", "as_of_month": "4", "as_of_year": "2026"})
    job = Job.objects.get()
    assert response["Location"] == reverse("jobs:job_detail", kwargs={"job_id": job.pk})
    assert EvidenceSnapshot.objects.count() == 0
    job = run(job.pk)
    snapshot = EvidenceSnapshot.objects.get()

    assert (job.state, job.result["url"]) == ("done", reverse("reporting:snapshot_detail", kwargs={"snapshot_id": snapshot.pk}))
    assert snapshot.as_of == date(2026, 4, 30)
    html = page(client, "snapshot_detail", snapshot_id=snapshot.pk)
    assert "60.0%" in html
    assert snapshot.digest in html
    assert "30 April 2026" in page(client, "snapshot_list")
    for name, start in {
        "training-statement.pdf": b"%PDF",
        "training-evidence.xlsx": b"PK",
        "training-rows.csv": "\ufeff".encode(),
        "reading.json": b"{",
    }.items():
        file = client.get(reverse("reporting:snapshot_file", kwargs={"snapshot_id": snapshot.pk, "file_name": name}))
        assert file.content.startswith(start)
        assert "attachment" in file["Content-Disposition"]
    assert json.loads(file.content)["digest"] == snapshot.digest


@pytest.mark.parametrize("day", [("2", "5", "2026"), ("", "", ""), ("30", "2", "2026")])
def test_evidence_of_a_day_that_cannot_be_is_not_frozen(staffed, sign_in, day):
    data = dict(zip(("as_of_day", "as_of_month", "as_of_year"), day, strict=True))

    response = sign_in(staffed, Role.DSPT_LEAD).post(reverse("reporting:snapshot_take"), data)

    assert b"There is a problem" in response.content
    assert Job.objects.count() == 0


@pytest.fixture
def snapshot(staffed):
    return take_snapshot(staffed, on=TODAY, by="system", at=NOW)


def test_then_and_now_are_compared_on_a_page(snapshot, staffed, course, sign_in):
    client = sign_in(staffed, Role.AUDITOR)
    assert "Nothing has changed" in page(client, "snapshot_compare", snapshot_id=snapshot.pk)

    person = staffed.people.get(absences__isnull=False)
    CompletionFactory(person=person, course=course, completed_on=date(2026, 4, 29))

    html = page(client, "snapshot_compare", snapshot_id=snapshot.pk)
    assert "1 row differs" in html
    assert "2026-04-29" in html
    assert "80.0%" in html


def test_rows_are_only_for_those_who_may_see_names(snapshot, staffed, sign_in):
    client = sign_in(staffed, Role.SENIOR_REVIEWER)

    def status(name: str) -> int:
        return client.get(reverse("reporting:snapshot_file", kwargs={"snapshot_id": snapshot.pk, "file_name": name})).status_code

    assert status("training-statement.pdf") == 200
    assert [status(name) for name in ("training-rows.csv", "reading.json", "training-evidence.xlsx", "passwords.txt")] == [
        404
    ] * 4
    assert "training-rows.csv" not in page(client, "snapshot_detail", snapshot_id=snapshot.pk)
    assert client.get(reverse("reporting:snapshot_compare", kwargs={"snapshot_id": snapshot.pk})).status_code == 403
    assert client.get(reverse("reporting:snapshot_take")).status_code == 403


def test_a_snapshot_of_another_organisation_is_not_found(snapshot, other_organisation, sign_in):
    client = sign_in(other_organisation, Role.DSPT_LEAD)

    for name in ("snapshot_detail", "snapshot_compare"):
        assert client.get(reverse(f"reporting:{name}", kwargs={"snapshot_id": snapshot.pk})).status_code == 404
    assert "Nothing has been frozen yet" in page(client, "snapshot_list")
    file = {"snapshot_id": snapshot.pk, "file_name": "training-statement.pdf"}
    assert client.get(reverse("reporting:snapshot_file", kwargs=file)).status_code == 404


def test_why_it_changed_leads_to_exactly_the_people(staffed, course, sign_in, django_assert_max_num_queries):
    client = sign_in(staffed, Role.HR)
    ran_out = person_in_post(staffed, has_access="yes", start=date(2020, 1, 1))
    CompletionFactory(person=ran_out, course=course, completed_on=date(2025, 4, 10))

    html = page(client, "changes")

    assert "2026" in html
    assert "The figure" in html
    link = re.search(r'href="([^"]*movement=ran_out[^"]*)"', html)
    assert link is not None
    people = client.get(link[1].replace("&amp;", "&")).content.decode()
    assert ran_out.last_name in people
    assert "Training ran out: 1 person" in people
    named = client.get(link[1].replace("&amp;", "&").replace("/people/", "/people.csv"))
    assert b"".join(named.streaming_content).decode().count(ran_out.staff_number) == 1
    assert Event.objects.filter(type="reporting.people_exported").count() == 1
    assert client.get(reverse("reporting:changes_people") + "?movement=nonsense").status_code == 404
    with django_assert_max_num_queries(14):
        client.get(reverse("reporting:changes"))


def test_figures_without_names_have_no_links_to_people(staffed, sign_in):
    client = sign_in(staffed, Role.SENIOR_REVIEWER)
    assert "/people/" not in page(client, "changes")
    assert "/people/" not in page(client, "forecast")


def test_days_the_wrong_way_round_are_refused(staffed, sign_in):
    client = sign_in(staffed, Role.HR)
    query = "?since_day=1&since_month=4&since_year=2026&until_day=1&until_month=3&until_year=2026"
    assert "The first day must be before the other." in page(client, "changes", query)


def test_the_forecast_says_what_it_takes_and_whom_to_ask(staffed, course, sign_in, django_assert_max_num_queries):
    client = sign_in(staffed, Role.HR)

    html = page(client, "forecast")

    assert "Forecast for 30 June 2026" in html
    assert "If nobody trains, 60.0% will be trained on 30 June 2026, which does not reach 95%" in html
    assert re.search(r"<strong>2 people</strong>\s+must finish", html)
    people = page(client, "forecast_people")
    assert "Not trained by then: 2 people" in people
    lines = b"".join(client.get(reverse("reporting:forecast_csv")).streaming_content).decode().splitlines()
    assert [line.split(",")[0] for line in lines[1:]] == ["yes", "yes"]
    with django_assert_max_num_queries(14):
        client.get(reverse("reporting:forecast"))


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?on_day_day=1&on_day_month=5&on_day_year=2026", "A forecast is for a day after today."),
        ("?on_day_day=1&on_day_month=5&on_day_year=2029", "We look at most 18 months ahead"),
        ("?aim=101", "less than or equal to 100"),
        ("?aim=lots", "Enter a whole number from 1 to 100"),
    ],
)
def test_a_forecast_that_cannot_be_made_says_why(staffed, sign_in, query, said):
    assert said in page(sign_in(staffed, Role.HR), "forecast", query)


def test_nobody_in_scope_has_no_forecast(organisation, course, sign_in):
    assert "Nobody we know of will be in scope on 30 June 2026" in page(sign_in(organisation, Role.HR), "forecast")


RULE_FORM = {
    "months": "24",
    "target": "95",
    "employment_types": ["permanent", "bank"],
    "access": "all",
    "headline": "net",
    "effective_on_day": "1",
    "effective_on_month": "5",
    "effective_on_year": "2026",
    "rationale": "The board asks for every second year.",
}


def test_a_counting_rule_shows_what_it_does_before_it_is_written(staffed, sign_in):
    client = sign_in(staffed, Role.TRAINING_LEAD)
    address = reverse("reporting:rule_change", kwargs={"rule_key": "training"})
    form = RULE_FORM

    shown = client.post(address, form).content.decode()
    assert "What it does to today’s figure" in shown
    assert "60.0%" in shown
    assert CountingRule.objects.count() == 0

    assert client.post(address, form | {"confirm": "yes"}).status_code == 302
    written = CountingRule.objects.get()
    assert (written.months, written.target, written.employment_types) == (24, 95, ["permanent", "bank"])
    assert (written.only_with_access, written.headline) == (False, "net")
    assert "The board asks for every second year." in page(client, "rule_list")
    past = client.post(address, form | {"effective_on_year": "2025", "confirm": "yes"}).content.decode()
    assert "The day must be today or later" in past
    assert CountingRule.objects.count() == 1
    assert client.get(reverse("reporting:rule_change", kwargs={"rule_key": "nonsense"})).status_code == 404
