"""Feedback without a name, and phishing exercises as counts."""

from __future__ import annotations

import io
import json
from datetime import date

import openpyxl
import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.enums import Role
from audit.models import Event
from courses.feedback import FeedbackGivenError, give_feedback
from courses.models import CourseFeedback, FeedbackGiven
from evidence import blobs
from reporting.comparison import compare_with_now
from reporting.evaluation import evaluation_of
from reporting.invariants import snapshots_are_whole
from reporting.models import EvidenceSnapshot, PhishingExercise
from reporting.phishing import withdraw
from reporting.readings import training_reading
from reporting.services import take_snapshot
from tests.factories import NOW, TODAY, CompletionFactory, CourseFactory, UnitFactory, person_in_post

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel("2026-05-01 12:00:00+01:00", tick=False):
        yield


@pytest.fixture
def course(db):
    return CourseFactory(code="data-security-awareness", title="Data security awareness")


def completion(organisation, course, **person):
    return CompletionFactory(person=person_in_post(organisation, **person), course=course, completed_on=date(2026, 4, 1))


def found(organisation, course):
    return evaluation_of(organisation, course, since=date(2025, 5, 1), until=TODAY)


def test_answers_carry_no_person_and_no_day_and_are_taken_once(organisation, course):
    done = completion(organisation, course)
    answers = {"fits_work": 4, "was_clear": 2, "will_use": 3}

    give_feedback(done, on=TODAY, **answers)
    with pytest.raises(FeedbackGivenError):
        give_feedback(done, on=TODAY, **answers)

    kept = CourseFeedback.objects.get()
    assert {field.name for field in kept._meta.fields} == {
        "id", "organisation", "course", "month", "fits_work", "was_clear", "will_use",
    }  # fmt: skip
    assert kept.month == date(2026, 5, 1)
    assert {field.name for field in FeedbackGiven._meta.fields} == {"completion"}
    assert not Event.objects.filter(type__contains="feedback").exists()


def test_fewer_than_five_answers_are_not_shown(organisation, course):
    for number in range(5):
        if number == 4:
            assert found(organisation, course).opinions == ()
            assert "Fewer than 5 people" in found(organisation, course).feedback_in_words
        give_feedback(completion(organisation, course), on=TODAY, fits_work=4 if number else 1, was_clear=3, will_use=2)

    shown = found(organisation, course)
    assert [(one.agreed, one.answered, one.percent) for one in shown.opinions] == [(4, 5, "80.0"), (5, 5, "100.0"), (0, 5, "0.0")]


def test_a_learner_answers_after_their_own_completion_and_nobody_elses(organisation, course, sign_in):
    client = sign_in(organisation, Role.STAFF)
    mine, other = completion(organisation, course, user=client.user), completion(organisation, course)
    address = reverse("courses:feedback_give", args=[mine.pk])

    assert "Choose one answer." in client.post(address, {"fits_work": "4"}).text
    client.post(address, {"fits_work": "4", "was_clear": "3", "will_use": "1"})

    assert CourseFeedback.objects.count() == 1
    assert "You told us already" in client.get(address).text
    assert client.get(reverse("courses:feedback_give", args=[other.pk])).status_code == 404


def upload(client, text: str):
    file = SimpleUploadedFile("results.csv", text.encode())
    return client.post(reverse("reporting:phishing_import"), {"file": file})


def test_results_come_in_by_unit_and_are_added_up_by_exercise(organisation, course, sign_in):
    UnitFactory(organisation=organisation, name="Kestrel")
    client = sign_in(organisation, Role.DSPT_LEAD)

    upload(
        client,
        "date,campaign,unit,sent,opened,clicked,reported\n2026-02-01,Parcel,Kestrel,20,,4,8\n01/02/2026,Parcel,,30,9,1,12\n",
    )
    upload(client, "date;campaign;sent;clicked\n2026-04-01;Pay rise;50;2\n")

    shown = found(organisation, course)
    assert [(one.name, one.sent, one.opened, one.clicked, one.clicked_percent, one.reported) for one in shown.campaigns] == [
        ("Pay rise", 50, None, 2, "4.0", None),
        ("Parcel", 50, None, 5, "10.0", 20),
    ]
    assert shown.phishing_in_words == (
        "In the latest phishing exercise 4.0% of 50 clicked; in the first of the year 10.0% clicked."
    )
    assert "Parcel" in client.get(reverse("reporting:evaluation_detail")).text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("campaign,sent,clicked\nA,1,1\n", "lacks the heading “date”"),
        ("date,campaign,sent,clicked,e-mail\n2026-02-01,A,1,1,a@b.example\n", "Results are counts, never people."),
        ("date,campaign,sent,clicked\n2026-02-01,A,5,6\n", "Row 2: clicked is 6, more than the 5 sent"),
        ("date,campaign,sent,clicked\n2027-02-01,A,5,1\n", "a day to come"),
        ("date,campaign,sent,clicked\nsoon,A,5,1\n", "“soon” is not a date"),
        ("date,campaign,unit,sent,clicked\n2026-02-01,A,Nowhere,5,1\n", "there is no unit “Nowhere”"),
        (
            "date,campaign,sent,clicked\n2026-02-01,A,5,1\n2026-02-01,a,5,1\n",
            "Row 3: this campaign of this day and unit is recorded",
        ),
        ("date,campaign,sent,clicked\n", "no results below its headings"),
        ("", "The file is empty"),
    ],
)
def test_a_bad_file_is_refused_whole_and_says_where(organisation, sign_in, text, words):
    assert words in upload(sign_in(organisation, Role.DSPT_LEAD), text).text
    assert PhishingExercise.objects.count() == 0


