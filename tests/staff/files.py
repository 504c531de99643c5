"""Files to import, made small and by hand."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from datetime import date
from typing import Any

import xlsxwriter

from accounts.models import Organisation
from staff.models import Post
from staff.services import ImportOutcome, import_file
from tests.factories import NOW, TODAY

HEADINGS = ["Staff Number", "First Name", "Last Name"]


def csv_file(rows: Sequence[Sequence[str]], *, separator: str = ",", encoding: str = "utf-8", newline: str = "\r\n") -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=separator, lineterminator=newline).writerows(rows)
    return buffer.getvalue().encode(encoding)


def xlsx_file(rows: Sequence[Sequence[Any]], *, from_1904: bool = False, title: str = "Staff") -> bytes:
    """Strings starting with ``=`` are formulas; a pair is a formula and its calculated value; a dict is a number with a format."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "date_1904": from_1904})
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    sheet = book.add_worksheet(title)
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            if isinstance(cell, date):
                sheet.write_datetime(r, c, cell, day)
            elif isinstance(cell, tuple):
                sheet.write_formula(r, c, cell[0], None, cell[1])
            elif isinstance(cell, dict):
                sheet.write_number(r, c, cell["value"], book.add_format({"num_format": cell["format"]}))
            elif isinstance(cell, int | float):
                sheet.write_number(r, c, cell)
            else:
                sheet.write_string(r, c, cell)
    book.close()
    return buffer.getvalue()


def repacked(content: bytes, replace: dict[str, bytes]) -> bytes:
    """The workbook with some of its parts exchanged or added."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in replace:
                new.writestr(name, old.read(name))
        for name, part in replace.items():
            new.writestr(name, part)
    return buffer.getvalue()


def import_rows(organisation: Organisation, headings: Sequence[str], *rows: Sequence[str], **options: Any) -> ImportOutcome:
    options = {"as_of": TODAY, "by": "test", "at": NOW, "file_name": "staff.csv"} | options
    return import_file(csv_file([headings, *rows]), organisation=organisation, **options)


def posts_of(organisation: Organisation, number: str) -> list[Post]:
    return list(Post.objects.filter(person__organisation=organisation, person__staff_number=number).order_by("start", "pk"))


def counts(outcome: ImportOutcome) -> dict[str, int]:
    return {name: n for name, n in outcome.plan.counts().items() if n and name != "rows"}
