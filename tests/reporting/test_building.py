"""Reports of one's own: the right people, the chosen columns, kept under a name, taken away in three forms."""

from __future__ import annotations

import csv
import io
from datetime import date

import openpyxl
import pytest
import time_machine
from django.urls import reverse
from pypdf import PdfReader

from accounts.enums import Role
from audit.models import Event
from reporting.models import SavedReport
from staff.models import Person, Unit
from tests.factories import AbsenceFactory, CompletionFactory, CourseFactory, UnitFactory, person_in_post

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
    north = UnitFactory(organisation=organisation, name="North")
    below = UnitFactory(organisation=organisation, name="North annexe", parent=north)
    south = UnitFactory(organisation=organisation, name="South")
    boss = named(person_in_post(organisation, unit=south, has_access="yes", staff_group="Office"), "Boss")
    trained = named(person_in_post(organisation, unit=north, has_access="yes", manager=boss), "Trained")
    named(person_in_post(organisation, unit=below, has_access="yes", employment_type="bank"), "=Annexe")
    away = named(person_in_post(organisation, unit=north, has_access="yes"), "Away")
    named(person_in_post(organisation, unit=north, has_access="no"), "Outside")
    CompletionFactory(person=trained, course=course, completed_on=date(2026, 4, 2))
    CompletionFactory(person=boss, course=course, completed_on=date(2025, 4, 2))
    AbsenceFactory(person=away)
    return organisation


def named(person: Person, last_name: str) -> Person:
    person.last_name = last_name
    person.save(update_fields=["last_name"])
    return person


def csv_of(client, query: str) -> list[list[str]]:
    response = client.get(reverse("reporting:build_csv") + query)
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def names(client, query: str) -> list[str]:
    return [row[1] for row in csv_of(client, query)[1:]]


def test_every_filter_finds_exactly_the_people_it_says(staffed, sign_in):
    client = sign_in(staffed, Role.HR)
    north = Unit.objects.get(organisation=staffed, name="North").pk
    boss = Person.objects.get(last_name="Boss").pk

    assert names(client, "") == ["'=Annexe", "Away", "Boss", "Outside", "Trained"]
    assert names(client, f"?unit={north}") == ["'=Annexe", "Away", "Outside", "Trained"]
    assert names(client, "?staff_group=Office") == ["Boss"]
    assert names(client, "?employment_type=bank") == ["'=Annexe"]
    assert names(client, f"?manager={boss}") == ["Trained"]
    assert names(client, "?standing=current") == ["Trained"]
    assert names(client, "?standing=lapsed&standing=current") == ["Boss", "Trained"]
    assert names(client, "?standing=out") == ["Outside"]
    assert names(client, "?standing=not_started&as_of_day=1&as_of_month=4&as_of_year=2026") == ["'=Annexe", "Away", "Trained"]


def test_the_columns_stand_in_the_order_asked_for_with_their_values(staffed, sign_in):
    client = sign_in(staffed, Role.HR)

    rows = csv_of(client, "?standing=current&columns=last_name&columns=managers&columns=completed_on&columns=valid_until")

    assert rows[0] == ["Last name", "Managers", "Last completed on", "Counts until"]
    assert rows[1][0] == "Trained"
    assert "Boss" in rows[1][1]
    assert rows[1][2:] == ["2026-04-02", "2027-04-01"]


def test_a_workbook_has_dates_and_no_formula_and_a_list_to_print_has_the_names(staffed, sign_in):
    client = sign_in(staffed, Role.HR)

    book = openpyxl.load_workbook(io.BytesIO(client.get(reverse("reporting:build_xlsx")).content))
    paper = PdfReader(io.BytesIO(client.get(reverse("reporting:build_pdf")).content))

    rows = list(book.active.values)
    assert rows[1][1] == "'=Annexe"
    assert book.active["B2"].data_type == "s"
    assert [row[5].date() for row in rows[1:] if row[1] == "Trained"] == [date(2026, 4, 2)]
    assert book.active.freeze_panes == "A2"
    text = " ".join(page.extract_text() for page in paper.pages)
    assert "5 people as of 1 May 2026" in text
    assert "Outside" in text
    assert Event.objects.filter(type="reporting.people_exported").count() == 2


def test_a_report_is_kept_under_a_name_for_oneself_or_for_others(staffed, sign_in):
    mine, other = sign_in(staffed, Role.HR), sign_in(staffed, Role.TRAINING_LEAD)
    choice = {"standing": ["lapsed"], "columns": ["last_name"]}

    mine.post(reverse("reporting:report_save"), choice | {"title": "Due again"})
    again = mine.post(reverse("reporting:report_save"), choice | {"title": "Due again"})
    mine.post(reverse("reporting:report_save"), choice | {"title": "For all", "is_shared": "on"})

    assert "You keep a report under the name “Due again” already" in again.text
    own, shared = SavedReport.objects.get(title="Due again"), SavedReport.objects.get(title="For all")
    assert own.query == "standing=lapsed&columns=last_name"
    html = mine.get(reverse("reporting:saved_report", args=[own.pk]), follow=True).text
    assert "<td>Boss</td>" in html
    assert "<td>Trained</td>" not in html
    assert other.get(reverse("reporting:saved_report", args=[own.pk])).status_code == 404
    assert other.get(reverse("reporting:saved_report", args=[shared.pk])).status_code == 302
    assert other.post(reverse("reporting:report_remove", args=[shared.pk])).status_code == 404
    mine.post(reverse("reporting:report_remove", args=[shared.pk]))
    assert other.get(reverse("reporting:saved_report", args=[shared.pk])).status_code == 404


def test_a_unit_of_another_organisation_is_no_choice_and_figures_only_people_have_no_page(staffed, other_organisation, sign_in):
    foreign = UnitFactory(organisation=other_organisation)
    client = sign_in(staffed, Role.HR)

    assert client.get(reverse("reporting:build_csv") + f"?unit={foreign.pk}").status_code == 404
    assert "Select a valid choice" in client.get(reverse("reporting:build") + f"?unit={foreign.pk}").text
    assert sign_in(staffed, Role.BOARD).get(reverse("reporting:build")).status_code == 403


@pytest.mark.parametrize("more", [0, 15])
def test_the_page_costs_the_same_however_many_people(staffed, sign_in, more, django_assert_max_num_queries):
    for _ in range(more):
        person_in_post(staffed, has_access="yes")
    client = sign_in(staffed, Role.HR)
    client.get(reverse("reporting:build"))

    with django_assert_max_num_queries(16):
        client.get(reverse("reporting:build"))


def test_too_many_for_a_workbook_or_for_paper_are_sent_to_the_csv(staffed, sign_in, monkeypatch):
    monkeypatch.setattr("reporting.views.building.MOST_ROWS", 2)
    monkeypatch.setattr("reporting.views.building.MOST_ON_PAPER", 2)
    client = sign_in(staffed, Role.HR)

    for name in ("build_xlsx", "build_pdf"):
        assert "these are 5. Take the CSV." in client.get(reverse(f"reporting:{name}"), follow=True).text
