"""Whom a line of the training needs analysis asks: a rule over posts, and when somebody was under it.

Within one part of the rule any value will do; all its parts must hold. ``courses.obligations_sql`` holds the same rule as SQL.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, QuerySet

from courses.models import TrainingNeed
from staff.enums import DataAccess, EmploymentType, KeyPostKind
from staff.models import KeyPost, Post, Unit

Period = tuple[date, date | None]
"""``[start, end)``; None: no end."""


@dataclass(frozen=True)
class Capacities:
    """What else makes somebody belong to an audience: the times in which they managed others, and held key posts."""

    managing: tuple[Period, ...] = ()
    holding: tuple[tuple[str, Period], ...] = ()


@dataclass(frozen=True)
class Asking:
    """A line with its units and all below them looked up."""

    line: TrainingNeed
    units: frozenset[int] | None

    def asks(self, post: Post) -> bool:
        """Whether the post is one of those that the line is about, whenever that was."""
        line = self.line
        return (
            (line.audience == TrainingNeed.Audience.EVERYONE or post.has_access != DataAccess.NO)
            and (not line.staff_groups or post.staff_group in line.staff_groups)
            and (not line.employment_types or post.employment_type in line.employment_types)
            and (not line.job_titles or post.job_title in line.job_titles)
            and (self.units is None or post.unit_id in self.units)
        )

    def periods(self, posts: Iterable[Post], capacities: Capacities) -> list[Period]:
        """The times in which the line asked somebody, in no order. They may overlap."""
        assert self.line.start is not None  # noqa: S101  a draft's line asks nobody
        found: list[Period] = [(self.line.start, self.line.end)]
        found = _both(found, [(post.start, post.end) for post in posts if self.asks(post)])
        if self.line.managers_only:
            found = _both(found, capacities.managing)
        if self.line.key_posts:
            found = _both(found, [period for kind, period in capacities.holding if kind in self.line.key_posts])
        return found


def with_units(lines: Collection[TrainingNeed]) -> list[Asking]:
    """The lines of one organisation with their units looked up. One query if any line names a unit."""
    below: Mapping[int, set[int]] = {}
    named = {unit for line in lines for unit in line.units}
    if named:
        children: dict[int, list[int]] = {}
        organisation = next(iter(lines)).organisation_id
        for pk, parent in Unit.objects.filter(organisation=organisation).values_list("pk", "parent_id"):
            if parent is not None:
                children.setdefault(parent, []).append(pk)
        below = {unit: _below(unit, children) for unit in named}
    return [Asking(line, frozenset().union(*(below[unit] for unit in line.units)) if line.units else None) for line in lines]


def posts_asked(line: TrainingNeed, *, on: date, organisations: Iterable[int] | None = None) -> QuerySet[Post]:
    """The posts on a day that the line is about, whether or not it is in force.

    Args:
        line: the line.
        on: the day.
        organisations: whose posts, where others have the same line; the line's own if not given.
    """
    posts = Post.objects.covering(on).filter(person__organisation__in=organisations or [line.organisation_id])
    if line.audience == TrainingNeed.Audience.WITH_ACCESS:
        posts = posts.with_access()
    for column in ("staff_group", "employment_type", "job_title"):
        values = getattr(line, f"{column}s")
        if values:
            posts = posts.filter(**{f"{column}__in": values})
    if line.units:
        posts = posts.filter(unit__in=Unit.objects.ids_below(line.organisation_id, line.units))
    if line.managers_only:
        posts = posts.filter(Exists(Post.objects.covering(on).filter(manager=OuterRef("person"))))
    if line.key_posts:
        held = KeyPost.objects.covering(on).filter(kind__in=line.key_posts, holder=OuterRef("person"))
        posts = posts.filter(Exists(held))
    return posts


def rule_of(line: TrainingNeed) -> tuple[object, ...]:
    """What is alike in lines that ask the same of the same posts."""
    lists = (line.staff_groups, line.employment_types, line.job_titles, line.units, line.key_posts)
    return (line.audience, *(tuple(values) for values in lists), line.managers_only)


def in_words(line: TrainingNeed, *, units: Mapping[int, str] | None = None) -> str:
    """``Everyone with access to personal data who manages others, in: Care, Nursing``.

    Args:
        line: the line.
        units: the names of units by id, if the line may name any.
    """
    parts = [str(line.get_audience_display())]
    if line.managers_only:
        parts[0] += " who manages others"
    if line.key_posts:
        parts.append("holding: " + _or([str(KeyPostKind(kind).label) for kind in line.key_posts]))
    if line.staff_groups:
        parts.append("staff group: " + _or(line.staff_groups))
    if line.job_titles:
        parts.append("job title: " + _or(line.job_titles))
    if line.employment_types:
        parts.append("employed as: " + _or([str(EmploymentType(kind).label).lower() for kind in line.employment_types]))
    if line.units:
        parts.append("in: " + _or([(units or {}).get(unit, "a unit") for unit in line.units]) + " and below")
    return "; ".join(parts)


def _or(words: Collection[str]) -> str:
    ordered = list(words)
    return ordered[0] if len(ordered) == 1 else f"{', '.join(ordered[:-1])} or {ordered[-1]}"


def _both(first: Iterable[Period], second: Iterable[Period]) -> list[Period]:
    """The times that lie in one of the first and in one of the second."""
    others = list(second)
    found = []
    for start, end in first:
        for other_start, other_end in others:
            begin = max(start, other_start)
            stop = min((one for one in (end, other_end) if one is not None), default=None)
            if stop is None or begin < stop:
                found.append((begin, stop))
    return found


def _below(root: int, children: Mapping[int, list[int]]) -> set[int]:
    found, waiting = {root}, [root]
    while waiting:
        new = [unit for unit in children.get(waiting.pop(), []) if unit not in found]
        found.update(new)
        waiting.extend(new)
    return found
