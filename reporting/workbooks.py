"""Figures as XLSX: typed cells, no formulas, little memory however long."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import xlsxwriter

from audit.spreadsheets import harmless
from nhsuk.jinja import day
from reporting.enums import LeftOut, Scope, Standing
from reporting.exports import HIDDEN, REPORT_HEADINGS, TALLY_HEADINGS, report_table
from reporting.frozen_evaluation import lines_of
from reporting.questions import DEFINITIONS, GROUP_HEADINGS, HEADINGS, QuestionReport, group_rows, question_rows
from reporting.rates import NOBODY, Figures, RateReport, Tally
from reporting.readings import Reading

OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "default_date_format": "yyyy-mm-dd",
}


class _Book:
    """A workbook being written, sheet by sheet and row by row from the top."""

    def __init__(self) -> None:
        self.content = io.BytesIO()
        self.book = xlsxwriter.Workbook(self.content, OPTIONS)
        self.bold = self.book.add_format({"bold": True})
        self.heading = self.book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        self.share = self.book.add_format({"num_format": "0.0%"})
        self.decimal = self.book.add_format({"num_format": "0.000"})
        self.count = self.book.add_format({"num_format": "#,##0"})
        self.wrapped = self.book.add_format({"text_wrap": True, "valign": "top"})

    def sheet(self, name: str, widths: Sequence[float]) -> _Sheet:
        return _Sheet(self, self.book.add_worksheet(name), widths)

    def finish(self) -> bytes:
        self.book.close()
        return self.content.getvalue()


class _Sheet:
    def __init__(self, book: _Book, sheet: Any, widths: Sequence[float]) -> None:
        self._book, self._sheet, self._next = book, sheet, 0
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)

    def headings(self, words: Sequence[str]) -> None:
        """The first row, which stays in sight."""
        self._sheet.freeze_panes(self._next + 1, 0)
        self._write(words, self._book.heading)

    def row(self, cells: Sequence[Any]) -> None:
        self._write(cells, None)

    def title(self, words: str) -> None:
        self._write([words], self._book.bold)

    def _write(self, cells: Sequence[Any], style: Any) -> None:
        for column, value in enumerate(cells):
            self._cell(column, value, style)
        self._next += 1

    def _cell(self, column: int, value: Any, style: Any) -> None:
        if value is None:
            return
        if isinstance(value, Share):
            if value.tenths is None:
                self._sheet.write_string(self._next, column, NOBODY)
            else:
                self._sheet.write_number(self._next, column, value.tenths / 1000, self._book.share)
        elif isinstance(value, date):
            self._sheet.write_datetime(self._next, column, value)
        elif isinstance(value, bool):
            self._sheet.write_boolean(self._next, column, value)
        elif isinstance(value, int):
            self._sheet.write_number(self._next, column, value, self._book.count if style is None else style)
        elif isinstance(value, float):
            self._sheet.write_number(self._next, column, value, self._book.decimal)
        else:
            self._sheet.write_string(self._next, column, harmless(value), style or self._book.wrapped)


class Share:
    """A percentage as a number of a spreadsheet, already rounded down to tenths."""

    def __init__(self, tally: Tally) -> None:
        self.tenths = tally.current * 1000 // tally.in_scope if tally.in_scope else None


def reading_workbook(reading: Reading) -> bytes:
    """Training evidence: what it means, the figures, the groups, and everybody counted by internal number."""
    from reporting.crosstabs import by_employment_type, running_out

    book = _Book()
    _definition(book, reading)
    _summary(book, reading)
    groups = book.sheet("Groups", [14, 44, 30, *[12] * 6])
    groups.headings(["By", "Group", "Figure", *TALLY_HEADINGS])
    for by, found in (("unit", reading.by_unit), ("staff group", reading.by_staff_group)):
        for group in found:
            for cells in _gross_and_net(group.figures):
                groups.row([by, group.name, *cells])
    for table in (by_employment_type(reading), running_out(reading)):
        sheet = book.sheet(table.title, [28, *[16] * (len(table.headings) - 1)])
        sheet.headings(table.headings)
        for row in table.rows:
            sheet.row(row)
        sheet.row([])
        sheet.row([table.note])
    if reading.evaluation is not None:
        sheet = book.sheet("Evaluation", [52, 52, 44])
        sheet.headings(["", "What", f"{day(date.fromisoformat(reading.evaluation['since']))} to {day(reading.as_of)}"])
        for line in lines_of(reading.evaluation):
            sheet.row([line.heading, line.what, line.came_to])
    _rows(book, reading)
    return book.finish()


def report_workbook(report: RateReport, definition: Iterable[str]) -> bytes:
    """The figures of a page, without anybody's row."""
    book = _Book()
    sheet = book.sheet("Figures", [18, 44, 30, *[12] * 6])
    sheet.headings(REPORT_HEADINGS)
    for cells in report_table(report):
        if HIDDEN in cells:
            sheet.row(cells)
            continue
        counts = dict(zip(("current", "lapsed", "in_progress", "not_started"), cells[4:8], strict=True))
        sheet.row([*cells[:8], Share(Tally(**counts))])
    words = book.sheet("Definition", [110])
    words.title(f"{report.question.organisation}, {day(report.question.on)}")
    for sentence in definition:
        words.row([sentence])
    return book.finish()


