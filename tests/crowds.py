"""Large invented organisations for measuring, made by the database itself: one statement a table, whatever the size.

Nothing is random: every value comes from a person's number by arithmetic that SQLite and PostgreSQL do alike.
"""

# ruff: noqa: S608  nobody's words but ours are in these statements
from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import connection, models
from django.utils import timezone

from accounts.models import Organisation
from courses.models import Completion, CompletionVoid, Course
from staff.models import Absence, Person, Post, Unit

ON = date(2026, 5, 1)
PEOPLE_OF_UNIT = 60


def populate(people: int, *, completions: int = 4) -> tuple[Organisation, Course]:
    """One organisation: 1.15 posts and a completion a year for most people, one in fifty away, one void in fifty people."""
    organisation = Organisation.objects.create(ods_code=f"B{people}", name=f"Bench {people}", type="trust")
    course = Course.objects.create(code=f"bench-{people}", title="Bench")
    fill([organisation], course, people, completions=completions)
    return organisation, course


def fill(organisations: Sequence[Organisation], course: Course, people: int, *, completions: int) -> None:
    """Give every organisation so many people with units, posts, completions of the course and absences."""
    units = max(people // PEOPLE_OF_UNIT, 1)
    whose = f"{_table(Organisation)} o WHERE o.id IN ({', '.join(str(one.pk) for one in organisations)})"
    in_order = "ORDER BY o.id, n.i"
    _insert(Unit, {"organisation_id": "o.id", "name": "'Unit ' || n.i"}, f"{_numbers(units)}, {whose} {in_order}")
    named = {
        "organisation_id": "o.id",
        "staff_number": "CAST(100000 + n.i AS VARCHAR(40))",
        "first_name": "'A'",
        "last_name": "'B' || n.i",
    }
    _insert(Person, named, f"{_numbers(people)}, {whose} {in_order}")
    # Their numbers run on from the first of each organisation, so a person's place in it is ``p.id - f.person``.
    firsts = f"""(SELECT organisation_id, MIN(id) AS person FROM {_table(Person)} GROUP BY organisation_id) f
                 JOIN (SELECT organisation_id, MIN(id) AS unit FROM {_table(Unit)} GROUP BY organisation_id) g ON g.organisation_id = f.organisation_id
                 JOIN {_table(Person)} p ON p.organisation_id = f.organisation_id"""
    within = f"WHERE p.organisation_id IN ({', '.join(str(one.pk) for one in organisations)})"
    post = {
        "person_id": "p.id",
        "unit_id": f"g.unit + ((p.id - f.person) * 7 + {{}}) % {units}",
        "staff_group": "'Group ' || ((p.id * 5 + {}) % 12)",
        "has_access": "CASE WHEN p.id * 13 % 100 < 85 THEN 'yes' WHEN p.id * 13 % 100 < 93 THEN 'no' ELSE 'unknown' END",
        "start": _day("'2020-01-01'"),
    }
    for number, some in enumerate(("", "AND p.id % 20 < 3")):
        _insert(Post, {name: value.format(number) for name, value in post.items()}, f"{firsts} {within} {some}")
    done = {"person_id": "p.id", "course_id": str(course.pk), "source": "'import'"}
    for year in range(completions):
        days = f"(p.id * 31 % 420) + {365 * year}"
        _insert(Completion, done | {"completed_on": _before(days)}, f"{firsts} {within} AND p.id % 20 > 0")
    _insert(Absence, {"person_id": "p.id", "start": _day("'2026-01-01'")}, f"{firsts} {within} AND p.id % 50 = 7")
    newest = f"{_table(Completion)} c JOIN {_table(Person)} p ON p.id = c.person_id {within}"
    _insert(
        CompletionVoid,
        {"completion_id": "c.id", "reason": "'wrong'"},
        f"{newest} AND c.course_id = {course.pk} AND p.id % 50 = 11 AND c.completed_on > {_before('300')}",
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _insert(model: type[models.Model], values: dict[str, str], source: str) -> None:
    """``INSERT ... SELECT``; columns that are not named take what a new object of the model would hold."""
    fresh: Any = model()
    columns, chosen, given = [], [], []
    for field in model._meta.concrete_fields:
        if field.primary_key:
            continue
        columns.append(connection.ops.quote_name(field.column))
        if field.column in values:
            chosen.append(values[field.column])
            continue
        value = getattr(fresh, field.attname)
        if value is None and isinstance(field, models.DateTimeField) and not field.null:
            value = timezone.now()
        kind = field.db_type(connection).split(" ")[0] if connection.vendor == "postgresql" else ""
        chosen.append(f"CAST(%s AS {field.db_type(connection)})" if kind else "%s")
        given.append(field.get_db_prep_save(value, connection))
    statement = f"INSERT INTO {_table(model)} ({', '.join(columns)}) SELECT {', '.join(chosen)} FROM {source}"
    with connection.cursor() as cursor:
        cursor.execute(statement.replace("%", "%%").replace("%%s", "%s"), given)


def _table(model: type[models.Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)


def _numbers(most: int) -> str:
    return f"(WITH RECURSIVE counted(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM counted WHERE i < {most - 1}) SELECT i FROM counted) n"


def _day(day: str) -> str:
    return f"DATE {day}" if connection.vendor == "postgresql" else day


def _before(days: str) -> str:
    """So many days before ``ON``."""
    if connection.vendor == "postgresql":
        return f"(DATE '{ON}' - ({days})::int)"
    return f"date('{ON}', '-' || ({days}) || ' days')"
