"""Whom a day's reminders reach, of what, and why somebody is left out."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from accounts.models import Organisation
from courses.models import TrainingNeed
from courses.models.reminders import ReminderMail, ReminderPause, ReminderPlan, ReminderSend
from courses.obligations_sql import lines_of, obligations
from courses.reminders.rules import SHIPPED, Rules, Step, latest_step
from staff.models import Person

BATCH = 20_000
"""People looked at together: eight questions to the database a batch with those of the managers, less than one a thousand."""


class LeftOut(StrEnum):
    """Why somebody is not reminded of something now."""

    AWAY = "away"
    EXCUSED = "excused"
    TOLD = "told"
    NO_EMAIL = "no-email"

    @property
    def label(self) -> str:
        return {
            LeftOut.AWAY: "Away",
            LeftOut.EXCUSED: "Excused from the course",
            LeftOut.TOLD: "Told already: the next step is later",
            LeftOut.NO_EMAIL: "Without an e-mail address: told by letter, or by their manager",
        }[self]


@dataclass(frozen=True)
class Reached:
    """One person, one course and the step that has come. ``left_out`` is None when it goes."""

    person_id: int
    course_id: int
    due_on: date
    step: Step
    left_out: LeftOut | None

    @property
    def key(self) -> tuple[int, int, date, str]:
        return self.person_id, self.course_id, self.due_on, self.step.name


def rules_of(organisation: Organisation) -> list[Rules]:
    """All versions of an organisation's rules, the oldest first: the shipped ones, then its own."""
    plans = ReminderPlan.objects.filter(organisation=organisation).order_by("starts_on", "pk")
    own = {
        plan.starts_on: Rules(
            tuple(plan.days_before), plan.overdue_every_days, plan.digest_weekday, plan.escalate_after_weeks, plan.starts_on
        )
        for plan in plans
    }
    return [SHIPPED, *own.values()]


def pause_of(organisation: Organisation) -> ReminderPause | None:
    """Who stopped the reminders, when and why; None while they go."""
    last = ReminderPause.objects.filter(organisation=organisation).select_related("by").order_by("-pk").first()
    return last if last is not None and last.is_paused else None


def people_in_batches(organisation: Organisation, *, on: date) -> Iterator[dict[int, str]]:
    """Everybody in post, with their e-mail address, some thousands at a time."""
    after = 0
    people = Person.objects.of(organisation).in_post(on).order_by("pk")
    while batch := dict(people.filter(pk__gt=after).values_list("pk", "email")[:BATCH]):
        yield batch
        after = max(batch)


def to_do(
    organisation: Organisation,
    *,
    on: date,
    people: Collection[int],
    history: Sequence[Rules],
    lines: Sequence[TrainingNeed] | None = None,
) -> list[Reached]:
    """Everything of which a step has come and that is not done: also of those who are away or excused, and told of or not."""
    asked = lines if lines is not None else lines_of(organisation, on=on)
    horizon = on + timedelta(days=max((day for rules in history for day in rules.days_before), default=0))
    found = []
    for row in obligations(organisation, on=on, lines=asked, people=people):
        if row.due_on is None or row.due_on > horizon or (row.is_current and on > row.due_on):
            continue
        step = latest_step(row.due_on, on=on, history=history)
        if step is None:
            continue
        left_out = LeftOut.EXCUSED if row.is_excused else LeftOut.AWAY if row.is_away or row.is_paused else None
        found.append(Reached(row.person_id, row.course_id, row.due_on, step, left_out))
    return found


def asked_of(organisation: Organisation, *, on: date, people: Collection[int]) -> list[Reached]:
    """Everything that people have to do on a day, whatever the steps say: for those whom somebody chases.

    Not of those who are away or excused.
    """
    rows = obligations(organisation, on=on, people=people)
    return [
        Reached(row.person_id, row.course_id, row.due_on, Step("asked", on), None)
        for row in rows
        if row.due_on is not None and not (row.is_current or row.is_excused or row.is_away or row.is_paused)
    ]


def reached(
    organisation: Organisation,
    *,
    on: date,
    people: dict[int, str],
    history: Sequence[Rules],
    lines: Sequence[TrainingNeed] | None = None,
) -> list[Reached]:
    """The same, with those left out who were told of the step already, are told of something today, or have no e-mail address."""
    found = to_do(organisation, on=on, people=people, history=history, lines=lines)
    whom = {one.person_id for one in found}
    told = set(ReminderSend.objects.filter(person__in=whom).values_list("person", "course", "due_on", "step")) if whom else set()
    mails = ReminderMail.objects.filter(person__in=whom, kind=ReminderMail.Kind.OWN, on=on)
    today = set(mails.values_list("person", flat=True)) if whom else set()
    return [_looked_at(one, told=told, today=today, email=people[one.person_id]) for one in found]


def _looked_at(one: Reached, *, told: set[tuple[int, int, date, str]], today: set[int], email: str) -> Reached:
    left_out = one.left_out
    if left_out is None and (one.key in told or one.person_id in today):
        left_out = LeftOut.TOLD
    elif left_out is None and not email:
        left_out = LeftOut.NO_EMAIL
    return Reached(one.person_id, one.course_id, one.due_on, one.step, left_out)
