"""Measures the staff list at any length: a deep page, and a search, beside the first page of the same list in the same run.

    DATABASE_URL=... python tests/staff/bench_staff_pages.py 20000 100000

The database must be migrated. Each size makes an organisation of its own and takes it away again
with the transaction. Prints CPU and wall seconds (median of the pairs) and their ratios.
"""

from __future__ import annotations

import os
import random
import statistics
import sys
import time
from datetime import date
from pathlib import Path

import django

sys.path.insert(0, str(Path(__file__).absolute().parents[2]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.test")
django.setup()

from django.db import connection, transaction  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from accounts.models import Organisation  # noqa: E402
from staff.directory import PeopleFilter, people_page  # noqa: E402
from staff.models import Person, Post  # noqa: E402

ON = date(2026, 5, 1)
PAIRS = 15
FIRST = ("Ada", "Ben", "Chi", "Dev", "Eve", "Finn", "Gita", "Hal", "Ines", "Jo", "Kit", "Lena", "Mo", "Nia", "Omar", "Tess")
LAST = ("Adams", "Begum", "Chen", "Davies", "Evans", "Fox", "Green", "Hughes", "Iqbal", "Khan", "Lewis", "Nowak", "Patel", "Wood")


def populate(people: int) -> Organisation:
    """Invent one organisation: names that many share, one person in ten gone."""
    dice = random.Random(people)
    organisation = Organisation.objects.create(ods_code=f"P{people}", name=f"Bench {people}", type="trust")
    persons = Person.objects.bulk_create(
        [
            Person(
                organisation=organisation,
                staff_number=f"{number:06d}",
                first_name=dice.choice(FIRST),
                last_name=f"{dice.choice(LAST)}{dice.choice(['', '', '-Hill', '-Moor', f' {number % 997}'])}",
            )
            for number in range(people)
        ],
        5000,
    )
    gone = date(2025, 1, 1)
    Post.objects.bulk_create(
        [Post(person=person, start=date(2020, 1, 1), end=gone if dice.random() < 0.1 else None) for person in persons], 5000
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return organisation


def backend_seconds() -> float:
    """CPU seconds of our PostgreSQL back end so far, where there is one on this machine."""
    if connection.vendor != "postgresql":
        return 0.0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(people: int) -> None:
    organisation = populate(people)
    everybody = PeopleFilter()
    ordered = Person.objects.of(organisation).order_by("last_name", "first_name", "pk").values_list("pk", flat=True)
    deep = ordered[people * 9 // 10]
    work = {
        "first page": lambda: people_page(organisation, everybody, on=ON),
        "page at nine tenths": lambda: people_page(organisation, everybody, on=ON, after=deep),
        "page before it": lambda: people_page(organisation, everybody, on=ON, before=deep),
        "search for a rare name": lambda: people_page(organisation, PeopleFilter(words="tess wood 4"), on=ON),
        "search for nobody": lambda: people_page(organisation, PeopleFilter(words="xyzzy"), on=ON),
        "search for a number": lambda: people_page(organisation, PeopleFilter(words="0123"), on=ON),
    }
    turns: dict[str, list[tuple[float, float]]] = {name: [] for name in work}
    for _ in range(PAIRS):
        for name, ours in work.items():
            turns[name].append(timed(ours))
    first = median(turns["first page"])
    for name, ours in work.items():
        with CaptureQueriesContext(connection) as queries:
            ours()
        cpu, wall = median(turns[name])
        print(  # noqa: T201
            f"{connection.vendor:10} {people:6} people  {name:24} {len(queries):2} queries  wall {wall:.4f} s  cpu {cpu:.4f} s"
            f"  to the first page: wall {wall / first[1]:.2f}  cpu {cpu / first[0]:.2f}",
            flush=True,
        )


def timed(work) -> tuple[float, float]:
    """CPU and wall seconds of a call. Ten calls, because the back end's clock ticks a hundred times a second."""
    cpu, wall = time.process_time() + backend_seconds(), time.perf_counter()
    for _ in range(10):
        work()
    return (time.process_time() + backend_seconds() - cpu) / 10, (time.perf_counter() - wall) / 10


def median(turns: list[tuple[float, float]]) -> tuple[float, float]:
    return statistics.median(cpu for cpu, _ in turns), statistics.median(wall for _, wall in turns)


if __name__ == "__main__":
    for size in [int(word) for word in sys.argv[1:]] or [20000, 100000]:
        with transaction.atomic():
            measure(size)
            transaction.set_rollback(True)
