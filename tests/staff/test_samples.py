"""Exports of HR and learning systems, brought in through the pages with the columns as they are guessed."""

from datetime import date
from pathlib import Path

import pytest

from accounts.enums import Role
from jobs.models import Job
from jobs.services import run
from staff.models import ImportBatch, ImportRow, Post
from tests.staff.files import HEADINGS, import_rows
from tests.staff.test_import_pages import address, confirm_columns, upload

pytestmark = pytest.mark.django_db
SAMPLES = Path(__file__).parent / "samples"
S = date(2020, 2, 1)


@pytest.fixture(autouse=True)
def _own_uploads(settings, tmp_path):
    settings.BLOB_ROOT = tmp_path / "blobs"


# Each post as number, name, unit, job title, type of employment, manager, first and last day; then the columns not taken.
RIGHT = {
    "moodle.csv": (
        [
            ("M001", "Ada Okafor", "Day team", "Care worker", "permanent", "M003", date(2026, 5, 1), None),
            ("M002", "Bo Li", "Night team", "Care worker", "permanent", "M003", date(2026, 5, 1), None),
            ("M003", "Max Boss", "Office", "Team leader", "permanent", None, date(2026, 5, 1), None),
        ],
        {"username", "password", "auth", "cohort1"},
    ),
    "totara.csv": (
        [
            ("T1", "Ada Okafor", "Ward 3", "Staff nurse", "permanent", "T3", S, None),
            ("T1", "Ada Okafor", "Ward 4", "Bank nurse", "permanent", "T3", date(2021, 6, 1), None),
            ("T3", "Max Boss", "Ward 3", "Ward manager", "permanent", None, date(2015, 1, 5), None),
        ],
        {"timemodified", "username", "posidnumber", "managerjobassignmentidnumber"},
    ),
    "totara-hr-import.csv": (
        [
            ("H1", "Ada Okafor", "Ward 3", "Staff nurse", "permanent", "H3", S, None),
            ("H2", "Bo Li", "Ward 3", "Healthcare assistant", "permanent", "H3", date(2021, 9, 1), date(2026, 3, 31)),
            ("H3", "Max Boss", "Ward 3", "Ward manager", "permanent", None, date(2015, 1, 5), None),
        ],
        {"username"},
    ),
    "esr.csv": (
        [
            ("20001234", "Siân O'Neil", "Ward 3", "Staff Nurse|Band 5", "permanent", "20009999", S, None),
            ("20001234", "Siân O'Neil", "Bank", "Bank Nurse", "bank", "20009999", date(2021, 6, 1), None),
            (
                "20005678",
                "Łukasz Łukasik",
                "Ward 3",
                "Healthcare Assistant",
                "fixed-term",
                "20009999",
                date(2024, 3, 4),
                date(2026, 12, 31),
            ),
            ("20009999", "Max Boss", "Ward 3", "Ward Manager", "permanent", None, date(2015, 1, 5), None),
        ],
        {
            "Title",
            "Primary Assignment",
            "Org L3",
            "Occupation Code",
            "Supervisor Name",
            "NI Number",
            "Date of Birth",
            "Ethnic Origin",
        },
    ),
    "brighthr.csv": (
        [
            ("B001", "Ada Okafor", "Oak House", "Care assistant", "permanent", "B002", S, None),
            ("B002", "Max Boss", "Oak House", "Registered manager", "permanent", None, date(2015, 1, 5), None),
        ],
        {"Date of birth", "NI number", "Address", "Emergency contact"},
    ),
    "breathe.csv": (
        [
            ("R1", "Ada Okafor", "Outreach", "Support worker", "permanent", "R3", S, None),
            ("R2", "Bo Li", "Outreach", "Support worker", "permanent", "R3", date(2021, 9, 1), date(2026, 4, 30)),
            ("R3", "Max Boss", "Outreach", "Manager", "permanent", None, date(2015, 1, 5), None),
        ],
        {"Division", "Location", "Date of Birth", "Gender"},
    ),
    "access-people-planner.csv": (
        [
            ("000123", "Ada Okafor", "Oak House", "Senior carer", "permanent", "000456", S, None),
            ("000456", "Max Boss", "Oak House", "Home manager", "permanent", None, date(2015, 1, 5), None),
            ("000789", "Val Unteer", "Oak House", "Befriender", "volunteer", "000456", date(2024, 3, 1), None),
        ],
        {"Known As", "Cost Centre"},
    ),
    "coldharbour.csv": (
        [
            ("OK01", "Ada Mary Okafor", "Oak House", "Carer", "permanent", None, S, None),
            ("OK02", "Bo Li", "Oak House", "Carer (nights)", "permanent", None, date(2021, 9, 1), None),
        ],
        {"Contract Hours"},
    ),
    "caredocs.csv": (
        [
            ("7", "Ada Okafor", "Oak House", "Carer", "permanent", None, S, None),
            ("8", "Bo Li", "Oak House", "Cook", "permanent", None, date(2021, 9, 1), date(2026, 3, 31)),
        ],
        set(),
    ),
    "sage.csv": (
        [
            ("1", "Ada Okafor", "Oak House", "Carer", "permanent", None, S, None),
            ("2", "Bo Li", "Oak House", "Cook", "permanent", None, date(2021, 9, 1), None),
        ],
        {"Forename 2", "National Insurance Number", "Address Line 1", "Postcode", "Gross Pay"},
    ),
}


