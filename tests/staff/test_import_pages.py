import io
import re
from datetime import date, timedelta

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from accounts.enums import Role
from audit.models import Event
from jobs.models import Job
from jobs.services import run
from staff import tasks
from staff.importing import uploads
from staff.importing.steps import Step
from staff.models import ImportBatch, ImportProfile, Person
from staff.services import expire_batches, import_file
from tests.factories import NOW, OrganisationFactory
from tests.staff.files import HEADINGS, csv_file, import_rows

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_uploads(settings, tmp_path):
    settings.BLOB_ROOT = tmp_path / "blobs"


def upload(client, content, *, complete="no", as_of=date(2026, 5, 1), name="staff.csv", **more):
    data = {"file": SimpleUploadedFile(name, content), "is_complete": complete}
    names = re.findall(r'name="(as_of_\w+)"', client.get(reverse("staff:import_new")).content.decode())
    values = [as_of.day, as_of.month, as_of.year]
    return client.post(reverse("staff:import_new"), data | dict(zip(names, values, strict=True)) | more)


def confirm_columns(client, batch, **changed):
    page = client.get(reverse("staff:import_columns", kwargs={"batch_id": batch.pk})).content.decode()
    chosen = {}
    for name, options in re.findall(r'<select[^>]*name="(column_\d+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        selected = re.search(r'value="([^"]*)"[^>]*\bselected', options)
        chosen[name] = selected[1] if selected else ""
    return client.post(reverse("staff:import_columns", kwargs={"batch_id": batch.pk}), chosen | changed)


def address(name, batch):
    return reverse(f"staff:{name}", kwargs={"batch_id": batch.pk})


def files_kept():
    return list(uploads.folder().glob("*")) if uploads.folder().exists() else []


def test_the_whole_way_from_upload_to_result(organisation, sign_in, django_capture_on_commit_callbacks):
    client = sign_in(organisation, Role.HR)
    content = csv_file(
        [
            [*HEADINGS, "Unit", "Manager", "NI Number"],
            ["001", "Ada", "Okafor", "Ward 3", "", "QQ123456C"],
            ["002", "Bo", "Li", "Ward 3", "77", ""],
            ["", "No", "Number", "", "", ""],
        ]
    )

    uploaded = upload(client, content)
    batch = ImportBatch.objects.get()
    assert uploaded.url == address("import_columns", batch)
    columns = client.get(uploaded.url).content.decode()
    assert "For example: 001" in columns
    assert "QQ123456C" not in columns
    previewed = confirm_columns(client, batch, profile_name="ours")
    preview = client.get(previewed.url).content.decode()
    assert "would join" in preview
    assert Person.objects.count() == 0
    assert len(files_kept()) == 1

    confirmed = client.post(address("import_confirm", batch))
    job = Job.objects.get()
    assert confirmed.url == reverse("jobs:job_detail", kwargs={"job_id": job.pk})
    with django_capture_on_commit_callbacks(execute=True):
        done = run(job.pk)

    assert (done.state, done.result["url"]) == (Job.State.DONE, address("import_detail", batch))
    result = client.get(done.result["url"]).content.decode()
    assert "joined" in result
    assert sorted(Person.objects.values_list("staff_number", flat=True)) == ["001", "002"]
    assert files_kept() == []
    assert ImportProfile.objects.get().mapping["NI Number"] == ""
    batch.refresh_from_db()
    assert (batch.state, batch.ignored_columns) == ("applied", ["NI Number"])
    assert Event.objects.filter(type="staff.imported").count() == 1


def test_confirming_twice_applies_once(organisation, sign_in):
    client = sign_in(organisation, Role.HR)
    upload(client, csv_file([HEADINGS, ["001", "Ada", "Okafor"]]))
    batch = ImportBatch.objects.get()
    confirm_columns(client, batch)
    waiting = client.post(address("import_confirm", batch)).url
    assert client.post(address("import_confirm", batch)).url == waiting, "the second press leads to what waits"
    sign_in(organisation, Role.HR).post(address("import_confirm", batch))

    states = [run(job.pk).state for job in Job.objects.all()]

    assert states == ["done", "done"]
    assert Event.objects.filter(type="staff.imported").count() == 1


