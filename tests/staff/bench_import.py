"""Measures the import of a staff list beside a bare COPY, the library's own bulk mode and a CSV reader, in the same run.

    DATABASE_URL=... python tests/staff/bench_import.py 50000

The database must be migrated; each measurement undoes itself with its transaction. Work and peer take turns; CPU counts
this process, its children and our PostgreSQL back end. On SQLite, which has no COPY, the peer inserts the rows with one
prepared statement. The peer writes the same people and posts into the same tables, with their indexes and foreign keys.
"""

from __future__ import annotations

import csv
import io
import os
import random
import resource
import statistics
import sys
import threading
import time
from datetime import date
from pathlib import Path

import django

sys.path.insert(0, str(Path(__file__).absolute().parents[2]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.test")
django.setup()

import tablib  # noqa: E402
import xlsxwriter  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402
from import_export import fields, resources, widgets  # noqa: E402

from accounts.models import Organisation  # noqa: E402
from staff.importing.preparing import open_file  # noqa: E402
from staff.models import Person, Unit  # noqa: E402
from staff.services import import_file  # noqa: E402

PAIRS = 3
ON = date(2026, 11, 1)
HEADINGS = ["Employee Number", "First Name", "Last Name", "Work Email", "Organisation Unit", "Position Title", "Staff Group",
            "Assignment Category", "Latest Hire Date", "Manager Employee Number", "NI Number"]  # fmt: skip
PERSON = ["id", "organisation_id", "staff_number", "first_name", "last_name", "email", "source", "kept_here"]
POST = ["id", "person_id", "assignment_number", "unit_id", "job_title", "staff_group", "employment_type", "manager_id", "has_access",
        "start", "kept_here", "added_here"]  # fmt: skip


def invent(people: int) -> list[list[str]]:
    dice = random.Random(people)
    return [
        [f"{10_000_000 + n}", dice.choice(["Ada", "Siân", "Tom", "Grace"]), f"Name{n}", f"person{n}@example.test", f"Ward {n % 400}",
         f"Role {n % 90}", f"Group {n % 12}", dice.choice(["Permanent", "Bank", "Fixed Term Temp"]),
         f"{1 + n % 28:02d}/0{1 + n % 9}/20{dice.randrange(15, 26)}", f"{10_000_000 + n // 20}" if n > 20 else "", "QQ123456C"]
        for n in range(people)
    ]  # fmt: skip


def as_csv(rows: list[list[str]]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer).writerows([HEADINGS, *rows])
    return buffer.getvalue().encode()


def as_xlsx(rows: list[list[str]]) -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    sheet = book.add_worksheet("Staff")
    for number, row in enumerate([HEADINGS, *rows]):
        sheet.write_row(number, 0, row)
    book.close()
    return buffer.getvalue()


def cpu() -> float:
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    seconds = own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            pid = cursor.fetchone()[0]
        words = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
        seconds += (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")
    return seconds


def timed(work) -> tuple[float, float]:
    busy, wall = cpu(), time.perf_counter()
    work()
    return cpu() - busy, time.perf_counter() - wall


def settle() -> None:
    """Check the foreign keys now, as a commit would."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def ours(content: bytes, organisation: Organisation) -> None:
    import_file(content, file_name="bench.csv", organisation=organisation, as_of=ON, by="command:bench", at=timezone.now())
    settle()


def prepared(rows: list[list[str]], organisation: Organisation) -> tuple[list[tuple], list[tuple]]:
    """The peer's rows, ready to be sent: their making is not part of the measurement."""
    units = {unit.name: unit.pk for unit in Unit.objects.filter(organisation=organisation)}
    with connection.cursor() as cursor:
        cursor.execute("SELECT COALESCE(MAX(id), 0) FROM staff_person")
        first = cursor.fetchone()[0] + 1_000_000
        cursor.execute("SELECT COALESCE(MAX(id), 0) FROM staff_post")
        first_post = cursor.fetchone()[0] + 1_000_000
    people, posts = [], []
    for n, row in enumerate(rows):
        kind = {"Permanent": "permanent", "Bank": "bank"}.get(row[7], "fixed-term")
        start = f"{row[8][6:]}-{row[8][3:5]}-{row[8][:2]}"
        manager = first + n // 20 if n > 20 else None
        people.append((first + n, organisation.pk, row[0], row[1], row[2], row[3], "feed", "[]"))
        posts.append((first_post + n, first + n, "", units[row[4]], row[5], row[6], kind, manager, "unknown", start, "[]", False))
    return people, posts


def bare(people: list[tuple], posts: list[tuple]) -> None:
    for table, columns, rows in (("staff_person", PERSON, people), ("staff_post", POST, posts)):
        names = ", ".join(f'"{name}"' for name in columns)
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                    copy.write(b"".join(_line(row) for row in rows))
            else:
                places = ", ".join(["%s"] * len(columns))
                cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", rows)  # noqa: S608  names of ours
    settle()


def _line(row: tuple) -> bytes:
    return ("\t".join("\\N" if value is None else str(value) for value in row) + "\n").encode()


class PersonResource(resources.ModelResource):
    organisation = fields.Field(
        attribute="organisation", column_name="organisation", widget=widgets.ForeignKeyWidget(Organisation)
    )

    class Meta:
        model = Person
        import_id_fields = ("staff_number",)
        fields = ("organisation", "staff_number", "first_name", "last_name", "email", "source")
        use_bulk = True
        batch_size = 1000
        skip_diff = True


def library(rows: list[list[str]], organisation: Organisation) -> None:
    """django-import-export in its bulk mode, with people only: half of what we write."""
    table = tablib.Dataset(headers=["organisation", "staff_number", "first_name", "last_name", "email", "source"])
    for row in rows:
        table.append([organisation.pk, *row[:4], "feed"])
    PersonResource().import_data(table, dry_run=False, raise_errors=True, use_transactions=False)


def in_a_transaction(work) -> tuple[float, float]:
    with transaction.atomic():
        organisation = Organisation.objects.create(ods_code="ZZBENCH", name="Bench", type="trust")
        found = work(organisation)
        transaction.set_rollback(True)
    return found


def measure_new(rows: list[list[str]], content: bytes) -> tuple[tuple[float, float], tuple[float, float], tuple[float, float]]:
    """Seconds of the peer, of new people, and of the same file again."""

    def peer(organisation: Organisation) -> tuple[float, float]:
        Unit.objects.bulk_create([Unit(organisation=organisation, name=f"Ward {n}") for n in range(400)])
        people, posts = prepared(rows, organisation)
        return timed(lambda: bare(people, posts))

    again: list[tuple[float, float]] = []

    def new(organisation: Organisation) -> tuple[float, float]:
        first = timed(lambda: ours(content, organisation))
        before = versions(organisation)
        again.append(timed(lambda: ours(content, organisation)))
        assert versions(organisation) == before, "a row was written again"
        assert Person.objects.of(organisation).count() == len(rows)
        return first

    return in_a_transaction(peer), in_a_transaction(new), again[0]


def versions(organisation: Organisation) -> list[tuple]:
    """Which versions of the rows are stored: PostgreSQL counts them; a rewritten row would have another."""
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.ctid::text, s.xmin::text, p.ctid::text, p.xmin::text FROM staff_person s JOIN staff_post p ON p.person_id = s.id "
            "WHERE s.organisation_id = %s ORDER BY s.id", [organisation.pk]
        )  # fmt: skip
        return cursor.fetchall()


def read_csv(content: bytes) -> None:
    for _row in csv.reader(io.StringIO(content.decode())):
        pass


def read_all(content: bytes) -> None:
    sheet = open_file(content).sheet
    for _line in sheet.lines(range(10)):
        pass


def say(label: str, peer: list[tuple[float, float]], work: list[tuple[float, float]], limit: str) -> None:
    for index, kind in enumerate(("CPU", "wall")):
        ratios = [w[index] / p[index] for p, w in zip(peer, work, strict=True)]
        print(  # noqa: T201
            f"  {label:<34}{kind:<5}{statistics.median(w[index] for w in work):7.2f} s  peer {statistics.median(p[index] for p in peer):6.2f} s"
            f"  ratio {statistics.median(ratios):6.2f} ({min(ratios):.2f} to {max(ratios):.2f})   limit {limit}"
        )


class Peak:
    """The most memory this process has held while the work went on, above what it held before, in MB."""

    def __enter__(self) -> Peak:
        self.before, self.most, self._done = self._now(), 0, threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(0.05):
            self.most = max(self.most, self._now())

    @staticmethod
    def _now() -> int:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") // 1_000_000


def main(people: int) -> None:
    rows = invent(people)
    content = as_csv(rows)
    print(f"{people} people, {connection.vendor}, {PAIRS} pairs in turn, medians")  # noqa: T201
    with Peak() as peak:
        in_a_transaction(lambda organisation: timed(lambda: ours(content, organisation)))
    peers, new, again = zip(*(measure_new(rows, content) for _ in range(PAIRS)), strict=True)
    say("new people, against a bare COPY", list(peers), list(new), "at most 2.0")
    say("the same file again", list(peers), list(again), "at most 1.2; no row rewritten")
    few = rows[:3000]
    libraries, shorts = [], []
    for _ in range(PAIRS):
        libraries.append(in_a_transaction(lambda organisation: timed(lambda: library(few, organisation))))
        shorts.append(in_a_transaction(lambda organisation: timed(lambda: ours(as_csv(few), organisation))))
    say(f"bulk mode of the library, {len(few)}", shorts, libraries, "at least 15 (here the library is the work)")
    workbook = as_xlsx(rows)
    readers, books = [], []
    for _ in range(PAIRS):
        readers.append(timed(lambda: read_csv(content)))
        books.append(timed(lambda: read_all(workbook)))
    say("a workbook, against a CSV reader", readers, books, "at most 15, with checks and own process 20")
    print(f"  memory: {peak.most} MB at most, {peak.most - peak.before} MB of it for the import   limit 300 MB")  # noqa: T201


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000)
