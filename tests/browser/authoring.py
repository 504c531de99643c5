"""Writing a course in the CMS as its people do: an editor writes, a second reader reads and publishes, a learner learns."""

from __future__ import annotations

import io
import re
from pathlib import Path

from PIL import Image as Pillow
from playwright.sync_api import Locator, Page, expect

from tests.browser import chain
from tests.browser.looking import faults_of

FILM = Path(__file__).parents[1] / "courses/files/film.webm"
CAPTIONS = b"WEBVTT\n\n00:00.000 --> 00:01.000\nLock the cupboard.\n"
ALT = "A cupboard with its key in the lock."
WRITER, READER, LEARNER = (f"{name}@willowbrook.example" for name in ("nia", "priya", "maria"))
COURSE, MODULE = "The medicine cupboard", "Keys to the cupboard"
SLOW = 30_000
"""Milliseconds that the CMS may take to save a page on a busy machine."""
ADDRESS = "/learn/dcare-the-medicine-cupboard/"


def picture() -> bytes:
    """A picture that nobody has uploaded before: the CMS asks about a second one of the same look."""
    out = io.BytesIO()
    Pillow.effect_noise((640, 360), 80).save(out, "PNG")
    return out.getvalue()


def write_course(page: Page, image: bytes) -> tuple[str, str]:
    """A course of the organisation's own with one module, both drafts; the addresses where the CMS edits them."""
    chain.sign_in(page, WRITER)
    page.goto("/courses-here/")
    page.get_by_role("button", name="Go to your courses in the CMS").click()
    page.goto(page.url.replace("/cms/pages/", "/cms/pages/add/courses/coursepage/"))
    page.locator("[name=title]").fill(COURSE)
    page.locator("[name=summary]").fill("Who holds the key, and what they do with it.")
    page.locator("[name=by_reading]").check()
    hand_in(page)
    below = page.get_by_role("link", name=f"Add a child page to '{COURSE}'")
    course = below.get_attribute("href").replace("add_subpage", "edit")
    below.click()
    page.wait_for_load_state("networkidle")
    page.locator("[name=title]").fill(MODULE)
    page.locator("[name=minutes]").fill("3")
    page.locator("[name=summary]").fill("How we keep the cupboard locked.")
    _add(page.locator("#panel-child-content-lessons-content"), "Lesson")
    page.locator("[name=lessons-0-value-title]").fill("Who has the key")
    page.locator("[name=lessons-0-value-minutes]").fill("3")
    _write_blocks(page, image)
    save_draft(page)
    return course, page.url


def _write_blocks(page: Page, image: bytes) -> None:
    lesson = page.locator("[data-streamfield-child]").filter(has=page.locator("[name=lessons-0-value-title]")).last
    _add(lesson, "Text")
    _write(lesson, 0, "The key stays with one person on each shift. Nobody lends it.")
    _add(lesson, "Picture")
    _choose(page, "Choose an image", {"name": "cupboard.png", "mimeType": "image/png", "buffer": image}, "A cupboard")
    page.locator("[name=lessons-0-value-blocks-1-value-picture-alt_text]").fill(ALT)
    _add(lesson, "Video")
    page.locator("[name=lessons-0-value-blocks-2-value-title]").fill("Locking up")
    _choose(page, "Choose a document", {"name": "film.webm", "mimeType": "video/webm", "buffer": FILM.read_bytes()}, "Locking up")
    _choose(page, "Choose a document", {"name": "film.vtt", "mimeType": "text/vtt", "buffer": CAPTIONS}, "Locking up, captions")
    _write(lesson, 1, "Somebody locks the cupboard.")
    _add(lesson, "Situation with choices")
    _fill(page, 3, {"title": "A colleague asks", "question": "What do you do?"})
    _write(lesson, 2, "A colleague asks for the key for a minute.")
    _fill(page, 3, {"choices-0-value-text": "Go with her.", "choices-0-value-feedback": "Just so: the key stays with you."})
    page.locator("[name=lessons-0-value-blocks-3-value-choices-0-value-best]").check()
    _another(lesson)
    _fill(page, 3, {"choices-1-value-text": "Lend it.", "choices-1-value-feedback": "Then two people answer for it."})
    _add(lesson, "Check what you know")
    _fill(page, 4, {"question": "Who holds the key?"})
    _fill(page, 4, {"options-0-value-text": "One person", "options-0-value-explanation": "Yes, one on each shift."})
    page.locator("[name=lessons-0-value-blocks-4-value-options-0-value-right]").check()
    _another(lesson)
    _fill(page, 4, {"options-1-value-text": "Everybody", "options-1-value-explanation": "Then nobody answers for it."})