def test_the_fix_list_holds_the_refused_rows_with_formulas_made_harmless(organisation, sign_in):
    client = sign_in(organisation, Role.HR)
    upload(client, csv_file([[*HEADINGS, "Start Date", "NI Number"], ["001", "=HYPERLINK(1)", "Okafor", "31/02/2026", "QQ"]]))
    batch = ImportBatch.objects.get()
    confirm_columns(client, batch)

    answer = client.get(address("import_fix_list", batch))

    sheet = load_workbook(io.BytesIO(answer.content)).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0] == ["Row in the file", "Column", "What the cell holds", "What is wrong", *HEADINGS, "Start Date"]
    assert rows[1][:3] == [2, "Start Date", "31/02/2026"]
    assert rows[1][4:] == ["001", "'=HYPERLINK(1)", "Okafor", "31/02/2026"]
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)


def test_columns_can_be_corrected_and_each_field_has_one(organisation, sign_in):
    client = sign_in(organisation, Role.HR)
    upload(client, csv_file([["Nr", "Vorname", "Nachname"], ["001", "Ada", "Okafor"]]))
    batch = ImportBatch.objects.get()

    lacking = confirm_columns(client, batch)
    assert "no column that we know as the staff number" in lacking.content.decode()
    twice = confirm_columns(client, batch, column_0="staff_number", column_1="last_name", column_2="last_name")
    assert "already taken" in twice.content.decode()
    good = confirm_columns(client, batch, column_0="staff_number", column_1="first_name", column_2="last_name")

    assert good.url == address("import_detail", batch)


@pytest.mark.parametrize("content", [b"", b"%PDF-1.4", b"\x00\x01"])
def test_a_file_that_is_no_spreadsheet_is_refused_on_the_form(organisation, sign_in, content):
    page = upload(sign_in(organisation, Role.HR), content or b" ").content.decode()

    assert "There is a problem" in page
    assert ImportBatch.objects.count() == 0


def test_a_file_without_rows_is_refused_when_the_columns_are_confirmed(organisation, sign_in):
    client = sign_in(organisation, Role.HR)
    upload(client, csv_file([HEADINGS]))
    batch = ImportBatch.objects.get()

    assert confirm_columns(client, batch).url == address("import_columns", batch)
    assert "no rows" in client.get(address("import_columns", batch)).content.decode()


def shrunk(organisation):
    rows = [[f"{i}", "P", f"N{i}"] for i in range(10)]
    import_rows(organisation, HEADINGS, *rows, as_of=date(2026, 1, 1))
    return csv_file([HEADINGS, *rows[:8]])


def test_a_second_person_must_approve_many_leavers(organisation, sign_in):
    client, second = sign_in(organisation, Role.HR), sign_in(organisation, Role.HR)
    upload(client, shrunk(organisation), complete="yes")
    batch = ImportBatch.objects.latest("pk")
    confirm_columns(client, batch)

    own = client.get(address("import_detail", batch)).content.decode()
    assert "A second person must approve this" in own
    assert "Ask your organisation administrator" in own
    assert "Confirm and import" not in own
    client.post(address("import_confirm", batch))
    client.post(address("import_approve", batch))
    assert Job.objects.count() == 0

    assert "Approve and import" in second.get(address("import_detail", batch)).content.decode()
    second.post(address("import_approve", batch))
    run(Job.objects.get().pk)

    batch.refresh_from_db()
    assert (batch.state, batch.approved_by, batch.counts["left"]) == ("applied", second.user, 2)
    assert Person.objects.of(organisation).in_post(date(2026, 5, 1)).count() == 8
    assert Event.objects.filter(type="staff.import_approved").exists()


