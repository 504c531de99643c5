"""The commands: their JSON, their refusals, and the files they write."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from datetime import date

import openpyxl
import pytest
import time_machine
from django.core.management import call_command
from pypdf import PdfReader

from reporting.models import EvidenceSnapshot
from reporting.services import set_small_number
from tests.factories import NOW, AbsenceFactory, CompletionFactory, CourseFactory, UnitFactory, UserFactory, person_in_post

KEYS = {
    "organisation",
    "course",
    "as_of",
    "headcount",
    "out_of_scope",
    "in_scope",
    "current",
    "lapsed",
    "in_progress",
    "not_started",
    "percent",
    "net",
    "groups",
}


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel("2026-05-01 12:00:00+01:00", tick=False):
        yield


@pytest.fixture
def course(db):
    return CourseFactory(code="data-security-awareness", title="Data security awareness")


def run(capsys, *arguments: str) -> tuple[int, dict, str]:
    code = 0
    try:
        call_command(*arguments, "--json")
    except SystemExit as stop:
        code = int(stop.code or 0)
    out, err = capsys.readouterr()
    return code, json.loads(out), err


def test_the_rate_as_json_has_exactly_its_keys(organisation, course, capsys):
    unit = UnitFactory(organisation=organisation, name="North")
    CompletionFactory(person=person_in_post(organisation, unit=unit, has_access="yes"), course=course)
    AbsenceFactory(person=person_in_post(organisation, unit=unit, has_access="yes"))
    person_in_post(organisation, unit=unit, has_access="no")

    code, found, _ = run(
        capsys, "completion_rate", "--organisation", organisation.ods_code, "--course", course.code, "--by", "unit"
    )

    assert code == 0
    assert set(found) == KEYS
    assert found["organisation"] == organisation.ods_code
    assert (found["as_of"], found["percent"], found["headcount"]) == ("2026-05-01", "50.0", 3)
    assert found["out_of_scope"] == {"no_access": 1, "employment_type": 0}
    assert found["net"]["percent"] == "100.0"
    assert found["net"]["left_out"] == {"away": 1, "exempt": 0}
    assert [(group["name"], group["percent"]) for group in found["groups"]] == [("North", "50.0")]


def test_nobody_is_null_and_never_zero_or_a_hundred(organisation, course, capsys):
    code, found, _ = run(capsys, "completion_rate", "--organisation", organisation.ods_code.lower(), "--course", course.code)

    assert code == 0
    assert found["percent"] is None
    assert found["net"]["percent"] is None
    assert found["groups"] == []


def test_months_and_a_past_date_are_obeyed(organisation, course, capsys):
    CompletionFactory(person=person_in_post(organisation), course=course, completed_on=date(2025, 1, 10))
    of = ["completion_rate", "--organisation", organisation.ods_code, "--course", course.code, "--as-of", "2025-03-01"]

    _, twelve, _ = run(capsys, *of)
    _, one, _ = run(capsys, *of, "--months", "1")

    assert (twelve["current"], one["current"], one["lapsed"]) == (1, 0, 1)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"--as-of": "2026-05-02"}, "in the future"),
        ({"--as-of": "01/05/2026"}, "is not a date"),
        ({"--as-of": "2026-02-30"}, "is not a date"),
        ({"--as-of": "20260401"}, "is not a date"),
        ({"--as-of": "0001-01-01"}, "too long ago"),
        ({"--organisation": "NOPE1"}, "no organisation"),
        ({"--course": "knitting"}, "no course"),
        ({"--months": "0"}, "1 to 120"),
        ({"--months": "twelve"}, "1 to 120"),
        ({"--by": "shoe size"}, "shoe size"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_one_sentence(organisation, course, capsys, change, words):
    asked = {"--organisation": organisation.ods_code, "--course": course.code} | change

    code, found, err = run(capsys, "completion_rate", *[part for pair in asked.items() for part in pair])

    assert code == 2
    assert words in found["refused"]
    assert err.strip() == found["refused"]
    assert "\n" not in found["refused"]


def test_a_course_of_another_organisation_is_unknown_here(organisation, other_organisation, capsys):
    CourseFactory(code="theirs", organisation=other_organisation)

    code, found, _ = run(capsys, "completion_rate", "--organisation", organisation.ods_code, "--course", "theirs")

    assert (code, "no course" in found["refused"]) == (2, True)


def test_in_prose_the_definition_and_the_double_counting_are_said(organisation, course, capsys):
    person = person_in_post(organisation, unit=UnitFactory(organisation=organisation))
    person.posts.create(unit=UnitFactory(organisation=organisation), start=date(2020, 1, 1))

    call_command("completion_rate", "--organisation", organisation.ods_code, "--course", course.code, "--by", "unit")

    said = capsys.readouterr().out
    assert "A person counts once" in said
    assert "1 more than the total" in said
    assert "nobody said whether they have access" in said


@pytest.fixture
def staffed(organisation, course):
    north = UnitFactory(organisation=organisation, name="=North+1")
    for day in (date(2026, 4, 1), date(2025, 5, 1), date(2025, 5, 2)):
        CompletionFactory(person=person_in_post(organisation, unit=north, has_access="yes"), course=course, completed_on=day)
    person_in_post(organisation, staff_group="@risk", has_access="no")
    return organisation


def test_training_evidence_writes_four_files_that_agree(staffed, tmp_path, capsys):
    code, found, _ = run(capsys, "training_evidence", "--organisation", staffed.ods_code, "--out", str(tmp_path / "new"))

    folder = tmp_path / "new"
    assert code == 0
    assert sorted(path.name for path in folder.iterdir()) == [
        "reading.json",
        "training-evidence.xlsx",
        "training-rows.csv",
        "training-statement.pdf",
    ]
    assert (found["numerator"], found["denominator"], found["percent"]) == (2, 3, "66.6")
    reading = json.loads((folder / "reading.json").read_bytes())
    digest = reading.pop("digest")
    canonical = json.dumps(reading, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert hashlib.sha256(canonical).hexdigest() == digest == found["digest"]
    assert sum(row["counted"] for row in reading["rows"]) == 2
    assert sum(row["scope"] in ("in", "unknown_access") for row in reading["rows"]) == 3
    rows = list(csv.DictReader(io.StringIO((folder / "training-rows.csv").read_text(encoding="utf-8-sig"))))
    assert len(rows) == reading["headcount"] == 4
    assert {row["units"] for row in rows} == {"'=North+1", "No unit"}
    assert EvidenceSnapshot.objects.get().digest == digest


def test_the_statement_shows_no_chart_of_a_group_so_small_that_people_are_known(staffed, tmp_path, capsys):
    run(capsys, "training_evidence", "--organisation", staffed.ods_code, "--out", str(tmp_path))

    pdf = PdfReader(tmp_path / "training-statement.pdf")
    assert list(alternatives(pdf)) == []
    assert "Groups of fewer than 5 people are hidden" in " ".join("".join(page.extract_text() for page in pdf.pages).split())


def test_the_statement_is_a_tagged_pdf_with_figures_chart_and_digest(staffed, tmp_path, capsys):
    set_small_number(staffed, fewest=2, reason="All three agreed", by=UserFactory(), at=NOW)
    _, found, _ = run(capsys, "training_evidence", "--organisation", staffed.ods_code, "--out", str(tmp_path))

    pdf = PdfReader(tmp_path / "training-statement.pdf")
    text = "\n".join(page.extract_text() for page in pdf.pages)
    assert pdf.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert pdf.trailer["/Root"]["/Lang"] == "en-GB"
    assert "pdfuaid" in pdf.trailer["/Root"]["/Metadata"].get_data().decode()
    for words in (
        "66.6%",
        "2 of 3 people",
        "Not in scope: no access to personal data",
        found["digest"][:32],
        "Signature",
        "=North+1",
    ):
        assert words in text
    assert "Bar chart: 66.6% of 3 people" in b"".join(alternatives(pdf)).decode("utf-16")


def alternatives(pdf: PdfReader):
    for number in range(1, len(pdf.xref[0]) + 1 if pdf.xref.get(0) else 0):
        thing = pdf.get_object(number)
        if hasattr(thing, "get") and thing.get("/Alt"):
            yield thing["/Alt"].encode("utf-16")


def test_the_workbook_has_typed_cells_frozen_headings_and_no_formula(staffed, tmp_path, capsys):
    run(capsys, "training_evidence", "--organisation", staffed.ods_code, "--out", str(tmp_path))

    book = openpyxl.load_workbook(tmp_path / "training-evidence.xlsx")
    assert book.sheetnames == ["Definition", "Summary", "Groups", "Employment types", "Running out", "Evaluation", "Rows"]
    rows = book["Rows"]
    assert rows.freeze_panes == "A2"
    assert rows.max_row == 5
    first = {heading.value: cell for heading, cell in zip(rows[1], rows[2], strict=True)}
    assert first["Completed on"].is_date
    assert first["Counted"].data_type == "b"
    assert first["Units"].value == "'=North+1"
    assert not any(cell.data_type == "f" for sheet in book for row in sheet.iter_rows() for cell in row)
    summary = {row[0]: row[1:] for row in book["Summary"].iter_rows(values_only=True)}
    assert summary["In scope"][0] == 3
    assert summary["Per cent trained, rounded down"][0] == pytest.approx(0.666)
    out = list(book["Running out"].iter_rows(min_row=2, max_row=3, values_only=True))
    assert out == [("2026-05", 1, 1), ("2027-03", 1, 0)]


def test_the_same_facts_give_the_same_reading(staffed, tmp_path, capsys):
    for name in ("a", "b"):
        run(
            capsys,
            "training_evidence",
            "--organisation",
            staffed.ods_code,
            "--as-of",
            "2026-04-30",
            "--out",
            str(tmp_path / name),
        )

    assert (tmp_path / "a" / "reading.json").read_bytes() == (tmp_path / "b" / "reading.json").read_bytes()
    assert EvidenceSnapshot.objects.count() == 2


def test_evidence_of_nobody_says_so(organisation, course, tmp_path, capsys):
    code, found, _ = run(capsys, "training_evidence", "--organisation", organisation.ods_code, "--out", str(tmp_path))

    text = "\n".join(page.extract_text() for page in PdfReader(tmp_path / "training-statement.pdf").pages)
    assert (code, found["percent"]) == (0, None)
    assert "no one in scope" in text
    assert "0.0%" not in text


def test_evidence_is_refused_with_nothing_written(organisation, tmp_path, capsys):
    in_the_way = tmp_path / "file"
    in_the_way.write_text("x")

    no_folder, found, _ = run(capsys, "training_evidence", "--organisation", organisation.ods_code, "--out", str(in_the_way))
    no_course, other, _ = run(
        capsys, "training_evidence", "--organisation", organisation.ods_code, "--out", str(tmp_path / "out")
    )

    assert (no_folder, no_course) == (2, 2)
    assert "--out" in found["refused"]
    assert "no course" in other["refused"]
    assert EvidenceSnapshot.objects.count() == 0
