import io
import resource
import zipfile
from datetime import UTC, date, datetime
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from staff.importing import workbook
from staff.importing.cells import CellError, identifier
from staff.importing.dates import parse_date
from staff.importing.preparing import open_file
from staff.importing.reading import CellFault, UnreadableFileError, read, separator_of
from tests.staff.files import HEADINGS, csv_file, repacked, xlsx_file


def known(headings):
    return sum(heading in HEADINGS for heading in headings)


def lines(content):
    sheet = read(content, known_headings=known)
    return [
        (line.number, [line.cells.get(i, "") for i in range(len(sheet.headings))])
        for line in sheet.lines(range(len(sheet.headings)))
    ]


PLAIN = [["Staff Number", "First Name", "Last Name"], ["0012", "Zoë", "D’Arcy"], ["0013", "Bo", "Li"]]
READ = [(2, ["0012", "Zoë", "D’Arcy"]), (3, ["0013", "Bo", "Li"])]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|", "^", "~", ":"])
def test_any_separator_is_found(separator):
    assert lines(csv_file(PLAIN, separator=separator)) == READ


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_every_usual_encoding_is_read(encoding):
    assert lines(csv_file(PLAIN, encoding=encoding)) == READ


@pytest.mark.parametrize("newline", ["\r\n", "\n", "\r"])
def test_every_line_ending_is_read(newline):
    assert lines(csv_file(PLAIN, newline=newline)) == READ


def test_the_separator_that_excel_is_told_is_taken():
    assert lines(b"sep=!\r\nStaff Number!First Name!Last Name\r\n1!A!B\r\n") == [(3, ["1", "A", "B"])]


def test_a_separator_inside_names_does_not_mislead():
    assert separator_of("Number;Name\r\n1;Smith, John\r\n2;Jones, Ann\r\n") == ";"


def test_row_numbers_are_the_files_own_with_title_blank_lines_and_cells_of_two_lines():
    content = b'Staff report,,\r\n\r\nStaff Number,First Name,Last Name\r\n1,"A\r\nB",C\r\n,,\r\n2,D,E\r\n'

    assert lines(content) == [(4, ["1", "A B", "C"]), (6, ["2", "D", "E"])]


def test_repeated_and_empty_headings_get_names():
    sheet = read(b"Staff Number,Name,,Name\r\n1,2,3,4\r\n", known_headings=known)

    assert sheet.headings == ["Staff Number", "Name", "Column 3", "Name (2)"]


def test_columns_nobody_wants_never_leave_the_reader():
    sheet = read(b"Staff Number,First Name,NI\r\n1,A,QQ123456C\r\n", known_headings=known)

    assert "QQ123456C" not in repr(list(sheet.lines([0, 1])))


def test_text_that_begins_with_an_equals_sign_in_a_csv_is_text():
    assert lines(b"Staff Number,First Name,Last Name\r\n1,=1+1,B\r\n") == [(2, ["1", "=1+1", "B"])]


def test_a_cell_of_ten_megabytes_is_a_fault_at_its_place():
    content = b"Staff Number,First Name,Last Name\r\n1,A,B\r\n2," + b"x" * 10 * 1024 * 1024 + b",C\r\n3,D,E\r\n"
    sheet = read(content, known_headings=known)

    found = list(sheet.lines([0, 1, 2]))

    assert [line.number for line in found] == [2, 3, 4]
    fault = found[1].cells[1]
    assert isinstance(fault, CellFault)
    assert "10,485,760 characters" in fault.message
    assert len(fault.shown) < 50


def test_a_cell_of_ten_megabytes_is_found_in_a_workbook_too():
    rows = xlsx_file([HEADINGS, ["1", "A", "B"], ["2", "PLACE", "C"]])
    with zipfile.ZipFile(io.BytesIO(rows)) as archive:
        strings = archive.read("xl/sharedStrings.xml").replace(b"PLACE", b"xyz" * 3_500_000)
    found = lines(repacked(rows, {"xl/sharedStrings.xml": strings}))

    assert found[0] == (2, ["1", "A", "B"])
    assert isinstance(found[1][1][1], CellFault)


