import json
import subprocess

import pytest
from django.core.management import call_command

from staff.models import ImportBatch, ImportProfile, Person
from tests.factories import PostFactory, UserFactory
from tests.staff.files import HEADINGS, csv_file

pytestmark = pytest.mark.django_db
KEYS = ["rows", "created", "updated", "unchanged", "rehired", "proposed_leavers", "left", "errors", "batch", "applied"]


@pytest.fixture
def run(capsys):
    def command(name, *arguments):
        code = 0
        try:
            call_command(name, *arguments, "--json")
        except SystemExit as stop:
            code = stop.code
        out, err = capsys.readouterr()
        return code, json.loads(out), err

    return command


@pytest.fixture
def file(tmp_path):
    def write(*rows, headings=HEADINGS, name="staff.csv"):
        path = tmp_path / name
        path.write_bytes(csv_file([headings, *rows]))
        return str(path)

    return write


def test_the_json_has_the_promised_keys_and_the_code_is_0(organisation, run, file):
    code, told, err = run("import_staff", file(["001", "Ada", "Okafor"]), "--organisation", organisation.ods_code)

    assert code == 0
    assert list(told)[:10] == KEYS
    assert (told["rows"], told["created"], told["errors"], told["applied"]) == (1, 1, [], True)
    assert told["batch"] == ImportBatch.objects.get().pk
    assert err == ""


def test_row_errors_give_1_and_their_place(organisation, run, file):
    path = file(["001", "Ada", "Okafor", "x"], ["002", "Bo", "Li", ""], headings=[*HEADINGS, "Start Date"])

    code, told, _ = run("import_staff", path, "--organisation", organisation.ods_code)

    assert code == 1
    (error,) = told["errors"]
    assert set(error) == {"row", "column", "value", "message"}
    assert (error["row"], error["column"], error["value"]) == (2, "Start Date", "x")
    assert (told["created"], told["applied"]) == (1, True)


def test_a_dry_run_applies_nothing(organisation, run, file):
    code, told, _ = run("import_staff", file(["001", "Ada", "Okafor"]), "--organisation", organisation.ods_code, "--dry-run")

    assert (code, told["created"], told["applied"], told["batch"]) == (0, 1, False, None)
    assert Person.objects.count() == 0


@pytest.mark.parametrize(
    "arguments",
    [["--organisation", "NOPE9"], ["--organisation", "OURS", "--as-of", "soon"], ["--organisation", "OURS", "--profile", "gone"]],
)
def test_what_cannot_be_asked_is_refused_with_2_and_one_sentence(organisation, run, file, arguments):
    arguments = [organisation.ods_code if a == "OURS" else a for a in arguments]

    code, told, err = run("import_staff", file(["001", "Ada", "Okafor"]), *arguments)

    assert code == 2
    assert err.strip() == told["refused"]
    assert "\n" not in err.strip()
    assert Person.objects.count() == 0


@pytest.mark.parametrize("content", [b"", b"%PDF", b"\x00\x01\x02", b"Staff Number,First Name,Last Name\n", b"a,b\n1,2\n"])
def test_a_file_refused_whole_gives_2(organisation, run, tmp_path, content):
    path = tmp_path / "x"
    path.write_bytes(content)

    code, told, _ = run("import_staff", str(path), "--organisation", organisation.ods_code)

    assert code == 2
    assert told["refused"].endswith(".")


def test_a_file_that_is_not_there_gives_2(organisation, run):
    assert run("import_staff", "/nowhere/x.csv", "--organisation", organisation.ods_code)[0] == 2


def test_too_many_leavers_need_approve(organisation, run, file):
    everybody = [[f"{i}", "P", f"N{i}"] for i in range(10)]
    run("import_staff", file(*everybody), "--organisation", organisation.ods_code, "--as-of", "2026-01-01")
    shorter = file(*everybody[:9])

    code, told, err = run("import_staff", shorter, "--organisation", organisation.ods_code, "--complete", "--as-of", "2026-05-01")
    assert (code, told["applied"], told["proposed_leavers"]) == (2, False, 1)
    assert "--approve" in err

    code, told, _ = run(
        "import_staff", shorter, "--organisation", organisation.ods_code, "--complete", "--as-of", "2026-05-01", "--approve"
    )
    assert (code, told["applied"], told["left"]) == (0, True, 1)


