"""Measures the import of a staff list beside a bare COPY, the library's own bulk mode and a CSV reader, in the same run.

    DATABASE_URL=... python tests/staff/bench_import.py 50000

The database must be migrated; each measurement undoes itself with its transaction. Work and peer take turns; CPU counts
this process, its children and our PostgreSQL back end, and is what is judged: exit 1 when a ratio is over its limit.

"A bare COPY of the same rows" is read so: the very rows that the import wrote - units, people, posts and the import's own
rows about each of them - are copied, ready made, into the same tables with their indexes and foreign keys. The ratio to a
COPY of the people and posts alone is printed beside it and not judged. On SQLite, which has no COPY, the peer inserts the
rows with one prepared statement.
"""

from __future__ import annotations

import contextlib
import csv
import io
import os
import random
import resource
import statistics
import sys
import threading
import time
from dataclasses import dataclass
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
from staff.importing.memory import collector_at_rest  # noqa: E402
from staff.importing.preparing import open_file  # noqa: E402
from staff.importing.workbook import sheets  # noqa: E402
from staff.models import Person  # noqa: E402
from staff.services import import_file  # noqa: E402

PAIRS = 3
MEMORY = 300
ON = date(2026, 11, 1)
HEADINGS = ["Employee Number", "First Name", "Last Name", "Work Email", "Organisation Unit", "Position Title", "Staff Group",
            "Assignment Category", "Latest Hire Date", "Manager Employee Number", "NI Number"]  # fmt: skip


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


Rows = dict[str, tuple[list[str], list[tuple] | bytes]]
"""By table, its columns and rows: on PostgreSQL as COPY gives them."""

LISTED = ("staff_unit", "staff_person", "staff_post")
OF = {
    "staff_unit": "organisation_id = {0}",
    "staff_person": "organisation_id = {0}",
    "staff_post": "person_id IN (SELECT id FROM staff_person WHERE organisation_id = {0})",
    "staff_importbatch": "organisation_id = {0}",
    "staff_importrow": "batch_id IN (SELECT id FROM staff_importbatch WHERE organisation_id = {0})",
}


def written(organisation: Organisation) -> Rows:
    """The rows an import has written."""
    found: Rows = {}
    with connection.cursor() as cursor:
        for table, condition in OF.items():
            question = f"SELECT * FROM {table} WHERE {condition.format(int(organisation.pk))} ORDER BY id"  # noqa: S608  names of ours
            cursor.execute(f"{question} LIMIT 0")
            columns = [column[0] for column in cursor.description]
            if connection.vendor == "postgresql":
                with cursor.copy(f"COPY ({question}) TO STDOUT") as copy:
                    found[table] = (columns, b"".join(copy))
            else:
                cursor.execute(question)
                found[table] = (columns, cursor.fetchall())
    return found


def bare(rows: Rows, tables: tuple[str, ...]) -> None:
    for table in tables:
        columns, content = rows[table]
        names = ", ".join(f'"{name}"' for name in columns)
        with connection.cursor() as cursor:
            if isinstance(content, bytes):
                with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                    copy.write(content)
            else:
                places = ", ".join(["%s"] * len(columns))
                cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", content)  # noqa: S608  names of ours
    settle()


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


@dataclass
class Turn:
    """CPU and wall seconds of one round."""

    all_rows: tuple[float, float]
    people_and_posts: tuple[float, float]
    new: tuple[float, float]
    again: tuple[float, float]


def measure_new(people: int, content: bytes) -> Turn:
    """New people and the same file again, and then, with all that taken back, the peers."""
    with transaction.atomic():
        organisation = Organisation.objects.create(ods_code="ZZBENCH", name="Bench", type="trust")
        before_all = transaction.savepoint()
        new = timed(lambda: ours(content, organisation))
        rows, before = written(organisation), versions(organisation)
        again = timed(lambda: ours(content, organisation))
        assert versions(organisation) == before, "a row was written again"
        assert Person.objects.of(organisation).count() == people
        transaction.savepoint_rollback(before_all)
        taken_back = transaction.savepoint()
        listed = timed(lambda: bare(rows, LISTED))
        transaction.savepoint_rollback(taken_back)
        bare(rows, ("staff_importbatch",))
        everything = timed(lambda: bare(rows, (*LISTED, "staff_importrow")))
        transaction.set_rollback(True)
    return Turn(everything, listed, new, again)


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
    """As the import reads: its own process, and Python's collector at rest while the rows come."""
    with collector_at_rest():
        for _line in open_file(content).sheet.lines(range(10)):
            pass


