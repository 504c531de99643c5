"""Measures reports at their size: by unit against bare SQL, a long CSV in flat memory, and a group from its nightly records.

    DATABASE_URL=... python tests/reporting/bench_reports.py 11500 100000 215

The database must be migrated; everything is made in a transaction that is taken back. Exits 1 when a limit is missed.
The bare aggregate over 1.5 million people is reckoned from that over the people measured, row for row; it is not run.
"""

from __future__ import annotations

import random
import resource
import statistics
import sys
import time
from datetime import date
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).absolute().parents[2]))

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Organisation
from audit.spreadsheets import csv_lines
from reporting.building import USUAL_COLUMNS, Asked, headings_of, people_of, rows_of
from reporting.enums import By, Standing
from reporting.group import group_figures
from reporting.models import RateSnapshot
from reporting.queries import completion_rate
from reporting.rates import Question
from reporting.rules import TRAINING, shipped_rules
from tests.reporting.bench_completion_rate import ON, bare, populate, timed

PAIRS = 7
MOST_RATIO, MOST_QUERIES, MOST_SHARE, MOST_GROWTH_MB = 1.5, 6, 0.01, 25
GROUP_PEOPLE = 1_500_000


def say(words: str, *, holds: bool) -> bool:
    print(f"{connection.vendor:10} {words}  {'holds' if holds else 'MISSED'}", flush=True)  # noqa: T201
    return holds


def by_unit(people: int) -> tuple[bool, float]:
    """One organisation by unit, live. Returns whether the limits hold, and the seconds of the bare SQL."""
    organisation, course = populate(people)
    rule = shipped_rules()[TRAINING]
    ours = partial(completion_rate, organisation, course, on=ON, rule=rule, by=By.UNIT)
    with CaptureQueriesContext(connection) as queries:
        ours()
    pairs = [(timed(partial(bare, organisation, course, "unit_id")), timed(ours)) for _ in range(PAIRS)]
    ratio = statistics.median(mine[0] / theirs[0] for theirs, mine in pairs if theirs[0])
    seconds = statistics.median(theirs[1] for theirs, _mine in pairs)
    words = f"{people:,} people by unit: cpu {ratio:.2f} of bare SQL (limit {MOST_RATIO}), {len(queries)} queries (limit {MOST_QUERIES})"
    return say(words, holds=ratio <= MOST_RATIO and len(queries) <= MOST_QUERIES), seconds


def long_csv(people: int) -> bool:
    """The memory that the second nine tenths of a long CSV take beyond the first."""
    organisation, course = populate(people)
    question = Question(organisation, (course,), ON, shipped_rules()[TRAINING])
    asked = Asked(ON, None, "", "", None, tuple(Standing.values), True, USUAL_COLUMNS)
    lines = csv_lines(headings_of(asked), rows_of(people_of(question, asked), question, asked))
    start, count, early = time.perf_counter(), 0, 0
    for count, _line in enumerate(lines):
        if count == people // 10:
            early = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    growth = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - early) / 1024
    seconds = time.perf_counter() - start
    words = f"CSV of {count:,} people: {seconds:.1f} s, {growth:.1f} MB more after the first tenth (limit {MOST_GROWTH_MB})"
    return say(words, holds=growth <= MOST_GROWTH_MB and count == people)


def group(members: int, bare_seconds: float, people: int) -> bool:
    """A group from invented nightly records: the figures must be their sum, in a hundredth of the aggregate's time."""
    dice = random.Random(members)
    head = Organisation.objects.create(ods_code="BHEAD", name="Head", type="company")
    _organisation, course = populate(50)
    made = Organisation.objects.bulk_create(
        [Organisation(ods_code=f"BG{n:05d}", name=f"Member {n}", type="trust", parent=head) for n in range(members)]
    )
    each = GROUP_PEOPLE // members
    rows = [
        RateSnapshot(
            organisation=one, course=course, on=date(2026, 4, 30), rule={}, trained=dice.randrange(each), in_scope=each,
            figures={}, taken_at=timezone.now(),
        )
        for one in made
    ]  # fmt: skip
    RateSnapshot.objects.bulk_create(rows)
    ours = partial(group_figures, head, course, on=None, fewest=5)
    with CaptureQueriesContext(connection) as queries:
        found = ours()
    seconds = statistics.median(timed(ours)[1] for _ in range(PAIRS))
    share = seconds / (bare_seconds * GROUP_PEOPLE / people)
    is_equal = (found.trained, found.in_scope) == (sum(one.trained for one in rows), sum(one.in_scope for one in rows))
    words = (
        f"{members} organisations, {found.in_scope:,} people from nightly records: {seconds * 1000:.1f} ms, {len(queries)} queries, "
        f"{share:.2%} of the bare aggregate (reckoned; limit {MOST_SHARE:.0%}), {'equal' if is_equal else 'NOT equal'} to their sum"
    )
    return say(words, holds=is_equal and share <= MOST_SHARE)


def main(people: int, rows: int, members: int) -> int:
    held = []
    with transaction.atomic():
        good, seconds = by_unit(people)
        held += [good, group(members, seconds, people)]
        transaction.set_rollback(True)
    with transaction.atomic():
        held.append(long_csv(rows))
        transaction.set_rollback(True)
    return 0 if all(held) else 1


if __name__ == "__main__":
    sizes = [int(word) for word in sys.argv[1:4]] or [11_500, 100_000, 215]
    sys.exit(main(*sizes))
