"""The DSPT year, 1 July to 30 June, by which the registers count."""

from __future__ import annotations

from datetime import date, datetime, time

from django.utils import timezone

FIRST_DAY = (7, 1)


def year_of(day: date) -> str:
    """The DSPT year a day lies in: ``"2026-27"``."""
    start = day.year if (day.month, day.day) >= FIRST_DAY else day.year - 1
    return f"{start}-{(start + 1) % 100:02d}"


def days_of(year: str) -> tuple[date, date]:
    """The days ``[first, end)`` of a DSPT year.

    Raises:
        ValueError: it is not written like ``2026-27``.
    """
    first = date(int(year[:4]), *FIRST_DAY)
    if year != year_of(first):
        raise ValueError("A year is written like 2026-27.")
    return first, first.replace(year=first.year + 1)


def years_around(year: str, *, today: date) -> list[str]:
    """The year, the one before and the one after, as far as they have begun."""
    first, end = days_of(year)
    return [year_of(day) for day in (first.replace(year=first.year - 1), first, end) if day <= today]


def midnight(day: date) -> datetime:
    """The first instant of a London day."""
    return timezone.make_aware(datetime.combine(day, time.min))
