"""Tables on their way into a spreadsheet: what a program would take for a formula is made plain text."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import xlsxwriter

CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XLSX_OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")
"""First characters that Excel, LibreOffice and others act upon, full-width forms included."""


def harmless(value: Any) -> str:
    """The value as text that no spreadsheet calculates: a dangerous beginning gets an apostrophe before it.

    A number stays as it is. Reading a file back, :func:`as_written` takes the apostrophe away.
    """
    if value is None:
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    text = str(value).replace("\0", "")
    return f"'{text}" if text.lstrip("' ").startswith(DANGEROUS) else text


def as_written(text: str) -> str:
    """What a cell said before ``harmless`` had it."""
    rest = text[1:]
    return rest if text.startswith("'") and rest.lstrip("' ").startswith(DANGEROUS) else text


def csv_lines(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """The lines of a CSV file, one at a time, the first with the mark that tells Excel it is UTF-8."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write("\ufeff")
    writer.writerow([harmless(words) for words in headings])
    yield buffer.getvalue()
    for row in rows:
        buffer.seek(0)
        buffer.truncate()
        writer.writerow([harmless(value) for value in row])
        yield buffer.getvalue()


def workbook(title: str, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """A table as XLSX with one sheet: every cell is text that no program calculates, and little memory is used."""
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, XLSX_OPTIONS)
    sheet = book.add_worksheet(title[:31])
    bold = book.add_format({"bold": True, "bottom": 1})
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(headings) - 1, 20)
    for column, heading in enumerate(headings):
        sheet.write_string(0, column, harmless(heading), bold)
    for line, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            sheet.write_string(line, column, harmless(value)[:32_000])
    book.close()
    return content.getvalue()
