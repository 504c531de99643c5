"""A manager's team on a day: who is trained, due, overdue or away. Standings and dates only, never marks or attempts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from django.db.models import Max

from courses.audiences import Period
from courses.frequencies import FOR_GOOD
from courses.models import ReminderMail
from courses.obligations import Due, facts_of, what_is_due_for
from staff.models import Person, Post

REMINDED_LATELY = timedelta(weeks=4)


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
    titles: str
    """What the person works as."""
    away: Away | None
    reminded_on: date | None = None
    """The last day in the past four weeks on which a reminder of their own training was decided upon."""

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
    """The team on a day, the most pressing first, in eleven queries at most however large it is."""
    people = list(Person.objects.managed_by(manager, on))
    if not people:
        return Team((), (), 0)
    facts = facts_of(people, on=on)
    away = {pk: found for pk, absences in facts.absences.items() if (found := _away(absences, on=on)) is not None}
    due = what_is_due_for(people, on=on, known=facts)
    titles = {pk: _titles(posts, on=on) for pk, posts in facts.posts.items()}
    reminded = _reminded(people, on=on)
    lines = [
        Line(person, item, titles.get(person.pk, ""), away.get(person.pk), reminded.get(person.pk))
        for person in people
        for item in due[person.pk]
    ]
    lines.sort(
        key=lambda line: (_ORDER.index(line.standing), line.due.due_on or FOR_GOOD, line.person.last_name, line.person.first_name)
    )
    return Team(tuple(people), tuple(lines), len(away))


def _reminded(people: Iterable[Person], *, on: date) -> dict[int, date]:
    mails = ReminderMail.objects.filter(person__in=[person.pk for person in people], kind=ReminderMail.Kind.OWN)
    mails = mails.filter(on__gt=on - REMINDED_LATELY, on__lte=on)
    return dict(mails.order_by().values_list("person").annotate(last=Max("on")))


def _titles(posts: Iterable[Post], *, on: date) -> str:
    return ", ".join(post.job_title or "Post" for post in posts if post.end is None or post.end > on)


def _away(absences: Iterable[Period], *, on: date) -> Away | None:
    """The absences that cover the day as one."""
    here = sorted((start, end) for start, end in absences if end is None or end > on)
    if not here:
        return None
    ends = [end for _start, end in here]
    return Away(here[0][0], None if None in ends else max(end for end in ends if end is not None))
