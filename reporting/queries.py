"""Completion rates, straight from people, posts and completions. One SQL statement answers a question.

One statement sees one state of the data, so the total and the groups of a report always agree.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db.models import Case, CharField, Count, Exists, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Cast

from accounts.models import Organisation, Site
from courses.models import Course
from courses.status_sql import Rows, among, last_completion, with_status
from reporting.branches import Branches, below, paths
from reporting.enums import IN_SCOPE, By, Category, LeftOut, Scope, Standing
from reporting.rates import FiguresCount, Group, Question, RateReport, Tally, no_reasons
from reporting.rates_sql import SEVERAL, TOTAL, counted
from reporting.rules import Rule
from staff.enums import DataAccess, EmploymentType
from staff.models import Person, Post, PostQuerySet, Unit

FIELD_OF = {
    By.UNIT: "unit",
    By.BRANCH: "unit",
    By.SITE: "unit__site",
    By.STAFF_GROUP: "staff_group",
    By.EMPLOYMENT_TYPE: "employment_type",
    By.MANAGER: "manager",
}
RANKS = (Scope.IN, Scope.UNKNOWN_ACCESS, Scope.NO_ACCESS, Scope.EMPLOYMENT_TYPE, Scope.OTHER_UNIT)
"""What one post makes of its holder; of several posts the first of these wins."""
INCLUDED = 1
"""The last place in ``RANKS`` that is in scope."""
NAMELESS = {
    By.UNIT: "No unit",
    By.BRANCH: "No unit",
    By.SITE: "No site",
    By.STAFF_GROUP: "No staff group",
    By.EMPLOYMENT_TYPE: "No employment type",
    By.MANAGER: "No manager",
}


def completion_rate(
    organisation: Organisation, course: Course | Sequence[Course], *, on: date, rule: Rule, by: str | Iterable[str] | None = None
) -> RateReport:
    """Who counts as trained on the date, of those in scope.

    Args:
        organisation: whose people.
        course: the course, or several of which any one counts.
        on: the day; facts dated later are ignored.
        rule: who is in scope and how long a completion counts.
        by: one or several of ``By``, each costing part of the same statement.
    """
    courses = (course,) if isinstance(course, Course) else tuple(course)
    question = Question(organisation, courses, on, rule)
    dimensions = [By(by)] if isinstance(by, str) else [By(one) for one in by or ()]
    has_branches = By.BRANCH in dimensions
    places = {f"in_{one}": Cast(FIELD_OF[one], CharField()) for one in dimensions}
    statement = counted(
        _ranked(question).annotate(**places),
        {str(one): f"in_{one}" for one in dimensions},
        included=INCLUDED,
        several_of=By.BRANCH if has_branches else None,
    )
    total, out_of_scope, unknown = FiguresCount(), no_reasons(rule), 0
    groups: dict[str, dict[str, FiguresCount]] = {dimension: defaultdict(FiguresCount) for dimension in dimensions}
    branches = Branches(organisation) if has_branches else None
    for section, key, rank, status, left_out, people in statement:
        if branches is not None and section in (By.BRANCH, SEVERAL):
            branches.add(section == SEVERAL, key, (status, left_out), people)
        elif section != TOTAL:
            groups[section][key].add(status, left_out, people)
        elif (scope := RANKS[rank]) in IN_SCOPE:
            total.add(status, left_out, people)
            unknown += people if scope == Scope.UNKNOWN_ACCESS else 0
        else:
            out_of_scope[scope] += people
    if branches is not None:
        groups[By.BRANCH] = branches.counts()
    return RateReport(
        question=question,
        figures=total.figures(),
        out_of_scope=out_of_scope,
        unknown_access=unknown,
        groups={dimension: _named(question, By(dimension), counts) for dimension, counts in groups.items()},
    )


def headlines_on(questions: Sequence[Question]) -> list[Tally]:
    """The headline figure of each question, all of one organisation, in one statement."""
    first, *others = [_total(question, section=str(number)) for number, question in enumerate(questions)]
    counts = [FiguresCount() for _ in questions]
    for section, _key, scope, status, left_out, people in first.union(*others, all=True) if others else first:
        if scope in IN_SCOPE:
            counts[int(section)].add(status, left_out, people)
    pairs = zip(questions, counts, strict=True)
    return [count.figures().headline(question.rule.headline) for question, count in pairs]


def people_on(question: Question) -> QuerySet[Person]:
    """Everybody in post, with ``scope``, ``status``, ``left_out`` and ``last_completed_on``."""
    return _people(question).annotate(last_completed_on=last_completion("pk", on=question.on, courses=question.courses))


def people_behind(report: RateReport, category: str, group: tuple[str, str] | None = None) -> QuerySet[Person]:
    """The very people that a number of the report counts, as many as it says.

    Each carries ``scope``, ``status``, ``left_out`` and ``last_completed_on``.

    Args:
        report: the report that holds the number.
        category: which number, one of ``Category``.
        group: ``(by, key)`` for a number of one group.

    Raises:
        ValueError: there is no such category or group.
    """
    question = report.question
    people = people_on(question)
    if group is not None:
        by, key = By(group[0]), group[1]
        posts = included_posts(question).filter(person=OuterRef("pk")).filter(_holds(by, key))
        people = people.filter(Exists(posts))
    return people.filter(_condition(Category(category)))


def is_included(question: Question, *, whatever_access: bool = False) -> Q:
    """A post that the question's rule counts."""
    rule = question.rule
    counted = _in_units(question)
    if rule.employment_types is not None:
        counted &= Q(employment_type__in=rule.employment_types)
    return counted & ~Q(has_access=DataAccess.NO) if rule.only_with_access and not whatever_access else counted


