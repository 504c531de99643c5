"""What people know, on pages and in files: only one's own people, only first attempts, no small numbers."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import openpyxl
import pytest
import time_machine
from django.urls import reverse

from accounts.enums import Role
from jobs.models import Job
from jobs.services import run
from quizzes.models import Attempt, AttemptItem, Question, QuestionVersion
from quizzes.services import save_answer, start_attempt, submit_attempt
from reporting.models import Drawing
from reporting.questions import TOO_FEW_TO_SHOW, question_report
from reporting.tasks import DRAW_TOPICS
from reporting.topics_chart import finding
from tests.factories import OrganisationFactory, QuestionVersionFactory, UnitFactory, course_with_quiz, person_in_post, quiz

pytestmark = pytest.mark.django_db

AT = datetime(2026, 4, 1, 10, 0, tzinfo=ZoneInfo("Europe/London"))
YEAR = {"since": date(2025, 5, 1), "until": date(2026, 5, 1)}


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel("2026-05-01 12:00:00+01:00", tick=False):
        yield


@pytest.fixture
def course(db):
    rules = quiz(sections=2, bank=1, count=1)
    version = course_with_quiz(rules, code="data-security-awareness", title="Data security awareness")
    return version.course


def sit(course, person, *, right: bool, at: datetime = AT) -> Attempt:
    """One whole attempt; wrong is the first option of every question."""
    attempt = start_attempt(person, course.blueprint.versions.get(), at=at)
    for item in attempt.items.all():
        letter = "b" if right else "a"
        code = item.question_version.question.code
        save_answer(attempt, item.slot, [f"{code}-{letter}"], at=at)
    return submit_attempt(attempt, at=at + timedelta(minutes=5))


def sat_by(course, organisation, unit, *, right: int, wrong: int) -> None:
    """Attempts of new people of a unit, copied from two real ones."""
    for is_right, people in ((True, right), (False, wrong)):
        if not people:
            continue
        first = sit(course, person_in_post(organisation, unit=unit), right=is_right)
        items = list(first.items.all())
        for _ in range(people - 1):
            values = {f.attname: getattr(first, f.attname) for f in Attempt._meta.concrete_fields if f.name != "id"}
            copy = Attempt.objects.create(**values | {"person_id": person_in_post(organisation, unit=unit).pk})
            columns = [f.attname for f in AttemptItem._meta.concrete_fields if f.name not in ("id", "attempt")]
            AttemptItem.objects.bulk_create(
                AttemptItem(attempt=copy, **{name: getattr(item, name) for name in columns}) for item in items
            )


def page(client, name: str = "question_list", query: str = "", **kwargs) -> str:
    response = client.get(reverse(f"reporting:{name}", kwargs=kwargs) + query)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def test_a_person_counts_once_with_the_first_marked_attempt_of_the_period(organisation, course):
    person = person_in_post(organisation)
    sit(course, person, right=True, at=AT - timedelta(days=500))
    sit(course, person, right=False)
    sit(course, person, right=True, at=AT + timedelta(days=1))
    voided = start_attempt(person_in_post(organisation), course.blueprint.versions.get(), at=AT)
    Attempt.objects.filter(pk=voided.pk).update(state=Attempt.State.VOIDED)

    report = question_report(organisation, course, **YEAR)

    assert report.people == 1
    assert [(line.figures.people, line.figures.facility.value) for line in report.lines] == [(1, 0.0), (1, 0.0)]


def test_the_last_day_counts_to_its_end_in_london(organisation, course):
    sit(course, person_in_post(organisation), right=True, at=datetime(2026, 5, 1, 23, 30, tzinfo=ZoneInfo("Europe/London")))

    assert question_report(organisation, course, **YEAR).people == 1
    assert question_report(organisation, course, since=date(2026, 5, 2), until=date(2026, 5, 3)).people == 0


def test_only_the_own_organisations_attempts_count(organisation, course, sign_in):
    other = OrganisationFactory()
    sat_by(course, other, UnitFactory(organisation=other, name="Foreign unit"), right=20, wrong=20)

    html = page(sign_in(organisation, Role.DSPT_LEAD))

    assert "Nobody handed in this quiz between these days" in html
    assert "Foreign unit" not in html
    assert question_report(other, course, **YEAR).people == 40


def test_the_page_tells_what_is_known_and_hides_small_units(organisation, course, sign_in):
    for name, right, wrong in (("North", 20, 10), ("South", 8, 4), ("East", 3, 0)):
        sat_by(course, organisation, UnitFactory(organisation=organisation, name=name), right=right, wrong=wrong)

    html = page(sign_in(organisation, Role.SENIOR_REVIEWER))
    units = {line.name: line.figures for line in question_report(organisation, course, **YEAR).units("topic")}

    assert "First answers of 45 people to 2 questions" in html
    assert "69% of the marks among 45 people" in html
    assert units["North"].people == 30
    assert units["North"].facility.value == pytest.approx(2 / 3)
    assert units["South"] is units["East"] is None
    assert "a wrong option beats the right one" not in html.split("What these figures mean")[0]


def test_one_question_tells_who_chose_what_in_shares(organisation, course, sign_in):
    sat_by(course, organisation, None, right=9, wrong=3)
    version = QuestionVersion.objects.first()

    html = page(sign_in(organisation, Role.TRAINING_LEAD), "question_detail", question_id=version.question_id)

    assert f"Choice b of {version.question}" in html
    assert "75%" in html
    assert "25%" in html
    assert "too few to judge" in html


def test_who_takes_the_quiz_and_is_no_author_sees_no_choices(organisation, course, sign_in):
    sat_by(course, organisation, None, right=9, wrong=3)
    version = QuestionVersion.objects.first()
    detail = reverse("reporting:question_detail", kwargs={"question_id": version.question_id})
    reader, author = sign_in(organisation, Role.DPO), sign_in(organisation, Role.CONTENT_EDITOR)

    assert version.question.code in page(reader)
    assert detail not in page(reader)
    assert reader.get(detail).status_code == 403
    assert detail in page(author)


def test_a_question_answered_by_few_shows_no_figure(organisation, course, sign_in):
    sat_by(course, organisation, None, right=5, wrong=4)
    client = sign_in(organisation, Role.TRAINING_LEAD)

    html = page(client, "question_detail", question_id=QuestionVersion.objects.first().question_id)

    assert "fewer than 10 people" in html
    assert "%" not in html.split("<main")[1].split("What these figures mean")[0]
    assert "%" not in page(client).split("<main")[1].split("What these figures mean")[0]


def test_files_carry_numbers_and_no_formula(organisation, course, sign_in):
    version = QuestionVersionFactory(pool="own", stem="=1+1?")
    rules = course.blueprint.versions.get()
    sat_by(course, organisation, None, right=30, wrong=10)
    AttemptItem.objects.filter(attempt__blueprint_version=rules, slot=1).update(question_version=version)
    client = sign_in(organisation, Role.HR)

    sheet = openpyxl.load_workbook(io.BytesIO(client.get(reverse("reporting:question_xlsx")).content))["Questions"]
    rows = list(csv.DictReader(io.StringIO(client.get(reverse("reporting:question_csv")).content.decode("utf-8-sig"))))

    cells = {row[2].value: row for row in sheet.iter_rows(min_row=2)}
    assert cells["'=1+1?"][2].data_type == "s"
    assert [(cell.value, cell.data_type) for cell in cells["'=1+1?"][6:8]] == [(40, "n"), (0.75, "n")]
    assert {row["question"] for row in rows} > {"'=1+1?"}
    assert {row["facility"] for row in rows} == {"0.75"}


def test_the_chart_of_topics_says_its_finding_and_shows_what_the_table_shows(organisation, course, sign_in):
    for topic, version in zip(("passwords", "scams-and-calls", "few"), QuestionVersion.objects.order_by("pk"), strict=False):
        Question.objects.filter(pk=version.question_id).update(topic=topic)
    sat_by(course, organisation, None, right=30, wrong=10)
    client = sign_in(organisation, Role.DPO)

    html = page(client)
    svg, again = (client.get(reverse("reporting:topics_chart", args=["svg"])) for _ in range(2))
    png = client.get(reverse("reporting:topics_chart", args=["png"]))

    alt = html.split('alt="Bar chart: ')[1].split('"')[0]
    assert alt == "Passwords is known least: 75% of the marks. Passwords 75%; Scams and calls 75%."
    assert (svg["Content-Type"], png["Content-Type"]) == ("image/svg+xml", "image/png")
    assert svg.content == again.content
    assert b"<svg" in svg.content
    assert png.content[:4] == b"\x89PNG"
    report = question_report(organisation, course, **YEAR)
    assert (finding(report), report.pass_mark_percent) == ("Passwords is known least: 75% of the marks", 80)


def test_a_new_answer_makes_a_new_chart_and_few_people_make_none(organisation, course, sign_in, monkeypatch):
    drawn = []
    monkeypatch.setattr("reporting.topics_chart._draw", lambda report, form: drawn.append(report.people) or b"<svg/>")
    client, address = sign_in(organisation, Role.DPO), reverse("reporting:topics_chart", args=["svg"])
    sat_by(course, organisation, None, right=5, wrong=4)
    assert client.get(address).status_code == 404

    for right in (21, 1):
        sat_by(course, organisation, None, right=right, wrong=0)
        assert [client.get(address).status_code for _ in range(2)] == [200, 200]

    assert drawn == [30, 31]


def test_the_chart_of_a_large_organisation_is_drawn_by_the_job_and_never_by_the_page(organisation, course, sign_in, monkeypatch):
    monkeypatch.setattr("reporting.views.questions.AT_ONCE", 10)
    sat_by(course, organisation, None, right=30, wrong=10)
    client = sign_in(organisation, Role.DPO)
    image = reverse("reporting:topics_chart", args=["svg"])

    assert "Draw the chart" in page(client)
    assert client.get(image).status_code == 302
    assert Drawing.objects.count() == 0
    client.post(reverse("reporting:topics_make"))
    run(Job.objects.get(kind=DRAW_TOPICS).pk)

    assert Drawing.objects.count() == 2
    assert "Draw the chart" not in page(client)
    assert client.get(image).content.startswith(b"<?xml")


def test_the_workbook_tells_every_topic_unit_by_unit_and_hides_few(organisation, course, sign_in):
    for name, right, wrong in (("North", 20, 10), ("South", 8, 4), ("East", 3, 0)):
        sat_by(course, organisation, UnitFactory(organisation=organisation, name=name), right=right, wrong=wrong)

    book = openpyxl.load_workbook(io.BytesIO(sign_in(organisation, Role.HR).get(reverse("reporting:question_xlsx")).content))

    rows = [row for row in book["Topics, standards, units"].iter_rows(min_row=2, values_only=True) if row[0] == "unit: Topic"]
    assert rows[0][:4] == ("unit: Topic", "North", 30, 0.667)
    assert [(row[1], row[2], row[3]) for row in rows[1:]] == [
        ("East", None, TOO_FEW_TO_SHOW),
        ("South", None, TOO_FEW_TO_SHOW),
    ]


def test_days_the_wrong_way_round_are_refused_in_a_sentence(organisation, course, sign_in):
    query = "?since_day=2&since_month=4&since_year=2026&until_day=1&until_month=4&until_year=2026"
    client = sign_in(organisation, Role.HR)

    assert "The first day must not be after the last day." in page(client, query=query)
    assert client.get(reverse("reporting:question_csv") + query).status_code == 404


@pytest.mark.parametrize("people", [12, 40])
def test_the_page_costs_the_same_however_many_answered(organisation, course, sign_in, django_assert_num_queries, people):
    sat_by(course, organisation, UnitFactory(organisation=organisation), right=people - 2, wrong=2)
    client = sign_in(organisation, Role.HR)
    page(client)

    with django_assert_num_queries(9):  # session, user, access, courses, needs; attempts, questions, answers, posts
        page(client)
