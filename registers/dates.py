"""Months on the calendar. Dates are Europe/London calendar dates."""

from __future__ import annotations

from calendar import monthrange
from datetime import date


def months_after(on: date, months: int) -> date:
    """The same day ``months`` later, or the last day of a shorter month."""
    return months_before(on, -months)


def months_before(on: date, months: int) -> date:
    """The same day ``months`` earlier, or the last day of a shorter month."""
    year, month = divmod(on.year * 12 + on.month - 1 - months, 12)
    return date(year, month + 1, min(on.day, monthrange(year, month + 1)[1]))
