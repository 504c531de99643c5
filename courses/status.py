"""Where a person stands with a course on a date: facts, a window and a day in, a word and its reason out.

``courses.status_sql`` is the same rule for whole lists of people.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from courses.frequencies import FOR_GOOD, Frequency


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

    def counts_until(self, frequency: Frequency) -> date:
        """The last day on which it counts."""
        until = frequency.counts_until(self.completed_on)
        return min(until, self.last_day) if self.last_day else until

    def due_again(self, frequency: Frequency) -> date:
        """The last day for the next one."""
        due = frequency.due_again(self.completed_on)
        return min(due, self.last_day) if self.last_day else due


@dataclass(frozen=True)
class Status:
    """A state on a day, with what decided it."""

    state: State
    completed_on: date | None
    """The latest completion up to the day."""
    valid_until: date | None
    """The last day on which a completion counts, past or to come; None also where it counts for good."""
    trace: str
    """One sentence that says which fact and which rule decided it."""

    @property
    def is_current(self) -> bool:
        return self.state is State.CURRENT


def status(completed: Iterable[Done], *, on: date, frequency: Frequency, has_progress: bool) -> Status:
    """The status on a day.

    Args:
        completed: completions that are not void; those dated after ``on`` are ignored.
        on: the day.
        frequency: how often it is asked for, and so how long a completion counts.
        has_progress: whether the person had begun to read by then.

    A completion that repeats after months counts while ``on - months < completed <= on`` (``courses.dates``): the cut-off is
    compared with the completion, so 30 June 2025 no longer counts on 30 June 2026. A retake that everybody was asked for
    ends it sooner.
    """
    done = [one for one in completed if one.completed_on <= on]
    if not done:
        if has_progress:
            return Status(State.IN_PROGRESS, None, None, "Begun and not finished yet.")
        return Status(State.NOT_STARTED, None, None, "There is no record of having done it.")
    best = max(done, key=lambda one: (one.counts_until(frequency), one.completed_on))
    until, latest = best.counts_until(frequency), max(one.completed_on for one in done)
    counts = on <= until
    if best.last_day == until:
        verb = "counts" if counts else "counted"
        trace = (
            f"Finished on {_in_words(best.completed_on)}. Everyone was asked to do the new version, "
            f"so that {verb} up to and including {_in_words(until)}."
        )
    elif until == FOR_GOOD:
        trace = f"Finished on {_in_words(best.completed_on)}. That counts for good."
    elif counts:
        trace = (
            f"Finished on {_in_words(best.completed_on)}. "
            f"That counts for {frequency.for_how_long}, up to and including {_in_words(until)}."
        )
    else:
        trace = (
            f"Last finished on {_in_words(best.completed_on)}. "
            f"That counted for {frequency.for_how_long}, up to and including {_in_words(until)}."
        )
    return Status(State.CURRENT if counts else State.LAPSED, latest, None if until == FOR_GOOD else until, trace)


def _in_words(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
