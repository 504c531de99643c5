"""The published return as a workbook, in the order of the national site, for re-keying and for auditors."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

import xlsxwriter

from assessment.documents import Described
from audit.spreadsheets import harmless

Row = Sequence[Any]


def render(return_: Described) -> bytes:
    """The workbook. No cell is a formula, and the same content always gives the same bytes."""
    out = io.BytesIO()
    on = return_.published_on
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties(
        {
            "title": f"Data security return {return_.year}, {return_.organisation}",
            "author": return_.organisation,
            "created": datetime(on.year, on.month, on.day),  # noqa: DTZ001  the format has no time zone
        }
    )
    sheets = Sheets(book)
    sheets.add("Summary", ("What", "Value"), _summary(return_), widths=(34, 90))
    if return_.reasons:
        headings = ("Standard", "Good enough", "What was found")
        sheets.add("Why this standard", headings, _reasons(return_), widths=(24, 14, 110))
    sheets.add("Items", ITEM_HEADINGS, _items(return_), widths=(9, 44, 11, 11, 48, 40, 30, 18, 44, 20, 30, 48, 11))
    sheets.add("Evidence", EVIDENCE_HEADINGS, _evidence(return_), widths=(9, 44, 22, 22, 13, 13, 26, 13, 46, 40, 68))
    sheets.add("Training", FIGURE_HEADINGS, _figures(return_), widths=(9, 44, 13, 11, 11, 12, 20, 60, 30, 68))
    if return_.sites:
        rows = [(site.name, site.ods_code, site.spoken_for, site.confirmed) for site in return_.sites]
        sheets.add("Sites", ("Site", "ODS code", "Speaks for it", "Confirmed there"), rows, widths=(40, 12, 50, 70))
    if return_.audit:
        rows = [(line.about, line.assessed, line.found, line.answered) for line in return_.audit]
        sheets.add("Audit", ("About", "Assessed", "What was found", "What was answered"), rows, widths=(22, 26, 70, 60))
    if return_.samples:
        sheets.add(
            "Samples", ("What was drawn, and what the auditor saw",), [(words,) for words in return_.samples], widths=(120,)
        )
    book.close()
    return out.getvalue()


ITEM_HEADINGS = (
    "Item",
    "What is asked",
    "Required",
    "Wording verified",
    "Answer",
    "Comment",
    "Why it does not apply",
    "Verdict",
    "Why this verdict",
    "Level",
    "Plan",
    "From our registers",
    "Documents",
)
EVIDENCE_HEADINGS = (
    "Item",
    "Document",
    "Kind",
    "Where to look in it",
    "Received",
    "In force from",
    "Covers",
    "Review by",
    "File in the pack",
    "Kept elsewhere",
    "SHA-256",
)
FIGURE_HEADINGS = (
    "Item",
    "What is counted",
    "As at",
    "Trained",
    "In scope",
    "Percentage",
    "Without people away or exempt",
    "Definition",
    "Not counted, and why",
    "Digest",
)


class Sheets:
    """Sheets that look alike: a frozen heading, filters, wrapped text."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._heading = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        self._text = book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
        self._number = book.add_format({"valign": "top"})
        self._date = book.add_format({"valign": "top", "num_format": "d mmm yyyy", "align": "left"})

    def add(self, name: str, headings: Sequence[str], rows: Iterable[Row], *, widths: Sequence[int]) -> None:
        sheet = self._book.add_worksheet(name)
        for column, (heading, width) in enumerate(zip(headings, widths, strict=True)):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, heading, self._heading)
        last = 0
        for last, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                self._write(sheet, last, column, value)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(last, 1), len(headings) - 1)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)

    def _write(self, sheet: Any, row: int, column: int, value: Any) -> None:
        if value is None:
            return
        if isinstance(value, date):
            sheet.write_datetime(row, column, datetime(value.year, value.month, value.day), self._date)  # noqa: DTZ001
        elif isinstance(value, int) and not isinstance(value, bool):
            sheet.write_number(row, column, value, self._number)
        else:
            sheet.write_string(row, column, harmless(value), self._text)


def _reasons(return_: Described) -> Iterator[Row]:
    for one in return_.reasons:
        yield one.standard, "", one.result
        yield from ((one.standard, _yes(False), text) for text in one.in_the_way)
        yield from ((one.standard, _yes(True), text) for text in one.holds)


def _summary(return_: Described) -> list[Row]:
    return [
        ("Organisation", return_.organisation),
        ("ODS code", return_.ods_code),
        ("Answered as", return_.organisation_type),
        ("Year", return_.year),
        ("Publication", return_.sequence),
        ("Published on", return_.published_on),
        ("Computed standard", return_.standard),
        ("What this is", return_.statement),
        ("Requirements", return_.edition),
        ("Items", sum(1 for _ in return_.lines)),
        ("Required items", sum(section.required for section in return_.sections)),
        ("Required items that are complete", sum(section.settled for section in return_.sections)),
        ("Signed by", return_.signer),
        ("Signed as", return_.post),
        ("Signed on", return_.signed_on),
        ("SHA-256 of the publication", return_.document_sha256),
        ("SHA-256 of the publication before it", return_.previous_sha256 or "none: this is the first"),
        ("SHA-256 of the requirements", return_.edition_sha256),
    ]


def _items(return_: Described) -> list[Row]:
    return [
        (
            line.number,
            line.title,
            _yes(line.is_required),
            _yes(not line.is_unverified),
            line.answer,
            line.comment,
            line.does_not_apply,
            line.state if not (return_.is_interim and line.level) else "Level recorded",
            line.why if not (return_.is_interim and line.level) else "",
            line.level,
            line.plan,
            "\n".join(line.registers),
            len(line.evidence),
        )
        for line in return_.lines
    ]


def _evidence(return_: Described) -> list[Row]:
    return [
        (
            line.number,
            piece.title,
            piece.kind,
            piece.locator,
            piece.received_on,
            piece.effective_on,
            piece.covers,
            piece.review_by,
            f"Withheld: {piece.withheld}" if piece.withheld else piece.path,
            piece.address,
            piece.sha256,
        )
        for line in return_.lines
        for piece in line.evidence
    ]


def _figures(return_: Described) -> list[Row]:
    return [
        (
            figure.number,
            figure.title,
            figure.as_of,
            figure.numerator,
            figure.denominator,
            figure.percent,
            figure.net,
            "\n".join(figure.definition),
            "; ".join(f"{reason}: {people}" for reason, people in figure.left_out),
            figure.digest,
        )
        for figure in return_.figures
    ]


def _yes(value: bool) -> str:
    return "Yes" if value else "No"