def test_more_cells_than_headings_are_a_fault():
    found = lines(b"Staff Number,First Name,Last Name\r\n1,A,B\r\n2,Smith, John,C\r\n")

    assert found[0][1] == ["1", "A", "B"]
    sheet = read(b"Staff Number,First Name,Last Name\r\n2,Smith, John,C\r\n", known_headings=known)
    (line,) = sheet.lines([0])
    assert "4 cells" in line.cells[3].message


REFUSED = {
    "empty": (b"", "empty"),
    "only spaces": (b" \r\n \r\n", "empty"),
    "only a byte order mark": (b"\xef\xbb\xbf", "empty"),
    "only separators": (b",,,\r\n,,,\r\n", "no rows"),
    "a PDF": (b"%PDF-1.7 ...", "PDF"),
    "a picture": (b"\x89PNG\r\n\x1a\n....", "picture"),
    "an old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Excel workbook"),
    "a program": (b"\x7fELF\x02\x01\x01\x00\x00\x00\x00", "not a spreadsheet"),
    "bytes of no encoding": (b"Staff Number\r\n\x81\x8d\x8f", "not a spreadsheet"),
    "an open quotation mark": (b'Staff Number,Name\r\n1,A\r\n2,"B\r\n3,C\r\n', "row 3 is never closed"),
    "a broken ZIP": (b"PK\x03\x04" + b"\x00" * 100, "damaged"),
    "a file that is too large": (b"a,b\r\n" * 6_000_000, "larger than 25 MB"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_spreadsheet_is_refused_in_one_sentence(name):
    content, words = REFUSED[name]

    with pytest.raises(UnreadableFileError, match=words) as refusal:
        lines(content)

    assert "\n" not in str(refusal.value)
    assert str(refusal.value).endswith(".")


# --- Workbooks ----------------------------------------------------------------------------


def test_a_workbook_is_read_like_text():
    assert lines(xlsx_file(PLAIN)) == READ


def test_numbers_dates_and_zeros_of_a_workbook():
    rows = [HEADINGS, [123, "A", date(2026, 1, 2)], [{"value": 45, "format": "000000"}, "B", 1.5]]

    found = lines(xlsx_file(rows))

    assert found[0][1] == [123.0, "A", date(2026, 1, 2)]
    assert found[1][1] == ["000045", "B", 1.5]
    assert identifier(found[0][1][0]) == "123"


def test_a_workbook_that_counts_from_1904_gives_the_same_dates():
    rows = [HEADINGS, ["1", date(2026, 1, 2), 40000]]
    sheet = read(xlsx_file(rows, from_1904=True), known_headings=known)
    (line,) = sheet.lines([0, 1, 2])

    assert line.cells[1] == date(2026, 1, 2)
    assert parse_date(line.cells[2], dates_from_1904=sheet.dates_from_1904) == date(2013, 7, 7)


def test_formulas_give_their_calculated_value_and_a_warning_or_a_fault():
    rows = [HEADINGS, ["1", ("=A1", "Ann"), "B"], ["2", ("=B1", 0), "B"], ["3", ("=1/0", "#DIV/0!"), "C"]]
    content = xlsx_file(rows)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml").replace(b"<f>B1</f><v>0</v>", b"<f>B1</f>")
    sheet = read(repacked(content, {"xl/worksheets/sheet1.xml": xml}), known_headings=known)

    first, second, third = sheet.lines([1])

    assert first.cells[1] == "Ann"
    assert "never calculated" in second.cells[1].message
    assert third.cells[1].shown == "#DIV/0!"
    assert [(f.column, f.first_row, f.count) for f in sheet.formulas] == [(1, 2, 1)]


def test_a_workbook_that_would_unpack_to_gigabytes_is_refused_unread():
    bomb = repacked(xlsx_file(PLAIN), {"xl/worksheets/sheet9.xml": b"\x00" * 60 * 1024 * 1024})

    with pytest.raises(UnreadableFileError, match="far more"):
        lines(bomb)


def test_a_workbook_whose_directory_lies_about_sizes_is_refused():
    content = xlsx_file([HEADINGS, *([str(i), "A" * 50, "B"] for i in range(2000))])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        info = archive.getinfo("xl/worksheets/sheet1.xml")
        size, offset = info.file_size, info.header_offset
    lying = content.replace(size.to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    assert lying != content
    assert offset >= 0

    with pytest.raises(UnreadableFileError, match="damaged"):
        lines(lying)


@pytest.mark.parametrize(
    ("row", "cell"),
    [(1_048_576, "XFD1048576"), (1_048_576, "A1048576"), (300_000, "B300000"), (9, "XFD9"), (9, "SG9")],
)
def test_a_cell_far_away_is_refused_before_memory_is_taken(row, cell):
    content = xlsx_file(PLAIN)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml")
    far = xml.replace(b"</sheetData>", f'<row r="{row}"><c r="{cell}"><v>1</v></c></row></sheetData>'.encode())

    with pytest.raises(UnreadableFileError, match="reaches beyond"):
        lines(repacked(content, {"xl/worksheets/sheet1.xml": far}))


def test_a_workbook_with_a_part_twice_is_refused():
    content = io.BytesIO(xlsx_file(PLAIN))
    with zipfile.ZipFile(content, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("xl/worksheets/sheet1.xml", "<worksheet/>")

    with pytest.raises(UnreadableFileError, match="damaged"):
        lines(content.getvalue())


def test_entities_in_a_workbook_are_not_expanded():
    content = xlsx_file(PLAIN)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml")
    laughing = xml.replace(b"?>\n", b'?>\n<!DOCTYPE x [<!ENTITY a "ha">]>', 1)

    with pytest.raises(UnreadableFileError, match="damaged"):
        lines(repacked(content, {"xl/worksheets/sheet1.xml": laughing}))


def test_a_small_workbook_that_would_take_gigabytes_takes_only_the_process_that_reads_it():
    bomb = xlsx_file([HEADINGS, *(["x" * 32_000] for _ in range(20_000))])
    assert len(bomb) < 1_500_000
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    with pytest.raises(UnreadableFileError, match="far more"):
        lines(bomb)

    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000


def test_a_tail_of_styled_empty_cells_is_passed_over():
    content = xlsx_file(PLAIN)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml")
    tail = b'<row r="1048576"><c r="A1048576" s="1"/><c r="XFD1048576" s="1"></c></row></sheetData>'

    assert lines(repacked(content, {"xl/worksheets/sheet1.xml": xml.replace(b"</sheetData>", tail)})) == READ


def test_how_a_file_was_read_is_told():
    merged = xlsx_file(PLAIN, from_1904=True)
    with zipfile.ZipFile(io.BytesIO(merged)) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml")
    merged = repacked(
        merged,
        {
            "xl/worksheets/sheet1.xml": xml.replace(
                b"</sheetData>", b'</sheetData><mergeCells count="1"><mergeCell ref="A2:A3"/></mergeCells>'
            )
        },
    )

    assert read("Personal;Vorname\nx;Siân\n".encode("cp1252"), known_headings=known).notes == [
        "Text in Windows-1252, its cells set apart by semicolons."
    ]
    notes = read(merged, known_headings=known).notes
    assert [note.split(";")[0][:30] for note in notes] == [
        "An Excel workbook",
        "The workbook counts its days f",
        "Some cells are merged: the val",
    ]


def test_a_zip_that_is_no_workbook_is_said_to_be_one():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("letter.txt", "hello")

    with pytest.raises(UnreadableFileError, match="ZIP file, not an Excel workbook"):
        lines(buffer.getvalue())


# --- Dates and numbers ----------------------------------------------------------------------

DATES = {
    "04/03/2026": date(2026, 3, 4),
    "4/3/26": date(2026, 3, 4),
    "4.3.2026": date(2026, 3, 4),
    "4-3-2026": date(2026, 3, 4),
    "2026-03-04": date(2026, 3, 4),
    "2026-03-04T00:00:00Z": date(2026, 3, 4),
    "2026-03-04 09:30": date(2026, 3, 4),
    "04/03/2026 00:00:00": date(2026, 3, 4),
    "20260304": date(2026, 3, 4),
    "04-Mar-2026": date(2026, 3, 4),
    "30-NOV-28": date(2028, 11, 30),
    "4 March 2026": date(2026, 3, 4),
    "4th March 2026": date(2026, 3, 4),
    "Wednesday, 4 March 2026": date(2026, 3, 4),
    "46085": date(2026, 3, 4),
    "46085.5": date(2026, 3, 4),
    "01/02/85": date(1985, 2, 1),
    46085.0: date(2026, 3, 4),
    datetime(2026, 3, 4, 12, 0, tzinfo=UTC): date(2026, 3, 4),
    date(2026, 3, 4): date(2026, 3, 4),
}


@pytest.mark.parametrize("cell", DATES)
def test_a_date_is_read_however_it_is_written(cell):
    assert parse_date(cell) == DATES[cell]


@pytest.mark.parametrize(
    "cell",
    [
        "31/02/2026",
        "12/31/2025",
        "tomorrow",
        "2026",
        "0",
        "1/1/0001",
        "4 Marching 2026",
        "99/99/9999",
        "123",
        0.5,
        True,
        "٣/٤/٢٠٢٦",
    ],
)
def test_what_is_no_date_is_refused(cell):
    with pytest.raises(CellError):
        parse_date(cell)


@pytest.mark.parametrize("cell", ["31/12/4712", "31-DEC-4712", "9999-12-31"])
def test_the_end_of_time_is_no_leaving_date(cell):
    assert parse_date(cell, open_ended=True) is None


@pytest.mark.parametrize(
    ("cell", "number"), [("00123", "00123"), (123.0, "123"), ("'00123", "00123"), ('="00123"', "00123"), ("AB-12", "AB-12")]
)
def test_staff_numbers_keep_what_they_are(cell, number):
    assert identifier(cell) == number


@pytest.mark.parametrize("cell", ["1.23457E+11", 1.5, 1e16, True, date(2026, 1, 1), "x" * 41])
def test_staff_numbers_that_a_spreadsheet_spoilt_are_refused(cell):
    with pytest.raises(CellError):
        identifier(cell)


# --- Any bytes ------------------------------------------------------------------------------

_texts = st.lists(st.lists(st.text(max_size=8), max_size=5), max_size=6)


def _read_or_refuse(content):
    """Reads in this process: for hundreds of examples a process each would take a minute, and reads by the same function."""
    try:
        with patch("staff.importing.confined.sheets", workbook.sheets):
            file = open_file(content)
            rows = list(file.rows()) if "staff_number" in file.mapping.values() else list(file.sheet.lines([0]))
    except UnreadableFileError:
        return
    assert all(row.number > 1 for row in rows)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_rows_or_a_refusal(content):
    _read_or_refuse(content)


@settings(max_examples=300, deadline=None)
@given(_texts, st.sampled_from([",", ";", "\t"]), st.sampled_from(["utf-8", "utf-16"]))
def test_any_table_below_good_headings_is_rows_or_a_refusal(table, separator, encoding):
    body = "\n".join(
        [
            separator.join(["Staff Number", "First Name", "Last Name", "Start Date", "Email"]),
            *(separator.join(row) for row in table),
        ]
    )
    _read_or_refuse(body.encode(encoding, "surrogatepass") if encoding == "utf-16" else body.encode(encoding, "replace"))


_workbook = xlsx_file([HEADINGS, ["1", "A", "B"], ["2", date(2026, 1, 1), 5]])


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(_workbook) - 1), st.binary(min_size=1, max_size=12))
def test_a_workbook_with_any_bytes_overwritten_is_rows_or_a_refusal(place, bytes_):
    _read_or_refuse(_workbook[:place] + bytes_ + _workbook[place + len(bytes_) :])


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 3000), st.binary(min_size=1, max_size=6))
def test_a_sheet_with_any_xml_overwritten_is_rows_or_a_refusal(place, bytes_):
    with zipfile.ZipFile(io.BytesIO(_workbook)) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml")
    place %= len(xml)
    _read_or_refuse(repacked(_workbook, {"xl/worksheets/sheet1.xml": xml[:place] + bytes_ + xml[place + len(bytes_) :]}))
