"""The files of a snapshot: which part each is, and how it is called when somebody takes it away."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SnapshotFile:
    """One file. ``is_about_people`` when it has a row for each person, even without names."""

    part: str
    name: str
    label: str
    is_about_people: bool


FILES = (
    SnapshotFile("statement", "training-statement.pdf", "Statement (PDF)", is_about_people=False),
    SnapshotFile("workbook", "training-evidence.xlsx", "Workbook (XLSX)", is_about_people=True),
    SnapshotFile("rows", "training-rows.csv", "Rows (CSV)", is_about_people=True),
    SnapshotFile("reading", "reading.json", "Everything, to work out again (JSON)", is_about_people=True),
)
BY_NAME = {file.name: file for file in FILES}
