"""Training records that come in through the pages: upload, columns, preview, people, record, withdraw."""

import io
import re
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from accounts.enums import Role
from audit.models import Event
from courses import record_columns, record_imports, tasks
from courses.completion_import import import_completions
from courses.models import Completion, CompletionVoid, RecordImport
from jobs.models import Job
from jobs.services import run
from tests.factories import NOW, CourseFactory, PersonFactory, PostFactory
from tests.staff.files import csv_file, xlsx_file

pytestmark = pytest.mark.django_db
HEADINGS = ["staff_number", "course", "completed_on"]


@pytest.fixture(autouse=True)
def _own_uploads(settings, tmp_path):
    settings.BLOB_ROOT = tmp_path / "blobs"


@pytest.fixture
def course(db):
    return CourseFactory(code="data-security-awareness", title="Data security awareness")


@pytest.fixture
def ada(organisation, course):
    found = PersonFactory(organisation=organisation, staff_number="10203040", first_name="Ada", last_name="Okafor")
    PostFactory(person=found, start=date(2020, 1, 1))
    return found


def address(name, batch):
    return reverse(f"courses:{name}", kwargs={"record_import_id": batch.pk})


def upload(client, content, *, course="", name="records.csv"):
    data = {"file": SimpleUploadedFile(name, content), "course": course}
    return client.post(reverse("courses:record_import_new"), data)


def confirm_columns(client, batch, **changed):
    page = client.get(address("record_import_columns", batch)).content.decode()
    chosen = {}
    for name, options in re.findall(r'<select[^>]*name="(column_\d+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        selected = re.search(r'value="([^"]*)"[^>]*\bselected', options)
        chosen[name] = selected[1] if selected else ""
    return client.post(address("record_import_columns", batch), chosen | changed)


def previewed(client, rows, **options):
    upload(client, csv_file(rows), **options)
    batch = RecordImport.objects.get()
    confirm_columns(client, batch)
    batch.refresh_from_db()
    return batch


def apply(client, batch):
    client.post(address("record_import_confirm", batch))
    for job in Job.objects.filter(state=Job.State.QUEUED):
        run(job.pk)
    batch.refresh_from_db()


@pytest.mark.parametrize("role", [Role.HR, Role.TRAINING_LEAD])
def test_the_whole_way_from_upload_to_record_and_back(organisation, sign_in, ada, role):
    client = sign_in(organisation, role)
    yesterday = timezone.localdate() - timedelta(days=1)
    tomorrow = timezone.localdate() + timedelta(days=1)
    batch = previewed(
        client,
        [
            [*HEADINGS, "NI Number"],
            ["10203040", "data-security-awareness", f"{yesterday:%d/%m/%Y}", "QQ123456C"],
            ["10203040", "data-security-awareness", f"{yesterday:%d/%m/%Y}", "QQ123456C"],
            ["10203040", "data-security-awareness", f"{tomorrow:%d/%m/%Y}", ""],
        ],
    )

    page = client.get(address("record_import_detail", batch)).content.decode()
    assert batch.counts == {"rows": 3, "created": 1, "duplicates": 1, "errors": 1, "unmatched": 0, "warnings": 0}
    assert "The date is in the future." in page
    assert "QQ123456C" not in str(list(batch.rows.values()))
    assert Completion.objects.count() == 0

    apply(client, batch)
    completion = Completion.objects.get()
    assert (completion.person, completion.completed_on, completion.entered_by) == (ada, yesterday, client.user)
    assert batch.state == "applied"
    assert "Okafor" in client.get(address("record_import_detail", batch) + "?show=new").content.decode()
    sheet = load_workbook(io.BytesIO(client.get(address("record_import_fix_list", batch)).content)).active
    assert [[cell.value for cell in row][:4] for row in sheet.iter_rows(min_row=2)] == [
        [4, "completed_on", f"{tomorrow:%d/%m/%Y}", "The date is in the future."]
    ]

    refused = client.post(address("record_import_undo", batch), {"reason": " "})
    assert (refused.status_code, CompletionVoid.objects.count()) == (200, 0)
    client.post(address("record_import_undo", batch), {"reason": "The wrong file"})
    void = CompletionVoid.objects.get()
    batch.refresh_from_db()
    assert (void.completion, void.reason, batch.state, batch.counts["withdrawn"]) == (completion, "The wrong file", "undone", 1)
    assert "Withdrawn" in client.get(address("record_import_detail", batch) + "?show=new").content.decode()
    types = list(Event.objects.filter(type__startswith="courses.").order_by("sequence").values_list("type", flat=True))
    assert types == ["courses.completions_imported", "courses.records_withdrawn"]


