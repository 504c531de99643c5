import json
from datetime import date

import pytest
from django.core.management import call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.models import Event
from courses.completion_import import import_completions
from courses.models import Completion
from staff.importing.reading import UnreadableFileError
from tests.factories import NOW, CourseFactory, OrganisationFactory, PersonFactory, PostFactory
from tests.staff.files import csv_file, xlsx_file

pytestmark = pytest.mark.django_db
HEADINGS = ["staff_number", "course", "completed_on", "source", "score", "reference"]


@pytest.fixture
def course(db):
    return CourseFactory(code="data-security-awareness", title="Data security awareness")


@pytest.fixture
def person(organisation, course):
    found = PersonFactory(
        organisation=organisation, staff_number="0012", first_name="Ada", last_name="Okafor", email="ada@example.test"
    )
    PostFactory(person=found)
    return found


def take(organisation, *rows, headings=HEADINGS, **options):
    return import_completions(csv_file([headings, *rows]), organisation=organisation, by="test", at=NOW, **options)


def faults(plan):
    return [(error.row, error.column, error.value) for error in plan.errors]


def test_a_row_becomes_a_completion_with_one_event(organisation, person, course):
    plan = take(organisation, ["0012", "data-security-awareness", "04/03/2026", "classroom", "85%", "S-7"])

    completion = Completion.objects.get()
    assert (completion.person, completion.course, completion.completed_on) == (person, course, date(2026, 3, 4))
    assert (completion.source, completion.score_percent, completion.reference) == ("classroom", 85, "S-7")
    assert (plan.errors, plan.warnings, plan.applied) == ([], [], True)
    event = Event.objects.get(type="courses.completions_imported")
    assert event.summary["created"] == 1
    assert "Okafor" not in str(event.summary)


def test_the_same_file_again_adds_nothing_and_a_repeated_row_is_a_duplicate(organisation, person):
    row = ["0012", "data-security-awareness", "04/03/2026", "import", "", ""]
    first = take(organisation, row, row)
    again = take(organisation, row, row)

    assert (len(first.new), first.duplicates, first.errors) == (1, 1, [])
    assert (len(again.new), again.duplicates, again.errors) == (0, 2, [])
    assert Completion.objects.count() == 1


def test_a_dry_run_counts_and_writes_nothing(organisation, person):
    plan = take(organisation, ["0012", "data-security-awareness", "04/03/2026", "", "", ""], dry_run=True)

    assert (len(plan.new), plan.applied) == (1, False)
    assert (Completion.objects.count(), Event.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("said", "source"),
    [
        ("quiz", "import"),
        ("", "import"),
        ("e-LfH", "import"),
        ("Discussion", "discussion"),
        ("prior_learning", "prior-learning"),
        ("Face to face", "classroom"),
    ],
)
def test_sources_are_put_in_our_words_and_our_own_quiz_is_only_an_import(organisation, person, said, source):
    take(organisation, ["0012", "data-security-awareness", "04/03/2026", said, "", ""])

    assert Completion.objects.get().source == source


def test_rows_that_cannot_be_taken_are_errors_at_their_cell_and_the_others_are_taken(organisation, person):
    plan = take(
        organisation,
        ["99", "data-security-awareness", "04/03/2026", "", "", ""],
        ["0012", "fire-safety", "04/03/2026", "", "", ""],
        ["0012", "data-security-awareness", "02/05/2026", "", "", ""],
        ["0012", "data-security-awareness", "31/02/2026", "", "", ""],
        ["0012", "data-security-awareness", "", "", "", ""],
        ["0012", "data-security-awareness", "04/03/2026", "dream", "", ""],
        ["0012", "data-security-awareness", "04/03/2026", "", "101", ""],
        ["", "data-security-awareness", "04/03/2026", "", "", ""],
        ["", "", "", "", "", ""],
        ["0012", "data-security-awareness", "01/05/2026", "", "", ""],
    )

    assert faults(plan) == [
        (2, "staff_number", "99"),
        (3, "course", "fire-safety"),
        (4, "completed_on", "02/05/2026"),
        (5, "completed_on", "31/02/2026"),
        (6, "completed_on", ""),
        (7, "source", "dream"),
        (8, "score", "101"),
        (9, "staff_number", ""),
    ]
    assert "data-security-awareness" in plan.errors[1].message
    assert plan.rows == 9
    assert Completion.objects.get().completed_on == date(2026, 5, 1)


@pytest.mark.parametrize(("number", "name"), [("12", ""), ("77", "Okafor, Ada"), ("0O12", "")])
def test_an_unknown_number_is_shown_with_near_ones(organisation, person, number, name):
    PersonFactory(organisation=organisation, staff_number="5550012", first_name="Bo")
    plan = take(
        organisation,
        [number, "data-security-awareness", "04/03/2026", name],
        headings=["staff_number", "course", "completed_on", "name"],
    )

    assert ("Did you mean 0012?" in plan.errors[0].message) == (number != "0O12")
    assert Completion.objects.count() == 0


def test_a_completion_outside_every_post_is_kept_with_a_warning(organisation, person):
    plan = take(organisation, ["0012", "data-security-awareness", "31/12/2019", "", "", ""])

    assert [(w.row, w.column, w.value) for w in plan.warnings] == [(2, "completed_on", "31/12/2019")]
    assert plan.errors == []
    assert Completion.objects.count() == 1


def test_the_one_who_updated_the_record_is_not_taken_for_the_learner(organisation, person):
    headings = ["Competency Name", "Expiry Date", "Date Start", "Last Updated By", "Title", "VPD"]

    with pytest.raises(UnreadableFileError, match="not the learner"):
        take(
            organisation,
            [
                "NHS|CSTF|Information Governance and Data Security - 1 Year|",
                "30-Nov-2028",
                "30-Nov-2025",
                "0012|Okafor, Ada",
                "x",
                "1",
            ],
            headings=headings,
        )