def questions_workbook(report: QuestionReport) -> bytes:
    """The figures of a quiz’s questions, topics, standards and units, without anybody's row."""
    book = _Book()
    sheet = book.sheet("Questions", [12, 9, 70, 24, 10, 10, *[14] * 6, 44])
    sheet.headings(HEADINGS)
    for row in question_rows(report):
        sheet.row(row)
    groups = book.sheet("Topics, standards, units", [34, 40, 10, 14, 14, 14])
    groups.headings(GROUP_HEADINGS)
    for row in group_rows(report):
        groups.row(row)
    words = book.sheet("Definition", [110])
    words.title(f"{report.organisation}, {report.course}, {day(report.since)} to {day(report.until)}")
    for sentence in DEFINITIONS:
        words.row([sentence])
    return book.finish()


MOST_ROWS = 20_000
"""People in a workbook; more take a web process too long."""


def people_workbook(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """A list of people: dates are dates, everything else is text."""
    book = _Book()
    sheet = book.sheet("People", [18] * len(headings))
    sheet.headings(headings)
    for row in rows:
        sheet.row(row)
    return book.finish()


def _definition(book: _Book, reading: Reading) -> None:
    sheet = book.sheet("Definition", [30, 100])
    sheet.title("What these figures mean")
    sheet.row(["Organisation", f"{reading.organisation_name} ({reading.organisation})"])
    sheet.row(["As of", reading.as_of])
    sheet.row(["Courses, any one of them", ", ".join(reading.course_titles)])
    sheet.row(["Counting rule", f"{reading.rule.title} ({reading.rule.key}), {reading.rule.source}"])
    for sentence in reading.definition:
        sheet.row(["", sentence])
    sheet.row(["Digest (SHA-256)", reading.digest])
    sheet.row(["", "The file reading.json holds all of this and the rows. Its digest is worked out over everything else in it."])


def _summary(book: _Book, reading: Reading) -> None:
    sheet = book.sheet("Summary", [52, 22, 30])
    sheet.headings(["", "Everyone in scope", "Without people away or exempt"])
    gross, net = reading.figures.gross, reading.figures.net
    sheet.row(["In scope", gross.in_scope, net.in_scope])
    for standing in Standing:
        sheet.row([standing.label, getattr(gross, standing), getattr(net, standing)])
    sheet.row(["Per cent trained, rounded down", Share(gross), Share(net)])
    if reading.rule.target is not None:
        reached = {True: "yes", False: "no", None: NOBODY}[reading.meets_target]
        sheet.row([f"Headline reaches the target of {reading.rule.target}%", reached])
    sheet.row([])
    sheet.title("How everybody in post is accounted for")
    sheet.row(["In post", reading.headcount])
    for reason, people in reading.out_of_scope.items():
        sheet.row([f"Not in scope: {Scope(reason).label[0].lower()}{Scope(reason).label[1:]}", people])
    sheet.row(["In scope", gross.in_scope])
    sheet.row(["of them, access to personal data not known", reading.unknown_access])
    for reason, people in reading.figures.left_out.items():
        sheet.row([f"of them, left out of the net figure: {LeftOut(reason).label.lower()}", people])


def _rows(book: _Book, reading: Reading) -> None:
    sheet = book.sheet("Rows", [10, 18, 40, 30, 24, 14, 14, 16, 10])
    sheet.headings(
        [
            "Person (internal number)",
            "Scope",
            "Units",
            "Staff groups",
            "Employment types",
            "Status",
            "Completed on",
            "Left out of net",
            "Counted",
        ]
    )
    for row in reading.rows:
        lists = [" | ".join(words) for words in (row.units, row.staff_groups, row.employment_types)]
        sheet.row([row.person, row.scope, *lists, row.status, row.completed_on, row.left_out, row.counted])


def _gross_and_net(figures: Figures) -> Iterable[list[Any]]:
    for label, tally in (("everyone in scope", figures.gross), ("without people away or exempt", figures.net)):
        counts = [tally.in_scope, tally.current, tally.lapsed, tally.in_progress, tally.not_started]
        yield [label, *counts, Share(tally)]
