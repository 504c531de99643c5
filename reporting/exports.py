"""The tables that figures are taken away in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from audit.spreadsheets import csv_lines
from reporting.rates import NOBODY, Group, RateReport, Tally
from reporting.readings import Reading, Row

ROW_HEADINGS = (
    "person",
    "scope",
    "units",
    "staff_groups",
    "employment_types",
    "status",
    "completed_on",
    "left_out_of_net",
    "counted",
)
TALLY_HEADINGS = ("in scope", "trained", "due again", "in progress", "not started", "per cent trained")


def rows_csv(reading: Reading) -> bytes:
    """Everybody in post, by internal number."""
    return "".join(csv_lines(ROW_HEADINGS, (_cells(row) for row in reading.rows))).encode()


def _cells(row: Row) -> list[Any]:
    lists = [" | ".join(words) for words in (row.units, row.staff_groups, row.employment_types)]
    completed_on = row.completed_on.isoformat() if row.completed_on else ""
    return [row.person, row.scope, *lists, row.status, completed_on, row.left_out, "yes" if row.counted else "no"]


def report_table(report: RateReport) -> Iterator[list[Any]]:
    """The figures of a report as rows: the total first, then every group; gross and net in turn."""
    yield from _two_rows("total", "Everybody", report.figures.gross, report.figures.net)
    for by, groups in report.groups.items():
        for group in groups:
            yield from _group_rows(by, group, with_net=report.fewest is None)


GROSS, HIDDEN = "everyone in scope", "hidden"
REPORT_HEADINGS = ("by", "group", "figure", *TALLY_HEADINGS)


def _group_rows(by: str, group: Group, *, with_net: bool) -> Iterator[list[Any]]:
    """Gross and net, or gross alone where small numbers are hidden; of a hidden group no figure."""
    if group.is_hidden:
        yield [by, group.name, GROSS, HIDDEN]
    elif with_net:
        yield from _two_rows(by, group.name, group.figures.gross, group.figures.net)
    else:
        yield [by, group.name, GROSS, *tally_cells(group.figures.gross)]


def _two_rows(by: str, name: str, gross: Tally, net: Tally) -> Iterator[list[Any]]:
    for label, tally in ((GROSS, gross), ("without people away or exempt", net)):
        yield [by, name, label, *tally_cells(tally)]


def tally_cells(tally: Tally) -> list[Any]:
    """The counts of a tally and its percentage in words, in the order of ``TALLY_HEADINGS``."""
    counts = [tally.in_scope, tally.current, tally.lapsed, tally.in_progress, tally.not_started]
    return [*counts, NOBODY if tally.percent is None else tally.percent]