def test_confirming_or_withdrawing_twice_does_it_once(organisation, sign_in, ada):
    client = sign_in(organisation, Role.HR)
    batch = previewed(client, [HEADINGS, ["10203040", "data-security-awareness", "01/03/2026"]])
    waiting = client.post(address("record_import_confirm", batch)).url
    assert client.post(address("record_import_confirm", batch)).url == waiting, "the second press leads to what waits"
    sign_in(organisation, Role.HR).post(address("record_import_confirm", batch))

    states = [run(job.pk).state for job in Job.objects.all()]
    batch.refresh_from_db()
    record_imports.undo(batch, reason="Wrong", by=client.user, at=NOW)

    assert (states, Completion.objects.count()) == (["done", "done"], 1)
    with pytest.raises(record_imports.RecordImportRefusedError, match="withdrawn"):
        record_imports.undo(batch, reason="Wrong", by=client.user, at=NOW)


def test_a_withdrawn_record_is_not_recorded_again_and_the_file_says_so(organisation, sign_in, ada):
    client = sign_in(organisation, Role.HR)
    rows = [HEADINGS, ["10203040", "data-security-awareness", "01/03/2026"]]
    batch = previewed(client, rows)
    apply(client, batch)
    record_imports.undo(batch, reason="Wrong", by=client.user, at=NOW)

    plan = import_completions(csv_file(rows), organisation=organisation, by="test", at=timezone.now())

    assert (len(plan.new), plan.duplicates) == (0, 0)
    assert "withdrawn before" in plan.warnings[0].message


def test_rows_that_match_nobody_are_given_a_person_from_those_near_by_or_by_number(organisation, sign_in, ada):
    other = PersonFactory(organisation=organisation, staff_number="77", first_name="Bo", last_name="Li")
    PostFactory(person=other, start=date(2020, 1, 1))
    client = sign_in(organisation, Role.HR)
    batch = previewed(
        client,
        [
            [*HEADINGS, "Learner name"],
            ["10203040-2", "data-security-awareness", "01/03/2026", "A Okafor"],
            ["999", "data-security-awareness", "02/03/2026", "Somebody Else"],
            ["888", "data-security-awareness", "02/03/2026", "Bo Li"],
        ],
    )
    assert batch.counts["unmatched"] == 3
    page = client.get(address("record_import_people", batch)).content.decode()
    assert "(10203040)" in page
    assert "(77)" in page

    wrong = client.post(address("record_import_people", batch), {"row_2": "10203040", "row_3": "12345"})
    assert "Nobody on the staff list has the number 12345." in wrong.content.decode()
    client.post(address("record_import_people", batch), {"row_2": "10203040", "row_3": "", "row_4": "77"})

    batch.refresh_from_db()
    assert (batch.counts["created"], batch.counts["unmatched"]) == (2, 1)
    apply(client, batch)
    assert set(Completion.objects.values_list("person", flat=True)) == {ada.pk, other.pk}


def test_somebody_of_another_organisation_cannot_be_chosen(organisation, other_organisation, sign_in, ada):
    stranger = PersonFactory(organisation=other_organisation, staff_number="555")
    client = sign_in(organisation, Role.HR)
    batch = previewed(client, [HEADINGS, ["555", "data-security-awareness", "01/03/2026"]])

    with pytest.raises(record_imports.RecordImportRefusedError, match="staff list"):
        record_imports.choose_people(batch, chosen={2: stranger.pk}, at=NOW)


def test_a_column_that_names_who_updated_the_record_is_never_taken_for_the_learner(organisation, sign_in, ada):
    client = sign_in(organisation, Role.HR)
    esr = ["Competency Name", "Expiry Date", "Date Start", "Last Updated By", "Title", "VPD"]
    upload(
        client,
        csv_file(
            [
                esr,
                [
                    "NHS|CSTF|Information Governance and Data Security - 1 Year|",
                    "",
                    "01-Mar-2026",
                    "30100-2|Hay, Di",
                    "Ms",
                    "457",
                ],
            ]
        ),
    )
    batch = RecordImport.objects.get()

    page = client.get(address("record_import_columns", batch)).content.decode()
    refused = confirm_columns(client, batch, column_3="staff_number").content.decode()

    assert "an ESR competence report" in page
    assert "names whoever changed the record" in page
    assert "names whoever last changed the record, not the learner" in refused
    batch.refresh_from_db()
    assert batch.state == "uploaded"


