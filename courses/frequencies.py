"""How often a course is asked for: until when a completion counts, and by when the next one is due.

``courses.obligations_sql`` holds the same rules as SQL.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from courses.dates import valid_until, window_start
from courses.models import TrainingNeed

FOR_GOOD = date(9000, 1, 1)
"""Stands for no end, where dates are compared."""

MOST_MONTHS = 120
"""The longest that a rule that knows only months lets a completion count."""

Kind = TrainingNeed.Frequency


@dataclass(frozen=True)
class Frequency:
    """Once, again after so many months (also with refreshers in turn), or once in every training year."""

    kind: str
    months: int = 12
    year_starts_month: int = 7

    @classmethod
    def of(cls, need: TrainingNeed) -> Frequency:
        return cls(need.frequency, need.months, need.year_starts_month)

    def counts_until(self, completed_on: date) -> date:
        """The last day on which a completion counts."""
        if self.kind == Kind.ONCE:
            return FOR_GOOD
        if self.kind == Kind.YEARLY:
            return self.year_end(completed_on)
        return valid_until(completed_on, self.months)

    def due_again(self, completed_on: date) -> date:
        """The last day for the next one: of a training year, the end of the year after the one it counts for."""
        if self.kind == Kind.YEARLY:
            return self.year_end(self.year_end(completed_on) + timedelta(days=1))
        return self.counts_until(completed_on)

    def cutoff(self, on: date) -> date:
        """The last date whose completions no longer count on a day."""
        if self.kind == Kind.ONCE:
            return date.min
        if self.kind == Kind.YEARLY:
            return self.year_start(on) - timedelta(days=1)
        return window_start(on, self.months)

    def year_start(self, on: date) -> date:
        """The first day of the training year that holds a day."""
        return date(on.year - (on.month < self.year_starts_month), self.year_starts_month, 1)

    def year_end(self, on: date) -> date:
        """The last day of the training year that holds a day."""
        start = self.year_start(on)
        return date(start.year + 1, start.month, 1) - timedelta(days=1)

    @property
    def whole_months(self) -> int:
        """The months after which a rule that knows only months lets a completion lapse, 1 to 120: of a training year 12."""
        if self.kind == Kind.ONCE:
            return MOST_MONTHS
        return 12 if self.kind == Kind.YEARLY else self.months

    @property
    def words(self) -> str:
        """How often, after “asked for”."""
        if self.kind == Kind.ONCE:
            return "once"
        if self.kind == Kind.YEARLY:
            start = date(2000, self.year_starts_month, 1)
            return f"once in every training year, which begins on 1 {start:%B}"
        often = "every month" if self.months == 1 else f"every {self.months} months"
        return f"{often}, with refreshers in turn" if self.kind == Kind.ROTATION else often

    @property
    def for_how_long(self) -> str:
        """How long a completion counts, after ``That counts for``."""
        if self.kind == Kind.ONCE:
            return "good"
        if self.kind == Kind.YEARLY:
            return "its training year"
        return "1 month" if self.months == 1 else f"{self.months} months"


def rolling(months: int) -> Frequency:
    """Again after so many months."""
    return Frequency(Kind.ROLLING, months)