def test_a_saved_mapping_is_used(organisation, run, file):
    ImportProfile.objects.create(
        organisation=organisation, name="ours", mapping={"Nr": "staff_number", "Wer": "full_name", "Unit": ""}
    )
    path = file(["001", "Ada Okafor", "Ward 3"], headings=["Nr", "Wer", "Unit"])

    code, told, _ = run("import_staff", path, "--organisation", organisation.ods_code, "--profile", "ours")

    assert (code, told["created"], told["ignored_columns"]) == (0, 1, ["Unit"])


def test_prose_names_the_faults(organisation, file, capsys):
    with pytest.raises(SystemExit):
        call_command("import_staff", file(["", "Ada", "Okafor"], ["2", "B", "L"]), "--organisation", organisation.ods_code)

    assert "row 2, Staff Number: The staff number is missing." in capsys.readouterr().out


# --- Undo -------------------------------------------------------------------------------------


def test_undo_puts_everything_back_and_says_what_it_could_not(organisation, run, file):
    headings = [*HEADINGS, "Unit", "Absence from"]
    code = organisation.ods_code
    run(
        "import_staff",
        file(["1", "Ada", "Okafor", "Ward 3", ""], ["2", "Bo", "Li", "Ward 3", ""], headings=headings),
        "--organisation",
        code,
        "--as-of",
        "2026-01-01",
    )
    before = sorted(Person.objects.values_list("staff_number", "last_name", "posts__unit__name", "posts__start", "posts__end"))
    path = file(
        ["1", "Ada", "Bello", "Ward 9", "01/02/2026"],
        ["2", "Bo", "Lee", "Ward 3", ""],
        ["3", "Cy", "Fox", "Ward 9", ""],
        ["4", "Di", "Elm", "", ""],
        headings=headings,
    )
    batch = run("import_staff", path, "--organisation", code, "--as-of", "2026-04-01")[1]["batch"]
    Person.objects.filter(staff_number="4").update(user=UserFactory())

    exit_code, told, _ = run("undo_import", str(batch))

    assert (exit_code, told["restored"]) == (1, 3)
    assert [(entry["staff_number"], entry["reason"]) for entry in told["kept"]] == [
        ("4", "is needed by other records, such as training or a sign-in")
    ]
    Person.objects.filter(staff_number="4").delete()
    assert (
        sorted(Person.objects.values_list("staff_number", "last_name", "posts__unit__name", "posts__start", "posts__end"))
        == before
    )
    assert list(organisation.units.values_list("name", flat=True)) == ["Ward 3"]
    assert run("undo_import", str(batch))[0] == 2


def test_undo_leaves_people_whom_somebody_changed_since(organisation, run, file):
    code = organisation.ods_code
    batch = run("import_staff", file(["1", "Ada", "Okafor"], ["2", "Bo", "Li"]), "--organisation", code)[1]["batch"]
    Person.objects.filter(staff_number="1").update(last_name="Bello")
    PostFactory(person=Person.objects.get(staff_number="2"))

    _, told, _ = run("undo_import", str(batch))

    assert told["restored"] == 0
    assert {entry["staff_number"] for entry in told["kept"]} == {"1", "2"}
    assert Person.objects.count() == 2


def test_undo_keeps_a_manager_whom_somebody_who_stays_names(organisation, run, file):
    path = file(
        ["1", "Ada", "Okafor", "2"],
        ["2", "Bo", "Li", "3"],
        ["3", "Cy", "Fox", ""],
        ["4", "Di", "Elm", ""],
        headings=[*HEADINGS, "Manager"],
    )
    batch = run("import_staff", path, "--organisation", organisation.ods_code)[1]["batch"]
    Person.objects.filter(staff_number="1").update(email="new@example.test")

    _, told, _ = run("undo_import", str(batch))

    assert (told["restored"], [entry["staff_number"] for entry in told["kept"]]) == (1, ["1", "2", "3"])
    assert Person.objects.get(staff_number="1").posts.get().manager.staff_number == "2"


def test_undoing_what_never_was_is_refused(run):
    assert run("undo_import", "999999")[0] == 2


def test_the_command_line_itself_says_how_it_is_used():
    done = subprocess.run([".venv/bin/python", "manage.py", "import_staff", "--help"], capture_output=True, text=True, check=True)

    assert "--complete" in done.stdout
