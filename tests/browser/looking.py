"""What must hold of every page a browser shows."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

SETTLED = "() => new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))"


def faults_of(page: Page) -> list[str]:
    """What axe finds, and whether the page is wider than its window.

    A page that answered is not yet a page at rest: the header moves its links into a menu after it has loaded, and
    axe, which looks in several goes, would weigh the colour of a link in flight.
    """
    page.wait_for_load_state("load")
    page.evaluate(SETTLED)
    found = [f"{page.url}: {fault['id']}: {fault['nodes'][0]['html'][:120]}" for fault in Axe().run(page).response["violations"]]
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [*found, *([f"{page.url}: {wide} pixels too wide for its window"] if wide > 0 else [])]
