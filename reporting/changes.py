"""Why a figure changed between two days, person by person. Both days are taken as they are known now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, Case, Count, Q, QuerySet, Value, When

from accounts.models import Organisation
from courses.dates import window_start
from courses.models import Completion
from courses.status_sql import among, last_completion, left_out_case, status_case
from reporting.enums import IN_SCOPE, Headline, Movement, Standing
from reporting.queries import posts_asked, scope_case
from reporting.rates import Question, Tally, percent_of
from staff.models import Person

BEFORE = "before"
AFTER = "after"


@dataclass(frozen=True)
class Effect:
    """What one person of a movement does to the figure: to those trained, and to those in scope."""

    trained: int
    in_scope: int


EFFECTS = {
    Movement.STILL_TRAINED: Effect(0, 0),
    Movement.TRAINED_SINCE: Effect(1, 0),
    Movement.JOINED_TRAINED: Effect(1, 1),
    Movement.CAME_IN_TRAINED: Effect(1, 1),
    Movement.RAN_OUT: Effect(-1, 0),
    Movement.ASKED_AGAIN: Effect(-1, 0),
    Movement.LEFT_TRAINED: Effect(-1, -1),
    Movement.WENT_OUT_TRAINED: Effect(-1, -1),
    Movement.JOINED_UNTRAINED: Effect(0, 1),
    Movement.CAME_IN_UNTRAINED: Effect(0, 1),
    Movement.LEFT_UNTRAINED: Effect(0, -1),
    Movement.WENT_OUT_UNTRAINED: Effect(0, -1),
    Movement.STILL_UNTRAINED: Effect(0, 0),
}


@dataclass(frozen=True)
class Move:
    """A movement and how many people made it."""

    movement: Movement
    people: int
    is_hidden: bool = False

    @property
    def trained(self) -> int:
        """How many more count as trained because of it; below nothing when fewer do."""
        return EFFECTS[self.movement].trained * self.people

    @property
    def in_scope(self) -> int:
        """How many more are in scope because of it."""
        return EFFECTS[self.movement].in_scope * self.people


@dataclass(frozen=True)
class Changes:
    """The headline figure of two days and everybody who moved between them.

    ``before.current`` and the trained effects of all moves make ``after.current``; the same holds of those in scope.
    """

    organisation: Organisation
    before: Question
    after: Question
    moves: Mapping[Movement, int]
    hidden: frozenset[Movement] = frozenset()
    """Movements whose number is not shown, to people who see no names."""

    @property
    def all(self) -> list[Move]:
        """Every movement that somebody made, those that change the figure first."""
        return [
            Move(movement, self.moves[movement], is_hidden=movement in self.hidden)
            for movement in Movement
            if self.moves.get(movement)
        ]

    @property
    def changing(self) -> list[Move]:
        return [move for move in self.all if EFFECTS[move.movement] != Effect(0, 0)]

    @property
    def was(self) -> Tally:
        """The headline figure on the earlier day, as trained and not trained only."""
        return self._tally(after=False)

    @property
    def now(self) -> Tally:
        return self._tally(after=True)

    def _tally(self, *, after: bool) -> Tally:
        trained = sum(n for movement, n in self.moves.items() if _trained(movement, after=after))
        inside = sum(n for movement, n in self.moves.items() if _inside(movement, after=after))
        return Tally(current=trained, not_started=inside - trained)

    @property
    def finding(self) -> str:
        """Both figures and the largest reasons, in one sentence."""
        was, now = (percent_of(tally.current, tally.in_scope) for tally in (self.was, self.now))
        if was is None or now is None:
            return "On one of the two days no one was in scope, so there is nothing to compare"
        reasons = "; ".join(f"{move.people:,} {move.movement.in_words}" for move in self._largest)
        because = f": {reasons}" if reasons else ""
        if was == now:
            return f"The figure was {was}% on both days{because}"
        return f"The figure {'rose' if float(now) > float(was) else 'fell'} from {was}% to {now}%{because}"

    @property
    def _largest(self) -> list[Move]:
        return sorted((move for move in self.changing if not move.is_hidden), key=lambda move: -move.people)[:4]


def stands(movement: Movement) -> tuple[int, int, int, int]:
    """What one person of a movement counts for: trained and in scope on the earlier day, then on the later."""
    return (
        int(_trained(movement, after=False)),
        int(_inside(movement, after=False)),
        int(_trained(movement, after=True)),
        int(_inside(movement, after=True)),
    )


def changes_between(before: Question, after: Question) -> Changes:
    """Everybody in post on either day, sorted by what happened to them between. One statement.

    The questions differ in their day alone.
    """
    moved = _moved(before, after).values_list("movement").annotate(people=Count("pk")).order_by()
    counts = {Movement(movement): people for movement, people in moved if movement}
    return Changes(before.organisation, before, after, counts)


def people_who(changes: Changes, movement: Movement) -> QuerySet[Person]:
    """Exactly the people of a movement, each with ``last_completed_on`` as of the later day."""
    after = changes.after
    found: QuerySet[Person] = (
        _moved(changes.before, after)
        .filter(movement=movement)
        .annotate(last_completed_on=last_completion("pk", on=after.on, courses=after.courses))
    )
    return found


def _moved(before: Question, after: Question) -> QuerySet[Any]:
    """Everybody ever in post here, with their ``movement``; it is empty for those in the figure on neither day."""
    people: QuerySet[Any] = Person.objects.of(before.organisation)
    for name, question in ((BEFORE, before), (AFTER, after)):
        people = people.annotate(**_stood(name, question))
    return people.annotate(movement=Case(*_cases(after), default=Value("")))


def _stood(name: str, question: Question) -> dict[str, Case]:
    within = Q(person__organisation=question.organisation)
    in_post = among("pk", posts_asked(question), within)
    return {
        f"{name}_there": Case(When(in_post, then=Value(True)), default=Value(False), output_field=BooleanField()),
        f"{name}_scope": scope_case("pk", question),
        f"{name}_status": status_case("pk", within=within, on=question.on, months=question.rule.months, courses=question.courses),
        f"{name}_left_out": left_out_case("pk", within=within, on=question.on, courses=question.courses),
    }


def _cases(after: Question) -> list[When]:
    net = after.rule.headline == Headline.NET
    was_in, is_in = _in_figure(BEFORE, net=net), _in_figure(AFTER, net=net)
    was_trained, is_trained = Q(before_status=Standing.CURRENT), Q(after_status=Standing.CURRENT)
    was_there, is_there = Q(before_there=True), Q(after_there=True)
    done = Completion.objects.filter(course__in=after.courses).not_void().by(after.on)
    in_window = done.filter(completed_on__gt=window_start(after.on, after.rule.months))
    still_dated = among("pk", in_window, Q(person__organisation=after.organisation))
    return [
        When(was_in & is_in & was_trained & is_trained, then=Value(Movement.STILL_TRAINED)),
        When(was_in & is_in & ~was_trained & is_trained, then=Value(Movement.TRAINED_SINCE)),
        When(was_in & is_in & was_trained & still_dated, then=Value(Movement.ASKED_AGAIN)),
        When(was_in & is_in & was_trained, then=Value(Movement.RAN_OUT)),
        When(was_in & is_in, then=Value(Movement.STILL_UNTRAINED)),
        When(is_in & ~was_there & is_trained, then=Value(Movement.JOINED_TRAINED)),
        When(is_in & ~was_there, then=Value(Movement.JOINED_UNTRAINED)),
        When(is_in & is_trained, then=Value(Movement.CAME_IN_TRAINED)),
        When(is_in, then=Value(Movement.CAME_IN_UNTRAINED)),
        When(was_in & ~is_there & was_trained, then=Value(Movement.LEFT_TRAINED)),
        When(was_in & ~is_there, then=Value(Movement.LEFT_UNTRAINED)),
        When(was_in & was_trained, then=Value(Movement.WENT_OUT_TRAINED)),
        When(was_in, then=Value(Movement.WENT_OUT_UNTRAINED)),
    ]


def _in_figure(name: str, *, net: bool) -> Q:
    inside = Q(**{f"{name}_there": True, f"{name}_scope__in": IN_SCOPE})
    return inside & Q(**{f"{name}_left_out": ""}) if net else inside


def _trained(movement: Movement, *, after: bool) -> bool:
    if after:
        return movement in (Movement.STILL_TRAINED, Movement.TRAINED_SINCE, Movement.JOINED_TRAINED, Movement.CAME_IN_TRAINED)
    return movement == Movement.STILL_TRAINED or EFFECTS[movement].trained < 0


def _inside(movement: Movement, *, after: bool) -> bool:
    effect = EFFECTS[movement].in_scope
    return effect >= 0 if after else effect <= 0
