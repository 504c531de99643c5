"""Taking away what is kept about one's own learning."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest
from django.urls import reverse

from accounts.enums import Role
from courses.completions import void_completion
from tests.factories import NOW, CompletionFactory, CourseFactory, person_in_post

pytestmark = pytest.mark.django_db


@pytest.fixture
def learner(organisation, sign_in):
    client = sign_in(organisation, Role.STAFF)
    client.person = person_in_post(organisation, user=client.user)
    return client


def test_the_whole_record_holds_my_completions_and_nobody_elses(learner, organisation):
    mine = CompletionFactory(person=learner.person, course=CourseFactory(title="Mine"), completed_on=date(2026, 3, 1))
    CompletionFactory(person=person_in_post(organisation), course=CourseFactory(title="Somebody else's"))
    void_completion(mine, reason="Entered twice.", by="system", at=NOW)

    response = learner.get(reverse("courses:my_record"))

    (completion,) = response.json()["completions"]
    assert (completion["course"], completion["completed_on"]) == ("Mine", "2026-03-01")
    assert completion["withdrawn_because"] == "Entered twice."
    assert response["Content-Disposition"] == 'attachment; filename="my-learning.json"'
    assert b"Somebody else" not in response.content


def test_the_table_is_harmless_in_a_spreadsheet(learner):
    CompletionFactory(person=learner.person, course=CourseFactory(title="=1+1"), score_percent=90)

    response = learner.get(reverse("courses:my_record_csv"))

    _headings, row = csv.reader(io.StringIO(response.content.decode("utf-8-sig")))
    assert row[0] == "'=1+1"
    assert row[4] == "90"


def test_somebody_without_a_staff_record_has_nothing_to_take(organisation, sign_in):
    client = sign_in(organisation, Role.TRAINING_LEAD)

    assert client.get(reverse("courses:my_record")).status_code == 404