def test_a_preview_that_no_longer_holds_is_made_anew_and_nothing_is_written(organisation, sign_in):
    client = sign_in(organisation, Role.HR)
    upload(client, csv_file([HEADINGS, ["001", "Ada", "Okafor"]]))
    batch = ImportBatch.objects.get()
    confirm_columns(client, batch)
    import_rows(organisation, HEADINGS, ["001", "Ada", "Bello"])
    client.post(address("import_confirm", batch))

    job = run(Job.objects.get().pk)

    batch.refresh_from_db()
    assert (job.state, batch.state, batch.counts["updated"]) == ("failed", "previewed", 1)
    assert "look at the new preview" in job.error
    assert Person.objects.get().last_name == "Bello"


def test_throwing_away_removes_the_file(organisation, sign_in, django_capture_on_commit_callbacks):
    client = sign_in(organisation, Role.HR)
    upload(client, csv_file([HEADINGS, ["001", "Ada", "Okafor"]]))
    batch = ImportBatch.objects.get()

    with django_capture_on_commit_callbacks(execute=True):
        client.post(address("import_discard", batch))

    batch.refresh_from_db()
    assert (batch.state, files_kept(), batch.rows.count()) == ("discarded", [], 0)
    assert client.get(address("import_columns", batch)).status_code == 302


def test_an_import_can_be_undone_from_its_page(organisation, sign_in):
    client = sign_in(organisation, Role.HR)
    batch = import_rows(organisation, HEADINGS, ["001", "Ada", "Okafor"], at=timezone.now()).batch

    assert "Undo the import" in client.get(address("import_undo", batch)).content.decode()
    page = client.post(address("import_undo", batch)).content.decode()

    assert "Everything the import changed is as it was" in page
    assert Person.objects.count() == 0
    assert "Undone on" in client.get(address("import_detail", batch)).content.decode()


def test_uploads_nobody_decided_about_and_old_values_expire(organisation, sign_in):
    client = sign_in(organisation, Role.HR)
    upload(client, csv_file([HEADINGS, ["001", "Ada", "Okafor"]]))
    waiting = ImportBatch.objects.get()
    old = import_rows(organisation, HEADINGS, ["002", "Bo", "Li"], at=NOW).batch

    expire_batches(at=timezone.now() + timedelta(days=100))

    waiting.refresh_from_db()
    assert (waiting.state, files_kept(), old.rows.count()) == ("discarded", [], 0)
    assert old.counts["created"] == 1


def test_a_larger_file_is_previewed_in_the_background(organisation, sign_in, monkeypatch):
    monkeypatch.setattr("staff.views.imports.AT_ONCE_UP_TO", 10)
    client = sign_in(organisation, Role.HR)
    upload(client, csv_file([HEADINGS, ["001", "Ada", "Okafor"]]))
    batch = ImportBatch.objects.get()

    confirm_columns(client, batch)
    job = run(Job.objects.get().pk)

    batch.refresh_from_db()
    assert (job.state, batch.state) == ("done", "previewed")


@pytest.mark.parametrize("rows", [1, 120])
def test_the_preview_costs_the_same_however_many_rows(sign_in, rows, django_assert_max_num_queries):
    organisation = OrganisationFactory()
    client = sign_in(organisation, Role.HR)
    batch = import_file(
        csv_file([HEADINGS, *([f"{i}", "P", f"N{i}"] for i in range(rows))]),
        file_name="x",
        organisation=organisation,
        as_of=date(2026, 5, 1),
        by="test",
        at=NOW,
    ).batch
    with django_assert_max_num_queries(9):
        assert client.get(address("import_detail", batch)).status_code == 200


PAGES = ["import_detail", "import_columns", "import_undo", "import_fix_list"]