def _in_units(question: Question) -> Q:
    return Q() if question.counted_units is None else Q(unit__in=sorted(question.counted_units))


def posts_asked(question: Question) -> PostQuerySet:
    """The posts of the day that the question is about. A closed unit keeps those it had."""
    posts = Post.objects.covering(question.on)
    return posts if question.branch is None else posts.filter(unit__in=below(question.branch))


def included_posts(question: Question) -> PostQuerySet:
    """The posts on the day that put their holder in scope."""
    return posts_asked(question).filter(is_included(question))


def scope_case(person: str, question: Question) -> Case:
    """Whether somebody in post is in scope, as SQL.

    Access is known when any post that counts says so. Somebody of a counted employment type is out for want of
    access; somebody else for their employment type, or because no post of theirs is in a unit that counts.
    """
    within = Q(person__organisation=question.organisation)
    included = included_posts(question)
    kinds = posts_asked(question).filter(is_included(question, whatever_access=True))
    here = posts_asked(question).filter(_in_units(question))
    elsewhere = [When(among(person, here, within), then=Value(Scope.EMPLOYMENT_TYPE))] if question.rule.units else []
    return Case(
        When(among(person, included.exclude(has_access=DataAccess.UNKNOWN), within), then=Value(Scope.IN)),
        When(among(person, included, within), then=Value(Scope.UNKNOWN_ACCESS)),
        When(among(person, kinds, within), then=Value(Scope.NO_ACCESS)),
        *elsewhere,
        default=Value(Scope.OTHER_UNIT if elsewhere else Scope.EMPLOYMENT_TYPE),
        output_field=CharField(),
    )


def standing(rows: Rows, person: str, question: Question) -> Rows:
    """People (``"pk"``) or their posts (``"person"``) with status and what the net figure makes of the person."""
    within = Q(person__organisation=question.organisation)
    return with_status(rows, person=person, within=within, on=question.on, months=question.rule.months, courses=question.courses)


