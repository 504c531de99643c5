"""The main jobs of the registers that are kept through the year: a check, a risk, an asset until it is destroyed, a plan, a request."""

from __future__ import annotations

import re
from datetime import date, timedelta

from django.utils import timezone
from playwright.sync_api import Page, expect


def fill_date(page: Page, group: str, on: date) -> None:
    box = page.get_by_role("group", name=group)
    for part, value in (("Day", on.day), ("Month", on.month), ("Year", on.year)):
        box.get_by_label(part).fill(str(value))


def figure(page: Page, register: str, pattern: str) -> str:
    """What a register says on its own page."""
    page.goto(f"/registers/{register}/")
    return re.search(pattern, page.locator("main").inner_text())[0]


def the_lead_plans_a_check(page: Page) -> None:
    page.goto("/registers/planned-checks/add/")
    page.get_by_label("Which check?").select_option("Physical security")
    fill_date(page, "When first?", timezone.localdate() + timedelta(days=5))
    page.get_by_label("Who answers for it?").fill("Registered manager")
    page.get_by_role("button", name="Add a planned check").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Physical security")
    page.goto("/registers/calendar/?kind=check")
    expect(page.locator("main")).to_contain_text("Physical security")


def a_manager_checks_on_a_phone(page: Page) -> None:
    """One answer is no, and so there is something to do."""
    page.goto("/registers/checks/")
    page.get_by_role("link", name="Spot check").first.click()
    page.get_by_label("Where?").select_option(index=1)
    for question in page.locator(".app-check").all():
        question.get_by_label("Yes", exact=True).check()
    page.locator(".app-check").nth(1).get_by_label("No", exact=True).check()
    page.get_by_label("What is to be done?").fill("Put a locked tray at the front desk")
    page.get_by_role("button", name="Record the check").click()
    expect(page.locator("main")).to_contain_text("something to mend")
    page.get_by_role("link", name="Put a locked tray at the front desk").click()
    expect(page.locator("main")).to_contain_text("To do")


def the_lead_sees_the_action(page: Page) -> None:
    page.goto("/registers/actions/")
    expect(page.locator("main")).to_contain_text("Put a locked tray at the front desk")


def the_lead_weighs_a_risk_and_acts_on_it(page: Page) -> None:
    page.goto("/registers/risks/add/")
    page.get_by_label("What could happen?").fill("The office floods")
    page.get_by_label("What would cause it?").fill("A burst pipe")
    page.get_by_label("What would it mean for people and for us?").fill("Paper files are lost")
    page.get_by_label("Kind").select_option("Paper and places")
    page.get_by_label("Who answers for it?").fill("Registered manager")
    for question, score in (
        ("How likely is it, with nothing in place?", "4"),
        ("How bad would it be, with nothing in place?", "5"),
        ("How likely is it, with what is in place?", "4"),
        ("How bad would it be, with what is in place?", "5"),
    ):
        page.get_by_label(question).select_option(score)
    page.get_by_label("What is in place already?").fill("Nothing yet")
    fill_date(page, "Look at it again by", timezone.localdate() + timedelta(days=90))
    page.get_by_role("button", name="Add a risk").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("The office floods")
    page.get_by_role("button", name="Add an action").click()
    page.get_by_label("What is to be done?").fill("Move the files upstairs")
    page.get_by_label("Who does it?").fill("Registered manager")
    fill_date(page, "By when?", timezone.localdate() + timedelta(days=30))
    page.get_by_role("button", name="Add").click()
    expect(page.locator("main")).to_contain_text("Move the files upstairs")
    page.goto("/registers/risks/map/")
    expect(page.locator("main")).to_contain_text("The office floods")


def the_lead_retires_a_laptop(page: Page) -> None:
    """From the register of assets into the log of disposals."""
    page.goto("/registers/assets/add/")
    page.get_by_label("Reference").fill("LAP-99")
    page.get_by_label("What is it?").fill("Old laptop")
    page.get_by_label("Device", exact=True).check()
    page.get_by_label("Who looks after it?").fill("Office manager")
    page.get_by_role("button", name="Add an asset").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("LAP-99")
    page.goto("/registers/disposals/add/")
    page.get_by_label("What was disposed of?").fill("Old laptop LAP-99")
    page.get_by_role("group", name="Kind").get_by_label("Equipment").check()
    page.get_by_label("Which asset was it?").select_option(label="LAP-99 Old laptop")
    page.get_by_label("How?").select_option(index=1)
    fill_date(page, "When?", timezone.localdate())
    page.get_by_role("group", name="Who did it?").get_by_label("Our own staff").check()
    page.get_by_role("button", name="Add a disposal").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Old laptop LAP-99")