@pytest.mark.parametrize("page", [*PAGES, "import_confirm", "import_approve", "import_discard"])
def test_another_organisations_import_is_not_found(organisation, other_organisation, sign_in, page):
    batch = import_rows(other_organisation, HEADINGS, ["001", "Ada", "Okafor"]).batch
    client = sign_in(organisation, Role.HR)

    answer = client.get(address(page, batch)) if page in PAGES else client.post(address(page, batch))

    assert answer.status_code == 404


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("role", [Role.STAFF, Role.MANAGER, Role.TRAINING_LEAD, Role.AUDITOR, Role.ORGANISATION_ADMIN])
def test_only_those_who_may_import_see_imports(organisation, sign_in, page, role):
    batch = import_rows(organisation, HEADINGS, ["001", "Ada", "Okafor"]).batch

    assert sign_in(organisation, role).get(address(page, batch)).status_code == 403


# --- Saved columns, empty cells, and what is kept here ------------------------------------------


def test_saved_columns_keep_what_empty_cells_mean_and_are_renamed_and_deleted(organisation, sign_in):
    client = sign_in(organisation, Role.HR)
    content = csv_file([[*HEADINGS, "Email", "Unit"], ["001", "Ada", "Okafor", "ada@example.test", "Ward 3"]])
    upload(client, content)
    confirm_columns(client, ImportBatch.objects.get(), profile_name="ours", erased=["email"], kept_here=["unit"])
    profile = ImportProfile.objects.get()
    assert profile.reading == {"erased": ["email"], "kept_here": ["unit"]}

    upload(client, content, profile=profile.pk)
    again = ImportBatch.objects.first()
    assert again.reading == profile.reading
    page = client.get(address("import_columns", again)).content.decode()
    assert re.search(r'name="erased"[^>]*value="email"[^>]*checked', page)

    edit = reverse("staff:profile_edit", kwargs={"profile_id": profile.pk})
    shown = client.get(edit).content.decode()
    assert "erases: e-mail address" in shown
    assert "whatever the file says: unit" in shown
    ImportProfile.objects.create(organisation=organisation, name="Taken")
    assert "have this name already" in client.post(edit, {"name": "taken"}).content.decode()
    client.post(edit, {"name": "ESR monthly"})
    assert "ESR monthly" in client.get(reverse("staff:profile_list")).content.decode()
    client.post(reverse("staff:profile_delete", kwargs={"profile_id": profile.pk}))
    assert list(ImportProfile.objects.values_list("name", flat=True)) == ["Taken"]


def test_the_preview_says_how_the_file_was_read_and_that_it_came_before(organisation, sign_in):
    rows = [[*HEADINGS], ["001", "Ada", "Okafor"]]
    import_rows(organisation, *rows)
    client = sign_in(organisation, Role.HR)
    upload(client, csv_file(rows), as_of=date(2020, 1, 1))
    batch = ImportBatch.objects.first()
    confirm_columns(client, batch)

    page = client.get(address("import_detail", batch)).content.decode()

    assert "Text in UTF-8, its cells set apart by commas." in page
    assert "This very file was imported before" not in page


@pytest.mark.parametrize(("role", "status"), [(Role.HR, 200), (Role.TRAINING_LEAD, 200), (Role.STAFF, 403)])
def test_the_rules_are_written_down_for_whoever_imports(organisation, sign_in, role, status):
    answer = sign_in(organisation, role).get(reverse("staff:import_rules"))

    assert answer.status_code == status
    if status == 200:
        assert "More than 5% of proposed leavers, or more than 20% of posts" in answer.content.decode()


CANARY = "Canary7731"
PERSONAL = [
    "Date of Birth",
    "NI Number",
    "Home Address",
    "Ethnic Origin",
    "Sexual Orientation",
    "Bank Account",
    "Sickness reason",
]


