"""Whom somebody may put on the list of a session: their team, or whoever a search finds among the people they may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from courses.frequencies import FOR_GOOD
from courses.models import TrainingSession
from courses.obligations import what_is_due_for
from nhsuk.jinja import day
from staff.directory import EVERYBODY, PeopleFilter, matching
from staff.models import Person

MOST_FOUND = 30


@dataclass(frozen=True)
class Choice:
    """People to choose from, each with how they stand with the course; those who need it first."""

    offered: tuple[tuple[Person, str], ...]
    is_search: bool
    is_cut: bool
    """More people fit the search than are shown."""


def choice(session: TrainingSession, me: Person | None, *, words: str, sees_everybody: bool, on: date) -> Choice:
    """Whom to offer. Those on the list already are left out.

    Args:
        session: for which.
        me: who chooses, as HR lists them.
        words: parts of a name or a staff number; empty: the team.
        sees_everybody: the search goes through the whole organisation, not only the team.
        on: the day.
    """
    listed = session.people.values("person")
    team = Person.objects.managed_by(me, on) if me is not None else Person.objects.none()
    if words:
        found = matching(session.organisation, PeopleFilter(words=words, state=EVERYBODY), on=on).exclude(pk__in=listed)
        if not sees_everybody:
            found = found.filter(pk__in=team.values("pk"))
        people = list(found.order_by("last_name", "first_name", "pk")[: MOST_FOUND + 1])
    else:
        people = list(team.exclude(pk__in=listed))
    is_cut = bool(words) and len(people) > MOST_FOUND
    return Choice(_with_standing(session, people[:MOST_FOUND] if words else people, on=on), bool(words), is_cut)


def _with_standing(session: TrainingSession, people: Sequence[Person], *, on: date) -> tuple[tuple[Person, str], ...]:
    due = what_is_due_for(people, on=on)
    found = []
    for person in people:
        one = next((item for item in due[person.pk] if item.course.pk == session.course_id), None)
        if one is None:
            found.append((2, FOR_GOOD, person, "not asked of them"))
        elif one.exemption is not None:
            found.append((2, FOR_GOOD, person, "excused"))
        elif one.status.is_current and not one.is_soon:
            until = f", counts until {day(one.status.valid_until)}" if one.status.valid_until else ""
            found.append((1, one.due_on or FOR_GOOD, person, f"trained{until}"))
        elif one.is_overdue and one.due_on is not None:
            found.append((0, one.due_on, person, f"overdue, was due by {day(one.due_on)}"))
        else:
            found.append((0, one.due_on or FOR_GOOD, person, f"due by {day(one.due_on)}" if one.due_on else "due"))
    found.sort(key=lambda entry: (entry[0], entry[1], entry[2].last_name, entry[2].first_name, entry[2].pk))
    return tuple((person, words) for _rank, _on, person, words in found)
