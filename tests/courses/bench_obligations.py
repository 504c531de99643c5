"""Measures what is due for a whole organisation, beside a bare query over the same completions in the same run.

    DATABASE_URL=... PYTHONPATH=. python tests/courses/bench_obligations.py 25000 10 5

People, courses, completions of each course. The database must be migrated. Everything is taken away again with the transaction.
Fails when the obligations of everybody take longer than a minute, or a team or a person more than 11 queries.
"""

from __future__ import annotations

import os
import random
import resource
import sys
import time
from datetime import date, timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.test")
django.setup()

from django.db import connection, transaction  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.models import Organisation  # noqa: E402
from courses.models import Completion, Course, TrainingNeed  # noqa: E402
from courses.obligations import what_is_due, what_is_due_for  # noqa: E402
from courses.obligations_sql import obligations  # noqa: E402
from courses.team import team_of  # noqa: E402
from staff.models import Absence, Person, Post  # noqa: E402

ON = date(2026, 5, 1)
TEAM = 12
LIMIT_SECONDS = 60
LIMIT_QUERIES = 11
BARE = """SELECT c.course_id, c.person_id, MAX(c.completed_on) FROM courses_completion c JOIN staff_person s ON s.id = c.person_id
          WHERE s.organisation_id = %s AND c.completed_on <= %s
          AND NOT EXISTS (SELECT 1 FROM courses_completionvoid v WHERE v.completion_id = c.id) GROUP BY c.course_id, c.person_id"""


def populate(people: int, courses: int, years: int) -> Organisation:
    """Invent one organisation: teams of twelve, a completion of each course a year, one in fifty away."""
    dice = random.Random(people)
    organisation = Organisation.objects.create(ods_code=f"O{people}", name=f"Bench {people}", type="trust")
    taught = [Course.objects.create(code=f"bench-due-{people}-{n}", title=f"Bench {n}") for n in range(courses)]
    frequencies = ["rolling", "rolling", "yearly", "once", "rolling"]
    for number, course in enumerate(taught):
        TrainingNeed.objects.create(
            organisation=organisation, course=course, audience="everyone" if number % 2 else "with-access", rationale="x",
            frequency=frequencies[number % 5], months=12 if number % 3 else 24, start=date(2019, 1, 1),
        )  # fmt: skip
    named = [Person(organisation=organisation, staff_number=f"{n:06d}", first_name="A", last_name=f"B{n}") for n in range(people)]
    persons = Person.objects.bulk_create(named, 2000)
    begun = [ON - timedelta(days=dice.randrange(10, 3000)) for _ in persons]
    Post.objects.bulk_create(
        [
            Post(person=person, start=start, has_access=dice.choice(["yes", "yes", "no"]), manager=persons[n - n % TEAM] if n % TEAM else None)
            for n, (person, start) in enumerate(zip(persons, begun, strict=True))
        ],
        2000,
    )  # fmt: skip
    Absence.objects.bulk_create([Absence(person=person, start=ON - timedelta(days=60)) for person in persons[::50]], 2000)
    at = timezone.now()
    for course in taught:
        rows = [
            Completion(
                person=person, course=course, completed_on=ON - timedelta(days=365 * year + dice.randrange(400)), source="import",
                recorded_at=at,
            )
            for person in persons for year in range(years)
        ]  # fmt: skip
        Completion.objects.bulk_create(rows, 5000, ignore_conflicts=True)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return organisation


def timed(work):
    """What the work gave, its seconds and its queries."""
    with CaptureQueriesContext(connection) as captured:
        begun, cpu = time.perf_counter(), time.process_time()
        found = work()
        return found, time.perf_counter() - begun, time.process_time() - cpu, len(captured)


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")


def bare(organisation: Organisation) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(BARE, [organisation.pk, ON.isoformat()])
        return cursor.fetchall()


def main(people: int, courses: int, years: int) -> int:
    with transaction.atomic():
        organisation = populate(people, courses, years)
        _rows, bare_wall, bare_cpu, _n = timed(lambda: bare(organisation))
        rows, wall, cpu, queries = timed(lambda: obligations(organisation, on=ON))
        overdue = sum(row.is_overdue for row in rows)
        say(
            f"{people} people, {courses} courses, {years} completions of each; bare query {bare_wall:.2f} s ({bare_cpu:.2f} s CPU)"
        )
        say(
            f"obligations of everybody: {len(rows)} ({overdue} overdue), {wall:.2f} s ({cpu:.2f} s CPU), {queries} queries, {wall / bare_wall:.1f} times bare"
        )
        chunk = list(Person.objects.of(organisation).values_list("pk", flat=True)[:1000])
        _due, part, _cpu, asked = timed(lambda: obligations(organisation, on=ON, people=chunk, due_by=ON + timedelta(days=60)))
        say(f"what is due of a thousand people: {part:.2f} s, {asked} queries")
        manager = Person.objects.of(organisation).filter(managed_posts__isnull=False).first()
        team, team_wall, _cpu, team_queries = timed(lambda: team_of(manager, on=ON))
        say(f"a team of {len(team.people)}: {team_wall:.3f} s, {team_queries} queries")
        _one, one_wall, _cpu, one_queries = timed(lambda: what_is_due(manager, on=ON))
        say(f"a person with reasons: {one_wall:.3f} s, {one_queries} queries")
        some = list(Person.objects.of(organisation)[:1000])
        explained, python_wall, _cpu, _n = timed(lambda: what_is_due_for(some, on=ON))
        by_person = {(row.person_id, row.course_id): row for row in rows}
        agree = all(
            (by_person[pk, due.course.pk].due_on, by_person[pk, due.course.pk].is_overdue) == (due.due_on, due.is_overdue)
            for pk, found in explained.items() for due in found
        )  # fmt: skip
        say(f"a thousand people with reasons: {python_wall:.2f} s; agrees with the statement: {agree}")
        say(f"memory at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")
        transaction.set_rollback(True)
    return int(wall > LIMIT_SECONDS or max(team_queries, one_queries) > LIMIT_QUERIES or not agree)


if __name__ == "__main__":
    sys.exit(main(*(int(word) for word in sys.argv[1:4] or ("25000", "10", "5"))))
