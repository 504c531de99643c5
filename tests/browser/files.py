"""A file chosen as evidence: dragged from the desktop, by keyboard alone, and what is said of one that will not do."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

ITEM = "6.1.3"
PLACE = ".nhsuk-file-upload__drop-button"
MOST_TABS = 60


def open_the_place(page: Page) -> Locator:
    """The page on which a document is attached to the item, and the place on it for a file."""
    page.goto("/assessment/2/")
    page.locator("main").get_by_role("link", name=re.compile(f"^{re.escape(ITEM)} ")).first.click()
    page.get_by_role("button", name="Attach evidence").click()
    return page.locator(PLACE)


def drag(page: Page, onto: Locator, *files: Path) -> None:
    """As the browser itself hears of a drag from the desktop, so that it opens a file which the page does not take."""
    onto.scroll_into_view_if_needed()
    box = onto.bounding_box()
    at = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    what = {"items": [], "files": [str(file) for file in files], "dragOperationsMask": 1}
    browser = page.context.new_cdp_session(page)
    for kind in ("dragEnter", "dragOver", "drop"):
        browser.send("Input.dispatchDragEvent", {"type": kind, **at, "data": what})


def attach(page: Page, title: str) -> None:
    page.get_by_label("Title").fill(title)
    page.get_by_label("What kind of document is it?").select_option("Minutes")
    page.get_by_role("button", name="Add and attach").click()


def a_file_is_dragged(page: Page, folder: Path) -> None:
    """Two at once are refused in words, one beside the place is not opened, and the one dropped is attached."""
    minutes, other = folder / "minutes.txt", folder / "other.txt"
    minutes.write_text("What the board decided.", encoding="utf-8")
    other.write_text("Something else.", encoding="utf-8")
    place = open_the_place(page)
    drag(page, place, minutes, other)
    expect(place).to_contain_text("Drop one file at a time.")
    drag(page, page.get_by_role("heading", level=1), minutes)
    drag(page, place, minutes)
    expect(place).to_contain_text("minutes.txt")
    assert len(page.context.pages) == 1
    attach(page, "Minutes by drag")
    expect(page.get_by_text(f"“Minutes by drag” is attached to item {ITEM}.")).to_be_visible()


def a_file_is_chosen_by_keyboard(page: Page) -> None:
    """The place is reached by Tab, shows that it is, and opens the chooser by Enter."""
    place = open_the_place(page)
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if place.evaluate("place => place === document.activeElement"):
            break
    expect(place).to_be_focused()
    assert place.evaluate("place => getComputedStyle(place).outlineStyle + getComputedStyle(place).outlineWidth") == "solid4px"
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files({"name": "typed.txt", "mimeType": "text/plain", "buffer": b"What was typed."})
    expect(place).to_contain_text("typed.txt")
    attach(page, "Chosen by keyboard")
    expect(page.get_by_text(f"“Chosen by keyboard” is attached to item {ITEM}.")).to_be_visible()


def what_will_not_do_is_refused_in_words(page: Page, folder: Path) -> None:
    large, program = folder / "large.txt", folder / "program.exe"
    large.write_bytes(b"a" * 26 * 1024 * 1024)
    program.write_bytes(b"MZ")
    for file, words in ((large, "“large.txt” is larger than 25 MB."), (program, "“program.exe” is not a kind of file we keep.")):
        place = open_the_place(page)
        drag(page, place, file)
        expect(place).to_contain_text(file.name)
        attach(page, "Not kept")
        expect(page.locator(".nhsuk-error-summary")).to_contain_text(words)
        expect(page.get_by_label("Title")).to_have_value("Not kept")


def without_scripts_it_is_an_ordinary_file_field(page: Page) -> None:
    open_the_place(page)
    page.locator("input[type=file]").set_input_files({"name": "plain.txt", "mimeType": "text/plain", "buffer": b"Plain."})
    attach(page, "Chosen without scripts")
    expect(page.get_by_text(f"“Chosen without scripts” is attached to item {ITEM}.")).to_be_visible()
