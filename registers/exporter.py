"""A register as a file: CSV for any program, XLSX with real dates and numbers. No cell is ever calculated."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

import xlsxwriter
from django.utils import timezone

from audit.spreadsheets import harmless

MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "default_date_format": "dd/mm/yyyy",
}


def as_csv(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """The rows as CSV in UTF-8 with its mark, so that a spreadsheet program shows every letter."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([harmless(words) for words in headings])
    writer.writerows([harmless(_words(value)) for value in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(title: str, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """The rows as a workbook of one sheet, its headings in sight."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, OPTIONS) as book:
        sheet = book.add_worksheet(_sheet_name(title))
        heading = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        sheet.freeze_panes(1, 0)
        for column, words in enumerate(headings):
            sheet.set_column(column, column, max(14, min(36, len(words) + 4)))
            sheet.write_string(0, column, words, heading)
        for number, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                _write(sheet, number, column, value, wrapped)
    return out.getvalue()


def as_template(title: str, notes: Sequence[tuple[str, str, str]]) -> bytes:
    """An empty register to fill in: its headings, and a second sheet that says what each column takes."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, OPTIONS) as book:
        heading = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        sheet = book.add_worksheet(_sheet_name(title))
        help_sheet = book.add_worksheet("How to fill it in")
        sheet.freeze_panes(1, 0)
        for column, (words, _needed, _takes) in enumerate(notes):
            sheet.set_column(column, column, max(14, min(36, len(words) + 4)))
            sheet.write_string(0, column, words, heading)
        for column, (words, width) in enumerate((("Column", 34), ("Needed?", 16), ("What to enter", 90))):
            help_sheet.set_column(column, column, width)
            help_sheet.write_string(0, column, words, heading)
        for row, note in enumerate(notes, start=1):
            for column, words in enumerate(note):
                help_sheet.write_string(row, column, words, wrapped)
    return out.getvalue()


def _sheet_name(title: str) -> str:
    return title.translate({ord(sign): " " for sign in "[]:*?/\\"})[:31]


def _write(sheet: Any, row: int, column: int, value: Any, wrapped: Any) -> None:
    if isinstance(value, date) and not isinstance(value, datetime):
        sheet.write_datetime(row, column, value)
    elif isinstance(value, int) and not isinstance(value, bool):
        sheet.write_number(row, column, value)
    elif value is not None:
        sheet.write_string(row, column, harmless(_words(value)), wrapped)


def _words(value: Any) -> Any:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime("%d/%m/%Y %H:%M")
    return value.strftime("%d/%m/%Y") if isinstance(value, date) else value
