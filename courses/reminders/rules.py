"""Which step of which due date has been reached on a day. Rules and dates only; nothing is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

LONGEST_BEFORE = 60
"""A course is offered again from 60 days before it runs out: an earlier reminder would lead to nothing."""


@dataclass(frozen=True)
class Rules:
    """When people and their managers hear of training, from ``starts_on`` on."""

    days_before: tuple[int, ...] = (60, 30, 14, 7, 0)
    overdue_every_days: int = 7
    digest_weekday: int | None = 0
    escalate_after_weeks: int | None = 4
    starts_on: date = date.min

    def digest_on(self, on: date) -> date | None:
        """The last day up to ``on`` that was the day of the managers' e-mail; None if they get none."""
        if self.digest_weekday is None:
            return None
        return on - timedelta(days=(on.weekday() - self.digest_weekday) % 7)

    def is_escalated(self, due_on: date, on: date) -> bool:
        """Overdue for so long that the next level hears of it."""
        return self.escalate_after_weeks is not None and on - due_on > timedelta(weeks=self.escalate_after_weeks)


SHIPPED = Rules()
"""What holds until an organisation writes rules of its own."""


@dataclass(frozen=True)
class Step:
    """One reminder about one due date, and the day it is for."""

    name: str
    on: date


def latest_step(due_on: date, *, on: date, history: Sequence[Rules]) -> Step | None:
    """The step whose day came last, up to ``on``; None when no day has come yet.

    The rules that held on a step's day decide whether there is such a step. New rules therefore never call up steps of
    the past, and when nothing was sent for a while, only the last of the steps missed is left to send.

    Args:
        due_on: the due date as it stands.
        on: the day.
        history: all versions of the rules, the oldest first.
    """
    until = on
    for rules in reversed(history):
        if rules.starts_on > until:
            continue
        found = [Step(f"before-{days}", due_on - timedelta(days=days)) for days in rules.days_before]
        if rules.overdue_every_days and until > due_on:
            times = (until - due_on).days // rules.overdue_every_days
            days = times * rules.overdue_every_days
            found += [Step(f"after-{days}", due_on + timedelta(days=days))] if times else []
        held = [step for step in found if rules.starts_on <= step.on <= until]
        if held:
            return max(held, key=lambda step: step.on)
        if rules.starts_on == date.min:
            return None
        until = rules.starts_on - timedelta(days=1)
    return None


def in_force(history: Sequence[Rules], *, on: date) -> Rules:
    """The version of the rules that holds on a day."""
    return next(rules for rules in reversed(history) if rules.starts_on <= on)


def in_words(step: str, due_on: date, *, on: date) -> str:
    """Why somebody hears today: “30 days before it is due”, “overdue for 9 days”."""
    if on > due_on:
        return f"overdue for {_days((on - due_on).days)}"
    if step == "before-0" or on == due_on:
        return "due on the day"
    return f"due in {_days((due_on - on).days)}"


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"
