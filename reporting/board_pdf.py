"""The board report as one A4 page, readable in black and white."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nhsuk.documents import draw as draw_document
from nhsuk.documents import printable
from nhsuk.jinja import day
from reporting.board import BoardPaper
from reporting.drawing import draw
from reporting.plots import Plot
from reporting.rates import NOBODY, Group, Tally
from reporting.small_numbers import in_words

TEMPLATE = Path(__file__).resolve().parent / "typst" / "board.typ"
CHART_WIDE, CHART_HIGH = 4.6, 3.2
FITTING = 30
"""Letters of a unit's name that fit its column."""


def facts_of(paper: BoardPaper, *, product: str) -> dict[str, Any]:
    """Everything the page says, in words. The same figures give the same facts."""
    organisation, on = paper.question.organisation, paper.question.on
    kept, left = "of everyone in scope", "without people away or exempt"
    labels = (left, kept) if paper.is_net_first else (kept, left)
    until = day(paper.forecast.question.on)
    return {
        "title": f"Board report on training, {day(on)}",
        "heading": "Data security training: report to the board",
        "organisation": printable(f"{organisation.name} ({organisation.ods_code})"),
        "course": printable(" or ".join(course.title for course in paper.question.courses)),
        "as_of": day(on),
        "year_month_day": [on.year, on.month, on.day],
        "figures": [
            _big(paper.headline, f"trained, {labels[0]}", first=True),
            _big(paper.other, f"trained, {labels[1]}"),
            _big(paper.forecast.then.nothing, f"on {until} if nobody trains"),
            {
                "share": f"{paper.overdue:,}",
                "label": f"{'person is' if paper.overdue == 1 else 'people are'} overdue",
                "first": False,
            },
        ],
        "verdict": paper.verdict,
        "outlook": paper.outlook,
        "charts": [_chart("trend", paper.trend_plot, "Over time"), _chart("forecast", paper.forecast_plot, "Forecast")],
        "units": [
            {"title": "Units furthest behind", "rows": _rows(paper.behind), "nothing": "No unit has enough people to be shown."},
            {
                "title": "Units furthest ahead",
                "rows": _rows(paper.ahead),
                "nothing": "There is no other unit with enough people to be shown.",
            },
        ],
        "small": in_words(paper.report.fewest) if paper.report.fewest else "",
        "points": [printable(point) for point in points(paper)],
        "definition": [printable(sentence) for sentence in paper.definition],
        "rule": printable(f"Counting rule: {paper.question.rule.title}, {paper.question.rule.source}."),
        "footer": f"Made by {product} from its records of {day(on)}. Nothing was sent to the NHS.",
    }


def points(paper: BoardPaper) -> list[str]:
    """What stands beside the figures: incidents, what people say, phishing exercises."""
    seen = paper.incidents
    if not seen.reported:
        incidents = "No incident or near miss was reported in the last 12 months. That may mean that nothing happened, or that nobody reports."
    else:
        incidents = (
            f"In the last 12 months {seen.reported:,} {'report' if seen.reported == 1 else 'reports'} came in, including {seen.near_misses:,} near {'miss' if seen.near_misses == 1 else 'misses'}; "
            f"the ICO was told of {seen.told_ico:,}; {seen.with_lessons:,} led to a written lesson; {seen.open:,} {'is' if seen.open == 1 else 'are'} open."
        )
    return [incidents, paper.evaluation.feedback_in_words, paper.evaluation.phishing_in_words]


def board_pdf(paper: BoardPaper, facts: Mapping[str, Any]) -> bytes:
    """The page as PDF/UA-1.

    Raises:
        DocumentNotMadeError: it could not be drawn.
    """
    charts = {
        name: draw(plot, "svg", wide=CHART_WIDE, high=CHART_HIGH, with_title=False).decode()
        for name, plot in (("trend", paper.trend_plot), ("forecast", paper.forecast_plot))
        if plot is not None
    }
    return draw_document(TEMPLATE, dated=paper.question.on, facts=facts, **charts)


def _big(tally: Tally, label: str, *, first: bool = False) -> dict[str, Any]:
    if tally.percent is None:
        return {"share": NOBODY, "label": label, "first": first}
    return {"share": f"{tally.percent}%", "label": f"{label} ({tally.current:,} of {tally.in_scope:,})", "first": first}


def _chart(name: str, plot: Plot | None, otherwise: str) -> dict[str, str]:
    if plot is None:
        return {"title": otherwise, "svg": "", "alt": ""}
    return {"title": plot.title, "svg": name, "alt": printable(plot.alt)}


def _rows(groups: Sequence[Group]) -> list[list[str]]:
    return [
        [
            printable(group.name if len(group.name) <= FITTING else f"{group.name[: FITTING - 1]}…"),
            f"{group.figures.gross.current:,} of {group.figures.gross.in_scope:,}",
            f"{group.figures.gross.percent}%",
        ]
        for group in groups
    ]
