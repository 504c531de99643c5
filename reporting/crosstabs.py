"""Cross-tables of a reading, with pandas. Only for documents made in the background: pandas is slow to load."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from courses.dates import valid_until
from reporting.enums import IN_SCOPE, Standing
from reporting.readings import Reading
from staff.enums import EmploymentType


@dataclass(frozen=True)
class CrossTable:
    """A table for people: a note that says how to read it, headings, and rows."""

    title: str
    note: str
    headings: Sequence[str]
    rows: Sequence[Sequence[Any]]


def by_employment_type(reading: Reading) -> CrossTable:
    """Employment types across standings. Somebody with posts of two types stands in both rows."""
    people = pd.DataFrame(
        [(list(row.employment_types), row.status) for row in reading.rows if row.scope in IN_SCOPE], columns=["type", "status"]
    ).explode("type")
    table = pd.crosstab(people["type"], people["status"])
    table = table.reindex(index=[t for t in EmploymentType.values if t in table.index], columns=Standing.values, fill_value=0)
    rows = [[EmploymentType(str(kind)).label, int(counts.sum()), *map(int, counts)] for kind, counts in table.iterrows()]
    note = "People in scope by employment type. Somebody with posts of two types is in both rows, and once in the total."
    headings = ["Employment type", "In scope", *(standing.label for standing in Standing)]
    return CrossTable("Employment types", note, headings, rows)


def running_out(reading: Reading) -> CrossTable:
    """For how many of those trained the training runs out in each month to come, if they do nothing."""
    last_days = [valid_until(row.completed_on, reading.rule.months) for row in reading.rows if row.counted and row.completed_on]
    months = pd.Series(pd.to_datetime(pd.Series(last_days, dtype="object"))).dt.to_period("M")
    counts = months.value_counts().sort_index()
    left = reading.numerator - counts.cumsum()
    rows = [[period.strftime("%Y-%m"), int(counts[period]), int(left[period])] for period in counts.index]
    note = "The month in which training stops counting for people who count as trained now, if nobody trains again and nobody leaves. Retakes asked of everybody are not foreseen in it."
    return CrossTable("Running out", note, ["Month", "Stops counting for", "Still counts for, at the month's end"], rows)
