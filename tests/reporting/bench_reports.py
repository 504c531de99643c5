"""Measures reports at their size: by unit against bare SQL, a long CSV in flat memory, and a group from its nightly records.

    DATABASE_URL=... python tests/reporting/bench_reports.py 11500 100000 215 1500000

People of one organisation, people of the CSV, organisations of the group, and people of the whole group. The database must
be migrated; everything is made in a transaction that is taken back. Exits 1 when a limit is missed. Every member's nightly
record is made as the night makes it, the bare aggregate is run over everybody, and both are compared row by row.
"""

from __future__ import annotations

import os
import resource
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
from django.utils import timezone  # noqa: E402

from accounts.models import Organisation  # noqa: E402
from audit.spreadsheets import csv_lines  # noqa: E402
from courses.dates import window_start  # noqa: E402
from courses.models import Course  # noqa: E402
from reporting.building import USUAL_COLUMNS, Asked, headings_of, people_of, rows_of  # noqa: E402
from reporting.enums import By, Standing  # noqa: E402
from reporting.group import differing, group_figures  # noqa: E402
from reporting.queries import completion_rate  # noqa: E402
from reporting.rates import Question  # noqa: E402
from reporting.rules import TRAINING, shipped_rules  # noqa: E402
from reporting.trend import keep_rate  # noqa: E402
from tests.crowds import ON, fill, populate  # noqa: E402
from tests.reporting.bench_completion_rate import bare, timed  # noqa: E402

PAIRS = 7
MOST_RATIO, MOST_QUERIES, MOST_SHARE, MOST_GROWTH_MB = 1.5, 6, 0.01, 25
BARE_BY_ORGANISATION = """
SELECT i.organisation_id, COUNT(*), SUM(CASE WHEN c.last > %(cutoff)s THEN 1 ELSE 0 END)
FROM (SELECT DISTINCT s.organisation_id, p.person_id FROM staff_post p JOIN staff_person s ON s.id = p.person_id
      JOIN accounts_organisation o ON o.id = s.organisation_id
      WHERE (o.id = %(head)s OR o.parent_id = %(head)s) AND p.start <= %(on)s AND (p."end" IS NULL OR p."end" > %(on)s)
        AND p.has_access <> 'no') i
LEFT JOIN (SELECT c.person_id, MAX(c.completed_on) AS last FROM courses_completion c
           WHERE c.course_id = %(course)s AND c.completed_on <= %(on)s
             AND NOT EXISTS (SELECT 1 FROM courses_completionvoid v WHERE v.completion_id = c.id)
           GROUP BY c.person_id) c ON c.person_id = i.person_id
GROUP BY i.organisation_id
"""


def say(words: str, *, holds: bool) -> bool:
    print(f"{connection.vendor:10} {words}  {'holds' if holds else 'MISSED'}", flush=True)  # noqa: T201
    return holds


def by_unit(people: int) -> bool:
    """One organisation by unit, live."""
    organisation, course = populate(people)
    rule = shipped_rules()[TRAINING]
    ours = partial(completion_rate, organisation, course, on=ON, rule=rule, by=By.UNIT)
    with CaptureQueriesContext(connection) as queries:
        ours()
    pairs = [(timed(partial(bare, organisation, course, "unit_id")), timed(ours)) for _ in range(PAIRS)]
    ratio = statistics.median(mine[0] / theirs[0] for theirs, mine in pairs if theirs[0])
    words = f"{people:,} people by unit: cpu {ratio:.2f} of bare SQL (limit {MOST_RATIO}), {len(queries)} queries (limit {MOST_QUERIES})"
    return say(words, holds=ratio <= MOST_RATIO and len(queries) <= MOST_QUERIES)


def long_csv(people: int) -> bool:
    """The memory that the last nine tenths of a long CSV take beyond the first."""
    organisation, course = populate(people)
    question = Question(organisation, (course,), ON, shipped_rules()[TRAINING])
    asked = Asked(ON, None, "", "", None, tuple(Standing.values), True, USUAL_COLUMNS)
    expected = people_of(question, asked).count()
    lines = csv_lines(headings_of(asked), rows_of(people_of(question, asked), question, asked))
    start, count, early = time.perf_counter(), 0, 0
    for count, _line in enumerate(lines):
        if count == expected // 10:
            early = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    growth = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - early) / 1024
    seconds = time.perf_counter() - start
    words = f"CSV of {count:,} people: {seconds:.1f} s, {growth:.1f} MB more after the first tenth (limit {MOST_GROWTH_MB})"
    return say(words, holds=growth <= MOST_GROWTH_MB and count == expected > people * 0.8)


def group(members: int, people: int) -> bool:
    """A group of real people: its page in a hundredth of the aggregate's time, and every row equal to it."""
    head = Organisation.objects.create(ods_code="BHEAD", name="Head", type="company")
    made = Organisation.objects.bulk_create(
        [Organisation(ods_code=f"BG{n:05d}", name=f"Member {n}", type="trust", parent=head) for n in range(members)]
    )
    course = Course.objects.create(code="bench-group", title="Bench group")
    begun = time.perf_counter()
    fill(made, course, people // members, completions=2)
    filled = time.perf_counter()
    for one in made:
        keep_rate(one, course, on=ON, at=timezone.now())
    kept = time.perf_counter()
    _cpu, bare_seconds, rows = timed(partial(bare_by_organisation, head, course))
    ours = partial(group_figures, head, course, on=None, fewest=5)
    with CaptureQueriesContext(connection) as queries:
        found = ours()
    seconds = statistics.median(timed(ours)[1] for _ in range(PAIRS))
    theirs = {pk: (trained, in_scope) for pk, in_scope, trained in rows}
    codes = {one.ods_code: one.pk for one in made}
    mine = {codes[one.ods_code]: (one.trained, one.in_scope) for one in found.members if one.ods_code in codes}
    again = differing(head, course, on=ON)
    share = seconds / bare_seconds
    say(f"made {people:,} people in {filled - begun:.0f} s; {members} nights kept in {kept - filled:.0f} s", holds=True)
    words = (
        f"{members} organisations, {found.in_scope:,} people in scope: {seconds * 1000:.1f} ms, {len(queries)} queries, "
        f"{share:.2%} of the bare aggregate's {bare_seconds:.1f} s (limit {MOST_SHARE:.0%}), "
        f"{'every row equal to it' if mine == theirs else 'rows NOT equal to it'}, {len(again)} differ when counted again"
    )
    return say(words, holds=mine == theirs and not again and share <= MOST_SHARE)


def bare_by_organisation(head: Organisation, course: Course) -> list[tuple]:
    """Trained and in scope of every member by hand-written SQL."""
    values = {"head": head.pk, "course": course.pk, "on": str(ON), "cutoff": str(window_start(ON, 12))}
    with connection.cursor() as cursor:
        cursor.execute(BARE_BY_ORGANISATION, values)
        return cursor.fetchall()


def main(people: int, rows: int, members: int, group_people: int) -> int:
    held = []
    for measure in (partial(by_unit, people), partial(long_csv, rows), partial(group, members, group_people)):
        with transaction.atomic():
            held.append(measure())
            transaction.set_rollback(True)
    return 0 if all(held) else 1


if __name__ == "__main__":
    sizes = [int(word) for word in sys.argv[1:5]] or [11_500, 100_000, 215, 1_500_000]
    sys.exit(main(*sizes))
