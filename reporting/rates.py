"""Completion rates as values: counts that add up, and percentages that never flatter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from accounts.models import Organisation
from courses.models import Course
from reporting.enums import By, Headline, LeftOut, Scope, Standing
from reporting.rules import Rule
from staff.models import Unit

NOBODY = "no one in scope"


def percent_of(part: int, whole: int) -> str | None:
    """``"94.9"`` for 9,496 of 10,000: one decimal place, rounded down. None when the whole is nobody."""
    if whole == 0:
        return None
    tenths = part * 1000 // whole
    return f"{tenths // 10}.{tenths % 10}"


def reaches(part: int, whole: int, target: int) -> bool:
    """Whether the share is at or above the target, in whole numbers. Nobody reaches nothing."""
    return whole > 0 and part * 100 >= target * whole


@dataclass(frozen=True)
class Tally:
    """How many people are in scope and where they stand. ``in_scope`` is the sum of the rest."""

    current: int = 0
    lapsed: int = 0
    in_progress: int = 0
    not_started: int = 0

    @property
    def in_scope(self) -> int:
        return self.current + self.lapsed + self.in_progress + self.not_started

    @property
    def percent(self) -> str | None:
        """Trained of those in scope, or None for nobody."""
        return percent_of(self.current, self.in_scope)

    def as_dict(self) -> dict[str, Any]:
        return {
            "in_scope": self.in_scope,
            "current": self.current,
            "lapsed": self.lapsed,
            "in_progress": self.in_progress,
            "not_started": self.not_started,
            "percent": self.percent,
        }


@dataclass(frozen=True)
class Figures:
    """The headline tally beside the net one, and why people are left out of the net."""

    gross: Tally = field(default_factory=Tally)
    net: Tally = field(default_factory=Tally)
    left_out: Mapping[str, int] = field(default_factory=lambda: dict.fromkeys(LeftOut.values, 0))

    def headline(self, which: str) -> Tally:
        """The tally that a rule puts first."""
        return self.net if which == Headline.NET else self.gross

    def as_dict(self) -> dict[str, Any]:
        return {**self.gross.as_dict(), "net": {**self.net.as_dict(), "left_out": dict(self.left_out)}}


class FiguresCount:
    """Adds people up into ``Figures``."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str], int] = {}

    def add(self, status: str, left_out: str, people: int) -> None:
        """Count people of one status; ``left_out`` is empty for those in the net figure."""
        key = (status, left_out)
        self._counts[key] = self._counts.get(key, 0) + people

    def figures(self) -> Figures:
        def tally(*, net: bool) -> Tally:
            totals = dict.fromkeys(Standing.values, 0)
            for (status, left_out), people in self._counts.items():
                if not (net and left_out):
                    totals[status] += people
            return Tally(**totals)

        reasons = dict.fromkeys(LeftOut.values, 0)
        for (_status, left_out), people in self._counts.items():
            if left_out:
                reasons[left_out] += people
        return Figures(gross=tally(net=False), net=tally(net=True), left_out=reasons)


@dataclass(frozen=True)
class Group:
    """The figures of one unit, staff group, employment type or manager. Of a hidden group there are none."""

    key: str
    name: str
    figures: Figures
    is_hidden: bool = False

    def as_dict(self) -> dict[str, Any]:
        return {"key": self.key, "name": self.name, **self.figures.as_dict()}


@dataclass(frozen=True)
class Question:
    """What a completion rate is asked for. Any one of the courses counts. With a branch: only posts in that unit and below it."""

    organisation: Organisation
    courses: tuple[Course, ...]
    on: date
    rule: Rule
    branch: int | None = None

    @cached_property
    def counted_units(self) -> frozenset[int] | None:
        """The units that the rule counts, with all below them as the tree stands now; None: every post, of a unit or of none."""
        if not self.rule.units:
            return None
        return frozenset(Unit.objects.ids_below(self.organisation.pk, self.rule.units))


@dataclass(frozen=True)
class RateReport:
    """A completion rate, the answer to one question, with everybody in post accounted for.

    ``headcount`` is in scope plus out of scope; people whose access is not known are in scope and
    counted again in ``unknown_access``. ``groups`` holds the groups by each thing asked for: somebody
    with posts in two groups counts in both, and once in the total. ``fewest`` is set where small groups are hidden.
    """

    question: Question
    figures: Figures
    out_of_scope: Mapping[str, int]
    unknown_access: int
    groups: Mapping[str, tuple[Group, ...]]
    fewest: int | None = None

    @property
    def in_scope(self) -> int:
        return self.figures.gross.in_scope

    @property
    def headcount(self) -> int:
        return self.in_scope + sum(self.out_of_scope.values())

    @property
    def headline(self) -> Tally:
        """The tally that the rule puts first."""
        return self.figures.headline(self.question.rule.headline)

    @property
    def percent(self) -> str | None:
        return self.headline.percent

    @property
    def meets_target(self) -> bool | None:
        """Whether the headline reaches the rule's target; None without a target or with nobody in scope."""
        target = self.question.rule.target
        if target is None or self.headline.in_scope == 0:
            return None
        return reaches(self.headline.current, self.headline.in_scope, target)

    def counted_again(self, by: str) -> int:
        """How many more people the groups add up to than there are, because some hold posts in several.

        Nothing for branches, which hold one another, nor where a group is hidden.
        """
        if by == By.BRANCH or any(group.is_hidden for group in self.groups[by]):
            return 0
        return sum(group.figures.gross.in_scope for group in self.groups[by]) - self.in_scope

    def as_dict(self, by: str | None = None) -> dict[str, Any]:
        """The JSON of the command ``completion_rate``."""
        return {
            "organisation": self.question.organisation.ods_code,
            "course": ", ".join(course.code for course in self.question.courses),
            "as_of": self.question.on.isoformat(),
            "headcount": self.headcount,
            "out_of_scope": dict(self.out_of_scope),
            **self.figures.as_dict(),
            "groups": [group.as_dict() for group in self.groups[by]] if by else [],
        }


def no_reasons(rule: Rule) -> dict[str, int]:
    """Every reason for being out of scope by a rule, each with nobody."""
    reasons = (Scope.NO_ACCESS, Scope.EMPLOYMENT_TYPE, *((Scope.OTHER_UNIT,) if rule.units else ()))
    return {str(reason): 0 for reason in reasons}