def save_draft(page: Page) -> None:
    page.get_by_role("button", name="Save draft").click()
    expect(page.locator(".messages")).to_contain_text(re.compile("saved|created|updated"), timeout=SLOW)


def hand_in(page: Page) -> None:
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("button", name=re.compile("^Submit to")).click()
    expect(page.locator(".messages")).to_contain_text("submitted for moderation", timeout=SLOW)


def _add(within: Locator, label: str) -> None:
    within.get_by_title("Insert a block").last.click()
    option = within.page.get_by_role("option", name=label, exact=True)
    if option.count() or label != "Lesson":
        option.click()


def _another(within: Locator) -> None:
    """One line more in the last list of the block that was added last."""
    within.get_by_title("Add", exact=True).last.click()


def _write(within: Locator, number: int, words: str) -> None:
    within.locator("[contenteditable=true]").nth(number).click()
    within.page.keyboard.type(words)


def _fill(page: Page, number: int, values: dict[str, str]) -> None:
    for name, value in values.items():
        page.locator(f"[name=lessons-0-value-blocks-{number}-value-{name}]").fill(value)


def _choose(page: Page, button: str, file: dict[str, object], title: str) -> None:
    """Upload a file in the window that the button opens."""
    page.get_by_role("button", name=button, exact=True).first.click()
    window = page.locator(".modal.in")
    window.get_by_role("tab", name="Upload").click()
    window.locator("input[type=file]").set_input_files(file)
    window.locator("input[name$=title]").last.fill(title)
    window.get_by_role("button", name="Upload").click()
    expect(window).to_have_count(0, timeout=SLOW)


def preview(page: Page) -> list[str]:
    """The draft as a learner will see it, with its length and reading age; what is wrong with the page."""
    page.get_by_role("button", name="Toggle preview").click()
    shown = page.frame_locator("#w-preview-iframe").last.locator("main")
    expect(shown).to_contain_text("The key stays with one person", timeout=SLOW)
    expect(shown).to_contain_text("For you who write it:")
    alone = page.context.new_page()
    alone.goto(page.url.split("#")[0].split("?")[0] + "preview/?mode=1")
    expect(alone.get_by_role("img", name=ALT)).to_be_visible()
    alone.get_by_label("Go with her.").check()
    alone.get_by_role("button", name="See what follows").click()
    expect(alone.locator("main")).to_contain_text("Just so: the key stays with you.")
    found = faults_of(alone)
    alone.close()
    return found


def read_and_decide(page: Page, address: str, *decision: str) -> list[str]:
    """As second reader: press publish in the CMS, say what it means, and see whom it touches before it is done."""
    page.goto(address)
    button = page.get_by_role("button", name="Publish as second reader")
    if not button.is_visible():
        page.get_by_role("button", name="More actions").click()
    button.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Publish", timeout=SLOW)
    found = faults_of(page)
    for label in decision:
        page.get_by_role("radio", name=re.compile(f"^{label}")).check()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Check before you publish", timeout=SLOW)
    found += faults_of(page)
    return found


def publish(page: Page) -> None:
    page.get_by_role("button", name=re.compile("^Publish")).click()
    expect(page.locator(".messages")).to_contain_text("Published. Learners have it now.", timeout=SLOW)


def learn(page: Page) -> list[str]:
    """Read the new course to its end on a phone, and complete it."""
    chain.sign_in(page, LEARNER)
    page.goto(ADDRESS)
    found = faults_of(page)
    page.get_by_role("link", name=MODULE).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Who has the key")
    picture = page.get_by_role("img", name=ALT)
    expect(picture).to_be_visible()
    assert picture.evaluate("picture => picture.decode().then(() => picture.naturalWidth)") == 640
    assert page.locator("video").evaluate("video => video.autoplay || !video.controls") is False
    page.get_by_label("Lend it.").check()
    page.get_by_role("button", name="See what follows").click()
    expect(page.locator("main")).to_contain_text("Then two people answer for it.")
    found += faults_of(page)
    page.get_by_role("button", name=re.compile("^Save and")).click()
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Finish the course").click()
    expect(page.locator("main")).to_contain_text(f"You have completed “{COURSE}”.")
    return found


def change_a_shared_module(page: Page, address: str, words: str) -> None:
    """Another summary for a module that all organisations share, handed to the second reader."""
    chain.sign_in(page, WRITER)
    page.goto(address)
    page.locator("[name=summary]").fill(words)
    hand_in(page)
