"""What a chart shows, as plain values: its finding for a title, its words for people who cannot see it, and its table.

A chart is known by the digest of all of it: the same figures are drawn once.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, QuerySet

from courses.dates import plus_months, valid_until
from nhsuk.jinja import day
from reporting.enums import IN_SCOPE, Headline, Standing
from reporting.forecast import Forecast
from reporting.queries import people_on
from reporting.rates import Group, Question, RateReport, percent_of
from reporting.trend import Moment

MOST_BARS = 16
"""A chart with more bars than this cannot be read; it shows those furthest behind and says so."""
MONTHS_AHEAD = 12


@dataclass(frozen=True)
class Bar:
    """One bar: so many of so many; where ``whole`` is nothing, just so many."""

    label: str
    part: int
    whole: int = 0

    @property
    def share(self) -> float:
        return 100 * self.part / self.whole if self.whole else 0.0


@dataclass(frozen=True)
class Curve:
    """One line over days, in per cent. ``style`` tells it from others without colour."""

    label: str
    days: tuple[date, ...]
    shares: tuple[float, ...]
    style: str = "-"


@dataclass(frozen=True)
class Plot:
    """A chart before it is drawn. ``shape`` says how: ``lines``, ``shares``, ``counts`` or ``funnel``."""

    name: str
    shape: str
    title: str
    alt: str
    headings: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    bars: tuple[Bar, ...] = ()
    curves: tuple[Curve, ...] = ()
    band: tuple[Curve, Curve] | None = None
    target: int | None = None
    note: str = ""

    @property
    def digest(self) -> str:
        return hashlib.sha256(repr(self).encode()).hexdigest()


def trend_plot(moments: Sequence[Moment], target: int | None) -> Plot | None:
    """The figure at the ends of months; None when fewer than two days had somebody in scope."""
    known = [moment for moment in moments if moment.now.in_scope]
    if len(known) < 2:
        return None
    first, last = known[0], known[-1]
    went = last.now.current * first.now.in_scope - first.now.current * last.now.in_scope
    words = "Up" if went > 0 else "Down" if went < 0 else "Unchanged"
    title = f"{words} from {first.now.percent}% on {day(first.on)} to {last.now.percent}% on {day(last.on)}"
    curve = Curve("Trained", tuple(m.on for m in known), tuple(100 * m.now.current / m.now.in_scope for m in known), style="-o")
    return Plot(
        name="trend",
        shape="lines",
        title=title,
        alt=f"Line chart: {title}.{_aimed(target)}",
        headings=("On", "In scope", "Trained", "% trained"),
        rows=tuple((m.on, m.now.in_scope, m.now.current, m.now.percent) for m in known),
        curves=(curve,),
        target=target,
    )


def forecast_plot(found: Forecast) -> Plot | None:
    """The way to a day to come, with the range of paces; None when nobody is in scope on some day of it."""
    if any(point.nothing.in_scope == 0 for point in found.points):
        return None
    days = tuple(point.on for point in found.points)

    def curve(label: str, values: Sequence[int], style: str) -> Curve:
        shares = (100 * value / point.nothing.in_scope for value, point in zip(values, found.points, strict=True))
        return Curve(label, days, tuple(shares), style)

    then = found.then
    title = (
        f"{then.nothing.percent}% on {day(then.on)} if nobody trains, {then.percent_at(then.usual)}% if people go on as lately"
    )
    return Plot(
        name="forecast",
        shape="lines",
        title=title,
        alt=f"Line chart: {title}.{_aimed(found.target)}",
        headings=("On", "In scope", "% if nobody trains", "% as lately", "% slowest", "% quickest"),
        rows=tuple(
            (p.on, p.nothing.in_scope, p.nothing.percent, *(p.percent_at(n) for n in (p.usual, p.slowest, p.quickest)))
            for p in found.points
        ),
        curves=(
            curve("If people go on as lately", [p.usual for p in found.points], "--"),
            curve("If nobody trains", [p.nothing.current for p in found.points], "-"),
        ),
        band=(
            curve("Slowest four weeks", [p.slowest for p in found.points], ""),
            curve("Quickest four weeks", [p.quickest for p in found.points], ""),
        ),
        target=found.target,
        note="Shaded: between the slowest and the quickest four weeks of the last 24.",
    )


def furthest_behind(groups: Sequence[Group]) -> list[Group]:
    """The groups that are shown, the lowest share first; of equals the larger first."""
    shown = [group for group in groups if not group.is_hidden and group.figures.gross.in_scope]
    return sorted(shown, key=lambda group: (_share(group), -group.figures.gross.in_scope, group.name))


def _share(group: Group) -> float:
    return group.figures.gross.current / group.figures.gross.in_scope


def units_plot(report: RateReport, groups: Sequence[Group]) -> Plot | None:
    """The share trained in each unit, lowest first; None where no unit may be shown."""
    ordered = furthest_behind(groups)
    if not ordered:
        return None
    shown = ordered[:MOST_BARS]
    lowest = shown[0]
    title = f"{lowest.name} is furthest behind: {lowest.figures.gross.percent}% of {lowest.figures.gross.in_scope:,} trained"
    if len(ordered) == 1:
        title = f"{lowest.name}: {lowest.figures.gross.percent}% of {lowest.figures.gross.in_scope:,} trained"
    bars = tuple(Bar(group.name, group.figures.gross.current, group.figures.gross.in_scope) for group in shown)
    notes = []
    if len(shown) < len(ordered):
        notes.append(f"The {len(shown)} units furthest behind, of {len(ordered):,}.")
    if any(group.is_hidden for group in groups):
        notes.append(f"Units of fewer than {report.fewest} people are not shown.")
    parts = "; ".join(f"{bar.label} {percent_of(bar.part, bar.whole)}% of {bar.whole:,}" for bar in bars)
    return Plot(
        name="units",
        shape="shares",
        title=title,
        alt=f"Bar chart: {title}. {parts}.{_aimed(report.question.rule.target)}",
        headings=("Unit", "In scope", "Trained", "% trained"),
        rows=tuple((bar.label, bar.whole, bar.part, percent_of(bar.part, bar.whole)) for bar in bars),
        bars=bars,
        target=report.question.rule.target,
        note=" ".join(notes),
    )


def funnel_plot(report: RateReport) -> Plot | None:
    """How many are in post, in scope, have begun, have ever finished, and are trained now; None for nobody."""
    gross = report.figures.gross
    if not gross.in_scope:
        return None
    steps = (
        ("In post", report.headcount),
        ("In scope", gross.in_scope),
        ("Have begun", gross.in_scope - gross.not_started),
        ("Have finished at some time", gross.current + gross.lapsed),
        ("Trained now", gross.current),
    )
    losses = [(steps[n][1] - steps[n + 1][1], n) for n in range(1, 4)]
    most, place = max(losses, key=lambda loss: (loss[0], -loss[1]))
    words = ("have not begun", "have begun and not finished", "have finished, and it has run out")[place - 1]
    title = (
        f"Of {gross.in_scope:,} in scope {gross.current:,} are trained; the largest gap: {most:,} {words}"
        if most
        else f"All {gross.in_scope:,} in scope are trained"
    )
    return Plot(
        name="funnel",
        shape="funnel",
        title=title,
        alt=f"Bar chart: {title}. {'; '.join(f'{label} {people:,}' for label, people in steps)}.",
        headings=("Step", "People"),
        rows=steps,
        bars=tuple(Bar(label, people) for label, people in steps),
    )


def expiry_plot(question: Question) -> Plot | None:
    """In which of the next months training stops counting for those trained now; None when nobody is."""
    everybody: QuerySet[Any] = people_on(question)
    people = everybody.filter(scope__in=IN_SCOPE, status=Standing.CURRENT)
    if question.rule.headline == Headline.NET:
        people = people.filter(left_out="")
    counts: Counter[date] = Counter()
    for completed_on, n in people.order_by().values_list("last_completed_on").annotate(n=Count("pk")):
        counts[valid_until(completed_on, question.rule.months).replace(day=1)] += n
    if not counts:
        return None
    this = question.on.replace(day=1)
    months = [plus_months(this, n) for n in range(MONTHS_AHEAD + 1)]
    later = sum(n for month, n in counts.items() if month > months[-1])
    top = max(months, key=lambda month: (counts[month], -month.toordinal()))
    some = counts[top]
    title = (
        f"{top:%B %Y} is the month to plan for: training runs out for {some:,} {'person' if some == 1 else 'people'}"
        if some
        else f"Nobody’s training runs out before {plus_months(months[-1], 1):%B %Y}"
    )
    note = f"For {later:,} more it runs out later." if later else ""
    return Plot(
        name="expiry",
        shape="counts",
        title=title,
        alt=f"Bar chart: {title}. {'; '.join(f'{month:%B %Y} {counts[month]:,}' for month in months)}.",
        headings=("Month", "Training runs out for"),
        rows=tuple((f"{month:%B %Y}", counts[month]) for month in months),
        bars=tuple(Bar(f"{month:%b %Y}", counts[month]) for month in months),
        note=f"People trained on {day(question.on)}, if they do nothing. {note}".strip(),
    )


def _aimed(target: int | None) -> str:
    return "" if target is None else f" The target is {target}%."
