"""Charts: bars as plain numbers for a page's inline SVG, and drawn with matplotlib for documents.

A drawn chart takes a tenth of a second and matplotlib a second to load: only in the background.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from threading import Lock

from nhsuk.jinja import day
from reporting.enums import Standing
from reporting.forecast import Forecast
from reporting.rates import NOBODY, Tally
from reporting.readings import Reading, ReadingGroup
from reporting.trend import Moment

COLOURS = {
    Standing.CURRENT: "#007f3b",
    Standing.LAPSED: "#ed8b00",
    Standing.IN_PROGRESS: "#005eb8",
    Standing.NOT_STARTED: "#768692",
}
MOST_BARS = 16
"""A chart with more bars than this cannot be read; it shows those furthest behind and says so."""


ONE_AT_A_TIME = Lock()
"""matplotlib's settings belong to the process: two threads that draw at once disturb each other."""


@dataclass(frozen=True)
class Segment:
    """A part of one bar: where it starts and how wide it is, in thousandths of the bar."""

    standing: str
    label: str
    people: int
    start: int
    width: int
    colour: str


def segments(tally: Tally) -> list[Segment]:
    """One bar cut into standings, without those of nobody. The widths fill the bar exactly."""
    found: list[Segment] = []
    seen = 0
    for standing in Standing:
        people = getattr(tally, standing)
        if not people:
            continue
        start = seen * 1000 // tally.in_scope
        seen += people
        width = seen * 1000 // tally.in_scope - start
        found.append(Segment(standing, standing.label, people, start, width, COLOURS[standing]))
    return found


def finding(tally: Tally, on_words: str) -> str:
    """What a chart of the tally says, in one sentence."""
    if tally.percent is None:
        return f"There was {NOBODY} on {on_words}"
    if tally.in_scope == 1:
        return f"The one person in scope was {'trained' if tally.current else 'not trained'} on {on_words}"
    return f"{tally.percent}% of {tally.in_scope:,} people in scope were trained on {on_words}"


LINES_WIDE, LINES_HIGH = 700, 260


@dataclass(frozen=True)
class Line:
    """A line of a page's chart as points of SVG, and how it is told apart without colour."""

    label: str
    points: str
    colour: str
    dashes: str


@dataclass(frozen=True)
class Lines:
    """A chart of lines for a page: ``LINES_WIDE`` by ``LINES_HIGH``, 0 to 100 per cent from bottom to top."""

    lines: tuple[Line, ...]
    band: str
    target_at: float | None
    target: int | None
    from_day: date
    to_day: date


def lines(found: Forecast) -> Lines | None:
    """A forecast as lines; None when nobody is in scope on some day of it."""
    if any(point.nothing.in_scope == 0 for point in found.points):
        return None
    days = [point.on for point in found.points]

    def drawn(values: Sequence[int]) -> str:
        shares = [100 * value / point.nothing.in_scope for value, point in zip(values, found.points, strict=True)]
        return path(days, shares)

    nothing, usual = [point.nothing.current for point in found.points], [point.usual for point in found.points]
    slowest, quickest = [point.slowest for point in found.points], [point.quickest for point in found.points]
    band = f"{drawn(quickest)} {' '.join(reversed(drawn(slowest).split()))}"
    return Lines(
        lines=(
            Line("If people go on as lately", drawn(usual), COLOURS[Standing.IN_PROGRESS], "8 4"),
            Line("If nobody trains", drawn(nothing), "#212b32", ""),
        ),
        band=band,
        target_at=_height(found.target),
        target=found.target,
        from_day=days[0],
        to_day=days[-1],
    )


def trend_lines(moments: Sequence[Moment], target: int | None) -> Lines | None:
    """The figure over time; days when no one was in scope are left out. None when fewer than two days are left."""
    known = [moment for moment in moments if moment.now.in_scope]
    if len(known) < 2:
        return None
    shares = [100 * moment.now.current / moment.now.in_scope for moment in known]
    days = [moment.on for moment in known]
    line = Line("As known now", path(days, shares), "#005eb8", "")
    return Lines((line,), "", None if target is None else _height(target), target, days[0], days[-1])


