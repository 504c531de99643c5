"""A training figure with everybody behind it, fit to be kept as evidence and to be worked out again by anyone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db.models import BooleanField, Case, Q, Value, When

from accounts.models import Organisation
from audit.canonical import canonical_json, digest
from courses.frequencies import Frequency
from courses.models import Course, TrainingNeed
from courses.status_sql import last_completion
from reporting.enums import IN_SCOPE, By, Headline, Scope, Standing
from reporting.models import CountingRule
from reporting.queries import NAMELESS, is_included, scope_case, standing
from reporting.rates import Figures, FiguresCount, Question, Tally, no_reasons, percent_of, reaches
from reporting.rules import DSPT_TRAINING, TRAINING, Rule, definition_of, shipped_rules
from staff.models import Post

SCHEMA = "tenfold-training-reading/1"
SCHEMA_WITH_EVALUATION = "tenfold-training-reading/2"
"""The same, and whether the training works (``reporting.frozen_evaluation``)."""


class UnknownCourseError(LookupError):
    """A course code that nobody here has; the text is fit for a person to read."""


@dataclass(frozen=True)
class Row:
    """One person in post on the day, by an internal number.

    ``status`` and ``completed_on`` are empty for people out of scope; ``counted`` says whether the headline
    counts the person as trained.
    """

    person: int
    scope: str
    units: tuple[str, ...]
    staff_groups: tuple[str, ...]
    employment_types: tuple[str, ...]
    status: str
    completed_on: date | None
    left_out: str
    counted: bool

    def as_dict(self) -> dict[str, Any]:
        return {
            "person": self.person,
            "scope": self.scope,
            "units": list(self.units),
            "staff_groups": list(self.staff_groups),
            "employment_types": list(self.employment_types),
            "status": self.status,
            "completed_on": self.completed_on.isoformat() if self.completed_on else None,
            "left_out": self.left_out,
            "counted": self.counted,
        }


@dataclass(frozen=True)
class ReadingGroup:
    """The figures of one unit or staff group."""

    name: str
    figures: Figures


@dataclass(frozen=True)
class Reading:
    """What share was trained on a day, by which rule, and the rows it comes from. ``digest`` covers all of it."""

    organisation: str
    organisation_name: str
    courses: tuple[str, ...]
    course_titles: tuple[str, ...]
    rule: Rule
    as_of: date
    definition: tuple[str, ...]
    figures: Figures
    out_of_scope: dict[str, int]
    unknown_access: int
    by_unit: tuple[ReadingGroup, ...]
    by_staff_group: tuple[ReadingGroup, ...]
    rows: tuple[Row, ...]
    digest: str = ""
    evaluation: dict[str, Any] | None = None

    @property
    def headline(self) -> Tally:
        return self.figures.headline(self.rule.headline)

    @property
    def numerator(self) -> int:
        return self.headline.current

    @property
    def denominator(self) -> int:
        return self.headline.in_scope

    @property
    def percent(self) -> str | None:
        """The headline percentage, rounded down; None when no one is in scope."""
        return percent_of(self.numerator, self.denominator)

    @property
    def headcount(self) -> int:
        return self.figures.gross.in_scope + sum(self.out_of_scope.values())

    @property
    def exclusions(self) -> dict[str, int]:
        """How many are outside the figure, by reason: out of scope, and left out of the net figure only."""
        return {**self.out_of_scope, **self.figures.left_out}

    @property
    def meets_target(self) -> bool | None:
        """Whether the headline reaches the rule's target; None without a target or with nobody in scope."""
        if self.rule.target is None or self.denominator == 0:
            return None
        return reaches(self.numerator, self.denominator, self.rule.target)

    def with_evaluation(self, facts: dict[str, Any]) -> Reading:
        """The same reading with what is known of whether the training works, under a digest of both."""
        reading = replace(self, evaluation=facts)
        return replace(reading, digest=digest(reading.content()))

    def content(self) -> dict[str, Any]:
        """Everything, as JSON values. No clock and no name in it: the same facts give the same content."""
        evaluation = {} if self.evaluation is None else {"evaluation": self.evaluation}
        return {
            "schema": SCHEMA if self.evaluation is None else SCHEMA_WITH_EVALUATION,
            "organisation": self.organisation,
            "courses": list(self.courses),
            "as_of": self.as_of.isoformat(),
            "rule": self.rule.as_dict(),
            "definition": list(self.definition),
            "headcount": self.headcount,
            "out_of_scope": dict(self.out_of_scope),
            "unknown_access": self.unknown_access,
            **self.figures.as_dict(),
            "headline": {
                "figure": str(self.rule.headline),
                "numerator": self.numerator,
                "denominator": self.denominator,
                "percent": self.percent,
                "meets_target": self.meets_target,
            },
            "by_unit": [{"name": group.name, **group.figures.as_dict()} for group in self.by_unit],
            "by_staff_group": [{"name": group.name, **group.figures.as_dict()} for group in self.by_staff_group],
            **evaluation,
            "rows": [row.as_dict() for row in self.rows],
        }

    def as_json(self) -> bytes:
        """The file ``reading.json``: the content and its digest, always the same bytes for the same facts."""
        return canonical_json(self.content() | {"digest": self.digest}) + b"\n"

    def summary(self) -> dict[str, Any]:
        """The content without its rows, and the digest of the whole."""
        content = self.content()
        del content["rows"]
        return content | {"digest": self.digest}


