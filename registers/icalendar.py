"""Dates as an iCalendar file (RFC 5545), for the calendar on a desk or phone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from registers.calendar import Dated

LINE_BYTES = 75


def as_icalendar(dates: Iterable[Dated], *, title: str, owner: str, base_url: str, at: datetime) -> bytes:
    """All-day events, one a date. The same date has the same identity in every file, so that importing again changes it.

    Args:
        dates: what is on the calendar.
        title: the calendar's name.
        owner: whose it is, part of each identity.
        base_url: put before the addresses of the pages.
        at: when the file is made.
    """
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Tenfold//Calendar//EN", f"X-WR-CALNAME:{_text(title)}"]
    stamp = at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    for dated in dates:
        entry = dated.entry
        lines += [
            "BEGIN:VEVENT",
            f"UID:{dated.kind}-{entry.key}@{owner.lower()}.tenfold",
            f"DTSTAMP:{stamp}",
            f"DTSTART;VALUE=DATE:{entry.on:%Y%m%d}",
            f"DTEND;VALUE=DATE:{entry.on + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{_text(f'{dated.label}: {entry.what}')}",
            f"URL:{base_url.rstrip('/')}{entry.url}",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line)).encode()


def _text(words: str) -> str:
    plain = " ".join(words.split())
    return plain.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")


def _folded(line: str) -> Iterator[str]:
    """Lines of at most 75 bytes, each but the first begun by a space; no letter is cut in two."""
    part = ""
    for letter in line:
        if len((part + letter).encode()) > LINE_BYTES:
            yield part
            part = " "
        part += letter
    yield part
