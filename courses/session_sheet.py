"""The sheet that people sign at a session: names of the list, and empty lines for whoever else comes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from courses.models import TrainingSession
from courses.sessions import version_taught
from nhsuk.documents import draw, printable
from nhsuk.jinja import day
from staff.models import Person

TEMPLATE = Path(__file__).resolve().parent / "typst" / "session_sheet.typ"
EMPTY_LINES = 6


def sheet_pdf(session: TrainingSession, people: Sequence[Person], *, on: date) -> bytes:
    """The sheet as PDF/UA-1, to print and sign.

    Raises:
        DocumentNotMadeError: it could not be drawn.
    """
    version = version_taught(session)
    facts = {
        "title": "Sign-in sheet",
        "organisation": printable(session.organisation.name),
        "on": {"year": on.year, "month": on.month, "day": on.day},
        "course": printable(session.course.title),
        "number": str(session.pk),
        "details": [
            ["Course", printable(session.course.title) + (f", version {version.number}" if version else "")],
            ["How", session.get_kind_display()],
            ["Date", day(session.held_on)],
            ["Place", printable(session.place)],
            ["Led by", printable(session.led_by)],
        ],
        "people": [{"name": printable(str(person)), "number": printable(person.staff_number)} for person in people],
        "empty": EMPTY_LINES,
    }
    return draw(TEMPLATE, dated=on, facts=facts)
