"""Measures how the site answers while 100,000 people come in through the pages.

    DATABASE_URL=... python tests/staff/bench_upload.py 100000

It starts a whole Tenfold with the demonstration, as an operator would. Three people go on working - a care worker, a
manager and the training lead - while HR of another organisation chooses a file, checks the columns, sees what would change and imports it.
What is judged is their usual waiting, against the same pages in the minute before: exit 1 when it is over its limit, or
when any page fails.
"""

from __future__ import annotations

import os
import re
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django

sys.path.insert(0, str(Path(__file__).absolute().parents[2]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.test")
django.setup()

import requests  # noqa: E402
from django.conf import settings  # noqa: E402
from playwright.sync_api import Page, sync_playwright  # noqa: E402

from tests.browser.chain import PASSWORD, create_people_who_come_first, sign_in  # noqa: E402
from tests.browser.running import Tenfold, running_tenfold  # noqa: E402
from tests.staff.bench_import import as_csv, invent  # noqa: E402

AT_MOST = 1.3
"""The median wait beside the import, to the median wait without it."""

QUIET_SECONDS = 20
PAUSE = 0.3
"""Seconds for which somebody looks at a page before going to the next."""

VISITORS = {"maria": "/my-training/", "denise": "/team/", "priya": "/reports/"}


class Visitor(threading.Thread):
    """Somebody who goes on working, and how long each page took."""

    def __init__(self, tenfold: Tenfold, name: str, path: str) -> None:
        super().__init__(daemon=True)
        self.url, self.waits, self.faults, self.done = f"{tenfold.base_url}{path}", [], [], threading.Event()
        self.session = requests.Session()
        door = f"{tenfold.base_url}/accounts/sign-in/"
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.session.get(door, timeout=60).text)[1]
        given = {"login": f"{name}@willowbrook.example", "password": PASSWORD, "csrfmiddlewaretoken": token}
        self.session.post(door, given, headers={"referer": door}, timeout=60)
        assert self.session.get(self.url, timeout=60).url == self.url, f"{name} does not get to {path}"

    def run(self) -> None:
        while not self.done.wait(PAUSE):
            started = time.perf_counter()
            try:
                answer = self.session.get(self.url, timeout=60)
            except requests.RequestException as fault:
                self.faults.append(str(fault))
                continue
            self.waits.append((started, time.perf_counter() - started))
            if answer.status_code != 200:
                self.faults.append(f"{answer.status_code} {self.url}")


def import_by_the_pages(tenfold: Tenfold, page: Page, file: Path) -> dict[str, float]:
    """The seconds that HR waits for each step."""
    sign_in(page, "helen@oak.example")
    page.goto("/staff/imports/new/")
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_label("No: people who are not in it stay on the list").check()
    took, started = {}, time.perf_counter()

    def step(name: str) -> None:
        nonlocal started
        took[name], started = time.perf_counter() - started, time.perf_counter()

    page.get_by_role("button", name="Go on to the columns").click()
    page.get_by_role("heading", name="Check the columns").wait_for(timeout=300_000)
    step("the upload")
    page.get_by_role("button", name="Show what would change").click(timeout=300_000)
    page.get_by_role("button", name="See the result").click(timeout=600_000)
    page.get_by_role("heading", name="What would change").wait_for()
    step("the preview")
    for box in page.locator("main form input[type=checkbox]").all():
        box.check()
    page.get_by_role("button", name="Confirm and import").click()
    page.get_by_role("button", name="See the result").click(timeout=600_000)
    page.get_by_role("heading", name=re.compile(r"Import \d+")).wait_for()
    step("the import")
    return took


@contextmanager
def database(folder: Path) -> Iterator[str]:
    """An empty database of the kind the bench runs on, and its address."""
    if settings.IS_SQLITE:
        yield f"sqlite:///{folder / 'tenfold.sqlite3'}"
        return
    import psycopg  # only PostgreSQL runs need it

    url, name = os.environ["DATABASE_URL"], f"tenfold_bench_{os.getpid()}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        try:
            yield re.sub(r"/[^/]*$", f"/{name}", url)
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def main(people: int) -> int:
    folder = Path(tempfile.mkdtemp(prefix="tenfold-bench-"))
    file = folder / "staff.csv"
    file.write_bytes(as_csv(invent(people)))
    with (
        database(folder) as address,
        running_tenfold(folder, database_url=address) as tenfold,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])

        def open_page() -> Page:
            return browser.new_context(base_url=tenfold.base_url).new_page()

        create_people_who_come_first(tenfold, open_page)
        page = open_page()
        visitors = [Visitor(tenfold, name, path) for name, path in VISITORS.items()]
        for visitor in visitors:
            visitor.start()
        time.sleep(QUIET_SECONDS)
        began = time.perf_counter()
        took = import_by_the_pages(tenfold, page, file)
        for visitor in visitors:
            visitor.done.set()
            visitor.join()
        browser.close()
    shutil.rmtree(folder)
    told = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in took.items())
    print(f"{people} people by the pages: {told}")  # noqa: T201
    kept = True
    for visitor in visitors:
        quiet = [wait for start, wait in visitor.waits if start < began]
        busy = [wait for start, wait in visitor.waits if start >= began]
        ratio = statistics.median(busy) / statistics.median(quiet)
        is_good = ratio <= AT_MOST and not visitor.faults
        kept &= is_good
        print(  # noqa: T201
            f"  {visitor.url.rpartition(':')[2]:<24} median {statistics.median(quiet):.3f} s quiet, {statistics.median(busy):.3f} s beside it,"
            f" longest {max(busy):.2f} s  ratio {ratio:.2f}   at most {AT_MOST}: {'PASS' if is_good else 'FAIL'} {visitor.faults[:1]}"
        )
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
