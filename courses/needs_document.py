"""The training needs analysis as a document: its lines in words, for the page and for paper."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from courses.audiences import in_words, posts_asked
from courses.frequencies import Frequency
from courses.models import Course, NeedsAnalysis, TrainingNeed
from nhsuk.documents import draw, printable
from nhsuk.jinja import day
from staff.models import Unit

TEMPLATE = Path(__file__).resolve().parent / "typst" / "needs.typ"


@dataclass(frozen=True)
class LineInWords:
    """One line as people read it."""

    line: TrainingNeed
    who: str
    how_often: str
    how_fast: str
    refreshers: tuple[str, ...]
    people: int
    """How many people in post on the day it is about."""

    @property
    def title(self) -> str:
        return self.line.course.title

    @property
    def level(self) -> str:
        return str(self.line.get_level_display())


def lines_in_words(lines: Iterable[TrainingNeed], *, on: date) -> list[LineInWords]:
    """The lines as a document says them, with the people they are about on a day."""
    found = list(lines)
    named = {unit for line in found for unit in line.units}
    units = dict(Unit.objects.filter(pk__in=named).values_list("pk", "name")) if named else {}
    turns = {course for line in found for course in line.refreshers}
    titles = dict(Course.objects.filter(pk__in=turns).values_list("pk", "title")) if turns else {}
    return [
        LineInWords(
            line=line,
            who=in_words(line, units=units),
            how_often=_upper(Frequency.of(line).words),
            how_fast=_how_fast(line),
            refreshers=tuple(titles[course] for course in line.refreshers if course in titles),
            people=posts_asked(line, on=on).order_by().values("person").distinct().count(),
        )
        for line in found
    ]


def document_pdf(analysis: NeedsAnalysis, *, on: date) -> bytes:
    """A version as PDF/UA-1, as an assessor asks for it.

    Raises:
        DocumentNotMadeError: it could not be drawn.
    """
    organisation = analysis.organisation
    approval = analysis.approval if analysis.is_approved else None
    lines = lines_in_words(analysis.lines.select_related("course").order_by("course__title", "pk"), on=on)
    facts = {
        "title": f"Training needs analysis, version {analysis.number}",
        "organisation": printable(f"{organisation.name} ({organisation.ods_code})"),
        "on": {"year": on.year, "month": on.month, "day": on.day},
        "standing": _standing(analysis),
        "details": [
            ["Holds from", day(approval.starts_on) if approval else "not approved"],
            ["Approved by", printable(f"{approval.approved_by}, {approval.approved_as}") if approval else "nobody yet"],
            ["Approved on", day(approval.approved_at) if approval else ""],
            ["Reviewed by", day(analysis.review_on) if analysis.review_on else "not said"],
            ["People counted on", day(on)],
        ],
        "summary": _paragraphs(analysis.summary),
        "change": printable(analysis.change_note) if analysis.change_note else "",
        "lines": [
            {
                "course": printable(one.title),
                "rows": [
                    ["Who", printable(one.who)],
                    ["How many today", f"{one.people:,} {'person' if one.people == 1 else 'people'}"],
                    ["Level", one.level],
                    ["How often", printable(one.how_often)],
                    *([["Refreshers in turn", printable("; ".join(one.refreshers))]] if one.refreshers else []),
                    ["How fast", one.how_fast],
                ],
                "rationale": _paragraphs(one.line.rationale),
            }
            for one in lines
        ],
        "digest": approval.digest if approval else "",
    }
    return draw(TEMPLATE, dated=on, facts=facts)


def _standing(analysis: NeedsAnalysis) -> str:
    if not analysis.is_approved:
        return "Draft. Nobody has approved this version."
    if analysis.approval.is_own_work:
        return "Written and approved by one person: nobody else in the organisation may approve it."
    return ""


def _how_fast(line: TrainingNeed) -> str:
    return (
        f"Starters within {line.starter_days} days, movers within {line.mover_days}; after {line.returner_after_days} days "
        f"away or more, within {line.returner_days} days of coming back."
    )


def _paragraphs(text: str) -> list[str]:
    return [printable(part) for part in text.splitlines() if part.strip()]


def _upper(words: str) -> str:
    return words[0].upper() + words[1:]
