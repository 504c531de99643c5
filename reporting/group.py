"""The organisations of a group beside one another, from the figures recorded each night. Never anybody's row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Max

from accounts.models import Organisation
from courses.models import Course
from quizzes.item_analysis import too_few
from reporting.models import RateSnapshot
from reporting.queries import completion_rate
from reporting.rates import percent_of
from reporting.rules import rule_from


@dataclass(frozen=True)
class Member:
    """One organisation on the day. Without figures it recorded none that night, or is too small to be shown."""

    pk: int
    ods_code: str
    name: str
    trained: int | None
    in_scope: int | None
    is_hidden: bool = False

    @property
    def percent(self) -> str | None:
        return None if self.trained is None or self.in_scope is None else percent_of(self.trained, self.in_scope)


@dataclass(frozen=True)
class GroupFigures:
    """The members by how far they are behind, and the whole. ``on`` is None where none of them recorded anything."""

    course: Course
    on: date | None
    members: tuple[Member, ...]
    trained: int
    in_scope: int

    @property
    def percent(self) -> str | None:
        return percent_of(self.trained, self.in_scope)

    @property
    def not_recorded(self) -> int:
        return sum(member.trained is None and not member.is_hidden for member in self.members)

    @property
    def finding(self) -> str:
        """What the table says, in one sentence."""
        if self.percent is None:
            return "No figure of the members is recorded yet"
        recorded = len(self.members) - self.not_recorded
        return f"{self.percent}% of {self.in_scope:,} people in scope are trained, in {recorded:,} of {len(self.members):,} organisations"


def members_of(head: Organisation) -> list[Organisation]:
    """The organisation itself and those whose head office it is."""
    return [head, *head.branches.order_by("name")]


def group_figures(head: Organisation, course: Course, *, on: date | None, fewest: int) -> GroupFigures:
    """The figures recorded on a day, or on the latest day any member recorded. At most three statements.

    Args:
        head: the head office.
        course: a course the members share.
        on: the day; the latest recorded when not given.
        fewest: members with fewer people in scope are hidden, with others where the total would tell.
    """
    members = members_of(head)
    recorded = RateSnapshot.objects.filter(organisation__in=members, course=course).order_by()
    on = on or recorded.aggregate(last=Max("on"))["last"]
    rows = recorded.filter(on=on).values_list("organisation", "trained", "in_scope") if on is not None else ()
    found = {pk: (trained, in_scope) for pk, trained, in_scope in rows}
    hidden = too_few({pk: in_scope for pk, (_trained, in_scope) in found.items()}, fewest)
    shown = [_member(one, found.get(one.pk), is_hidden=one.pk in hidden) for one in members]
    return GroupFigures(
        course=course,
        on=on,
        members=tuple(sorted(shown, key=_behind)),
        trained=sum(trained for trained, _ in found.values()),
        in_scope=sum(in_scope for _, in_scope in found.values()),
    )


def latest_of_member(
    head: Organisation, member: Organisation, courses: Iterable[Course], *, fewest: int
) -> list[tuple[Course, date, Member]]:
    """What was recorded last of each course, hidden as it is among the others; courses of which nothing is recorded are left out."""
    found = []
    for course in courses:
        figures = group_figures(head, course, on=None, fewest=fewest)
        if figures.on is not None:
            found.append((course, figures.on, next(one for one in figures.members if one.pk == member.pk)))
    return found


def _member(organisation: Organisation, figures: tuple[int, int] | None, *, is_hidden: bool) -> Member:
    trained, in_scope = (None, None) if figures is None or is_hidden else figures
    return Member(organisation.pk, organisation.ods_code, organisation.name, trained, in_scope, is_hidden)


def _behind(member: Member) -> tuple[bool, float, str]:
    if not member.in_scope or member.trained is None:
        return (True, 0.0, member.name)
    return (False, member.trained / member.in_scope, member.name)


@dataclass(frozen=True)
class Differing:
    """A member whose night's record is not what the same question gives now, of what is known now."""

    organisation: Organisation
    recorded: tuple[int, int]
    counted: tuple[int, int]


def differing(head: Organisation, course: Course, *, on: date) -> Sequence[Differing]:
    """Count every member's people again and compare with what was recorded: late records and corrections show."""
    snapshots = RateSnapshot.objects.filter(organisation__in=members_of(head), course=course, on=on).select_related(
        "organisation"
    )
    found = []
    for snapshot in snapshots:
        now = completion_rate(snapshot.organisation, course, on=on, rule=rule_from(snapshot.rule)).headline
        recorded, counted = (snapshot.trained, snapshot.in_scope), (now.current, now.in_scope)
        if recorded != counted:
            found.append(Differing(snapshot.organisation, recorded, counted))
    return found
