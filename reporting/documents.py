"""The statement of training: a reading as a tagged PDF that a person can sign."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import typst

from nhsuk.documents import FONTS, printable
from nhsuk.jinja import day, moment
from quizzes.item_analysis import too_few
from reporting.charts import groups_chart
from reporting.enums import Headline, LeftOut, Scope, Standing
from reporting.frozen_evaluation import lines_of
from reporting.rates import NOBODY, Tally
from reporting.readings import Reading, ReadingGroup
from reporting.small_numbers import in_words

TEMPLATE = Path(__file__).resolve().parent / "typst" / "statement.typ"


class StatementNotMadeError(Exception):
    """The statement could not be drawn; the text is the drawing program's."""


def statement_pdf(reading: Reading, *, taken_at: datetime, product: str, fewest: int) -> bytes:
    """The statement as PDF/UA-1. It goes to people who see no names: groups under ``fewest`` are hidden.

    Raises:
        StatementNotMadeError: the document could not be drawn.
    """
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])
    compiler = typst.Compiler(TEMPLATE, root=TEMPLATE.parent, font_paths=fonts, ignore_system_fonts=True)
    try:
        pdf = compiler.compile(
            format="pdf",
            sys_inputs={"page": json.dumps(_page(reading, taken_at, product, fewest))},
            pdf_standards=["ua-1"],
            timestamp=taken_at.astimezone(UTC).replace(microsecond=0),
        )
    except typst.TypstError as error:
        raise StatementNotMadeError(error.message) from error
    assert isinstance(pdf, bytes)  # noqa: S101  one document, so not a list of pages
    return pdf


def _page(reading: Reading, taken_at: datetime, product: str, fewest: int) -> dict[str, Any]:
    """What stands where on the pages, in words."""
    gross, net = reading.figures.gross, reading.figures.net
    hidden_units, hidden_groups = _hidden(reading.by_unit, fewest), _hidden(reading.by_staff_group, fewest)
    chart = groups_chart(replace(reading, by_unit=tuple(group for group in reading.by_unit if group.name not in hidden_units)))
    return {
        "title": f"Training statement, {day(reading.as_of)}",
        "organisation": printable(f"{reading.organisation_name} ({reading.organisation})"),
        "as_of": day(reading.as_of),
        "taken_at": moment(taken_at),
        "year_month_day": [taken_at.year, taken_at.month, taken_at.day],
        "courses": [printable(title) for title in reading.course_titles],
        "gross": _big(gross, "of everyone in scope", is_headline=reading.rule.headline == Headline.GROSS),
        "net": _big(net, "without people away or exempt", is_headline=reading.rule.headline == Headline.NET),
        "verdict": _verdict(reading),
        "chart": {"svg": chart.svg, "alt": chart.alt} if chart else None,
        "standings": [
            ["In scope", _n(gross.in_scope), _n(net.in_scope)],
            *([standing.label, _n(getattr(gross, standing)), _n(getattr(net, standing))] for standing in Standing),
            ["Per cent trained", _percent(gross), _percent(net)],
        ],
        "account": _account(reading),
        "rule": f"{reading.rule.title} ({reading.rule.key}), {reading.rule.source}.",
        "definition": [printable(sentence) for sentence in reading.definition],
        "tables": [
            {"title": "By unit", "first": "Unit", "rows": [_group(group, hidden_units) for group in reading.by_unit]},
            {
                "title": "By staff group",
                "first": "Staff group",
                "rows": [_group(group, hidden_groups) for group in reading.by_staff_group],
            },
        ],
        "evaluation": _evaluation(reading),
        "small": in_words(fewest) if hidden_units or hidden_groups else "",
        "digest": [reading.digest[:32], reading.digest[32:]],
        "product": product,
    }


def _evaluation(reading: Reading) -> dict[str, Any] | None:
    if reading.evaluation is None:
        return None
    found: dict[str, list[list[str]]] = {}
    for line in lines_of(reading.evaluation):
        found.setdefault(printable(line.heading), []).append([printable(line.what), printable(line.came_to)])
    period = f"{day(date.fromisoformat(reading.evaluation['since']))} to {day(reading.as_of)}"
    return {"period": period, "tables": [{"title": title, "rows": rows} for title, rows in found.items()]}


def _big(tally: Tally, label: str, *, is_headline: bool) -> dict[str, Any]:
    share = f"{tally.percent}%" if tally.percent is not None else NOBODY
    count = f"{_n(tally.current)} of {_n(tally.in_scope)} people" if tally.in_scope else ""
    return {"share": share, "count": count, "label": label, "is_headline": is_headline}


def _verdict(reading: Reading) -> str:
    target = reading.rule.target
    if target is None:
        return "This counting rule sets no target."
    if reading.meets_target is None:
        return f"The target is {target}%. There is {NOBODY}, so it cannot be said whether it is reached."
    if reading.meets_target:
        return f"The headline figure reaches the target of {target}%."
    short = -(-(reading.denominator * target) // 100) - reading.numerator
    return f"The headline figure does not reach the target of {target}%: {_n(short)} more {'person' if short == 1 else 'people'} would have to be trained."


def _account(reading: Reading) -> list[list[str]]:
    lines = [["Everybody in post", _n(reading.headcount)]]
    lines += [[f"Not in scope: {_lower(Scope(reason).label)}", _n(people)] for reason, people in reading.out_of_scope.items()]
    lines.append(["In scope", _n(reading.figures.gross.in_scope)])
    lines.append(["of them, access to personal data not known", _n(reading.unknown_access)])
    left_out = reading.figures.left_out.items()
    return lines + [
        [f"of them, left out of the net figure: {_lower(LeftOut(reason).label)}", _n(people)] for reason, people in left_out
    ]


def _hidden(groups: Iterable[ReadingGroup], fewest: int) -> set[str]:
    return too_few({group.name: group.figures.gross.in_scope for group in groups}, fewest)


def _group(group: ReadingGroup, hidden: Collection[str]) -> list[str]:
    if group.name in hidden:
        return [printable(group.name), "hidden", "hidden", "hidden"]
    gross = group.figures.gross
    return [printable(group.name), _n(gross.in_scope), _n(gross.current), _percent(gross)]


def _percent(tally: Tally) -> str:
    return NOBODY if tally.percent is None else f"{tally.percent}%"


def _n(number: int) -> str:
    return f"{number:,}"


def _lower(words: str) -> str:
    return words[0].lower() + words[1:]
