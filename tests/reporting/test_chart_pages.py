"""Charts: each says its finding, has its table beside it, and is drawn once; never in the request of a large organisation."""

from __future__ import annotations

from datetime import date
from unittest.mock import patch

import pytest
import time_machine
from django.urls import reverse

from accounts.enums import Role
from jobs.models import Job
from jobs.services import run
from reporting.chart_drawing import HEADINGS, Charts
from reporting.models import Drawing
from tests.factories import TODAY, CompletionFactory, CourseFactory, UnitFactory, person_in_post

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
    for name, people in (("Kestrel", 6), ("Heron", 5)):
        unit = UnitFactory(organisation=organisation, name=name)
        for number in range(people):
            person = person_in_post(organisation, unit=unit, has_access="yes")
            if number:
                CompletionFactory(person=person, course=course, completed_on=date(2025, 6 + number, 1))
    return organisation


def test_every_chart_says_its_finding_and_its_table_has_the_numbers(staffed, course):
    charts = Charts(staffed, course, today=TODAY, named=True)
    plots = {name: charts.plot(name) for name in HEADINGS}

    assert plots["units"].title == "Heron is furthest behind: 80.0% of 5 trained"
    assert plots["units"].rows == (("Heron", 5, 4, "80.0"), ("Kestrel", 6, 5, "83.3"))
    assert plots["funnel"].title == "Of 11 in scope 9 are trained; the largest gap: 2 have not begun"
    assert plots["funnel"].rows[1:] == (
        ("In scope", 11),
        ("Have begun", 9),
        ("Have finished at some time", 9),
        ("Trained now", 9),
    )
    assert plots["expiry"].title == "June 2026 is the month to plan for: training runs out for 2 people"
    assert sum(row[1] for row in plots["expiry"].rows) == 9
    assert plots["trend"].title == "Up from 0.0% on 30 April 2025 to 81.8% on 1 May 2026"
    assert plots["forecast"].title.startswith("81.8% on 30 June 2026 if nobody trains")
    assert all(plot.title in plot.alt for plot in plots.values())


def test_a_chart_is_drawn_once_in_each_form(staffed, sign_in):
    client = sign_in(staffed, Role.BOARD)
    address = reverse("reporting:chart_file", args=["funnel", "png"])

    first = client.get(address)
    with patch("reporting.chart_drawing.draw", side_effect=AssertionError):
        again = client.get(address)

    assert first.content == again.content
    assert first.content.startswith(b"\x89PNG")
    assert client.get(reverse("reporting:chart_file", args=["expiry", "svg"])).content.lstrip().startswith(b"<?xml")
    assert Drawing.objects.count() == 2


def test_the_charts_of_a_large_organisation_are_drawn_in_the_background(staffed, sign_in, monkeypatch):
    monkeypatch.setattr("reporting.views.charts.AT_ONCE", 3)
    client = sign_in(staffed, Role.DSPT_LEAD)
    with patch("reporting.chart_drawing.draw", side_effect=AssertionError):
        assert "Draw the charts" in client.get(reverse("reporting:chart_list")).text
        assert client.get(reverse("reporting:chart_file", args=["trend", "svg"])).status_code == 302
        client.post(reverse("reporting:charts_make"), {"course": "data-security-awareness"})

    job = run(Job.objects.get(kind="reporting.draw_charts").pk)

    assert job.error == ""
    html = client.get(job.result["url"]).text
    assert html.count('<img class="app-chart"') == len(HEADINGS)
    assert client.get(reverse("reporting:chart_file", args=["trend", "svg"])).status_code == 200


def test_what_there_is_not_is_not_found_and_nobody_in_scope_gets_words(staffed, other_organisation, sign_in):
    assert sign_in(staffed, Role.BOARD).get(reverse("reporting:chart_file", args=["nothing", "svg"])).status_code == 404

    empty = sign_in(other_organisation, Role.BOARD)

    assert "There is nothing to draw yet" in empty.get(reverse("reporting:chart_list")).text
    assert empty.get(reverse("reporting:chart_file", args=["funnel", "svg"])).status_code == 404
