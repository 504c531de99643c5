"""HR files in a browser: a good month, a file that would let too many go, the second person, rows to mend, and an undo."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from tests.browser import chain
from tests.browser.looking import faults_of
from tests.browser.running import Tenfold

HEADINGS = "Employee Number,First Name,Last Name,Job Title,Organisation\n"
FIRST, SECOND = "hanna@elm.example", "imran@elm.example"


def two_people_in_hr(tenfold: Tenfold, open_page) -> None:
    tenfold.manage("create_organisation", "VELMS", "--name", "Elm Court", "--type", "social-care")
    for username, name in ((FIRST, "Hanna Boyd"), (SECOND, "Imran Khan")):
        made = tenfold.manage("create_user", username, "--organisation", "VELMS", "--name", name, "--role", "hr", "--json")
        chain.choose_password(open_page(), json.loads(made)["password_link"])


def staff_file(folder: Path, name: str, people: int, *, faulty: str = "") -> Path:
    rows = [f"{n:05d},Ada,Okafor{n},Care worker,Elm Court\n" for n in range(1, people + 1)]
    file = folder / name
    file.write_text(HEADINGS + "".join(rows) + faulty, encoding="utf-8")
    return file


def upload(page: Page, file: Path) -> list[str]:
    """As far as the preview; says what is wrong with the pages on the way."""
    page.goto("/staff/imports/new/")
    faults = faults_of(page)
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_label("Yes: people who are not in it have left").check()
    page.get_by_role("button", name="Go on to the columns").click()
    faults += faults_of(page)
    page.get_by_role("button", name="Show what would change").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What would change")
    return faults + faults_of(page)


def wait_and_look(page: Page) -> list[str]:
    """The page of the running job, and its result."""
    faults = faults_of(page)
    chain.wait_for_job(page)
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(r"Import \d+"))
    return faults + faults_of(page)


def a_good_month(page: Page, folder: Path) -> list[str]:
    faults = upload(page, staff_file(folder, "october.csv", 40, faulty="00041,Bad,Row,Care worker,Elm Court,too many\n"))
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the rows to mend (Excel)").click()
    rows = list(load_workbook(io.BytesIO(download.value.path().read_bytes())).active.iter_rows(values_only=True))
    assert any("cells" in str(cell) for cell in rows[-1])
    page.get_by_role("button", name="Confirm and import").click()
    faults += wait_and_look(page)
    expect(page.locator("main")).to_contain_text("40")
    return faults


def a_shortened_file_waits(page: Page, folder: Path) -> list[str]:
    faults = upload(page, staff_file(folder, "november.csv", 30))
    expect(page.get_by_role("heading", name="A second person must approve this")).to_be_visible()
    expect(page.locator("main")).to_contain_text(
        "10 of 40 people in post are missing from the file and would leave: more than 5%."
    )
    expect(page.get_by_role("button", name=re.compile("import$"))).to_have_count(0)
    return faults


def another_approves(page: Page) -> list[str]:
    page.goto("/staff/imports/")
    expect(page.get_by_role("row").filter(has_text="november.csv")).to_contain_text("Needs a second person")
    page.get_by_role("link", name="november.csv").click()
    expect(page.locator("main")).to_contain_text("You did not upload this file, so you may approve it.")
    page.get_by_role("link", name="Leaves (10)").click()
    faults = faults_of(page)
    page.get_by_label("I have looked again: this is the list I mean").check()
    page.get_by_role("button", name="Approve and import").click()
    faults += wait_and_look(page)
    expect(page.locator("main")).to_contain_text("Approved by")
    return faults


def it_is_undone(page: Page) -> list[str]:
    page.goto("/staff/imports/")
    faults = faults_of(page)
    page.get_by_role("link", name="november.csv").click()
    page.get_by_role("link", name="Undo this import").click()
    faults += faults_of(page)
    page.get_by_role("button", name="Undo the import").click()
    expect(page.get_by_text("10 people are as they were before the import.")).to_be_visible()
    page.goto("/staff/imports/")
    states = [row.get_by_role("cell").nth(1).inner_text() for row in page.locator("tbody tr").all()]
    assert states == ["Undone", "Applied"]
    page.goto("/staff/?q=okafor40")
    expect(page.locator("main")).to_contain_text("Okafor40")
    return faults + faults_of(page)
