"""A letter for somebody without an e-mail address, from HR's desk to a tablet in the staff room."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.browser import chain


def hr_prints_a_letter(page: Page) -> tuple[str, str]:
    """Returns the staff number and the code on the letter."""
    chain.sign_in(page, "helen@willowbrook.example")
    page.goto("/staff/people/new/")
    page.get_by_label("Staff number").fill("T-0001")
    page.get_by_label("First name").fill("Grace")
    page.get_by_label("Last name").fill("Mensah")
    page.get_by_role("button", name=re.compile("^Add")).click()
    page.get_by_role("button", name="Make a letter to sign in with").click()
    chain.wait_for_job(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Fetch the letters (PDF)").click()
    words = "".join(sheet.extract_text() for sheet in PdfReader(download.value.path()).pages)
    return "T-0001", re.search(r"\b[A-Z2-9]{5}-[A-Z2-9]{5}\b", words)[0]


def she_signs_in_and_stops_on_a_shared_device(page: Page, number: str, code: str) -> None:
    page.goto("/accounts/sign-in/")
    page.get_by_role("link", name="Sign in with a letter").click()
    page.get_by_label("Organisation code").fill("dcare")
    page.get_by_label("Staff number").fill(number)
    page.get_by_label("The code on your letter").fill(code.lower())
    expect(page.get_by_label("Other people use it too")).to_be_checked()
    page.locator("main").get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Hello Grace")
    page.get_by_role("button", name="Go to my training").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("My training")
    expect(page.get_by_role("region", name="Shared device")).to_contain_text("Signed in as Grace Mensah")
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    page.get_by_role("button", name="I have finished").click()
    page.goto("/my-training/")
    assert "/accounts/sign-in/" in page.url