def _people(question: Question) -> QuerySet[Person]:
    """Everybody in post, with scope, status and what the net figure makes of them."""
    in_post = among("pk", posts_asked(question), Q(person__organisation=question.organisation))
    people = Person.objects.of(question.organisation).filter(in_post).annotate(scope=scope_case("pk", question))
    return standing(people, "pk", question)


def _total(question: Question, section: str = TOTAL) -> QuerySet[Any, Any]:
    people = _people(question).annotate(section=_text(section), key=_text(""))
    return people.values_list("section", "key", "scope", "status", "left_out").annotate(n=Count("pk")).order_by()


def _ranked(question: Question) -> QuerySet[Any, Any]:
    """Every post of the day with its place in ``RANKS`` and where its holder stands."""
    included = is_included(question)
    rank = Case(
        When(included & ~Q(has_access=DataAccess.UNKNOWN) & Q(pk__isnull=False), then=Value(0)),
        When(included & Q(pk__isnull=False), then=Value(1)),
        When(is_included(question, whatever_access=True) & Q(pk__isnull=False), then=Value(2)),
        When(_in_units(question) & Q(pk__isnull=False), then=Value(3)),
        default=Value(4),
        output_field=IntegerField(),
    )
    posts = posts_asked(question).filter(person__organisation=question.organisation)
    return standing(posts.annotate(rank=rank), "person", question)


def _text(value: str) -> Value:
    return Value(str(value), output_field=CharField())


def _named(question: Question, by: By, counts: dict[str, FiguresCount]) -> tuple[Group, ...]:
    names = {key: key for key in counts} | _names(question, by) | {"": NAMELESS[by]}
    groups = [Group(key, names[key], count.figures()) for key, count in counts.items()]
    return tuple(sorted(groups, key=lambda group: (group.key == "", group.name.casefold(), group.key)))


def _names(question: Question, by: By) -> dict[str, str]:
    """The names of units, managers and employment types by key; a staff group is its own name."""
    if by == By.UNIT:
        units = Unit.objects.filter(organisation=question.organisation).order_by()
        return {str(pk): name for pk, name in units.values_list("pk", "name")}
    if by == By.BRANCH:
        return {str(pk): name for pk, name in paths(question.organisation).items()}
    if by == By.SITE:
        return {str(pk): name for pk, name in Site.objects.filter(organisation=question.organisation).values_list("pk", "name")}
    if by == By.MANAGER:
        managed = Post.objects.covering(question.on).filter(manager=OuterRef("pk"))
        managers = Person.objects.of(question.organisation).filter(Exists(managed)).order_by()
        return {str(manager.pk): f"{manager} ({manager.staff_number})" for manager in managers}
    return {str(kind.value): str(kind.label) for kind in EmploymentType} if by == By.EMPLOYMENT_TYPE else {}


def _holds(by: By, key: str) -> Q:
    if by in (By.UNIT, By.BRANCH, By.SITE, By.MANAGER):
        if key and not re.fullmatch(r"[0-9]{1,18}", key):
            raise ValueError(f"There is no {by.label.lower()} {key!r}.")
        if key and by == By.BRANCH:
            return Q(unit__in=below(int(key)))
        return Q(**{f"{FIELD_OF[by]}_id": int(key)}) if key else Q(**{f"{FIELD_OF[by]}__isnull": True})
    return Q(**{FIELD_OF[by]: key})


def _condition(category: Category) -> Q:
    inside = Q(scope__in=IN_SCOPE)
    if category == Category.HEADCOUNT:
        return Q()
    if category == Category.IN_SCOPE:
        return inside
    if category == Category.OUT_OF_SCOPE:
        return ~inside
    if category in Scope.values:
        return Q(scope=category)
    if category in LeftOut.values:
        return inside & Q(left_out=category)
    if category == Category.NET_IN_SCOPE:
        return inside & Q(left_out="")
    if category in Standing.values:
        return inside & Q(status=category)
    return inside & Q(left_out="", status=category.removeprefix("net_"))
