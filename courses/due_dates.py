"""By when one person has to do one course: facts and a line in, a date and its reasons out. Pure.

In this order: a completion that still counted when the person came under the line, or else the days they have from then;
the line's own earliest day; a long absence; an extension. ``courses.obligations_sql`` holds the same order as SQL.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from courses.audiences import Period
from courses.frequencies import FOR_GOOD
from courses.models import TrainingNeed
from nhsuk.jinja import day


class Came(StrEnum):
    """How somebody came under a line."""

    STARTER = "starter"
    MOVER = "mover"
    RULE = "rule"


@dataclass(frozen=True)
class Since:
    """From when on a line asks somebody, and how that came about."""

    on: date
    came: Came

    def days(self, line: TrainingNeed) -> int:
        """How many days they have from then."""
        return line.mover_days if self.came is Came.MOVER else line.starter_days


@dataclass(frozen=True)
class DueDate:
    """The last day to do it, with and without an extension. None: nothing is due any more.

    ``is_paused``: it fell due in an absence that nobody knows the end of.
    """

    due_on: date | None
    baseline_on: date | None
    is_paused: bool
    why: tuple[str, ...]


@dataclass(frozen=True)
class MoreTime:
    """An extension that stands."""

    until: date
    reason: str


def unbroken_since(periods: Iterable[Period], *, on: date) -> date | None:
    """The first day of the unbroken run of periods ``[start, end)`` that holds the day; None if none does."""
    run = [(start, end) for start, end in periods if start <= on]
    since = min((start for start, end in run if end is None or end > on), default=None)
    while since is not None:
        earlier = min((start for start, end in run if start < since and end is not None and end >= since), default=None)
        if earlier is None:
            break
        since = earlier
    return since


def came_under(asked: Collection[Period], *, posts: Collection[Period], line_starts: Collection[date], on: date) -> Since | None:
    """Since when a line has asked somebody without a break; None if it does not ask them on the day.

    Args:
        asked: when it asked them, through all versions of the line.
        posts: when they were in any post.
        line_starts: when the versions of the line began.
        on: the day.
    """
    since = unbroken_since(asked, on=on)
    if since is None:
        return None
    if since == unbroken_since(posts, on=on):
        return Since(since, Came.STARTER)
    return Since(since, Came.RULE if since in line_starts else Came.MOVER)


def away_runs(absences: Iterable[Period], *, line: TrainingNeed) -> list[Period]:
    """Long absences, those run together between which somebody had fewer days than a returner is given."""
    long = sorted(
        ((start, end or FOR_GOOD) for start, end in absences if end is None or (end - start).days >= line.returner_after_days)
    )
    runs: list[list[date]] = []
    for start, end in long:
        if runs and start <= _plus(runs[-1][1], line.returner_days):
            runs[-1][1] = max(runs[-1][1], end)
        else:
            runs.append([start, end])
    return [(start, None if end == FOR_GOOD else end) for start, end in runs]


def due_date(
    line: TrainingNeed, *, since: Since, again_on: date | None, absences: Iterable[Period], more_time: MoreTime | None
) -> DueDate:
    """The last day to do it.

    Args:
        line: what is asked.
        since: from when on, and how they came under it.
        again_on: by when the next completion is due going by the last ones alone; None: there are none.
        absences: the person's absences that have begun.
        more_time: the extension of this cycle, if one stands.
    """
    if again_on == FOR_GOOD:
        return DueDate(None, None, is_paused=False, why=())
    why: list[str] = []
    if again_on is not None and again_on >= since.on:
        due = again_on
    else:
        days = since.days(line)
        due = since.on + timedelta(days=days)
        why.append(f"{_SINCE[since.came]} {day(since.on)}, with {days} days to do it: due by {day(due)}.")
    if line.not_before is not None and due < line.not_before:
        due = line.not_before
        why.append(f"When this rule came in, everybody was given until {day(due)}.")
    is_paused = False
    for start, end in away_runs(absences, line=line):
        if end is None and due >= start:
            is_paused = True
            why.append(f"Away since {day(start)}: due {line.returner_days} days after coming back.")
        elif end is not None and start <= due < _plus(end, line.returner_days):
            due = _plus(end, line.returner_days)
            why.append(
                f"Away from {day(start)}, back on {day(end)}, with {line.returner_days} days from then: due by {day(due)}."
            )
    baseline = due
    if more_time is not None and more_time.until > due:
        due = more_time.until
        why.append(f"Given until {day(due)} instead of {day(baseline)}: {more_time.reason.rstrip('.')}.")
    return DueDate(due, baseline, is_paused, tuple(why))


_SINCE = {
    Came.STARTER: "In post since",
    Came.MOVER: "In a post that needs it since",
    Came.RULE: "Asked for here since",
}


def _plus(on: date, days: int) -> date:
    return on + timedelta(days=days)
