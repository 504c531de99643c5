"""Reading what was typed on a command line, each refusal one sentence."""

from __future__ import annotations

import re
from datetime import date

from django.utils import timezone

from accounts.models import Organisation
from audit.commands import Refused
from nhsuk.jinja import day

EARLIEST = date(1948, 7, 5)
"""The NHS began: nothing before it can be meant."""


def organisation_from(code: str) -> Organisation:
    """The organisation of an ODS code, however it is written."""
    organisation = Organisation.objects.filter(ods_code=code.strip().upper()).first()
    if organisation is None:
        raise Refused(
            f"There is no organisation with the ODS code “{code}”: check the code, or create it with create_organisation."
        )
    return organisation


def day_from(text: str | None, *, option: str = "--as-of") -> date:
    """A day up to today; today when nothing is given."""
    today = timezone.localdate()
    if text is None:
        return today
    found = _date(text)
    if found is None:
        raise Refused(f"{option} “{text}” is not a date: write it as year-month-day, for example 2026-03-31.")
    if found > today:
        raise Refused(f"{option} {text} is in the future: give {today.isoformat()} or an earlier date.")
    if found < EARLIEST:
        raise Refused(f"{option} {text} is too long ago: give {EARLIEST.isoformat()} ({day(EARLIEST)}) or a later date.")
    return found


def months_from(text: str | None) -> int | None:
    """1 to 120 months, or None when nothing is given."""
    if text is None:
        return None
    if not re.fullmatch(r"[0-9]{1,3}", text) or not 1 <= int(text) <= 120:
        raise Refused(f"--months “{text}” is not a period: give a whole number of months from 1 to 120.")
    return int(text)


def _date(text: str) -> date | None:
    """The date written as year-month-day; ``date.fromisoformat`` alone takes weeks and other forms as well."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