def test_an_esr_report_with_employee_numbers_is_read(organisation, person, course):
    headings = ["Employee Number", "Competency Name", "Date Start", "Expiry Date", "Last Updated By"]
    plan = take(
        organisation,
        ["0012", "NHS|CSTF|Information Governance and Data Security - 1 Year|", "30-Nov-2025", "29-Nov-2026", "9|Boss, Max"],
        headings=headings,
    )

    assert (plan.errors, plan.ignored_columns) == ([], ["Expiry Date", "Last Updated By"])
    assert Completion.objects.get().completed_on == date(2025, 11, 30)


def test_an_export_with_addresses_and_unfinished_training_is_read(organisation, person):
    headings = ["Email Address", "Course Name", "Status", "Completion Date", "Score"]
    plan = take(
        organisation,
        ["ADA@example.test", "Data Security Awareness", "Completed", "2026-03-04 10:15", "92.9"],
        ["ada@example.test", "Data Security Awareness", "In progress", "", ""],
        ["nobody@example.test", "Data Security Awareness", "Completed", "2026-03-04", ""],
        headings=headings,
    )

    assert Completion.objects.get().score_percent == 92
    assert [w.row for w in plan.warnings] == [3]
    assert faults(plan) == [(4, "Email Address", "nobody@example.test")]


def test_a_workbook_is_read_too(organisation, person):
    content = xlsx_file(
        [["staff_number", "course", "completed_on", "score"], ["0012", "data-security-awareness", date(2026, 3, 4), 0.85]]
    )

    assert import_completions(content, organisation=organisation, by="test", at=NOW).errors == []
    assert (Completion.objects.get().completed_on, Completion.objects.get().score_percent) == (date(2026, 3, 4), 85)


def test_another_organisations_people_and_courses_are_unknown(organisation, other_organisation, person):
    PersonFactory(organisation=other_organisation, staff_number="555")
    CourseFactory(code="theirs", organisation=other_organisation)

    plan = take(
        organisation, ["555", "data-security-awareness", "04/03/2026", "", "", ""], ["0012", "theirs", "04/03/2026", "", "", ""]
    )

    assert faults(plan) == [(2, "staff_number", "555"), (3, "course", "theirs")]


@pytest.mark.parametrize(
    ("headings", "words"),
    [
        (["course", "completed_on"], "staff number"),
        (["staff_number", "completed_on"], "course"),
        (["staff_number", "course"], "completed on"),
    ],
)
def test_a_file_without_its_columns_or_rows_is_refused_whole(organisation, course, headings, words):
    with pytest.raises(UnreadableFileError, match=words):
        take(organisation, ["1"] * len(headings), headings=headings)
    with pytest.raises(UnreadableFileError, match="no rows"):
        take(organisation)


@pytest.mark.parametrize("rows", [2, 80])
def test_it_costs_the_same_number_of_queries_however_many_rows(course, rows, django_assert_max_num_queries):
    organisation = OrganisationFactory()
    for n in range(rows):
        PostFactory(person=PersonFactory(organisation=organisation, staff_number=f"{n}"))
    with django_assert_max_num_queries(18):
        plan = take(organisation, *[[f"{n}", "data-security-awareness", "04/03/2026", "", "", ""] for n in range(rows)])
    assert len(plan.new) == rows


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.text(max_size=12), min_size=6, max_size=6), max_size=4))
def test_any_cells_are_taken_or_refused_in_their_place(organisation, person, rows):
    body = csv_file([HEADINGS, *rows], encoding="utf-16") if _encodable(rows) else b"x"
    try:
        plan = import_completions(body, organisation=organisation, by="test", at=NOW, dry_run=True)
    except UnreadableFileError:
        return
    assert plan.rows == len(plan.new) + plan.duplicates + len(plan.errors) + sum(
        "nothing is recorded" in w.message for w in plan.warnings
    )


def _encodable(rows):
    return all(cell.encode("utf-16", "ignore").decode("utf-16") == cell for row in rows for cell in row)


def test_the_command_tells_everything_in_json(organisation, person, tmp_path, capsys):
    path = tmp_path / "records.csv"
    row = ["0012", "data-security-awareness", "04/03/2020", "", "", ""]
    path.write_bytes(csv_file([HEADINGS, row, row, ["99", *row[1:]]]))

    with pytest.raises(SystemExit) as stop:
        call_command("import_completions", str(path), "--organisation", organisation.ods_code, "--json")

    told = json.loads(capsys.readouterr().out)
    assert stop.value.code == 1
    assert (told["rows"], told["created"], told["duplicates"], told["warnings"], told["applied"]) == (3, 1, 1, [], True)
    assert [error["row"] for error in told["errors"]] == [4]


@pytest.mark.parametrize("case", ["organisation", "file", "content"])
def test_the_command_refuses_with_2_and_one_sentence(organisation, course, tmp_path, capsys, case):
    path = tmp_path / "records.csv"
    path.write_bytes(b"%PDF" if case == "content" else csv_file([HEADINGS, ["1"] * 6]))
    code = "NOPE9" if case == "organisation" else organisation.ods_code

    with pytest.raises(SystemExit) as stop:
        call_command("import_completions", str(path) + ("x" if case == "file" else ""), "--organisation", code, "--json")

    out, err = capsys.readouterr()
    assert stop.value.code == 2
    assert json.loads(out)["refused"] == err.strip()