def training_reading(
    organisation: Organisation,
    *,
    on: date,
    months: int | None = None,
    target: int | None = None,
    course_codes: Sequence[str] = (),
    key: str = DSPT_TRAINING,
) -> Reading:
    """The training figure for the DSPT on a day.

    Args:
        organisation: whose people.
        on: the day, such as the planned date of publication.
        months: how long a completion counts; as the counting rule says when not given.
        target: per cent asked for; as the counting rule says when not given.
        course_codes: courses of which any one counts; those of the counting rule when empty.
        key: the counting rule.

    Raises:
        UnknownCourseError: the organisation has no course of a code.
    """
    rule = rule_in_force(organisation, key, on=on)
    rule = rule.changed(months=months or rule.months, target=rule.target if target is None else target)
    courses = courses_of(organisation, course_codes or rule.courses)
    return read(Question(organisation, courses, on, rule.changed(courses=tuple(course.code for course in courses))))


def rule_in_force(organisation: Organisation, key: str, *, on: date, course: Course | None = None) -> Rule:
    """The counting rule of a key on a day: the organisation's own, one for all, or the one that ships with us.

    The shipped rule ``training`` counts a course for as many months as the organisation's training needs
    repeat it; where needs differ, the shortest. A training year is 12 months, and what is asked for once counts 120.
    """
    own = CountingRule.objects.in_force(organisation, key, on)
    if own is not None:
        return own.as_rule()
    rule = shipped_rules()[key]
    if key != TRAINING or course is None:
        return rule
    needs = TrainingNeed.objects.in_force(organisation, on).filter(course=course)
    months = min((Frequency.of(need).whole_months for need in needs), default=None)
    return rule if months is None else rule.changed(months=months, source=f"{rule.source}; months from the training need")


def courses_of(organisation: Organisation, codes: Sequence[str]) -> tuple[Course, ...]:
    """The courses of the codes that the organisation may use, its own and those shared by all.

    Raises:
        UnknownCourseError: one of them is not there.
    """
    found = {course.code: course for course in Course.objects.available_to(organisation).filter(code__in=codes)}
    missing = [code for code in codes if code not in found]
    if missing or not codes:
        code = missing[0] if missing else ""
        raise UnknownCourseError(f"There is no course “{code}”: check its code on the training needs page.")
    return tuple(found[code] for code in dict.fromkeys(codes))


def read(question: Question) -> Reading:
    """The reading that answers a question."""
    rows = _rows(question)
    total, out_of_scope, unknown = FiguresCount(), no_reasons(question.rule), 0
    by_unit: dict[str, FiguresCount] = {}
    by_staff_group: dict[str, FiguresCount] = {}
    for row in rows:
        if row.scope not in IN_SCOPE:
            out_of_scope[row.scope] += 1
            continue
        total.add(row.status, row.left_out, 1)
        unknown += row.scope == Scope.UNKNOWN_ACCESS
        for counts, names in ((by_unit, row.units), (by_staff_group, row.staff_groups)):
            for name in names:
                counts.setdefault(name, FiguresCount()).add(row.status, row.left_out, 1)
    titles = [course.title for course in question.courses]
    reading = Reading(
        organisation=question.organisation.ods_code,
        organisation_name=question.organisation.name,
        courses=tuple(course.code for course in question.courses),
        course_titles=tuple(titles),
        rule=question.rule,
        as_of=question.on,
        definition=tuple(definition_of(question.rule, on=question.on, course_titles=titles)),
        figures=total.figures(),
        out_of_scope=out_of_scope,
        unknown_access=unknown,
        by_unit=_groups(by_unit, NAMELESS[By.UNIT]),
        by_staff_group=_groups(by_staff_group, NAMELESS[By.STAFF_GROUP]),
        rows=rows,
    )
    return replace(reading, digest=digest(reading.content()))


def _rows(question: Question) -> tuple[Row, ...]:
    """One row for everybody in post, from one statement over their posts."""
    is_counted = Case(
        When(Q(pk__isnull=False) & is_included(question), then=Value(True)),
        default=Value(False),
        output_field=BooleanField(),
    )
    posts = standing(
        Post.objects.covering(question.on)
        .filter(person__organisation=question.organisation)
        .annotate(
            is_counted=is_counted,
            scope=scope_case("person", question),
            last=last_completion("person", on=question.on, courses=question.courses),
        ),
        "person",
        question,
    )
    rows = posts.order_by("person", "unit__name", "staff_group", "pk").values_list(
        "person", "scope", "status", "left_out", "last", "is_counted", "unit__name", "staff_group", "employment_type"
    )
    return tuple(_row(list(held), question.rule) for _person, held in groupby(rows.iterator(chunk_size=5000), key=itemgetter(0)))


def _row(posts: list[tuple[Any, ...]], rule: Rule) -> Row:
    person, scope, status, left_out, last = posts[0][:5]
    inside = scope in IN_SCOPE
    kept = [post[6:] for post in posts if post[5]] if inside else [post[6:] for post in posts]
    net = rule.headline == Headline.NET
    return Row(
        person=person,
        scope=scope,
        units=_distinct(unit or NAMELESS[By.UNIT] for unit, _, _ in kept),
        staff_groups=_distinct(group or NAMELESS[By.STAFF_GROUP] for _, group, _ in kept),
        employment_types=_distinct(kind for _, _, kind in kept),
        status=status if inside else "",
        completed_on=last if inside else None,
        left_out=left_out if inside else "",
        counted=inside and status == Standing.CURRENT and not (net and left_out),
    )


def _distinct(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(words)))


def _groups(counts: dict[str, FiguresCount], nameless: str) -> tuple[ReadingGroup, ...]:
    names = sorted(counts, key=lambda name: (name == nameless, name.casefold(), name))
    return tuple(ReadingGroup(name, counts[name].figures()) for name in names)
