"""The days on which a report goes out: Mondays, firsts of months, firsts of quarters."""

from __future__ import annotations

from datetime import date, timedelta

from reporting.enums import Every

QUARTERS = (1, 4, 7, 10)


def goes_on(every: Every, day: date) -> bool:
    """Whether a report of the rhythm goes on the day."""
    if every == Every.WEEK:
        return day.weekday() == 0
    return day.day == 1 and (every == Every.MONTH or day.month in QUARTERS)


def next_day(every: Every, since: date) -> date:
    """The first day of the rhythm, that day or later."""
    day = since
    while not goes_on(every, day):
        day += timedelta(days=1)
    return day


def last_day(every: Every, until: date) -> date:
    """The last day of the rhythm, that day or earlier."""
    day = until
    while not goes_on(every, day):
        day -= timedelta(days=1)
    return day
