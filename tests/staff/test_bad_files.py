"""Files as they really come, through the pages: each gives the right people, or says in which row and column what is wrong."""

from __future__ import annotations

import io
import re
import time
import zipfile
from datetime import date

import pytest
from django.urls import reverse

from accounts.enums import Role
from jobs.models import Job
from jobs.services import run
from staff.importing import reading
from staff.models import ImportBatch, ImportRow
from tests.staff.files import HEADINGS, csv_file, import_rows, repacked, xlsx_file
from tests.staff.test_import_pages import address, confirm_columns, upload

pytestmark = pytest.mark.django_db

NAMES = [HEADINGS, ["0012", "Siân", "O'Neil"], ["0013", "Zoë", "D’Arcy"]]
POLISH = [HEADINGS, ["0012", "Łukasz", "ﬁnch"]]
SIAN, ZOE, BO = ("0012", "Siân O'Neil"), ("0013", "Zoë D’Arcy"), ("0013", "Bo Li")
MANAGED = [*HEADINGS, "Manager Number"]


@pytest.fixture(autouse=True)
def _own_uploads(settings, tmp_path):
    settings.BLOB_ROOT = tmp_path / "blobs"


@pytest.fixture
def hr(organisation, sign_in):
    return sign_in(organisation, Role.HR)


def in_sheet(content: bytes, old: bytes, new: bytes) -> bytes:
    return in_part(content, "xl/worksheets/sheet1.xml", old, new)


