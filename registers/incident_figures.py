"""The figures of the incident register for a period, each with the incidents behind it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from accounts.models import Organisation
from registers.incident_states import ClockState, Standing, State, standing
from registers.models import Incident, Theme


@dataclass(frozen=True)
class Figures:
    """Counts over the reports of a period. A count of nothing is 0 only where something was reported."""

    reported: int
    near_misses: int
    told_ico: int
    told_in_time: int
    with_lessons: int
    open: int
    waiting: int
    """Not assessed, or a breach not decided on."""
    themes: tuple[tuple[str, int], ...]
    repeated: tuple[str, ...]
    """What kinds of thing happened more than once."""


def standings(organisation: Organisation, *, since: datetime, until: datetime, at: datetime) -> list[Standing]:
    """Where every report of a period stands, newest first."""
    reports = Incident.objects.filter(organisation=organisation).reported_between(since, until)
    return [standing(incident, at=at) for incident in reports.with_facts().select_related("unit")]


def figures_of(rows: Iterable[Standing]) -> Figures:
    """The figures over some incidents."""
    rows = list(rows)
    themes = Counter(Theme(learning.theme).label for row in rows for learning in row.incident.learnings.all())
    natures = Counter(row.incident.get_nature_display() for row in rows)
    told = [row for row in rows if row.clock.state in (ClockState.IN_TIME, ClockState.LATE)]
    return Figures(
        reported=len(rows),
        near_misses=sum(row.incident.is_near_miss for row in rows),
        told_ico=len(told),
        told_in_time=sum(row.was_told_in_time for row in told),
        with_lessons=sum(row.has_lesson for row in rows),
        open=sum(row.is_open for row in rows),
        waiting=sum(row.state in (State.NEW, State.TO_DECIDE) for row in rows),
        themes=tuple(sorted(themes.items(), key=lambda pair: (-pair[1], pair[0]))),
        repeated=tuple(sorted(nature for nature, times in natures.items() if times > 1)),
    )
