"""Who has an induction, a contract clause or training for their key post on a day: the figure, and everybody behind it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from accounts.models import Organisation
from courses.models import RecordKind, StaffRecord
from courses.staff_record_rules import Standing, began, is_asked, rules, standing
from nhsuk.jinja import day
from staff.enums import KeyPostKind
from staff.models import KeyPost, Person, Post


@dataclass(frozen=True)
class Line:
    """One person, and for training for a key post one appointment."""

    person: Person
    since: date
    """The first day here, or of the appointment."""
    standing: Standing
    recorded_on: date | None
    key_post: str = ""

    @property
    def key_post_name(self) -> str:
        return str(KeyPostKind(self.key_post).label) if self.key_post else ""

    @property
    def key(self) -> str:
        """Names the line in a form."""
        return f"{self.person.pk}:{self.key_post}"


@dataclass(frozen=True)
class StaffFigure:
    """One kind of record on a day. Those for whom it is too soon, and key posts held by outsiders, are counted apart."""

    kind: RecordKind
    on: date
    lines: tuple[Line, ...]
    held_outside: int = 0

    def of(self, standing: Standing) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.standing == standing)

    @property
    def numerator(self) -> int:
        return len(self.of(Standing.RECORDED))

    @property
    def denominator(self) -> int:
        return self.numerator + len(self.of(Standing.MISSING))

    @property
    def sentence(self) -> str:
        """The figure in words."""
        number, of = self.numerator, self.denominator
        if not of:
            return {
                RecordKind.INDUCTION: f"Nobody in post began in the {rules().started_within_months} months to {day(self.on)}.",
                RecordKind.CONTRACT: "Nobody is in post.",
                RecordKind.POST_TRAINING: "No key post is held by anybody on the staff list.",
            }[self.kind]
        if self.kind == RecordKind.INDUCTION:
            return f"{number} of {of} who began in the last {rules().started_within_months} months have an induction on record."
        if self.kind == RecordKind.CONTRACT:
            return f"{number} of {of} in post have signed data security duties on record."
        return f"{number} of {of} key posts are held by somebody whose training for the post is on record."

    @property
    def definition(self) -> tuple[str, ...]:
        """What is counted, and what is left out, one sentence each."""
        soon, late = len(self.of(Standing.TOO_SOON)), "Records dated later are ignored, and so are those withdrawn since."
        if self.kind == RecordKind.INDUCTION:
            return (
                f"Counted: everybody in post on {day(self.on)} whose time here began in the {rules().started_within_months} months before, "
                "of any employment type, once each.",
                f"An induction counts from {rules().induction_days_before} days before the first day on.",
                f"Left out: {soon} within {rules().induction_days} days of their first day without an induction yet.",
                late,
            )
        if self.kind == RecordKind.CONTRACT:
            return (
                f"Counted: everybody in post on {day(self.on)}, of any employment type, volunteers too, once each.",
                f"What was signed counts from {rules().contract_days_before} days before the first day here on.",
                f"Left out: {soon} within {rules().contract_days} days of their first day without a record yet.",
                late,
            )
        return (
            f"Counted: every key post that somebody on the staff list holds on {day(self.on)}.",
            f"Training for that post counts for {rules().post_months} months.",
            f"Left out: {soon} appointed within the last {rules().post_days} days without a record yet, "
            f"and {self.held_outside} held by somebody who is not on the staff list.",
            late,
        )


def figure(organisation: Organisation, kind: str, *, on: date, people: Iterable[int] | None = None) -> StaffFigure:
    """One kind of record on a day, in three queries however many people there are.

    Args:
        organisation: whose people.
        kind: one of ``RecordKind``.
        on: the day.
        people: ids of the people to look at; everybody when not given.
    """
    kind = RecordKind(kind)
    return (
        _of_posts(organisation, on=on, people=people)
        if kind == RecordKind.POST_TRAINING
        else _of_people(organisation, kind, on=on, people=people)
    )


def all_figures(organisation: Organisation, *, on: date) -> list[StaffFigure]:
    """The three figures of an organisation on a day."""
    return [figure(organisation, kind, on=on) for kind in RecordKind]


def lines_of(person: Person, *, on: date) -> list[tuple[RecordKind, Line]]:
    """Where one person stands with each kind that is asked of them on a day."""
    found = [figure(person.organisation, kind, on=on, people=[person.pk]) for kind in RecordKind]
    return [(one.kind, line) for one in found for line in one.lines]


def _of_people(organisation: Organisation, kind: RecordKind, *, on: date, people: Iterable[int] | None) -> StaffFigure:
    posts: dict[int, list[tuple[date, date | None]]] = defaultdict(list)
    rows = Post.objects.filter(person__organisation=organisation, start__lte=on)
    if people is not None:
        rows = rows.filter(person__in=list(people))
    for person_id, start, end in rows.values_list("person", "start", "end"):
        posts[person_id].append((start, end))
    since = {pk: first for pk, periods in posts.items() if (first := began(periods, on=on)) is not None}
    asked = {pk: first for pk, first in since.items() if is_asked(kind, since=first, on=on)}
    dates = _dates(organisation, kind, on=on, people=people)
    lines = []
    for person in _people(organisation, asked, on=on):
        found, recorded_on = standing(kind, dates.get((person.pk, ""), ()), since=asked[person.pk], on=on)
        lines.append(Line(person, asked[person.pk], found, recorded_on))
    return StaffFigure(kind, on, tuple(lines))


def _of_posts(organisation: Organisation, *, on: date, people: Iterable[int] | None) -> StaffFigure:
    kind = RecordKind.POST_TRAINING
    held = KeyPost.objects.filter(organisation=organisation).covering(on).select_related("holder")
    if people is not None:
        held = held.filter(holder__in=list(people))
    dates = _dates(organisation, kind, on=on, people=people)
    lines, outside = [], 0
    for post in held.order_by("kind", "start", "pk"):
        if post.holder is None:
            outside += 1
            continue
        found, recorded_on = standing(kind, dates.get((post.holder.pk, post.kind), ()), since=post.start, on=on)
        lines.append(Line(post.holder, post.start, found, recorded_on, key_post=post.kind))
    return StaffFigure(kind, on, tuple(lines), held_outside=outside)


def _people(organisation: Organisation, wanted: dict[int, date], *, on: date) -> list[Person]:
    people = Person.objects.of(organisation)
    people = people.filter(pk__in=wanted) if len(wanted) <= 500 else people.in_post(on)
    return [person for person in people.order_by("last_name", "first_name", "pk") if person.pk in wanted]


def _dates(organisation: Organisation, kind: str, *, on: date, people: Iterable[int] | None) -> dict[tuple[int, str], list[date]]:
    found: dict[tuple[int, str], list[date]] = defaultdict(list)
    rows = StaffRecord.objects.not_void().filter(person__organisation=organisation, kind=kind, happened_on__lte=on).order_by()
    if people is not None:
        rows = rows.filter(person__in=list(people))
    for person, key_post, happened_on in rows.values_list("person", "key_post", "happened_on"):
        found[person, key_post].append(happened_on)
    return found