Times = list[tuple[float, float]]


def say(label: str, peer: Times, work: Times, *, at_most: float = 0, at_least: float = 0) -> bool:
    """Print the ratios, and whether that of CPU time keeps its limit; without a limit it always does."""
    is_kept = True
    for index, kind in enumerate(("CPU", "wall")):
        ratios = [w[index] / p[index] for p, w in zip(peer, work, strict=True)]
        ratio, verdict = statistics.median(ratios), ""
        if kind == "CPU" and (at_most or at_least):
            is_kept = ratio <= at_most if at_most else ratio >= at_least
            verdict = f"   at {'most' if at_most else 'least'} {at_most or at_least:g}: {'PASS' if is_kept else 'FAIL'}"
        print(  # noqa: T201
            f"  {label:<44}{kind:<5}{statistics.median(w[index] for w in work):7.2f} s  peer {statistics.median(p[index] for p in peer):6.2f} s"
            f"  ratio {ratio:6.2f} ({min(ratios):.2f} to {max(ratios):.2f}){verdict}",
            flush=True,
        )
    return is_kept


class Peak:
    """The most memory held while the work went on, in MB: ``most`` by this process, ``child`` by the one that reads workbooks.

    The system's own figure for children is of no use: it counts this process as it was when the child began as a copy of it.
    """

    def __enter__(self) -> Peak:
        self.before, self.most, self.child, self._done = self._now(), 0, 0, threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(0.02):
            self.most = max(self.most, self._now())
            self.child = max(self.child, *map(self._most_of, Path("/proc/self/task").glob("*/children")), 0)

    @staticmethod
    def _now() -> int:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") // 1_000_000

    @staticmethod
    def _most_of(children: Path) -> int:
        found = 0
        for pid in children.read_text(encoding="ascii").split():
            with contextlib.suppress(OSError, StopIteration):
                if b"staff.importing.workbook" in Path(f"/proc/{pid}/cmdline").read_bytes():
                    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
                    found = max(found, int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) // 1000)
        return found


def main(people: int) -> int:
    rows = invent(people)
    content = as_csv(rows)
    print(f"{people} people, {connection.vendor}, {PAIRS} pairs in turn, medians", flush=True)  # noqa: T201
    with Peak() as peak:
        in_a_transaction(lambda organisation: timed(lambda: ours(content, organisation)))
    turns = [measure_new(people, content) for _ in range(PAIRS)]
    peers, new = [turn.all_rows for turn in turns], [turn.new for turn in turns]
    kept = [
        say("new people, to a COPY of all rows written", peers, new, at_most=2.0),
        say("new people, to a COPY of people and posts", [turn.people_and_posts for turn in turns], new),
        say("the same file again, no row rewritten", peers, [turn.again for turn in turns], at_most=1.2),
    ]
    few = rows[:1500]
    libraries, shorts = [], []
    for _ in range(PAIRS):
        libraries.append(in_a_transaction(lambda organisation: timed(lambda: library(few, organisation))))
        shorts.append(in_a_transaction(lambda organisation: timed(lambda: ours(as_csv(few), organisation))))
    kept.append(say(f"the library's bulk mode to ours, {len(few)} people", shorts, libraries, at_least=15))
    workbook = as_xlsx(rows)
    readers, alone, books = [], [], []
    with Peak() as reading:
        for _ in range(PAIRS):
            readers.append(timed(lambda: read_csv(content)))
            alone.append(timed(lambda: sheets(workbook)))
            books.append(timed(lambda: read_all(workbook)))
    kept.append(say("a workbook read, to CSV", readers, alone, at_most=15))
    kept.append(say("with its checks and a process of its own", readers, books, at_most=20))
    taken, child = peak.most - peak.before, reading.child
    kept.append(0 < max(taken, child) <= MEMORY and child > 0)
    print(  # noqa: T201
        f"  memory: {taken} MB for the import beside the {peak.before} MB of the process and the bench's own rows, "
        f"{child} MB for the reading of a workbook   at most {MEMORY}: {'PASS' if kept[-1] else 'FAIL'}"
    )
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000))
