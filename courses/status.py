"""Where a person stands with a course on a date: facts, a window and a day in, a word and its reason out.

``courses.status_sql`` is the same rule for whole lists of people.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from courses.dates import valid_until, window_start


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
class Status:
    """A state on a day, with what decided it."""

    state: State
    completed_on: date | None
    """The latest completion up to the day."""
    valid_until: date | None
    """The last day on which that completion counts, past or to come."""
    trace: str
    """One sentence that says which fact and which rule decided it."""

    @property
    def is_current(self) -> bool:
        return self.state is State.CURRENT


def status(completed_dates: Iterable[date], *, on: date, months: int, has_progress: bool) -> Status:
    """The status on a day.

    Args:
        completed_dates: London dates of completions that are not void; dates after ``on`` are ignored.
        on: the day.
        months: how long a completion counts.
        has_progress: whether the person had begun to read by then.

    A completion counts while ``on - months < completed <= on`` (``courses.dates``): the cut-off is compared with the
    completion, so 30 June 2025 no longer counts on 30 June 2026.
    """
    latest = max((day for day in completed_dates if day <= on), default=None)
    if latest is None:
        if has_progress:
            return Status(State.IN_PROGRESS, None, None, "Begun and not finished yet.")
        return Status(State.NOT_STARTED, None, None, "There is no record of having done it.")
    until = valid_until(latest, months)
    if latest > window_start(on, months):
        trace = f"Finished on {_in_words(latest)}. That counts for {_months(months)}, up to and including {_in_words(until)}."
        return Status(State.CURRENT, latest, until, trace)
    trace = (
        f"You last finished on {_in_words(latest)}. That counted for {_months(months)}, up to and including {_in_words(until)}."
    )
    return Status(State.LAPSED, latest, until, trace)


def _months(months: int) -> str:
    return "1 month" if months == 1 else f"{months} months"


def _in_words(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
