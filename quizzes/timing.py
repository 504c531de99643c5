"""When an attempt must be handed in, and when a person may try again. All on the server's clock."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil

GRACE = timedelta(seconds=10)
"""An answer sent in the last moment may arrive a little after it."""


def deadline(started: datetime, *, minutes: int | None, extra_percent: int) -> datetime | None:
    """The moment from which nothing more is taken; None where the quiz has no time limit.

    Extra time is a share of the limit, rounded up to a whole minute: 25 per cent more of 30 minutes is 38 minutes.
    """
    if minutes is None:
        return None
    return started + timedelta(minutes=-(-minutes * (100 + extra_percent) // 100))


def is_over(at: datetime, deadline_at: datetime | None) -> bool:
    """Whether the time is up, the grace included."""
    return deadline_at is not None and at > deadline_at + GRACE


def seconds_left(at: datetime, deadline_at: datetime | None) -> int | None:
    """Whole seconds until the time is up, rounded up, never below 0; None without a time limit."""
    return None if deadline_at is None else max(0, ceil((deadline_at - at).total_seconds()))


def may_try_from(failed_at: datetime, *, minutes: int) -> datetime:
    """The moment from which a person may try again after a fail."""
    return failed_at + timedelta(minutes=minutes)
