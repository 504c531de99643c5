"""An audit from outside: invited to one return, asking, drawing, finding, and shown out at the end."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO
from zipfile import ZipFile

from playwright.sync_api import Page, expect

from tests.browser.chain import choose_password, sign_in
from tests.browser.kept import fill_date
from tests.browser.running import Tenfold

LEAD = "tom@willowbrook.example"
AUDITOR = "nora@finch-audit.example"
ITEM = "1.1.3"
RETURN, ANOTHER = "/assessment/2/", "/assessment/1/"
NOTE = "Between us: the cupboard key is still missing."
WANTED = "The list of who has read the policy, with the dates."
FOUND = "The list names two people who have left."
PLANNED = "Take leavers off the list each month"
TODAY = date.today()  # noqa: DTZ011  the day the browser's Tenfold lives in
Looked = Callable[[Page], None]


def press(page: Page, name: str) -> None:
    page.locator("main").get_by_role("button", name=name, exact=True).click()


def follow(page: Page, name: str | re.Pattern[str]) -> None:
    page.locator("main").get_by_role("link", name=name).first.click()


def open_item(page: Page, number: str) -> None:
    page.goto(RETURN)
    follow(page, re.compile(rf"^{re.escape(number)} "))


def the_lead_invites_an_auditor(lead: Page, look: Looked) -> None:
    sign_in(lead, LEAD)
    open_item(lead, ITEM)
    lead.get_by_text("Write a note or ask a question").click()
    lead.get_by_label("What do you want to say?").fill(NOTE)
    press(lead, "Save")
    expect(lead.locator("main")).to_contain_text(NOTE)
    lead.goto(RETURN)
    follow(lead, "Auditors")
    for label, words in (
        ("E-mail address", AUDITOR),
        ("First name", "Nora"),
        ("Last name", "Finch"),
        ("Firm or body they work for", "Finch Audit"),
        ("What are they to look at?", "Training, and the evidence behind ten items."),
    ):
        lead.get_by_label(label).fill(words)
    fill_date(lead, "Last day on which they may read", TODAY + timedelta(days=30))
    press(lead, "Invite")
    expect(lead.get_by_text("Nora Finch is invited, and hears of it by e-mail.")).to_be_visible()
    look(lead)


def the_auditor_comes_in_by_the_letter(tenfold: Tenfold, auditor: Page, look: Looked) -> None:
    choose_password(auditor, tenfold.link_sent_to(AUDITOR))
    sign_in(auditor, AUDITOR)
    expect(auditor.get_by_role("heading", level=1)).to_have_text("Your audit")
    expect(auditor.locator("main .nhsuk-card")).to_have_count(1)
    look(auditor)
    press(auditor, "Read the return")
    expect(auditor.get_by_role("heading", level=1)).to_contain_text("DSPT 2026-27")
    look(auditor)


def the_auditor_sees_nothing_else(auditor: Page, look: Looked) -> None:
    """Another return, the registers and the staff are not there; what is said inside about an item is left out of it."""
    asked = auditor.context.request
    assert [asked.get(address).status for address in (ANOTHER, f"{ANOTHER}audit/", "/assessment/3/")] == [404, 404, 404]
    assert [asked.get(address).status for address in ("/staff/", "/evidence/", "/registers/", "/audit/")] == [403] * 4
    open_item(auditor, ITEM)
    expect(auditor.locator("main")).not_to_contain_text(NOTE)
    look(auditor)


def the_auditor_asks(auditor: Page, look: Looked) -> str:
    """Returns the address of the request."""
    follow(auditor, "Ask for something about it")
    auditor.get_by_label("What do you ask for?").fill(WANTED)
    fill_date(auditor, "By when?", TODAY + timedelta(days=7))
    look(auditor)
    press(auditor, "Send the request")
    expect(auditor.get_by_text("Your request is sent.")).to_be_visible()
    look(auditor)
    return auditor.url


def the_lead_answers_with_evidence(lead: Page, asked: str, look: Looked) -> None:
    lead.goto(asked)
    look(lead)
    lead.get_by_label("Your answer").fill("It is attached.")
    chosen = lead.get_by_label("A document of your library")
    chosen.select_option(label=chosen.locator("option").nth(1).inner_text())
    press(lead, "Save the answer")
    expect(lead.get_by_text("Your answer is saved, and the auditor hears of it.")).to_be_visible()
    expect(lead.locator("main")).to_contain_text("(version ")
    look(lead)


def the_auditor_accepts_the_answer(auditor: Page, asked: str, look: Looked) -> None:
    auditor.goto(asked)
    expect(auditor.locator("main")).to_contain_text("It is attached.")
    look(auditor)
    auditor.get_by_label("Yes, I accept it").check()
    press(auditor, "Save")
    expect(auditor.get_by_text("You have accepted it.")).to_be_visible()


def the_auditor_draws_and_checks_one(auditor: Page, look: Looked) -> None:
    auditor.goto(f"{RETURN}audit/")
    look(auditor)
    press(auditor, "Draw a sample")
    auditor.get_by_label("How many people?").fill("3")
    auditor.get_by_label("Seed").fill("4 6 1 3")
    look(auditor)
    press(auditor, "Draw")
    expect(auditor.get_by_role("heading", level=1)).to_have_text("Sample of 3 people")
    expect(auditor.locator("main")).to_contain_text("A number stands for each person.")
    look(auditor)
    follow(auditor, re.compile("^Check person"))
    auditor.get_by_label("It does not agree").check()
    auditor.get_by_label("What did you see?").fill("The certificate has another date.")
    look(auditor)
    press(auditor, "Save")
    expect(auditor.locator(".app-figure", has_text="do not agree")).to_contain_text("1")
    look(auditor)


def the_auditor_writes_a_finding(auditor: Page, look: Looked) -> None:
    """On an item: what is claimed and computed stands beside what the auditor makes of it."""
    open_item(auditor, ITEM)
    press(auditor, "Assess")
    look(auditor)
    auditor.get_by_label("Partly").check()
    auditor.get_by_label("How serious is it?").select_option("Medium")
    auditor.get_by_label("What did you find?").fill(FOUND)
    press(auditor, "Save")
    row = auditor.locator("table tr", has=auditor.get_by_role("rowheader", name=re.compile(f"{re.escape(ITEM)} ")))
    cells = row.get_by_role("cell")
    expect(cells.nth(0)).not_to_be_empty()
    expect(cells.nth(1)).not_to_be_empty()
    expect(cells.nth(2)).to_contain_text("Partly agreed")
    look(auditor)


def the_lead_answers_the_finding_and_plans(lead: Page, look: Looked) -> None:
    lead.goto(f"{RETURN}findings/")
    follow(lead, f"Answer the finding about item {ITEM}")
    lead.get_by_label("Your answer").fill("True: nobody tells the office.")
    lead.get_by_label("What will you do about it?").fill(PLANNED)
    lead.get_by_label("Who does it?").fill("HR")
    fill_date(lead, "By when?", TODAY + timedelta(days=60))
    look(lead)
    press(lead, "Save the answer")
    expect(lead.get_by_text("Your answer is saved, and the action is in the plan.")).to_be_visible()
    look(lead)


def the_auditor_takes_the_workbook(auditor: Page) -> None:
    """Their own words and what was answered to them; not what another auditor wrote."""
    auditor.goto(f"{RETURN}audit/")
    with auditor.expect_download() as waiting:
        follow(auditor, "Take your findings, requests and samples away (XLSX)")
    with ZipFile(BytesIO(waiting.value.path().read_bytes())) as book:
        words = "".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xml"))
    assert [said in words for said in (FOUND, WANTED, PLANNED, "4 6 1 3")] == [True] * 4
    assert [said in words for said in (NOTE, "iris@")] == [False, False]


def the_lead_ends_it(lead: Page, auditor: Page, look: Looked) -> None:
    """The next click is refused, in a tab that was open before."""
    tab = auditor.context.new_page()
    tab.goto(f"{RETURN}audit/")
    lead.goto(f"{RETURN}auditors/")
    follow(lead, "End it now for Nora Finch")
    lead.get_by_label("Why does it end early?").fill("The work is done.")
    look(lead)
    press(lead, "End it now")
    expect(lead.get_by_text("Nora Finch sees nothing more here from now on.")).to_be_visible()
    with tab.expect_response(re.compile(f"{RETURN}findings/")) as waiting:
        follow(tab, "Claimed, computed and assessed")
    assert waiting.value.status == 403
    expect(tab.locator("main")).to_contain_text("your time has ended: ask whoever invited you.")
    look(tab)


def a_whole_audit(tenfold: Tenfold, lead: Page, auditor: Page, look: Looked) -> None:
    the_lead_invites_an_auditor(lead, look)
    the_auditor_comes_in_by_the_letter(tenfold, auditor, look)
    the_auditor_sees_nothing_else(auditor, look)
    asked = the_auditor_asks(auditor, look)
    the_lead_answers_with_evidence(lead, asked, look)
    the_auditor_accepts_the_answer(auditor, asked, look)
    the_auditor_draws_and_checks_one(auditor, look)
    the_auditor_writes_a_finding(auditor, look)
    the_lead_answers_the_finding_and_plans(lead, look)
    the_auditor_takes_the_workbook(auditor)
    the_lead_ends_it(lead, auditor, look)
