"""Draws charts with matplotlib: a second to load, a third of a second a chart. For work in the background, and small figures.

Nothing is told by colour alone: lines differ in their dashes, bars carry their numbers.
"""

from __future__ import annotations

import io
import textwrap
from collections.abc import Callable
from datetime import date
from typing import Any

from reporting.charts import ONE_AT_A_TIME
from reporting.plots import Plot

SETTINGS: Any = {
    "svg.hashsalt": "tenfold",
    "svg.fonttype": "path",
    "font.family": "DejaVu Sans",
    "text.parse_math": False,
    "hatch.linewidth": 0.6,
}
BLUE, INK, QUIET, PALE, RED = "#005eb8", "#212b32", "#4c6272", "#e8edee", "#d5281b"
MEDIA_TYPES = {"svg": "image/svg+xml", "png": "image/png"}
WIDE = 7.2
TITLE_LETTERS = 78


def draw(plot: Plot, form: str, *, wide: float = WIDE, high: float | None = None, with_title: bool = True) -> bytes:
    """The chart as ``"svg"`` or ``"png"``. The same chart gives the same bytes.

    Args:
        plot: what to draw.
        form: which of the two.
        wide: inches.
        high: inches; as many as the chart needs when not given.
        with_title: whether the finding stands above it; documents that say it themselves leave it out.
    """
    from matplotlib import rc_context  # here: most web processes never draw
    from matplotlib.figure import Figure

    with ONE_AT_A_TIME, rc_context(SETTINGS):
        figure = Figure(figsize=(wide, high or _height(plot)), layout="constrained")
        axes = figure.add_subplot()
        axes.spines[["top", "right"]].set_visible(False)
        SHAPES[plot.shape](axes, plot)
        if plot.note:
            figure.supxlabel("\n".join(textwrap.wrap(plot.note, 100)), fontsize=7.5, x=0.01, ha="left", color=QUIET)
        if with_title:
            figure.suptitle(
                "\n".join(textwrap.wrap(plot.title, TITLE_LETTERS)),
                fontsize=10.5,
                fontweight="bold",
                x=0.01,
                ha="left",
                color=INK,
            )
        drawing = io.BytesIO()
        metadata = {"Date": None} if form == "svg" else {"Software": None}
        figure.savefig(drawing, format=form, metadata=metadata, dpi=150)
    return drawing.getvalue()


def _height(plot: Plot) -> float:
    if plot.shape in ("shares", "funnel"):
        return 1.25 + 0.34 * len(plot.bars)
    return 3.6


def _lines(axes: Any, plot: Plot) -> None:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    locator = AutoDateLocator(minticks=3, maxticks=7)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
    if plot.band is not None:
        low, high = plot.band
        axes.fill_between(low.days, low.shares, high.shares, color=BLUE, alpha=0.14, linewidth=0)
    colours = [BLUE, INK]
    for curve, colour in zip(plot.curves, colours, strict=False):
        axes.plot(curve.days, curve.shares, curve.style, color=colour, linewidth=2, markersize=4, label=curve.label)
    lowest = min(share for curve in (*plot.curves, *(plot.band or ())) for share in curve.shares)
    if plot.target is not None:
        axes.axhline(plot.target, color=RED, linewidth=1.2, linestyle=":")
        first: date = plot.curves[0].days[0]
        axes.annotate(
            f"target {plot.target}%",
            (first, plot.target),
            xytext=(2, 0),
            textcoords="offset points",
            va="center",
            fontsize=7,
            color=INK,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
        )
    axes.set_ylim(min(lowest - 5, 50) if lowest > 50 else 0, 102)
    axes.set_ylabel("% trained", fontsize=8)
    axes.tick_params(labelsize=8)
    axes.grid(axis="y", color=PALE)
    axes.set_axisbelow(True)
    for curve in plot.curves:
        axes.annotate(
            f"{int(curve.shares[-1] * 10) / 10}%",
            (curve.days[-1], curve.shares[-1]),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize=8,
        )
    if len(plot.curves) > 1:
        axes.legend(fontsize=7.5, frameon=False, loc="lower left")
    axes.margins(x=0.07)


def _shares(axes: Any, plot: Plot) -> None:
    places = range(len(plot.bars))
    axes.barh(places, [100] * len(plot.bars), color=PALE, height=0.68)
    axes.barh(places, [bar.share for bar in plot.bars], color=BLUE, height=0.68)
    for place, bar in zip(places, plot.bars, strict=True):
        inside = bar.share > 45
        axes.annotate(
            f"{int(bar.share * 10) / 10}%  ({bar.part:,} of {bar.whole:,})",
            (bar.share, place),
            xytext=(-5 if inside else 5, 0),
            textcoords="offset points",
            va="center",
            ha="right" if inside else "left",
            fontsize=7.5,
            color="white" if inside else INK,
        )
    if plot.target is not None:
        axes.axvline(plot.target, color=INK, linewidth=1, linestyle="--")
        axes.annotate(
            f"target {plot.target}%", (plot.target, -0.5), xytext=(-3, 2), textcoords="offset points", ha="right", fontsize=7.5
        )
    axes.set_xlim(0, 100)
    axes.set_xlabel("% trained of everyone in scope", fontsize=8)
    _down(axes, plot)


def _funnel(axes: Any, plot: Plot) -> None:
    most = max(bar.part for bar in plot.bars) or 1
    places = range(len(plot.bars))
    shades = ["#aeb7bd", "#7fa8d6", "#4f8cc9", "#2673bf", BLUE]
    axes.barh(
        places, [bar.part for bar in plot.bars], color=shades[-len(plot.bars) :], height=0.72, edgecolor=QUIET, linewidth=0.5
    )
    for place, bar in zip(places, plot.bars, strict=True):
        axes.annotate(f"{bar.part:,}", (bar.part, place), xytext=(5, 0), textcoords="offset points", va="center", fontsize=8.5)
    axes.set_xlim(0, most * 1.12)
    axes.xaxis.set_visible(False)
    axes.spines["bottom"].set_visible(False)
    _down(axes, plot)


def _down(axes: Any, plot: Plot) -> None:
    names = [bar.label if len(bar.label) <= 34 else f"{bar.label[:33]}…" for bar in plot.bars]
    axes.set_yticks(range(len(plot.bars)), names, fontsize=8)
    axes.invert_yaxis()
    axes.tick_params(axis="y", length=0)
    axes.tick_params(axis="x", labelsize=8)
    axes.spines["left"].set_visible(False)


def _counts(axes: Any, plot: Plot) -> None:
    places = range(len(plot.bars))
    most = max(bar.part for bar in plot.bars)
    axes.bar(
        places,
        [bar.part for bar in plot.bars],
        width=0.72,
        color=[BLUE if bar.part == most else "#aeb7bd" for bar in plot.bars],
        hatch=["///" if bar.part == most and most else "" for bar in plot.bars],
        edgecolor=["white" if bar.part == most else QUIET for bar in plot.bars],
        linewidth=0.5,
    )
    for place, bar in zip(places, plot.bars, strict=True):
        axes.annotate(f"{bar.part:,}", (place, bar.part), xytext=(0, 3), textcoords="offset points", ha="center", fontsize=8)
    axes.set_xticks(places, [bar.label.replace(" ", "\n") for bar in plot.bars], fontsize=8)
    axes.set_ylim(0, most * 1.12 or 1)
    axes.set_ylabel("People", fontsize=8)
    axes.tick_params(axis="y", labelsize=8)


SHAPES: dict[str, Callable[[Any, Plot], None]] = {"lines": _lines, "shares": _shares, "funnel": _funnel, "counts": _counts}
