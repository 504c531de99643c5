"""What managers hear once a week: who in their team has training due or overdue. Standings and dates, never marks or attempts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice

from accounts.models import Organisation
from courses.obligations_sql import lines_of
from courses.reminders.reach import BATCH, Reached, to_do
from courses.reminders.rules import Rules, in_force
from staff.models import Delegation, Person, Post, Unit


@dataclass(frozen=True)
class Looking:
    """Who looks after whom on a day, as the team page says it, and who comes next above."""

    after: dict[int, set[int]]
    """By the one who looks after them: as manager, or for a manager or a unit they act for."""
    managers: dict[int, set[int]]
    """By person: whom their posts name."""

    def next_level(self, person_id: int) -> set[int]:
        """The managers of a person's managers."""
        return {above for manager in self.managers.get(person_id, ()) for above in self.managers.get(manager, ())} - {person_id}


@dataclass(frozen=True)
class Digest:
    """What one manager is told."""

    team: tuple[Reached, ...]
    passed_on: tuple[Reached, ...]
    """Overdue for weeks with people further down."""


def looking_after(organisation: Organisation, *, on: date) -> Looking:
    """Everybody's managers and deputies on a day, in two queries, or three when somebody acts for a unit."""
    posts = list(Post.objects.covering(on).filter(person__organisation=organisation).values_list("person", "manager", "unit"))
    after, managers, in_unit = defaultdict[int, set[int]](set), defaultdict[int, set[int]](set), defaultdict[int, set[int]](set)
    for person, manager, unit in posts:
        if manager is not None:
            after[manager].add(person)
            managers[person].add(manager)
        if unit is not None:
            in_unit[unit].add(person)
    direct = {manager: set(people) for manager, people in after.items()}
    for acting in Delegation.objects.covering(on).filter(organisation=organisation):
        if acting.manager_id is not None:
            after[acting.delegate_id] |= direct.get(acting.manager_id, set())
        else:
            units = Unit.objects.ids_below(organisation.pk, [acting.unit_id] if acting.unit_id else [])
            after[acting.delegate_id] |= {person for unit in units for person in in_unit.get(unit, ())}
    return Looking({one: people - {one} for one, people in after.items() if people - {one}}, dict(managers))


def digests(
    organisation: Organisation, *, on: date, history: Sequence[Rules], managers: Collection[int] | None = None
) -> dict[int, Digest]:
    """What managers would be told on a day; those with nothing to hear are not among them.

    People who are away or excused are in nobody's list.

    Args:
        organisation: whose managers.
        on: the day.
        history: all versions of the rules.
        managers: only these, by id.
    """
    looking, rules = looking_after(organisation, on=on), in_force(history, on=on)
    people = set(looking.managers) | {person for team in looking.after.values() for person in team}
    if managers is not None:
        above = {person for person in looking.managers if not looking.next_level(person).isdisjoint(managers)}
        people = above | {person for one in managers for person in looking.after.get(one, ())}
    team, passed_on = defaultdict[int, list[Reached]](list), defaultdict[int, list[Reached]](list)
    whose = defaultdict[int, set[int]](set)
    for manager, own in looking.after.items():
        for person in own:
            whose[person].add(manager)
    for one in _chased(organisation, people, on=on, history=history):
        for manager in whose[one.person_id]:
            team[manager].append(one)
        if rules.is_escalated(one.due_on, on):
            for above_them in looking.next_level(one.person_id) - whose[one.person_id]:
                passed_on[above_them].append(one)
    wanted = team.keys() | passed_on.keys()
    return {one: Digest(_in_order(team[one]), _in_order(passed_on[one])) for one in wanted if managers is None or one in managers}


def can_be_told(people: Iterable[int], *, on: date) -> set[int]:
    """Those of some people who are in post, not away, and have an e-mail address."""
    found = Person.objects.filter(pk__in=list(people)).exclude(email="").in_post(on)
    return set(found.values_list("pk", flat=True)) - set(found.away(on).values_list("pk", flat=True))


def _chased(organisation: Organisation, people: Iterable[int], *, on: date, history: Sequence[Rules]) -> list[Reached]:
    lines, waiting, found = lines_of(organisation, on=on), iter(sorted(people)), list[Reached]()
    while batch := list(islice(waiting, BATCH)):
        found += [one for one in to_do(organisation, on=on, people=batch, history=history, lines=lines) if one.left_out is None]
    return found


def _in_order(found: Iterable[Reached]) -> tuple[Reached, ...]:
    return tuple(sorted(found, key=lambda one: (one.due_on, one.person_id, one.course_id)))
