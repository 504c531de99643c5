"""The clocks that data protection law sets: 72 hours, one month and 30 days.

Pure: dates and instants come in, dates and instants go out. Where the law leaves room we count on the safe side and say so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

NOTIFY_WITHIN = timedelta(hours=72)
"""UK GDPR article 33(1). Clock hours from awareness: nights, weekends and bank holidays count."""

ACKNOWLEDGE_DAYS = 30
"""Data Protection Act 2018 section 164A(3), in force from 19 June 2026 (Data (Use and Access) Act 2025, section 103)."""

COMPLAINTS_DUTY_FROM = date(2026, 6, 19)


def notify_by(aware_at: datetime) -> datetime:
    """The last instant at which telling the ICO is in time, in UTC. 72 hours pass whatever the clocks on the wall do.

    Raises:
        ValueError: the instant has no time zone.
    """
    if aware_at.tzinfo is None:
        raise ValueError("An instant needs a time zone.")
    return aware_at.astimezone(UTC) + NOTIFY_WITHIN


def whole_hours(span: timedelta) -> int:
    """Whole hours of a length of time, towards zero, so that 71 h 59 min is 71 and never 72."""
    seconds = int(span.total_seconds())
    return seconds // 3600 if seconds >= 0 else -(-seconds // 3600)


def same_day_months_later(start: date, months: int) -> date:
    """The corresponding day, or the last day of a month that has none: 31 January and one month is 28 or 29 February."""
    years, month = divmod(start.month - 1 + months, 12)
    year, month = start.year + years, month + 1
    return date(year, month, min(start.day, _days_in_month(year, month)))


def next_working_day(day: date) -> date:
    """The day itself, or the first after it that is no Saturday, Sunday or bank holiday in England."""
    while day.weekday() >= 5 or day in bank_holidays(day.year):
        day += timedelta(days=1)
    return day


@dataclass(frozen=True)
class Pause:
    """From asking for clarification to its answer; both days are left out of the count. Unanswered: ``answered_on`` is None."""

    asked_on: date
    answered_on: date | None


def paused_days(pauses: Iterable[Pause], *, on: date) -> int:
    """The days that do not count, each once; an unanswered question is counted up to and including ``on``."""
    days: set[date] = set()
    for pause in pauses:
        last = pause.answered_on or on
        days.update(pause.asked_on + timedelta(days=n) for n in range((last - pause.asked_on).days + 1))
    return len(days)


def respond_by(starts_on: date, *, extended: bool = False, paused: int = 0) -> date:
    """The last day to answer a rights request.

    The corresponding day one month after the start, three where extended; days paused for clarification are added; a
    deadline on a weekend or bank holiday moves to the next working day.

    Args:
        starts_on: the later of the day the request came and the day its sender's identity was shown, if that was asked.
        extended: two further months were claimed, in time and with the reason.
        paused: days that do not count (:func:`paused_days`).

    Source: UK GDPR articles 12(3) and 12A (as amended from 5 February 2026); ICO guidance on time limits for the
    corresponding day and the working day.
    """
    return next_working_day(same_day_months_later(starts_on, 3 if extended else 1) + timedelta(days=paused))


def acknowledge_by(received_on: date) -> date:
    """The last day to acknowledge a complaint. The day it came is counted as the first of the 30; no day is left out."""
    return received_on + timedelta(days=ACKNOWLEDGE_DAYS - 1)


@lru_cache(maxsize=64)
def bank_holidays(year: int) -> frozenset[date]:
    """The usual bank holidays of England and Wales with their substitutes. One-off holidays are in ``EXTRA``.

    Source: Banking and Financial Dealings Act 1971 and the yearly proclamations.
    """
    easter = _easter_sunday(year)
    days = {
        easter - timedelta(days=2),
        easter + timedelta(days=1),
        _first_monday(year, 5),
        _last_monday(year, 5),
        _last_monday(year, 8),
    }
    for fixed in (date(year, 1, 1), date(year, 12, 25), date(year, 12, 26)):
        while fixed.weekday() >= 5 or fixed in days:
            fixed += timedelta(days=1)
        days.add(fixed)
    return frozenset((days - MOVED_AWAY) | {day for day in EXTRA if day.year == year})


EXTRA = frozenset({date(2020, 5, 8), date(2022, 6, 2), date(2022, 6, 3), date(2022, 9, 19), date(2023, 5, 8)})
MOVED_AWAY = frozenset({date(2020, 5, 4), date(2022, 5, 30)})


def _days_in_month(year: int, month: int) -> int:
    first_of_next = date(year + month // 12, month % 12 + 1, 1)
    return (first_of_next - timedelta(days=1)).day


def _first_monday(year: int, month: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=-first.weekday() % 7)


def _last_monday(year: int, month: int) -> date:
    last = date(year, month, _days_in_month(year, month))
    return last - timedelta(days=last.weekday())


def _easter_sunday(year: int) -> date:
    """The anonymous Gregorian computus."""
    golden, century, rest = year % 19, year // 100, year % 100
    moon = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    week = (32 + 2 * (century % 4) + 2 * (rest // 4) - moon - rest % 4) % 7
    late = (golden + 11 * moon + 22 * week) // 451
    month, day = divmod(moon + week - 7 * late + 114, 31)
    return date(year, month, day + 1)
