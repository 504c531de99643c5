"""The workbook that tells HR which rows to mend: each fault with its place, and the rows as they were."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

import xlsxwriter

from audit.spreadsheets import harmless


def workbook(rows: Iterable[Any], headings: Iterable[str]) -> bytes:
    """An XLSX file: a row for every fault, then the mapped cells of the row it is in.

    Args:
        rows: refused rows of one import: each has its ``number``, ``errors`` and ``parsed`` cells by heading.
        headings: the file's own headings, in its order; only mapped ones were ever read.
    """
    columns = list(headings)
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet("Rows to mend")
    bold, wrap = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
    for index, title in enumerate(["Row in the file", "Column", "What the cell holds", "What is wrong", *columns]):
        sheet.write_string(0, index, harmless(title), bold)
    line = 0
    for row in rows:
        for error in row.errors:
            line += 1
            sheet.write_number(line, 0, row.number)
            values = [error["column"], error["value"], error["message"], *(row.parsed.get(heading, "") for heading in columns)]
            for index, value in enumerate(values, start=1):
                sheet.write_string(line, index, harmless(str(value)[:32_000]), wrap)
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, 0, 14)
    sheet.set_column(1, 2, 24)
    sheet.set_column(3, 3, 60)
    sheet.set_column(4, 3 + max(1, len(columns)), 20)
    book.close()
    return buffer.getvalue()
