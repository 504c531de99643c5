"""Where a person stands with a course on a date: facts, a window and a day in, a word and its reason out.

``courses.status_sql`` is the same rule for whole lists of people.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from courses.dates import valid_until


class State(StrEnum):
    """The four words, in the order in which they are tried."""

    CURRENT = "current"
    LAPSED = "lapsed"
    IN_PROGRESS = "in_progress"
    NOT_STARTED = "not_started"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    State.CURRENT: "Up to date",
    State.LAPSED: "Due again",
    State.IN_PROGRESS: "In progress",
    State.NOT_STARTED: "Not started",
}


@dataclass(frozen=True)
class Done:
    """One completion: its London date, and the last day it counts if everybody was asked to do the course again."""

    completed_on: date
    last_day: date | None = None

    def counts_until(self, months: int) -> date:
        """The last day on which it counts."""
        until = valid_until(self.completed_on, months)
        return min(until, self.last_day) if self.last_day else until


@dataclass(frozen=True)
class Status:
    """A state on a day, with what decided it."""

    state: State
    completed_on: date | None
    """The latest completion up to the day."""
    valid_until: date | None
    """The last day on which a completion counts, past or to come."""
    trace: str
    """One sentence that says which fact and which rule decided it."""

    @property
    def is_current(self) -> bool:
        return self.state is State.CURRENT


def status(completed: Iterable[Done], *, on: date, months: int, has_progress: bool) -> Status:
    """The status on a day.

    Args:
        completed: completions that are not void; those dated after ``on`` are ignored.
        on: the day.
        months: how long a completion counts.
        has_progress: whether the person had begun to read by then.

    A completion counts while ``on - months < completed <= on`` (``courses.dates``): the cut-off is compared with the
    completion, so 30 June 2025 no longer counts on 30 June 2026. A retake that everybody was asked for ends it sooner.
    """
    done = [one for one in completed if one.completed_on <= on]
    if not done:
        if has_progress:
            return Status(State.IN_PROGRESS, None, None, "Begun and not finished yet.")
        return Status(State.NOT_STARTED, None, None, "There is no record of having done it.")
    best = max(done, key=lambda one: (one.counts_until(months), one.completed_on))
    until, latest = best.counts_until(months), max(one.completed_on for one in done)
    counts = on <= until
    if best.last_day == until:
        verb = "counts" if counts else "counted"
        trace = (
            f"Finished on {_in_words(best.completed_on)}. Everyone was asked to do the new version, "
            f"so that {verb} up to and including {_in_words(until)}."
        )
    elif counts:
        trace = f"Finished on {_in_words(best.completed_on)}. That counts for {_months(months)}, up to and including {_in_words(until)}."
    else:
        trace = (
            f"You last finished on {_in_words(best.completed_on)}. "
            f"That counted for {_months(months)}, up to and including {_in_words(until)}."
        )
    return Status(State.CURRENT if counts else State.LAPSED, latest, until, trace)


def _months(months: int) -> str:
    return "1 month" if months == 1 else f"{months} months"


def _in_words(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