def bring_in(client, content, as_of=date(2026, 5, 1)):
    upload(client, content, as_of=as_of)
    batch = ImportBatch.objects.latest("pk")
    confirm_columns(client, batch)
    preview = client.get(address("import_detail", batch)).content.decode()
    client.post(address("import_confirm", batch))
    assert run(Job.objects.latest("pk").pk).error == ""
    batch.refresh_from_db()
    return batch, preview


def test_every_sample_has_its_right_result():
    assert {path.name for path in SAMPLES.glob("*.csv")} == set(RIGHT)


@pytest.mark.parametrize("name", RIGHT)
def test_an_export_comes_in_as_it_is(organisation, sign_in, name):
    posts, not_taken = RIGHT[name]

    batch, _ = bring_in(sign_in(organisation, Role.HR), (SAMPLES / name).read_bytes())

    found = Post.objects.select_related("person", "unit", "manager").order_by("person__staff_number", "start")
    assert [
        (
            p.person.staff_number,
            str(p.person),
            p.unit.name,
            p.job_title,
            p.employment_type,
            p.manager and p.manager.staff_number,
            p.start,
            p.last_day,
        )
        for p in found
    ] == posts
    assert (set(batch.ignored_columns), batch.rows.filter(action=ImportRow.Action.ERROR).count()) == (not_taken, 0)


def test_a_status_that_says_left_ends_the_post_and_does_so_once(organisation, sign_in):
    client = sign_in(organisation, Role.HR)
    here = (SAMPLES / "moodle.csv").read_bytes()
    bring_in(client, here)

    gone = here.replace(b"Night team;manual;0", b"Night team;manual;1")

    batch, preview = bring_in(client, gone, as_of=date(2026, 6, 1))
    again, _ = bring_in(client, gone, as_of=date(2026, 7, 1))

    assert "1 row is about somebody who has left and was never on your staff list: passed over." in preview
    assert (batch.counts["left"], batch.counts["unchanged"], again.counts["left"], again.counts["unchanged"]) == (1, 3, 0, 4)
    assert Post.objects.get(person__staff_number="M002").last_day == date(2026, 5, 31)


@pytest.mark.parametrize("start", ["01/05/2026", "01/07/2026"])
def test_a_status_that_says_left_is_never_a_crash_whenever_the_post_begins(organisation, sign_in, start):
    headings = [*HEADINGS, "Status", "Start Date"]
    import_rows(organisation, headings, ["1", "A", "A", "Active", start])

    plan = import_rows(organisation, headings, ["1", "A", "A", "Leaver", ""]).plan

    (post,) = Post.objects.all()
    assert (post.last_day, len(plan.errors)) == ((date(2026, 5, 1), 0) if start == "01/05/2026" else (None, 1))


def test_a_status_column_that_holds_dates_says_so(organisation):
    (error,) = import_rows(organisation, [*HEADINGS, "Leaver"], ["1", "A", "A", "31/03/2026"]).plan.errors

    assert error.message == "This is a date, and the column was taken for a status. Choose “Leaving date” for the column."
