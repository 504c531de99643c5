"""Measures what PostgreSQL's row-level security costs: the same reads above it, under it with nobody signed in, and with somebody.

    DATABASE_URL=postgres://... python tests/accounts/bench_row_security.py 11500

The database must be migrated, by a superuser. Two organisations of that size are made in a transaction that is taken back. Prints
wall seconds (median of the pairs) and their ratios, and exits 1 when a ratio is above the limit.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import django

sys.path.insert(0, str(Path(__file__).absolute().parents[2]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.test")
django.setup()

from django.db import connection, transaction  # noqa: E402

from accounts import row_security  # noqa: E402
from accounts.models import Organisation  # noqa: E402
from courses.models import Course  # noqa: E402
from reporting.enums import By  # noqa: E402
from reporting.queries import completion_rate  # noqa: E402
from reporting.rules import TRAINING, shipped_rules  # noqa: E402
from staff.directory import PeopleFilter, people_page  # noqa: E402
from staff.models import Person  # noqa: E402
from tests.crowds import ON, fill  # noqa: E402

PAIRS, MOST_RATIO = 9, 2
ROLE = "bench_row_security"


def work(organisation: Organisation, course: Course) -> dict[str, Callable[[], object]]:
    """Lists and figures of one organisation."""
    rule = shipped_rules()[TRAINING]
    deep = list(Person.objects.of(organisation).order_by("last_name", "first_name", "pk").values_list("pk", flat=True))
    rate = partial(completion_rate, organisation, course, on=ON, rule=rule, by=By.UNIT)
    return {
        "staff list, first page": lambda: people_page(organisation, PeopleFilter(), on=ON),
        "staff list, page at nine tenths": lambda: people_page(
            organisation, PeopleFilter(), on=ON, after=deep[len(deep) * 9 // 10]
        ),
        "staff list, search": lambda: people_page(organisation, PeopleFilter(words="A B123"), on=ON),
        "completion rate by unit": rate,
    }


@contextmanager
def plain_role() -> Iterator[None]:
    """As a role that is under the policies."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {ROLE}")
        try:
            yield
        finally:
            cursor.execute("RESET ROLE")


def timed(ours: Callable[[], object]) -> float:
    began = time.perf_counter()
    for _ in range(3):
        ours()
    return (time.perf_counter() - began) / 3


def measure(people: int) -> bool:
    """Whether every ratio is within the limit."""
    both = [Organisation.objects.create(ods_code=f"{word[0]}{people}", name=word, type="trust") for word in ("Mine", "Theirs")]
    organisation, course = both[0], Course.objects.create(code="bench", title="Bench")
    fill(both, course, people, completions=4)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {ROLE} NOSUPERUSER NOBYPASSRLS")
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {ROLE}; GRANT ALL ON ALL TABLES IN SCHEMA public TO {ROLE}")
    holds = True
    for name, ours in work(organisation, course).items():
        above, unset, inside = [], [], []
        for _ in range(PAIRS):
            above.append(timed(ours))
            with plain_role():
                unset.append(timed(ours))
                with row_security.only(organisation):
                    inside.append(timed(ours))
        bare = statistics.median(above)
        ratios = [statistics.median(one / base for one, base in zip(some, above, strict=True)) for some in (unset, inside)]
        holds &= ratios[1] <= MOST_RATIO
        print(  # noqa: T201
            f"{people:,} people  {name:32} {bare * 1000:7.1f} ms  nobody signed in {ratios[0]:.2f}  somebody {ratios[1]:.2f}"
            f" (limit {MOST_RATIO})  {'holds' if ratios[1] <= MOST_RATIO else 'MISSED'}",
            flush=True,
        )
    return holds


if __name__ == "__main__":
    if connection.vendor != "postgresql":
        sys.exit(0)
    with transaction.atomic():
        held = measure(int(sys.argv[1]) if sys.argv[1:] else 11500)
        transaction.set_rollback(True)
    sys.exit(0 if held else 1)
