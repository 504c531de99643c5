"""Reads a date in whichever of the usual ways a spreadsheet holds it."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from staff.importing.cells import CellError
from staff.importing.reading import Cell, shown

EARLIEST, LATEST = date(1900, 1, 1), date(2100, 12, 31)
NO_END_FROM = 2101
"""HR systems write a date such as 31 December 4712 or 9999 where a post has no end."""

_SERIALS = range(7_000, 80_000)
"""Days since 1900 that we take for a date: 1919 to 2119."""

_DAY_OFFSET_1904 = 1462
_MONTHS = {
    name: n
    for n, name in enumerate(("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1)
}
_MONTH_NAMES = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_TIME = r"(?:[T ]\s*\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:am|pm|Z|[+-]\d{2}:?\d{2})?)?"
_ISO = re.compile(rf"(\d{{4}})[-/.](\d{{1,2}})[-/.](\d{{1,2}}){_TIME}", re.IGNORECASE | re.ASCII)
_COMPACT = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})", re.ASCII)
_UK = re.compile(rf"(\d{{1,2}})[-/. ](\d{{1,2}})[-/. ](\d{{4}}|\d{{2}}){_TIME}", re.IGNORECASE | re.ASCII)
_WORDS = re.compile(
    rf"(?:[a-z]{{3,9}},? )?(\d{{1,2}})(?:st|nd|rd|th)?[- /.]?(?:of )?([a-z]{{3,9}})\.?,?[- /.]?(\d{{4}}|\d{{2}}){_TIME}",
    re.IGNORECASE | re.ASCII,
)
_SERIAL = re.compile(r"(\d{4,5})(?:\.\d+)?", re.ASCII)


def parse_date(cell: Cell, *, dates_from_1904: bool = False, open_ended: bool = False) -> date | None:
    """A date, whichever of the usual ways it is written in. Day before month, always.

    Args:
        cell: a date, a day number, or text such as ``4/3/2026``, ``2026-03-04``, ``04-Mar-26``, ``4 March 2026``.
        dates_from_1904: day numbers count from 1904.
        open_ended: a date beyond any life means "no end" and gives None.

    Raises:
        CellError: it is no date, or one that cannot be meant.
    """
    found = _date_of(cell, dates_from_1904)
    if open_ended and (found.year >= NO_END_FROM):
        return None
    if not EARLIEST <= found <= LATEST:
        raise CellError("The year cannot be right. Write the date as day/month/year, for example 27/03/2026.")
    return found


def _date_of(cell: Cell, dates_from_1904: bool) -> date:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    if isinstance(cell, float) and int(cell) in _SERIALS:
        return _from_serial(int(cell), dates_from_1904)
    value = shown(cell, 60)
    parts = _date_parts(value)
    if parts is None:
        serial = _SERIAL.fullmatch(value)
        if serial and int(serial[1]) in _SERIALS:
            return _from_serial(int(serial[1]), dates_from_1904)
        raise CellError("This is not a date. Write it as day/month/year, for example 27/03/2026.")
    year, month, day = parts
    try:
        return date(year, month, day)
    except ValueError as error:
        if month > 12 >= day:
            raise CellError("There is no such month. Write day before month, for example 27/03/2026.") from error
        raise CellError("There is no such day. Write the date as day/month/year, for example 27/03/2026.") from error


def _date_parts(value: str) -> tuple[int, int, int] | None:
    iso = _ISO.fullmatch(value) or _COMPACT.fullmatch(value)
    if iso:
        return int(iso[1]), int(iso[2]), int(iso[3])
    uk = _UK.fullmatch(value)
    if uk:
        return _year(uk[3]), int(uk[2]), int(uk[1])
    words = _WORDS.fullmatch(value)
    if words and _is_month(words[2]):
        return _year(words[3]), _MONTHS[words[2][:3].lower()], int(words[1])
    return None


def _is_month(word: str) -> bool:
    word = word.lower()
    return word in _MONTHS or word in _MONTH_NAMES or word == "sept"


def _year(digits: str) -> int:
    """Two digits: 00 to 68 are this century's, as in most spreadsheet programs."""
    year = int(digits)
    if len(digits) > 2:
        return year
    return year + (2000 if year <= 68 else 1900)


def _from_serial(days: int, dates_from_1904: bool) -> date:
    return date(1899, 12, 30) + timedelta(days=days + (_DAY_OFFSET_1904 if dates_from_1904 else 0))
