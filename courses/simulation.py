"""What a draft of the training needs analysis would change on its first day: who joins, who leaves, who would be overdue."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from datetime import date

from courses.models import NeedsAnalysis, TrainingNeed
from courses.obligations_sql import Obligation, lines_of, obligations
from staff.models import Person

MANY_PEOPLE = 50
MANY_PERCENT = 10


@dataclass(frozen=True)
class Simulation:
    """The difference, an obligation at a time: one person and one course."""

    on: date
    joins: tuple[Obligation, ...]
    leaves: tuple[Obligation, ...]
    newly_overdue: tuple[Obligation, ...]
    asked: int
    """How many obligations there would be."""
    people: int
    """How many people are in post on the day."""

    @property
    def people_newly_overdue(self) -> set[int]:
        return {one.person_id for one in self.newly_overdue}

    @property
    def is_large(self) -> bool:
        """It would make more than 50 people, or more than one in ten of those in post, overdue at once."""
        many = len(self.people_newly_overdue)
        return many > MANY_PEOPLE or many * 100 > self.people * MANY_PERCENT


def simulate(draft: NeedsAnalysis, *, on: date) -> Simulation:
    """What would change if the draft were approved on a day: on its first day, or that day if it names none or one gone by."""
    starts_on = max(draft.starts_on or on, on)
    before = lines_of(draft.organisation, on=starts_on)
    now = {(one.person_id, one.course_id): one for one in obligations(draft.organisation, on=starts_on, lines=before)}
    lines = [*_ended(before, starts_on), *_begun(draft, starts_on)]
    then = {(one.person_id, one.course_id): one for one in obligations(draft.organisation, on=starts_on, lines=lines)}
    return Simulation(
        on=starts_on,
        joins=tuple(one for key, one in then.items() if key not in now),
        leaves=tuple(one for key, one in now.items() if key not in then),
        newly_overdue=tuple(one for key, one in then.items() if one.is_overdue and not (key in now and now[key].is_overdue)),
        asked=len(then),
        people=Person.objects.of(draft.organisation).in_post(starts_on).count(),
    )


def _ended(lines: list[TrainingNeed], on: date) -> list[TrainingNeed]:
    ended = [copy(line) for line in lines if line.start is not None and line.start < on]
    for line in ended:
        line.end = min(line.end or on, on)
    return ended


def _begun(draft: NeedsAnalysis, on: date) -> list[TrainingNeed]:
    begun = [copy(line) for line in draft.lines.select_related("course").order_by("pk")]
    for line in begun:
        line.start = on
        if draft.grace_until is not None:
            line.not_before = max(line.not_before or draft.grace_until, draft.grace_until)
    return begun
