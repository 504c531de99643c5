"""The board report: one page, checkable, with small units hidden, drawn once for its figures."""

from __future__ import annotations

import io
from datetime import date
from unittest.mock import patch

import pypdf
import pytest
import time_machine
from django.urls import reverse

from accounts.enums import Role
from jobs.models import Job
from jobs.services import run
from reporting.models import Drawing
from tests.factories import CompletionFactory, CourseFactory, UnitFactory, person_in_post

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel("2026-05-01 12:00:00+01:00", tick=False):
        yield


@pytest.fixture
def course(db):
    return CourseFactory(code="data-security-awareness", title="Data security awareness")


def staff(organisation, course, unit: str, trained: int, others: int):
    place = UnitFactory(organisation=organisation, name=unit)
    for number in range(trained + others):
        person = person_in_post(organisation, unit=place, has_access="yes")
        if number < trained:
            CompletionFactory(person=person, course=course, completed_on=date(2026, 3, 1 + number))


@pytest.fixture
def staffed(organisation, course):
    staff(organisation, course, "Kestrel", 9, 1)
    staff(organisation, course, "Heron", 6, 4)
    staff(organisation, course, "Wren", 1, 1)
    return organisation


def pages_of(response) -> list[str]:
    reader = pypdf.PdfReader(io.BytesIO(response.content))
    return [" ".join(page.extract_text().split()) for page in reader.pages]


def test_the_sheet_is_one_page_with_figures_target_outlook_and_definition(staffed, sign_in):
    response = sign_in(staffed, Role.BOARD).get(reverse("reporting:board_file"))

    (text,) = pages_of(response)
    assert "72.7%" in text
    assert "(16 of 22)" in text
    assert "The target of 95% is not reached: 5 more people have to train." in text
    assert "By 30 June 2026 it will be 72.7% if nobody trains" in text
    assert "No incident or near miss was reported" in text
    assert "A person counts once, however many posts they hold." in text
    assert pypdf.PdfReader(io.BytesIO(response.content)).metadata.title == "Board report on training, 1 May 2026"


def test_a_unit_of_two_is_hidden_with_another_so_that_nothing_can_be_subtracted(staffed, sign_in):
    client = sign_in(staffed, Role.BOARD)

    html = client.get(reverse("reporting:board_detail")).text

    shown = [name for name in ("Kestrel", "Heron", "Wren") if f'<th scope="row">{name}</th>' in html]
    assert len(shown) == 1
    assert "Wren" not in html
    assert "Groups of fewer than 5 people are hidden" in html
    assert "Wren" not in pages_of(client.get(reverse("reporting:board_file")))[0]


def test_the_sheet_is_drawn_once_for_the_same_figures(staffed, course, sign_in):
    client = sign_in(staffed, Role.DSPT_LEAD)
    first = client.get(reverse("reporting:board_file")).content

    with patch("reporting.board_drawing.board_pdf", side_effect=AssertionError):
        assert client.get(reverse("reporting:board_file")).content == first
    staff(staffed, course, "Lark", 5, 0)
    assert client.get(reverse("reporting:board_file")).content != first
    assert Drawing.objects.filter(organisation=staffed).count() == 2


def test_a_large_organisation_has_it_drawn_in_the_background(staffed, sign_in, monkeypatch):
    monkeypatch.setattr("reporting.views.board.AT_ONCE", 3)
    client = sign_in(staffed, Role.DSPT_LEAD)

    with patch("reporting.board_drawing.board_pdf", side_effect=AssertionError):
        assert client.get(reverse("reporting:board_file")).status_code == 302
        assert "Make the one-page PDF" in client.get(reverse("reporting:board_detail")).text
        client.post(reverse("reporting:board_make"))
    job = run(Job.objects.get(kind="reporting.draw_board").pk)

    assert job.error == ""
    response = client.get(job.result["url"])
    assert response["Content-Type"] == "application/pdf"
    assert len(pages_of(response)) == 1


def test_an_organisation_without_people_or_course_gets_words_and_no_figure(organisation, sign_in):
    client = sign_in(organisation, Role.BOARD)
    assert "There is no course yet" in client.get(reverse("reporting:board_detail")).text
    assert client.get(reverse("reporting:board_file")).status_code == 404

    CourseFactory(code="data-security-awareness")

    assert "no one in scope" in client.get(reverse("reporting:board_detail")).text
    assert "No one is in scope" in pages_of(client.get(reverse("reporting:board_file")))[0]


def test_managers_and_staff_do_not_see_it(staffed, sign_in):
    assert sign_in(staffed, Role.MANAGER).get(reverse("reporting:board_detail")).status_code == 403
    assert sign_in(staffed, Role.STAFF).get(reverse("reporting:board_file")).status_code == 403


@pytest.mark.parametrize("more", [0, 12])
def test_the_page_costs_the_same_however_many_people(staffed, course, sign_in, more, django_assert_max_num_queries):
    if more:
        staff(staffed, course, "Lark", more, more)
    client = sign_in(staffed, Role.BOARD)
    client.get(reverse("reporting:board_detail"))

    with django_assert_max_num_queries(26):
        client.get(reverse("reporting:board_detail"))
