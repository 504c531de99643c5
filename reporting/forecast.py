"""What the figure will be on a day to come: if nobody trains, if people go on as they did, and what it takes to reach a target.

A figure of a later day is the ordinary figure asked for that day: no completion is dated after today, so it says what
holds if nothing happens. Posts that are known to begin or end by then, absences and new versions asked for are in it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.db.models import Case, IntegerField, QuerySet, Value, When

from courses.dates import window_start
from courses.models import Completion
from reporting.changes import Changes, changes_between
from reporting.enums import IN_SCOPE, Headline, Standing
from reporting.queries import headlines_on, people_on, posts_asked
from reporting.rates import Question, Tally, percent_of, reaches
from staff.models import Person

FURTHEST_MONTHS = 18
MOST_POINTS = 27
PACE_WEEKS = 24
STRETCH_WEEKS = 4


@dataclass(frozen=True)
class Pace:
    """How many people a week completed a course lately: on average, and in the slowest and quickest four weeks."""

    usual: float
    slowest: float
    quickest: float

    @property
    def in_words(self) -> str:
        if self.quickest == 0:
            return f"Nobody finished the training in the last {PACE_WEEKS} weeks, so all three lines are one."
        return (
            f"In the last {PACE_WEEKS} weeks {self.usual:.1f} people a week finished the training: "
            f"{self.slowest:.1f} a week in the slowest four weeks, {self.quickest:.1f} in the quickest."
        )


@dataclass(frozen=True)
class Point:
    """One day of the forecast. ``nothing`` is exact; the others add completions at a pace to people not trained by then."""

    on: date
    nothing: Tally
    slowest: int
    usual: int
    quickest: int

    def percent_at(self, trained: int) -> str | None:
        return percent_of(trained, self.nothing.in_scope)


@dataclass(frozen=True)
class Forecast:
    """The way from today to a day to come. ``changes`` names who drops out of the figure and who comes in, if nothing happens."""

    today: date
    question: Question
    target: int
    points: tuple[Point, ...]
    pace: Pace
    changes: Changes

    @property
    def now(self) -> Tally:
        return self.points[0].nothing

    @property
    def then(self) -> Point:
        return self.points[-1]

    @property
    def needed(self) -> int:
        """How many people must complete by the day for the headline to reach the target, if no one else leaves or joins."""
        tally = self.then.nothing
        return max(0, -(-self.target * tally.in_scope // 100) - tally.current)

    @property
    def counts_from(self) -> date:
        """The first day on which a completion still counts on the day of the forecast."""
        return max(self.today, window_start(self.question.on, self.question.rule.months) + timedelta(days=1))

    @property
    def best(self) -> Point:
        """The day of the forecast with the highest figure if nothing happens; the first of several."""
        return max(self.points, key=lambda point: (_share(point.nothing), -point.on.toordinal()))

    @property
    def reached(self) -> bool:
        """Whether the target is reached on the day if nothing happens."""
        return reaches(self.then.nothing.current, self.then.nothing.in_scope, self.target)

    @property
    def last_good(self) -> Point | None:
        """The last day up to which the target holds without a break from today, if nothing happens."""
        good: Point | None = None
        for point in self.points:
            if not reaches(point.nothing.current, point.nothing.in_scope, self.target):
                break
            good = point
        return good


def _share(tally: Tally) -> float:
    return tally.current / tally.in_scope if tally.in_scope else -1.0


def forecast(question: Question, *, today: date, target: int) -> Forecast:
    """The forecast for the question's day. Three statements, however many people there are.

    Raises:
        ValueError: the day is not after today, or more than ``FURTHEST_MONTHS`` away.
    """
    if not today < question.on:
        raise ValueError("A forecast is for a day after today.")
    days = days_between(today, question.on)
    tallies = headlines_on([replace(question, on=day) for day in days])
    pace = pace_before(question, today)
    points = tuple(_point(day, tally, pace, weeks=(day - today).days / 7) for day, tally in zip(days, tallies, strict=True))
    changes = changes_between(replace(question, on=today), question)
    return Forecast(today, question, target, points, pace, changes)


def days_between(today: date, last: date) -> tuple[date, ...]:
    """Today, every Monday up to the last day, and that day; every second, third ... Monday where that makes too many."""
    mondays = [today + timedelta(days=n) for n in range(1, (last - today).days) if (today + timedelta(days=n)).weekday() == 0]
    every = -(-len(mondays) // (MOST_POINTS - 2)) or 1
    return (today, *mondays[every - 1 :: every], last)


def _point(day: date, tally: Tally, pace: Pace, *, weeks: float) -> Point:
    untrained = tally.in_scope - tally.current

    def at(people_a_week: float) -> int:
        return tally.current + min(untrained, int(people_a_week * weeks))

    return Point(day, tally, at(pace.slowest), at(pace.usual), at(pace.quickest))


def pace_before(question: Question, today: date) -> Pace:
    """How quickly people of the organisation completed one of the courses in the weeks up to today."""
    since = today - timedelta(weeks=PACE_WEEKS)
    done = Completion.objects.filter(course__in=question.courses, person__organisation=question.organisation)
    if question.branch is not None:
        done = done.filter(person__in=posts_asked(replace(question, on=today)).values("person"))
    counted = done.not_void().by(today).filter(completed_on__gt=since).values_list("completed_on", "person").distinct()
    weeks: Counter[int] = Counter((today - day).days // 7 for day, _person in counted)
    stretches = [
        sum(weeks[week] for week in range(start, start + STRETCH_WEEKS)) / STRETCH_WEEKS
        for start in range(0, PACE_WEEKS, STRETCH_WEEKS)
    ]
    return Pace(sum(weeks.values()) / PACE_WEEKS, min(stretches), max(stretches))


def people_to_ask(forecast: Forecast) -> QuerySet[Person]:
    """Everybody in scope who will not count as trained on the day if they do nothing, the likeliest to finish first.

    First those who have begun, then those whose training runs out, then those who never did it; people who are away or
    exempt on the day come last. The first ``needed`` of them are the shortest list that reaches the target.
    """
    question = forecast.question
    likely = Case(
        When(left_out__gt="", then=Value(3)),
        When(status=Standing.IN_PROGRESS, then=Value(0)),
        When(status=Standing.LAPSED, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    people: QuerySet[Any] = people_on(question)
    people = people.filter(scope__in=IN_SCOPE).exclude(status=Standing.CURRENT)
    if question.rule.headline == Headline.NET:
        people = people.filter(left_out="")
    return people.annotate(likely=likely).order_by("likely", "last_name", "first_name", "pk")