def path(days: Sequence[date], shares: Sequence[float]) -> str:
    """Days and per cents as points of SVG, the days in proportion."""
    first, whole = days[0].toordinal(), max(1, days[-1].toordinal() - days[0].toordinal())
    places = [LINES_WIDE * (on.toordinal() - first) / whole for on in days]
    return " ".join(f"{place:.1f},{_height(share):.1f}" for place, share in zip(places, shares, strict=True))


def _height(share: float) -> float:
    return LINES_HIGH * (1 - share / 100)


@dataclass(frozen=True)
class Chart:
    """A drawn chart, its finding as title, and what it shows for people who cannot see it."""

    svg: str
    title: str
    alt: str


def groups_chart(reading: Reading) -> Chart | None:
    """The share trained in each unit, lowest first. None when no one is in scope."""
    groups = sorted(reading.by_unit, key=_behind)
    if not groups:
        return None
    shown = groups[:MOST_BARS]
    title = finding(reading.headline, day(reading.as_of))
    which = f"the {len(shown)} units furthest behind, of {len(groups)}" if len(shown) < len(groups) else "every unit"
    parts = [f"{group.name} {group.figures.gross.percent}% of {group.figures.gross.in_scope}" for group in shown]
    alt = f"Bar chart: {title}. Share trained in {which}: {'; '.join(parts)}."
    return Chart(_draw(shown, title=title, which=which, target=reading.rule.target), title, alt)


def _behind(group: ReadingGroup) -> tuple[float, int, str]:
    tally = group.figures.gross
    return (tally.current / tally.in_scope, -tally.in_scope, group.name)


def _draw(groups: Sequence[ReadingGroup], *, title: str, which: str, target: int | None) -> str:
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with (
        ONE_AT_A_TIME,
        rc_context({"svg.hashsalt": "tenfold", "svg.fonttype": "path", "font.family": "DejaVu Sans", "text.parse_math": False}),
    ):
        figure = Figure(figsize=(7.2, 1.3 + 0.32 * len(groups)), layout="constrained")
        axes = figure.add_subplot()
        shares = [100 * group.figures.gross.current / group.figures.gross.in_scope for group in groups]
        places = range(len(groups))
        axes.barh(places, [100] * len(groups), color="#e8edee", height=0.68)
        axes.barh(places, shares, color="#005eb8", height=0.68)
        axes.set_yticks(places, [_short(group.name) for group in groups], fontsize=8)
        axes.invert_yaxis()
        axes.set_xlim(0, 100)
        axes.set_xlabel(f"% trained of everyone in scope, {which}", fontsize=8)
        axes.tick_params(axis="x", labelsize=8)
        axes.spines[["top", "right", "left"]].set_visible(False)
        axes.tick_params(axis="y", length=0)
        for place, share, group in zip(places, shares, groups, strict=True):
            tally = group.figures.gross
            inside = share > 45
            axes.annotate(
                f"{tally.percent}%  ({tally.current} of {tally.in_scope})",
                (share, place),
                xytext=(-5 if inside else 5, 0),
                textcoords="offset points",
                va="center",
                ha="right" if inside else "left",
                fontsize=7.5,
                color="white" if inside else "#212b32",
            )
        if target is not None:
            axes.axvline(target, color="#212b32", linewidth=1, linestyle="--")
            axes.annotate(
                f"target {target}%", (target, -0.5), xytext=(-3, 3), textcoords="offset points", ha="right", fontsize=7.5
            )
        axes.set_title(title, fontsize=10, loc="left", pad=14 if target is not None else 8, fontweight="bold")
        drawing = io.StringIO()
        figure.savefig(drawing, format="svg", metadata={"Date": None})
    return drawing.getvalue()


def _short(name: str) -> str:
    return name if len(name) <= 34 else f"{name[:33]}…"
