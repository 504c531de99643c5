"""A list of people to print."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from nhsuk.documents import draw, printable
from nhsuk.jinja import day, short_day
from reporting.rates import Question

TEMPLATE = Path(__file__).resolve().parent / "typst" / "people.typ"
MOST_ON_PAPER = 1000


def people_pdf(question: Question, headings: Sequence[str], rows: Iterable[Sequence[Any]], *, people: int) -> bytes:
    """The rows as PDF/UA-1, landscape.

    Raises:
        DocumentNotMadeError: it could not be drawn.
    """
    organisation, on = question.organisation, question.on
    facts = {
        "title": f"People and their training, {day(on)}",
        "organisation": printable(f"{organisation.name} ({organisation.ods_code})"),
        "course": printable(" or ".join(course.title for course in question.courses)),
        "as_of": day(on),
        "count": "1 person" if people == 1 else f"{people:,} people",
        "year_month_day": [on.year, on.month, on.day],
        "headings": list(headings),
        "rows": [[_cell(value) for value in row] for row in rows],
        "rule": printable(f"Counting rule: {question.rule.title}, {question.rule.source}."),
    }
    return draw(TEMPLATE, dated=on, facts=facts)


def _cell(value: Any) -> str:
    if value is None or value == "":
        return ""
    return short_day(value) if hasattr(value, "isoformat") else printable(str(value))
