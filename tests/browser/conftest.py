"""A running Tenfold and a real browser for the tests of this folder."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

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
def tenfold(tmp_path_factory) -> Iterator[Tenfold]:
    with running_tenfold(tmp_path_factory.mktemp("tenfold")) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Closed with its module: while Playwright runs there is an event loop, in which other tests could not use the database."""
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM_FLAGS)
        yield found
        found.close()


@pytest.fixture
def open_page(browser, tenfold) -> Iterator:
    """``open_page()`` gives a fresh visitor's page; ``open_page(phone=True)`` one on a phone. A script error fails the test."""
    contexts, faults = [], []

    def opened(*, phone: bool = False) -> Page:
        context = browser.new_context(base_url=tenfold.base_url, viewport=PHONE if phone else None, accept_downloads=True)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert faults == []
