"""A manager's team on a day: who is trained, due, overdue or away. Standings and dates only, never marks or attempts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from django.db.models import Prefetch

from courses.needs import Due, what_is_due_for
from staff.models import Absence, Person, Post


class Standing(StrEnum):
    """What a manager needs to know of one person and one course, the most pressing first."""

    OVERDUE = "overdue"
    DUE = "due"
    SOON = "soon"
    TRAINED = "trained"
    EXCUSED = "excused"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    Standing.OVERDUE: "Overdue",
    Standing.DUE: "Due",
    Standing.SOON: "Runs out soon",
    Standing.TRAINED: "Trained",
    Standing.EXCUSED: "Excused",
}
_ORDER = list(Standing)


@dataclass(frozen=True)
class Away:
    """When somebody is away, and the day they are expected back, if anybody said."""

    since: date
    back_on: date | None


@dataclass(frozen=True)
class Line:
    """One person and one course they need."""

    person: Person
    due: Due
    away: Away | None

    @property
    def standing(self) -> Standing:
        if self.due.exemption is not None:
            return Standing.EXCUSED
        if self.due.status.is_current:
            return Standing.SOON if self.due.is_soon else Standing.TRAINED
        return Standing.OVERDUE if self.due.is_overdue else Standing.DUE

    @property
    def excused_until(self) -> date | None:
        """The last day of the exemption, if it has one."""
        end = self.due.exemption.end if self.due.exemption is not None else None
        return end - timedelta(days=1) if end is not None else None

    @property
    def is_to_chase(self) -> bool:
        """Not trained, at work, and not excused."""
        return self.standing in (Standing.OVERDUE, Standing.DUE) and self.away is None


@dataclass(frozen=True)
class Team:
    """Everybody whom one person looks after on the day, as manager or for another. Those without a line need no course."""

    people: tuple[Person, ...]
    lines: tuple[Line, ...]
    away: int

    def count(self, standing: Standing) -> int:
        """How many lines have a standing."""
        return sum(line.standing == standing for line in self.lines)

    @property
    def to_chase(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.is_to_chase)

    @property
    def without_courses(self) -> tuple[Person, ...]:
        """People of the team of whom no course is asked."""
        asked = {line.person.pk for line in self.lines}
        return tuple(person for person in self.people if person.pk not in asked)


def team_of(manager: Person, *, on: date) -> Team:
    """The team on a day, the most pressing first, in ten queries at most however large it is."""
    held = Prefetch("posts", queryset=Post.objects.covering(on).select_related("unit", "manager"), to_attr="posts_here")
    people = list(Person.objects.managed_by(manager, on).prefetch_related(held))
    away = _away(people, on=on)
    due = what_is_due_for(people, on=on)
    lines = [Line(person, item, away.get(person.pk)) for person in people for item in due[person.pk]]
    lines.sort(key=lambda line: (_ORDER.index(line.standing), line.due.due_on, line.person.last_name, line.person.first_name))
    return Team(tuple(people), tuple(lines), len(away))


def _away(people: Iterable[Person], *, on: date) -> dict[int, Away]:
    found: dict[int, Away] = {}
    for absence in Absence.objects.covering(on).filter(person__in=[person.pk for person in people]).order_by("start"):
        known = found.get(absence.person_id)
        if known is None:
            found[absence.person_id] = Away(absence.start, absence.end)
        else:
            back_on = None if known.back_on is None or absence.end is None else max(known.back_on, absence.end)
            found[absence.person_id] = Away(known.since, back_on)
    return found
