"""A manager's session on a phone: from the team to the record, with the sheet to sign, and one record taken back."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect
from pypdf import PdfReader, PdfWriter

from tests.browser import chain
from tests.browser.looking import faults_of


def a_manager_records_a_session(page: Page, folder: Path) -> None:
    chain.sign_in(page, "denise@willowbrook.example")
    page.goto("/team/")
    page.get_by_role("link", name="Record training given to a group").click()
    page.get_by_role("button", name="Enter a session").click()
    page.get_by_label("Which course?").select_option(label="Data security awareness")
    page.get_by_label("Where?").fill("Staff room, Elm House")
    faults = faults_of(page)
    page.get_by_role("button", name="Go on to the people").click()

    boxes = page.get_by_role("checkbox")
    expect(page.get_by_role("group", name="Your team")).to_contain_text("overdue, was due by")
    names = [boxes.nth(n).evaluate("box => box.labels[0].innerText.trim()") for n in range(10)]
    for n in range(10):
        boxes.nth(n).check()
    faults += faults_of(page)
    page.get_by_role("button", name="Put them on the list").click()
    expect(page.get_by_text("10 people are on the list now.")).to_be_visible()

    with page.expect_download() as download:
        page.get_by_role("link", name="Print the sign-in sheet (PDF)").click()
    words = "".join(sheet.extract_text() for sheet in PdfReader(download.value.path()).pages)
    assert all(name in words for name in names)
    page.get_by_role("link", name="Attach the signed sheet").click()
    page.locator("input[type=file]").set_input_files(_signed(folder))
    page.get_by_role("button", name="Attach it").click()
    expect(page.get_by_role("link", name="signed.pdf")).to_be_visible()

    page.get_by_role("button", name="Record it for 10 people").click()
    expect(page.get_by_text("Recorded for 10 people.")).to_be_visible()
    page.get_by_role("link", name=f"Not there? Withdraw this record of {names[0]}").click()
    page.get_by_label("Why does it not stand?").fill("Was not there.")
    page.get_by_role("button", name="Withdraw").click()
    expect(page.get_by_text(f"The record of {names[0]} is withdrawn.")).to_be_visible()
    faults += faults_of(page)
    assert faults == []


def _signed(folder: Path) -> Path:
    path = folder / "signed.pdf"
    writer = PdfWriter()
    writer.add_blank_page(width=595, height=842)
    writer.write(path)
    return path