def in_part(content: bytes, part: str, old: bytes, new: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        xml = archive.read(part)
    assert old in xml
    return repacked(content, {part: xml.replace(old, new, 1)})


def told_on_the_form(answer) -> str:
    """What the error summary says."""
    assert answer.status_code == 200
    summary = re.search(r'class="nhsuk-error-summary".*?</ul>', answer.content.decode(), re.DOTALL)
    return re.sub(r"<[^>]+>|\s+", " ", summary[0]).replace("&#39;", "'")


def previewed(client, content: bytes, **options) -> ImportBatch:
    upload(client, content, **options)
    batch = ImportBatch.objects.latest("pk")
    confirm_columns(client, batch)
    for job in Job.objects.filter(state=Job.State.QUEUED):
        run(job.pk)
    batch.refresh_from_db()
    assert batch.state == ImportBatch.State.PREVIEWED
    return batch


def joiners(batch: ImportBatch) -> list[tuple[str, str]]:
    return list(batch.rows.filter(action=ImportRow.Action.CREATE).values_list("staff_number", "name"))


def faults(batch: ImportBatch) -> list[tuple[int, str, str]]:
    found = [error for row in batch.rows.filter(action=ImportRow.Action.ERROR) for error in row.errors]
    return [(error["row"], error["column"], error["message"]) for error in found]


DAY = [*HEADINGS, "Start Date"]
TAIL = b'<row r="1048576"><c r="A1048576" s="1"/></row></sheetData>'
MERGED = b'</sheetData><mergeCells count="1"><mergeCell ref="B2:C2"/></mergeCells>'

GOOD = {
    **{
        f"F26 {encoding}": (csv_file(NAMES, encoding=encoding), [SIAN, ZOE])
        for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252")
    },
    "F26 letters beyond Windows-1252": (csv_file(POLISH), [("0012", "Łukasz ﬁnch")]),
    "F26 lines that end with CR only": (csv_file(NAMES, newline="\r"), [SIAN, ZOE]),
    **{f"F27 cells apart by {sign!r}": (csv_file(NAMES, separator=sign), [SIAN, ZOE]) for sign in ";\t|"},
    "F27 a line break in a cell": (b'Staff Number,First Name,Last Name\n0013,"Bo\n",Li\n', [BO]),
    "F27 quotation marks in a cell": (b'Staff Number,First Name,Last Name\n1,"Ada ""Addy""",Okafor\n', [("1", 'Ada "Addy" Okafor')]),
    "F27 columns in another order": (csv_file([row[::-1] for row in NAMES]), [SIAN, ZOE]),
    "F27 a heading twice": (csv_file([[*row, "Other"] for row in [[*HEADINGS[:2], "Last Name"]]] + [["13", "Bo", "Li", "x"]]), [("13", "Bo Li")]),
    "F27 headings in row 3": (csv_file([["Staff list", "", ""], ["November", "", ""], *NAMES]), [SIAN, ZOE]),
    "F28 merged cells": (in_sheet(xlsx_file([HEADINGS, ["13", "Bo Li", ""], ["14", "Cy", "Fox"]]), b"</sheetData>", MERGED), [("13", "Bo Li"), ("14", "Cy Fox")]),
    "F28 a hidden row is read": (in_sheet(xlsx_file(NAMES), b'<row r="2"', b'<row hidden="1" r="2"'), [SIAN, ZOE]),
    "F28 numbers whose format has zeros in front": (xlsx_file([HEADINGS, [{"value": 13, "format": "0000"}, "Bo", "Li"]]), [BO]),
    "F28 a tail of styled rows": (in_sheet(xlsx_file(NAMES), b"</sheetData>", TAIL), [SIAN, ZOE]),
    "F28 a formula with its value": (xlsx_file([HEADINGS, ["0013", ("=A1", "Bo"), "Li"]]), [BO]),
    "F29 two people with one e-mail address": (csv_file([[*HEADINGS, "Email"], ["1", "Ada", "Obi", "team@a.test"], ["2", "Bo", "Li", "TEAM@a.test"]]), [("1", "Ada Obi"), ("2", "Bo Li")]),
    "F29 somebody who starts later": (csv_file([DAY, ["13", "Bo", "Li", "01/03/2030"]]), [("13", "Bo Li")]),
    "F29 two jobs": (csv_file([[*HEADINGS, "Assignment Number"], ["13", "Bo", "Li", "13-1"], ["13", "Bo", "Li", "13-2"]]), [("13", "Bo Li")]),
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_a_file_with_peculiarities_gives_the_right_people(hr, name):
    content, people = GOOD[name]

    batch = previewed(hr, content)

    assert (joiners(batch), faults(batch)) == (people, [])
    page = hr.get(address("import_detail", batch)).content.decode()
    assert all(number in page for number, _ in people)


REFUSED = {
    "F26 two encodings in one file": (csv_file(NAMES) + "9,Noël,Ray\r\n".encode("cp1252"), "Row 4 is written in another encoding than the rest of the file, near “9,Noël"),
    "F26 a NUL": (b"Staff Number,First Name,Last Name\r\n1,A\x00da,Obi\r\n", "row 2 holds a character that no text has (NUL)"),
    "F26 bytes of no encoding": (b"Staff Number\r\n\x81\x8d\x8f", "not a spreadsheet we can read"),
    "F27 a quotation mark never closed": (b'Staff Number,First Name,Last Name\r\n1,"Ada,Obi\r\n', "row 2 is never closed"),
    "F31 more than 25 MB": (b"Staff Number,First Name,Last Name\r\n" + b"1234567,Ada,Okafor-Williams\r\n" * 1_000_000, "larger than 25 MB"),
    "F33 a workbook that would unpack to far more": (repacked(xlsx_file(NAMES), {"xl/worksheets/sheet9.xml": b"\x00" * 60 * 1024 * 1024}), "far more"),
    "F33 entities": (in_sheet(xlsx_file(NAMES), b"?>\n", b'?>\n<!DOCTYPE x [<!ENTITY a "ha">]>'), "damaged"),
    "F33 a document type in the workbook itself": (in_part(xlsx_file(NAMES), "xl/workbook.xml", b"?>\n", b'?>\n<!DOCTYPE x SYSTEM "http://x.test/y.dtd">'), "damaged"),
    "F33 a cell at the far corner": (in_sheet(xlsx_file(NAMES), b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'), "reaches beyond"),
    "F33 a program": (b"\x7fELF\x02\x01\x01\x00\x00\x00\x00", "not a spreadsheet"),
    "F33 an empty file": (b"", "empty"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_cannot_be_trusted_is_refused_on_the_form_in_one_sentence(hr, name):
    content, words = REFUSED[name]
    began = time.process_time()

    said = told_on_the_form(upload(hr, content))

    assert words in said
    assert not ImportBatch.objects.exists()
    assert time.process_time() - began < 2


FAULTY = {
    "F27 a cell of a megabyte": (csv_file([HEADINGS, ["1", "x" * 1_000_000, "Obi"]]), (2, "First Name", "1,000,000 characters")),
    "F27 more cells than headings": (b"Staff Number,First Name,Last Name\r\n1,Ada,Obi,Hill\r\n", (2, "", "4 cells")),
    "F28 a formula without a value": (in_sheet(xlsx_file([HEADINGS, ["1", ("=B1", 0), "B"]]), b"<f>B1</f><v>0</v>", b"<f>B1</f>"), (2, "First Name", "never calculated")),
    "F28 an error of the spreadsheet": (xlsx_file([HEADINGS, ["1", ("=1/0", "#N/A"), "B"]]), (2, "First Name", "error")),
    "F28 a number the spreadsheet has shortened": (csv_file([HEADINGS, ["1.23E+11", "Ada", "Obi"]]), (2, "Staff Number", "shortened")),
    "F28 29 February 1900, which never was": (xlsx_file([DAY, ["1", "Ada", "Obi", 60]]), (2, "Start Date", "date")),
    "F29 a staff number twice": (csv_file([HEADINGS, ["1", "Ada", "Obi"], ["1", "Bo", "Li"]]), (3, "Staff Number", "Row 2 has the same staff number")),
    "F29 a look-alike letter in an address": (csv_file([[*HEADINGS, "Email"], ["1", "Ada", "Obi", "аda@home.test"]]), (2, "Email", "“а”")),
    "F29 a look-alike letter in a domain": (csv_file([[*HEADINGS, "Email"], ["1", "Ada", "Obi", "ada@hоme.test"]]), (2, "Email", "“о”")),
    "F29 a manager who is nobody": (csv_file([MANAGED, ["1", "Ada", "Obi", "77"]]), (2, "Manager Number", "")),
    "F29 one's own manager": (csv_file([MANAGED, ["1", "Ada", "Obi", "1"]]), (2, "Manager Number", "")),
    "F29 leaving before starting": (csv_file([[*DAY, "Leaving Date"], ["1", "Ada", "Obi", "01/03/2026", "01/02/2026"]]), (2, "Leaving Date", "before the start")),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTY)
def test_a_cell_that_cannot_be_taken_is_named_with_its_row_and_column(hr, name):
    content, (row, column, words) = FAULTY[name]

    batch = previewed(hr, content)

    ((found_row, found_column, message),) = faults(batch)
    assert (found_row, found_column) == (row, column)
    assert words in message
    page = hr.get(address("import_detail", batch) + "?show=error").content.decode()
    assert message.split("“")[0][:30].replace("'", "&#39;") in page


def test_a_circle_of_managers_is_refused_at_both_cells(hr):
    batch = previewed(hr, csv_file([MANAGED, ["1", "Ada", "Obi", "2"], ["2", "Bo", "Li", "1"]]))

    assert [(row, column) for row, column, _ in faults(batch)] == [(2, "Manager Number"), (3, "Manager Number")]
    assert joiners(batch) == [("1", "Ada Obi"), ("2", "Bo Li")]


@pytest.mark.parametrize("from_1904", [False, True])
def test_both_ways_of_counting_days_give_the_same_date_in_the_preview(hr, from_1904):
    rows = [DAY, ["1", "Ada", "Obi", date(2026, 1, 2)]]

    batch = previewed(hr, xlsx_file(rows, from_1904=from_1904))

    (row,) = batch.rows.all()
    assert row.changes[-1]["since"] == "2 January 2026"


def test_a_hidden_sheet_is_not_read(hr):
    content = xlsx_file(NAMES)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        book = archive.read("xl/workbook.xml").replace(b'<sheet name="Staff"', b'<sheet state="hidden" name="Staff"')

    said = told_on_the_form(upload(hr, repacked(content, {"xl/workbook.xml": book})))

    assert "." in said
    assert not ImportBatch.objects.exists()


def test_more_rows_than_the_limit_are_refused_with_the_number(hr, monkeypatch):
    monkeypatch.setattr(reading, "MAX_ROWS", 3)
    upload(hr, csv_file([HEADINGS, *([str(n), "Ada", "Obi"] for n in range(5))]))
    batch = ImportBatch.objects.get()

    page = hr.post(
        address("import_columns", batch),
        {"column_0": "staff_number", "column_1": "first_name", "column_2": "last_name"},
        follow=True,
    )

    assert "more than 3 rows" in page.content.decode()
    batch.refresh_from_db()
    assert batch.state == ImportBatch.State.UPLOADED


@pytest.mark.parametrize(
    ("row", "action", "words"),
    [
        (["1", "Ada", "Obi", ""], "update", "Obi"),  # a new surname
        (["1", "Ada", "Okafor", "ADA@new.test"], "update", "ada@new.test"),
    ],
)
def test_a_change_of_name_or_address_is_a_change_of_the_same_person(organisation, hr, row, action, words):
    import_rows(organisation, [*HEADINGS, "Email"], ["1", "Ada", "Okafor", "ada@old.test"])

    batch = previewed(hr, csv_file([[*HEADINGS, "Email"], row]))

    (found,) = batch.rows.all()
    assert (found.action, [change["after"] for change in found.changes]) == (action, [words])


def test_each_rule_for_peculiar_files_is_written_on_the_page(hr):
    page = " ".join(hr.get(reverse("staff:import_rules")).content.decode().split())

    for rule in (
        "UTF-8, UTF-16 or Windows-1252", "partly in one and partly in another", "semicolons, tabs", "At most 25 MB", "Hidden sheets are not read; hidden rows are",
        "stands twice is kept apart", "Columns may stand in any order", "Empty rows are skipped", "Of merged cells the first", "1900 or 1904", "zeros in front stay",
        "an error such as #N/A", "A quotation mark that is never closed", "only looks like a to z", "two people may share an address",
        "A staff number that stands twice", "each row is a post", "comes back to their record", "start on a day to come", "before the start date is refused",
        "a circle of managers", "Another organisation’s list", "Last month’s list", "One import of your organisation runs at a time", "would unpack to far more",
    ):  # fmt: skip
        assert rule in page, rule