def test_personal_columns_are_kept_nowhere_not_even_of_refused_rows(
    organisation, sign_in, caplog, tmp_path, django_capture_on_commit_callbacks
):
    client = sign_in(organisation, Role.HR)
    rows = [["001", "Ada", "Okafor", "01/02/2020"], ["002", "Bo", "Li", "31/02/2020"], ["", "No", "Number", ""]]
    content = csv_file([[*HEADINGS, "Start Date", *PERSONAL], *([*row, *[CANARY] * len(PERSONAL)] for row in rows)])
    upload(client, content)
    batch = ImportBatch.objects.get()
    pages = [client.get(address("import_columns", batch)).content]
    confirm_columns(client, batch, profile_name="ours")
    pages.append(client.get(address("import_detail", batch) + "?show=error").content)
    sheet = load_workbook(io.BytesIO(client.get(address("import_fix_list", batch)).content)).active
    with django_capture_on_commit_callbacks(execute=True):
        client.post(address("import_confirm", batch))
        run(Job.objects.get().pk)

    batch.refresh_from_db()
    assert (batch.state, batch.ignored_columns) == ("applied", PERSONAL)
    stored = "".join(str(list(model.objects.values())) for model in apps.get_models())
    assert "Okafor" in stored
    assert CANARY not in stored
    assert CANARY.encode() not in b"".join(pages)
    assert CANARY not in str([[cell.value for cell in row] for row in sheet.iter_rows()])
    assert CANARY not in caplog.text
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and CANARY.encode() in path.read_bytes()]


def test_whoever_waits_is_told_each_step_in_its_order(organisation, sign_in):
    client = sign_in(organisation, Role.HR)
    import_rows(organisation, HEADINGS, ["1", "Ada", "Okafor"])
    upload(client, csv_file([HEADINGS, ["1", "Ada", "Obi"], ["2", "Bo", "Li"]]))
    batch = ImportBatch.objects.latest("pk")
    confirm_columns(client, batch)
    told = []

    tasks.preview(lambda *said: told.append(said), batch_id=batch.pk)
    tasks.apply(lambda *said: told.append(said), batch_id=batch.pk, user_id=client.user.pk)

    assert told[:2] == [(0, 2, "Reading the file"), (1, 2, "Comparing it with the staff list")]
    assert told[2:] == [(number, 7, step.value) for number, step in enumerate(Step)]


def test_the_page_of_a_running_import_shows_its_step_and_can_be_looked_at_again_without_scripts(organisation, sign_in):
    client = sign_in(organisation, Role.HR)
    upload(client, csv_file([HEADINGS, ["1", "Ada", "Okafor"]]))
    batch = ImportBatch.objects.latest("pk")
    confirm_columns(client, batch)
    client.post(address("import_confirm", batch))
    Job.objects.update(state=Job.State.RUNNING, progress_done=3, progress_total=7, progress_note=Step.JOINERS.value)

    page = client.get(reverse("jobs:job_detail", args=[Job.objects.get().pk])).content.decode()

    assert Step.JOINERS.value in page
    assert "3 of 7 done" in page
    assert '<noscript><p><a href="">Look again now</a></p></noscript>' in page


@pytest.mark.parametrize(
    ("query", "is_open"), [("", False), ("?q=ada&state=in-post", False), ("?state=left", True), ("?lacking=email", True)]
)
def test_filters_stay_folded_until_one_is_set(organisation, sign_in, query, is_open):
    page = sign_in(organisation, Role.HR).get(reverse("staff:person_list") + query).content.decode()

    assert bool(re.search(r"<details[^>]*\bopen\b", page)) is is_open


def test_the_history_says_in_few_words_what_each_file_did_and_for_whom_it_waits(organisation, sign_in):
    client = sign_in(organisation, Role.HR)
    people = [[str(n), "Ada", f"Okafor{n}"] for n in range(20)]
    import_rows(organisation, HEADINGS, *people, file_name="october.csv")
    import_rows(organisation, HEADINGS, *people, file_name="again.csv")
    upload(client, csv_file([HEADINGS, *people[:15]]), complete="yes", name="november.csv")
    confirm_columns(client, ImportBatch.objects.latest("pk"))

    page = client.get(reverse("staff:import_list")).content.decode()

    rows = [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in re.findall(r"<tr>(.*?)</tr>", page, re.DOTALL)[1:]]
    told = {row.split()[0]: row for row in rows}
    assert told["november.csv"].endswith("Needs a second person If confirmed: 5 left")
    assert told["october.csv"].endswith("Applied 20 joined")
    assert told["again.csv"].endswith("Applied nothing changed")