def test_a_wrong_result_is_taken_back_with_a_reason_and_stays_on_record(organisation, course, sign_in):
    client = sign_in(organisation, Role.DSPT_LEAD)
    upload(client, "date,campaign,sent,clicked\n2026-02-01,Parcel,20,4\n")
    address = reverse("reporting:phishing_withdraw", args=[PhishingExercise.objects.get().pk])

    client.post(address, {"reason": ""})
    assert len(found(organisation, course).campaigns) == 1
    client.post(address, {"reason": "The supplier counted robots."})

    assert found(organisation, course).campaigns == ()
    assert PhishingExercise.objects.count() == 2
    assert sign_in(organisation, Role.BOARD).post(address, {"reason": "x"}).status_code == 403


def test_evidence_freezes_what_was_known_and_a_later_record_shows_beside_it(organisation, course, sign_in):
    UnitFactory(organisation=organisation, name="Kestrel")
    for number in range(5):
        give_feedback(completion(organisation, course), on=TODAY, fits_work=4 if number else 1, was_clear=3, will_use=2)
    client = sign_in(organisation, Role.DSPT_LEAD)
    upload(client, "date,campaign,unit,sent,clicked,reported\n2026-02-01,Parcel,Kestrel,50,4,8\n2026-03-01,Few,Kestrel,4,4,0\n")

    snapshot = take_snapshot(organisation, on=TODAY, by="test", at=NOW)
    frozen = json.loads(blobs.read(snapshot.reading))["evaluation"]
    assert [(one["campaign"], one["clicked"], one["clicked_percent"]) for one in frozen["phishing"]] == [("Parcel", 4, "8.0")]
    assert (frozen["phishing_hidden"], frozen["courses"][0]["answers"]) == (1, 5)
    assert compare_with_now(snapshot).is_same
    assert list(snapshots_are_whole()) == []
    page = client.get(reverse("reporting:snapshot_detail", args=[snapshot.pk])).text
    assert "8.0% of 50 clicked, 16.0% reported it" in page
    assert "80.0% agree (4)" in page
    book = openpyxl.load_workbook(io.BytesIO(blobs.read(snapshot.workbook)))
    assert ["Phishing exercises", "Parcel, 1 February 2026", "8.0% of 50 clicked, 16.0% reported it"] in [
        [cell.value for cell in row] for row in book["Evaluation"].iter_rows()
    ]

    withdraw(PhishingExercise.objects.get(campaign="Parcel"), reason="Robots clicked.", by=client.user, at=NOW)
    comparison = compare_with_now(snapshot)
    assert not comparison.is_same
    assert [(one.field, one.then, one.now) for one in comparison.evaluation] == [
        ("Phishing exercises: Parcel, 1 February 2026", "8.0% of 50 clicked, 16.0% reported it", "none")
    ]
    assert "Robots" not in client.get(reverse("reporting:snapshot_compare", args=[snapshot.pk])).text
    assert json.loads(blobs.read(snapshot.reading))["evaluation"] == frozen


def test_evidence_frozen_before_there_was_an_evaluation_compares_as_it_was(organisation, course):
    completion(organisation, course)
    reading = training_reading(organisation, on=TODAY)
    assert "evaluation" not in reading.content()
    snapshot = take_snapshot(organisation, on=TODAY, by="test", at=NOW)
    old = blobs.keep(reading.as_json(), media_type="application/json")
    before = EvidenceSnapshot(organisation=organisation, courses=snapshot.courses, reading=old, digest=reading.digest)

    assert compare_with_now(before).is_same
