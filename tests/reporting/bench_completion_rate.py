"""Measures the completion rate beside hand-written SQL for the same question, in the same run.

    DATABASE_URL=... python tests/reporting/bench_completion_rate.py 5000 20000

The database must be migrated. Each size makes an organisation of its own and takes it away again
with the transaction. Prints CPU and wall seconds (median of the pairs), ratios and query counts.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from functools import partial
from pathlib import Path

import django

sys.path.insert(0, str(Path(__file__).absolute().parents[2]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.test")
django.setup()

from django.db import connection, transaction  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from accounts.models import Organisation  # noqa: E402
from courses.dates import window_start  # noqa: E402
from courses.models import Course  # noqa: E402
from reporting.enums import By, Category  # noqa: E402
from reporting.queries import completion_rate, people_behind  # noqa: E402
from reporting.rates import RateReport  # noqa: E402
from reporting.readings import training_reading  # noqa: E402
from reporting.rules import TRAINING, shipped_rules  # noqa: E402
from tests.crowds import ON, populate  # noqa: E402

PAIRS = 9
BARE = """
SELECT {key} CASE WHEN c.last > %(cutoff)s THEN 'current' WHEN c.last IS NOT NULL THEN 'lapsed'
            WHEN g.person_id IS NOT NULL THEN 'in_progress' ELSE 'not_started' END AS status,
       CASE WHEN e.person_id IS NOT NULL THEN 'exempt' WHEN a.person_id IS NOT NULL THEN 'away' ELSE '' END AS left_out,
       COUNT(*)
FROM (SELECT DISTINCT {column} p.person_id FROM staff_post p JOIN staff_person s ON s.id = p.person_id
      WHERE s.organisation_id = %(org)s AND {covers} AND p.has_access <> 'no') i
LEFT JOIN (SELECT c.person_id, MAX(c.completed_on) AS last FROM courses_completion c
           WHERE c.course_id = %(course)s AND c.completed_on <= %(on)s
             AND NOT EXISTS (SELECT 1 FROM courses_completionvoid v WHERE v.completion_id = c.id)
           GROUP BY c.person_id) c ON c.person_id = i.person_id
LEFT JOIN (SELECT DISTINCT g.person_id FROM courses_progress g JOIN courses_courseversion w ON w.id = g.course_version_id
           WHERE w.course_id = %(course)s AND g.started_on <= %(on)s) g ON g.person_id = i.person_id
LEFT JOIN (SELECT DISTINCT p.person_id FROM courses_exemption p
           WHERE (p.course_id = %(course)s OR p.course_id IS NULL) AND {covers}) e ON e.person_id = i.person_id
LEFT JOIN (SELECT DISTINCT p.person_id FROM staff_absence p WHERE {covers}) a ON a.person_id = i.person_id
GROUP BY {key} status, left_out
"""


def backend_seconds() -> float:
    """CPU seconds of our PostgreSQL back end so far, where there is one on this machine."""
    if connection.vendor != "postgresql":
        return 0.0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def timed(work) -> tuple[float, float, object]:
    cpu, wall = time.process_time() + backend_seconds(), time.perf_counter()
    answer = work()
    return time.process_time() + backend_seconds() - cpu, time.perf_counter() - wall, answer


def bare(organisation: Organisation, course: Course, *columns: str) -> list[list[tuple]]:
    """The counts in scope by hand-written SQL: for everybody, and for the groups of each column of a post."""
    values = {"on": str(ON), "cutoff": str(window_start(ON, 12)), "org": organisation.pk, "course": course.pk}
    covers = """p.start <= %(on)s AND (p."end" IS NULL OR p."end" > %(on)s)"""
    answers = []
    with connection.cursor() as cursor:
        for column in ("", *columns):
            part = f"p.{column}," if column else ""
            cursor.execute(BARE.format(covers=covers, column=part, key=part.replace("p.", "i.")), values)
            answers.append(cursor.fetchall())
    return answers


def measure(people: int) -> None:
    organisation, course = populate(people)
    rule = shipped_rules()[TRAINING]
    both = [By.UNIT, By.STAFF_GROUP]
    columns = ("unit_id", "staff_group")
    work = {
        "rate": (lambda: completion_rate(organisation, course, on=ON, rule=rule), ()),
        "rate by unit and staff group": (lambda: completion_rate(organisation, course, on=ON, rule=rule, by=both), columns),
        "page of 50 not started": (
            lambda: list(
                people_behind(completion_rate(organisation, course, on=ON, rule=rule), Category.NOT_STARTED).order_by(
                    "last_name"
                )[:50]
            ),
            (),
        ),
        "reading with every row": (lambda: training_reading(organisation, on=ON, months=12, course_codes=[course.code]), ()),
    }
    check(completion_rate(organisation, course, on=ON, rule=rule, by=both), bare(organisation, course, *columns))
    for name, (ours, by) in work.items():
        with CaptureQueriesContext(connection) as queries:
            ours()
        pairs = [(timed(partial(bare, organisation, course, *by)), timed(ours)) for _ in range(PAIRS)]
        median = {key: statistics.median(pair[side][unit] for pair in pairs) for key, (side, unit) in MEASURES.items()}
        ratio = statistics.median(mine[0] / theirs[0] for theirs, mine in pairs if theirs[0])
        print(  # noqa: T201
            f"{connection.vendor:10} {people:6} people  {name:30} {len(queries):2} queries  wall {median['wall']:.3f} s"
            f"  cpu {median['cpu']:.3f} s  bare SQL wall {median['bare wall']:.3f} s  cpu {median['bare cpu']:.3f} s  cpu ratio {ratio:.2f}",
            flush=True,
        )


MEASURES = {"bare cpu": (0, 0), "bare wall": (0, 1), "cpu": (1, 0), "wall": (1, 1)}


def check(report: RateReport, answers: list[list[tuple]]) -> None:
    """The hand-written SQL must give the same figures, or the comparison means nothing."""
    total, units, groups = answers
    gross = report.figures.gross
    assert gross.in_scope == sum(row[-1] for row in total)
    assert gross.current == sum(row[-1] for row in total if row[0] == "current")
    for by, rows in (("unit", units), ("staff_group", groups)):
        theirs = {
            key: sum(row[-1] for row in rows if str(row[0]) == key and row[1] == "current") for key in {str(r[0]) for r in rows}
        }
        assert {group.key: group.figures.gross.current for group in report.groups[by]} == theirs


if __name__ == "__main__":
    for size in [int(word) for word in sys.argv[1:]] or [5000, 20000]:
        with transaction.atomic():
            measure(size)
            transaction.set_rollback(True)
