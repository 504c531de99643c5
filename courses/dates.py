"""Months on the calendar, and which completions a window takes in. Dates are Europe/London calendar dates."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta


def minus_months(on: date, months: int) -> date:
    """The same day ``months`` earlier, or the last day of a shorter month: 31 May less 3 months is 28 or 29 February."""
    return _shifted(on, -months)


def plus_months(on: date, months: int) -> date:
    """The same day ``months`` later, or the last day of a shorter month."""
    return _shifted(on, months)


def window_start(on: date, months: int) -> date:
    """The last date that no longer counts on ``on``: a completion counts when it is dated after it, up to ``on``."""
    return minus_months(on, months)


def valid_until(completed_on: date, months: int) -> date:
    """The last date on which a completion still counts.

    Found by asking the window, not by adding months: 29 February 2024 counts up to and including
    28 February 2025 (on 1 March 2025 the window starts on 1 March 2024).
    """
    day = plus_months(completed_on, months) + timedelta(days=3)
    while window_start(day, months) >= completed_on:
        day -= timedelta(days=1)
    return day


def _shifted(on: date, months: int) -> date:
    index = on.year * 12 + on.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(on.day, monthrange(year, month + 1)[1]))
