"""A running Tenfold and a real browser for the tests of this folder."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests import prepared_database
from tests.browser.running import Tenfold, running_tenfold

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def tenfold(tmp_path_factory, django_db_setup, django_db_blocker) -> Iterator[Tenfold]:
    folder = tmp_path_factory.mktemp("tenfold")
    with (
        django_db_blocker.unblock(),
        prepared_database.another(folder) as address,
        running_tenfold(folder, database_url=address) as running,
    ):
        yield running


@pytest.fixture(scope="module")
def browser(tenfold) -> Iterator[Browser]:
    """Opened after Tenfold's database was made and closed before it goes: while Playwright runs there is an event loop,
    in which neither that nor another module's test could use the database.
    """
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM_FLAGS)
        yield found
        found.close()


def note_what_is_refused_or_foreign(page: Page, base_url: str, faults: list[str]) -> None:
    """Add to the faults what our policy stopped, and every address elsewhere that the browser asked for something."""
    page.on("console", lambda message: faults.append(message.text) if "Content Security Policy" in message.text else None)
    ours = (f"{base_url}/", "data:", "blob:")
    page.on("request", lambda asked: None if asked.url.startswith(ours) else faults.append(f"{page.url} asked {asked.url}"))


@pytest.fixture
def open_page(browser, tenfold) -> Iterator:
    """``open_page()`` gives a fresh visitor's page; ``open_page(phone=True)`` one on a phone.

    A script's error, what our policy stops and a request to another place fail the test.
    """
    contexts, faults = [], []

    def opened(*, phone: bool = False) -> Page:
        context = browser.new_context(base_url=tenfold.base_url, viewport=PHONE if phone else None, accept_downloads=True)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
        note_what_is_refused_or_foreign(page, tenfold.base_url, faults)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert faults == []
