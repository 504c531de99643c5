"""What our people do not know, drawn: a bar for each topic with its range, what is known least first.

Drawing loads matplotlib, which takes a web process a second once and a third of a second for each drawing: what is drawn is
kept until a figure in it changes, and for a large organisation it is drawn in the background.
"""

from __future__ import annotations

import io
from datetime import datetime

from nhsuk.jinja import day
from reporting.charts import ONE_AT_A_TIME
from reporting.drawing import MEDIA_TYPES
from reporting.kept_drawings import digest_of, keep, kept
from reporting.models import Drawing
from reporting.questions import GroupLine, QuestionReport

MOST_TOPICS = 16
"""A chart with more bars than this cannot be read; it shows what is known least and says so."""
WEAK, ENOUGH = "#005eb8", "#aeb7bd"
"""Far enough apart in black and white; bars below the pass mark are hatched as well."""


def shown_topics(report: QuestionReport) -> list[GroupLine]:
    """The topics of the chart: those whose figures may be shown, known least first."""
    return [line for line in report.topics if line.figures is not None][:MOST_TOPICS]


def finding(report: QuestionReport) -> str:
    """What the chart says, in one sentence: its title. Empty where nothing may be shown."""
    topics = shown_topics(report)
    if not topics or topics[0].figures is None:
        return ""
    least = topics[0].figures
    share = _percent(least.facility.value)
    if len(topics) == 1:
        return f"{topics[0].name}: {share}% of the marks"
    return f"{topics[0].name} is known least: {share}% of the marks"


def alternative(report: QuestionReport) -> str:
    """The chart in words, for people who cannot see it."""
    bars = [f"{line.name} {_percent(line.figures.facility.value)}%" for line in shown_topics(report) if line.figures]
    return f"Bar chart: {finding(report)}. {'; '.join(bars)}."


def topics_digest(report: QuestionReport, form: str) -> str:
    """What a drawn chart is known by: everything that it shows."""
    shown = [(line.name, line.figures.facility, line.figures.people) for line in shown_topics(report) if line.figures]
    facts = (shown, len(report.topics), report.course.title, report.since, report.until, report.pass_mark_percent)
    return digest_of("topics", repr(facts), form)


def kept_drawing(report: QuestionReport, form: str) -> Drawing | None:
    """The chart of a report as ``"svg"`` or ``"png"`` if it is drawn already."""
    return kept(report.organisation, topics_digest(report, form))


def drawing_of(report: QuestionReport, form: str, *, at: datetime) -> Drawing | None:
    """The chart of a report, drawn now or kept from before. None where nothing may be shown."""
    if not shown_topics(report):
        return None
    return kept_drawing(report, form) or keep(
        report.organisation, topics_digest(report, form), _draw(report, form), media_type=MEDIA_TYPES[form], at=at
    )


def _percent(share: float) -> str:
    """Rounded as the table beside the chart is; what lies below the pass mark is told from the share itself."""
    return f"{share * 100:.0f}"


def _draw(report: QuestionReport, form: str) -> bytes:
    from matplotlib import rc_context  # here: most web processes never draw
    from matplotlib.figure import Figure

    topics = shown_topics(report)
    shares = [line.figures.facility for line in topics if line.figures]
    with (
        ONE_AT_A_TIME,
        rc_context(
            {
                "svg.hashsalt": "tenfold",
                "svg.fonttype": "path",
                "font.family": "DejaVu Sans",
                "text.parse_math": False,
                "hatch.linewidth": 0.6,
            }
        ),
    ):
        figure = Figure(figsize=(5.6, 1.5 + 0.36 * len(topics)), layout="constrained")
        axes = figure.add_subplot()
        places, values = range(len(topics)), [100 * share.value for share in shares]
        ranges = [[100 * abs(share.value - share.interval[side]) for share in shares] for side in (0, 1)]
        weak = [value < (report.pass_mark_percent or 0) for value in values]
        axes.barh(
            places,
            values,
            height=0.66,
            color=[WEAK if is_weak else ENOUGH for is_weak in weak],
            hatch=["///" if is_weak else "" for is_weak in weak],
            edgecolor=["white" if is_weak else "#4c6272" for is_weak in weak],
            linewidth=0.6,
            xerr=ranges,
            error_kw={"elinewidth": 1.2, "capsize": 3, "ecolor": "#212b32"},
        )
        axes.set_yticks(places, [line.name if len(line.name) <= 30 else f"{line.name[:29]}…" for line in topics], fontsize=9)
        axes.margins(y=0.02)
        axes.invert_yaxis()
        axes.set_xlim(0, 128)
        axes.set_xticks(range(0, 101, 20))
        axes.tick_params(axis="x", labelsize=8)
        axes.tick_params(axis="y", length=0)
        axes.spines[["top", "right", "left"]].set_visible(False)
        for place, line, share in zip(places, topics, shares, strict=True):
            people = line.figures.people if line.figures else 0
            axes.annotate(
                f"{_percent(share.value)}% of {people:,}",
                (max(100 * share.interval[1], 100 * share.value), place),
                xytext=(6, 0),
                textcoords="offset points",
                va="center",
                fontsize=8,
                color="#212b32",
            )
        axes.set_xlabel(_says(report, any(weak)), fontsize=8, loc="left")
        if report.pass_mark_percent:
            axes.axvline(report.pass_mark_percent, color="#212b32", linewidth=1, linestyle="--")
        axes.set_title(finding(report), fontsize=10.5, loc="left", pad=10, fontweight="bold", wrap=True)
        drawing = io.BytesIO()
        figure.savefig(drawing, format=form, metadata={"Date": None} if form == "svg" else {"Software": None}, dpi=150)
    return drawing.getvalue()


def _says(report: QuestionReport, some_are_weak: bool) -> str:
    """What the axis and its marks mean."""
    lines = ["% of marks among so many people,", f"{day(report.since)} to {day(report.until)}.", "Thin lines: 95% range."]
    if report.pass_mark_percent:
        hatched = ", hatched: below it" if some_are_weak else ""
        lines[-1] += f" Dashed: pass mark of {report.pass_mark_percent}%{hatched}."
    topics = sum(line.figures is not None for line in report.topics)
    if topics > MOST_TOPICS:
        lines.append(f"The {MOST_TOPICS} topics known least, of {topics}.")
    return "\n".join(lines)