def the_lead_screens_a_plan(page: Page) -> None:
    page.goto("/registers/dpias/add/")
    page.get_by_label("What are you planning?").fill("Door cameras at Rowan House")
    page.get_by_label("Describe it").fill("Pictures of visitors, kept for a week")
    page.get_by_label("It watches or follows people").check()
    page.get_by_label("Why is it needed, or why not?").fill("It watches people at their door")
    page.get_by_role("button", name="Add a plan").click()
    expect(page.locator("main")).to_contain_text("It watches or follows people")


def a_request_comes_and_its_clock_runs(page: Page) -> None:
    today = timezone.localdate()
    page.goto("/registers/rights/add/")
    page.get_by_label("See or get a copy").check()
    fill_date(page, "Which day did it come?", today)
    page.get_by_label("Letter", exact=True).check()
    page.get_by_label("What is it about?").fill("Care notes of the last two years")
    page.get_by_role("button").filter(has_text=re.compile("Save|Add|Enter")).first.click()
    expect(page.locator(".app-due")).to_contain_text("Answer by")
    page.get_by_label("We answered", exact=True).check()
    fill_date(page, "On which day?", today)
    page.get_by_label("Done as asked").check()
    page.get_by_label("What was said or decided, and why?").fill("A copy was handed over")
    page.get_by_role("button", name="Save the step").click()
    expect(page.locator(".app-due")).to_contain_text("Answered in time.")


def the_lead_describes_a_flow(page: Page) -> None:
    page.goto("/registers/processing/add/")
    page.get_by_label("What do you call it?").fill("Door camera")
    page.get_by_label("Why do you do it?").fill("To see who comes in")
    page.get_by_role("group", name="What are you in this?").get_by_role("radio").first.check()
    page.get_by_label("Lawful basis").select_option(index=2)
    page.get_by_label("Condition for special category data").select_option(index=1)
    for label, words in (
        ("Whose data?", "Visitors"),
        ("What data?", "Pictures"),
        ("Who else gets it?", "Nobody"),
        ("Does it leave the UK?", "No"),
        ("How long is it kept?", "30 days"),
        ("How is it kept safe?", "Locked cupboard"),
        ("Who is answerable for it?", "Registered manager"),
    ):
        page.get_by_label(label).fill(words)
    fill_date(page, "Look at it again by", timezone.localdate() + timedelta(days=300))
    page.locator("main form").get_by_role("button", name="Add").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Door camera")


def the_lead_adds_a_certificate(page: Page) -> None:
    page.goto("/registers/certificates/add/")
    page.get_by_label("ISO 27001").check()
    page.get_by_label("Certificate number").fill("GB-99-2026")
    fill_date(page, "Issued on", timezone.localdate() - timedelta(days=30))
    fill_date(page, "Last day it is valid", timezone.localdate() + timedelta(days=300))
    page.get_by_role("button", name="Add the certificate", exact=True).click()
    expect(page.locator("main")).to_contain_text("GB-99-2026")
    page.goto("/registers/calendar/?kind=certificate")
    expect(page.locator("main")).to_contain_text("ISO 27001 runs out")


def the_officer_advises(page: Page) -> str:
    """Returns the address of the advice."""
    page.goto("/registers/dpo/")
    page.get_by_role("button", name="Record advice").click()
    for group in ("Which day were you asked?", "Which day did you advise?"):
        fill_date(page, group, timezone.localdate())
    page.get_by_label("What was asked?").fill("May we put a camera in the lounge?")
    page.get_by_label("What do you advise?").fill("Not without an impact assessment first")
    page.get_by_role("button", name="Record the advice").click()
    expect(page.locator("main")).to_contain_text("Nobody has decided on it yet")
    return page.url


def who_answers_overrules_it_and_says_why(page: Page, advice: str) -> None:
    page.goto(advice)
    page.get_by_label("Overrule the advice").check()
    page.get_by_role("button", name="Record the decision").click()
    expect(page.locator("main")).to_contain_text("There is a problem")
    page.get_by_label("Why?").fill("Two thefts this month; the assessment follows within a week")
    page.get_by_role("button", name="Record the decision").click()
    expect(page.locator("main")).to_contain_text("Overruled")


def the_report_of_the_year_tells_of_it(page: Page) -> None:
    page.goto("/registers/dpo/report/")
    expect(page.locator("main")).to_contain_text(re.compile("overruled", re.IGNORECASE))


def the_lead_files_a_document(page: Page) -> None:
    page.goto("/evidence/add/")
    page.get_by_label("Title").fill("Fire risk minutes")
    page.get_by_label("What kind of document is it?").select_option(index=1)
    page.get_by_label("Where the paper is kept").fill("Office, blue folder")
    fill_date(page, "When did you receive or finish it?", timezone.localdate())
    page.get_by_role("button", name="Add the document").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Fire risk minutes")
    page.goto("/evidence/?title=fire+risk+minutes")
    expect(page.locator("main")).to_contain_text("Fire risk minutes")