def test_a_file_without_a_course_column_is_about_the_course_that_was_chosen(organisation, sign_in, ada, course):
    client = sign_in(organisation, Role.HR)
    batch = previewed(client, [["Employee Number", "Completion Date"], ["10203040", "01/03/2026"]], course=course.pk)
    apply(client, batch)

    assert Completion.objects.get().course == course


def test_what_changed_since_the_preview_is_shown_again_and_nothing_is_recorded(organisation, sign_in, ada):
    client = sign_in(organisation, Role.HR)
    batch = previewed(client, [HEADINGS, ["10203040", "data-security-awareness", "01/03/2026"]])
    type(ada).objects.filter(pk=ada.pk).update(staff_number="1")

    apply(client, batch)

    assert (batch.state, batch.counts["unmatched"], Completion.objects.count()) == ("previewed", 1, 0)
    assert "look at the new preview" in Job.objects.get().error


def test_an_upload_is_thrown_away_by_hand_or_after_a_week(organisation, sign_in, ada):
    client = sign_in(organisation, Role.HR)
    upload(client, csv_file([HEADINGS, ["10203040", "data-security-awareness", "01/03/2026"]]))
    first = RecordImport.objects.get()
    client.post(address("record_import_discard", first))
    upload(client, csv_file([HEADINGS, ["10203040", "data-security-awareness", "01/03/2026"]]))

    assert record_imports.expire(at=timezone.now()) == 0
    assert record_imports.expire(at=timezone.now() + timedelta(days=8)) == 1
    assert set(RecordImport.objects.values_list("state", flat=True)) == {"discarded"}


def test_the_templates_come_straight_back_in(organisation, sign_in, ada):
    client = sign_in(organisation, Role.TRAINING_LEAD)
    csv_template = client.get(reverse("courses:record_template_csv")).content.decode("utf-8-sig")
    book = load_workbook(io.BytesIO(client.get(reverse("courses:record_template_xlsx")).content))

    headings = csv_template.strip().split(",")
    assert [cell.value for cell in next(book.worksheets[0].iter_rows())] == headings
    assert "course: data-security-awareness" in [row[0].value for row in book.worksheets[1].iter_rows()]
    filled = xlsx_file([headings, ["10203040", "data-security-awareness", date(2026, 3, 1), "classroom", 90, ""]])
    plan = import_completions(filled, organisation=organisation, by="test", at=timezone.now())
    assert (len(plan.new), plan.errors) == (1, [])


@pytest.mark.parametrize(
    ("headings", "origin"),
    [
        (["Employee Number", "Competence Name", "Date Last Awarded"], "an ESR competence report"),
        (["Learning Path", "Employee Number", "Course Status", "Completion Date"], "an e-LfH learning report"),
        (["Staff Number", "Course", "Completed on"], "our own template"),
        (["Staff Number", "Module", "Passed on"], ""),
    ],
)
def test_what_a_file_looks_like_is_said(headings, origin):
    assert record_columns.origin(headings) == origin


@pytest.mark.parametrize("files", [1, 8])
def test_the_list_of_files_costs_the_same_however_long(organisation, sign_in, files, django_assert_max_num_queries):
    client = sign_in(organisation, Role.HR)
    for n in range(files):
        RecordImport.objects.create(
            organisation=organisation, file_name=f"{n}.csv", file_sha256="0" * 64, created_by=client.user, created_at=NOW
        )
    with django_assert_max_num_queries(9):
        page = client.get(reverse("courses:record_import_list")).content.decode()
    assert page.count("Columns to be checked") == files


@pytest.mark.parametrize(
    ("name", "recorded"), [("Ada Okafor", 1), ("Bello, Ada", 1), ("OKAFOR A", 1), ("", 1), ("A", 1), ("Bo Li", 0)]
)
def test_a_staff_number_under_quite_another_name_is_somebody_elses_row(organisation, ada, name, recorded):
    rows = [[*HEADINGS, "Learner name"], ["10203040", "data-security-awareness", "01/03/2026", name]]

    plan = import_completions(csv_file(rows), organisation=organisation, by="test", at=timezone.now())

    assert (len(plan.new), len(plan.unmatched)) == (recorded, 1 - recorded)


def test_whoever_waits_for_the_records_is_told_each_step(organisation, sign_in, ada):
    client = sign_in(organisation, Role.HR)
    batch = previewed(client, [HEADINGS, ["10203040", "data-security-awareness", "01/03/2026"]])
    told = []

    tasks.apply_records(lambda *said: told.append(said), batch_id=batch.pk, user_id=client.user.pk)

    assert told == [(number, 3, step.value) for number, step in enumerate(record_imports.Step)]
