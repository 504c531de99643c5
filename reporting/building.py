"""Reports that people put together: which people, and what to tell of each, as at a date."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from courses.dates import valid_until
from reporting.branches import below
from reporting.enums import IN_SCOPE, LeftOut, Scope, Standing
from reporting.queries import people_on
from reporting.rates import Question
from staff.enums import EmploymentType
from staff.models import Person, Post

BATCH = 1000
"""People read together, so that the longest file takes the memory of a short one."""


@dataclass(frozen=True)
class Asked:
    """Which people and which columns. None and the empty text leave a filter open."""

    on: date
    unit: int | None
    staff_group: str
    employment_type: str
    manager: int | None
    standings: tuple[str, ...]
    with_out_of_scope: bool
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Column:
    """One thing to tell of a person: a value of the person as ``people_of`` gives them, and of the question."""

    label: str
    value: Callable[[Any, Question], Any]


def _each(name: str) -> Callable[[Any, Question], str]:
    def values(person: Any, _question: Question) -> str:
        found = {str(getattr(post, name)) for post in person.posts.all() if getattr(post, name)}
        return " | ".join(sorted(found))

    return values


def _types(person: Any, _question: Question) -> str:
    return " | ".join(sorted({str(EmploymentType(post.employment_type).label) for post in person.posts.all()}))


def _standing(person: Any, _question: Question) -> str:
    return str(Standing(person.status).label) if person.scope in IN_SCOPE else "Not in scope"


def _valid_until(person: Any, question: Question) -> date | None:
    last: date | None = person.last_completed_on
    return valid_until(last, question.rule.months) if last is not None else None


COLUMNS: dict[str, Column] = {
    "staff_number": Column("Staff number", lambda person, _q: person.staff_number),
    "last_name": Column("Last name", lambda person, _q: person.last_name),
    "first_name": Column("First name", lambda person, _q: person.first_name),
    "units": Column("Units", _each("unit")),
    "job_titles": Column("Job titles", _each("job_title")),
    "staff_groups": Column("Staff groups", _each("staff_group")),
    "employment_types": Column("Employment types", _types),
    "managers": Column("Managers", _each("manager")),
    "scope": Column("Scope", lambda person, _q: Scope(person.scope).label),
    "standing": Column("Standing", _standing),
    "completed_on": Column("Last completed on", lambda person, _q: person.last_completed_on),
    "valid_until": Column("Counts until", _valid_until),
    "left_out": Column(
        "Left out of the net figure", lambda person, _q: LeftOut(person.left_out).label if person.left_out else ""
    ),
}
USUAL_COLUMNS = ("staff_number", "last_name", "first_name", "units", "standing", "completed_on")


def people_of(question: Question, asked: Asked) -> QuerySet[Any]:
    """The people a report asks for, by name, each with the posts of the day. Read them with ``rows_of``."""
    people: QuerySet[Any] = people_on(question).filter(_standings(asked))
    posts = Q()
    if asked.unit is not None:
        posts &= Q(unit__in=below(asked.unit))
    if asked.staff_group:
        posts &= Q(staff_group=asked.staff_group)
    if asked.employment_type:
        posts &= Q(employment_type=asked.employment_type)
    if asked.manager is not None:
        posts &= Q(manager=asked.manager)
    if posts:
        people = people.filter(Exists(Post.objects.covering(question.on).filter(posts, person=OuterRef("pk"))))
    return people.order_by("last_name", "first_name", "pk")


def _standings(asked: Asked) -> Q:
    inside, outside = Q(scope__in=IN_SCOPE), ~Q(scope__in=IN_SCOPE)
    chosen = inside & Q(status__in=asked.standings)
    return chosen | outside if asked.with_out_of_scope else chosen


def headings_of(asked: Asked) -> list[str]:
    """The words above the columns."""
    return [COLUMNS[key].label for key in asked.columns]


def rows_of(people: QuerySet[Any], question: Question, asked: Asked) -> Iterator[list[Any]]:
    """A row for each person, read a thousand at a time."""
    columns = [COLUMNS[key] for key in asked.columns]
    for person in with_posts(people, question).iterator(chunk_size=BATCH):
        yield [column.value(person, question) for column in columns]


def with_posts(people: QuerySet[Person], question: Question) -> QuerySet[Person]:
    """The people with their posts of the day, units and managers."""
    held = Post.objects.covering(question.on).select_related("unit", "manager").order_by("pk")
    return people.prefetch_related(Prefetch("posts", queryset=held))
