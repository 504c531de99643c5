"""Exports of training records as other systems give them, through the pages, down to the completions that stand afterwards.

The headings and names of courses in ``samples`` are from general knowledge of such exports: none comes from a real system,
and nobody has compared them with one. The people are invented.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from django.urls import reverse

from accounts.enums import Role
from courses.models import Completion, RecordImport
from tests.courses.test_record_imports import address, apply, confirm_columns, upload
from tests.factories import CourseFactory, PersonFactory, PostFactory

pytestmark = pytest.mark.django_db

SAMPLES = Path(__file__).with_name("samples")
PEOPLE = {"0012": ("Ada", "Okafor"), "0013": ("Bo", "Li"), "0014": ("Cy", "Fox")}
IMPORT, CLASSROOM = Completion.Source.IMPORT, Completion.Source.CLASSROOM


@pytest.fixture(autouse=True)
def _own_uploads(settings, tmp_path):
    settings.BLOB_ROOT = tmp_path / "blobs"


@pytest.fixture
def hr(organisation, sign_in):
    CourseFactory(code="data-security-awareness", title="Data security awareness")
    for number, (first, last) in PEOPLE.items():
        person = PersonFactory(
            organisation=organisation,
            staff_number=number,
            first_name=first,
            last_name=last,
            email=f"{first.lower()}@home.example",
        )
        PostFactory(person=person, start=date(2020, 1, 1))
    return sign_in(organisation, Role.HR)


def previewed(client, name: str) -> RecordImport:
    upload(client, (SAMPLES / name).read_bytes(), name=name)
    batch = RecordImport.objects.latest("pk")
    confirm_columns(client, batch)
    batch.refresh_from_db()
    return batch


@pytest.mark.parametrize(
    ("name", "origin"), [("e-lfh.csv", "an e-LfH learning report"), ("esr-competences.csv", "an ESR competence report")]
)
def test_the_page_of_columns_says_what_the_file_looks_like(hr, name, origin):
    upload(hr, (SAMPLES / name).read_bytes(), name=name)

    assert origin in hr.get(address("record_import_columns", RecordImport.objects.get())).content.decode()


def told(batch: RecordImport, kind: str) -> list[tuple[int, str]]:
    return [(row.number, row.errors[0]["message"]) for row in batch.rows.filter(kind=kind).order_by("number")]


def recorded() -> list[tuple[str, date, str, int | None]]:
    found = Completion.objects.order_by("person__staff_number", "completed_on")
    return list(found.values_list("person__staff_number", "completed_on", "source", "score_percent"))


def test_an_e_lfh_report_gives_exactly_what_was_completed(hr):
    batch = previewed(hr, "e-lfh.csv")

    assert batch.counts == {"rows": 8, "created": 1, "duplicates": 1, "errors": 2, "unmatched": 2, "warnings": 2}
    assert told(batch, "error") == [
        (8, "The date is in the future."),
        (9, "We know no course of this name. Course codes are: data-security-awareness."),
    ]
    assert [row for row, _ in told(batch, "warning")] == [4, 5]
    assert "Did you mean 0013?" in told(batch, "unmatched")[0][1]
    assert told(batch, "unmatched")[1] == (7, "Nobody on the staff list has this number.")

    hr.post(address("record_import_people", batch), {"row_6": "0013", "row_7": ""})
    apply(hr, batch)

    assert recorded() == [("0012", date(2026, 3, 4), IMPORT, 92), ("0013", date(2026, 3, 6), IMPORT, 88)]


def test_an_esr_report_is_about_the_learner_and_never_about_who_updated_the_record(hr):
    batch = previewed(hr, "esr-competences.csv")

    assert batch.counts == {"rows": 5, "created": 2, "duplicates": 1, "errors": 1, "unmatched": 1, "warnings": 0}
    assert told(batch, "error") == [(6, "The date is in the future.")]
    hr.post(address("record_import_people", batch), {"row_3": "0013"})
    apply(hr, batch)

    assert recorded() == [
        ("0012", date(2026, 3, 4), IMPORT, None),
        ("0013", date(2024, 1, 10), IMPORT, None),
        ("0014", date(2026, 2, 12), IMPORT, None),
    ]
    assert "QQ123456" not in str(list(batch.rows.values()))


def test_an_esr_report_that_names_only_who_updated_the_record_records_nothing(hr):
    upload(hr, (SAMPLES / "esr-without-the-learner.csv").read_bytes())
    batch = RecordImport.objects.get()

    page = confirm_columns(hr, batch).content.decode()

    assert "names whoever last changed the record, not the learner" in page
    assert not Completion.objects.exists()


def test_a_report_of_enrolments_records_what_was_finished_and_how(hr):
    batch = previewed(hr, "olm-enrolments.csv")
    apply(hr, batch)

    assert recorded() == [("0012", date(2026, 3, 4), IMPORT, 92), ("0014", date(2026, 2, 12), CLASSROOM, None)]
    assert told(batch, "warning") == [(3, "The training is not complete, so nothing is recorded.")]


@pytest.mark.parametrize("name", ["e-lfh.csv", "esr-competences.csv", "olm-enrolments.csv"])
def test_the_same_report_again_records_nothing_more(hr, name):
    first = previewed(hr, name)
    apply(hr, first)
    before = recorded()

    again = previewed(hr, name)
    apply(hr, again)

    assert again.counts["created"] == 0
    assert again.counts["duplicates"] == first.counts["created"] + first.counts["duplicates"]
    assert recorded() == before
    assert hr.get(reverse("courses:record_import_list")).content.decode().count(name) >= 2
