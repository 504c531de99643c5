"""A report on a phone, and what becomes of it: the steps as people take them."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser import chain


def a_care_worker_reports_on_a_phone(page: Page) -> None:
    chain.sign_in(page, "maria@willowbrook.example")
    page.goto("/incidents/report/")
    page.get_by_label("What happened?").fill("I left the visit list of resident Mary Smith on a bench.")
    page.get_by_label("It happened", exact=True).check()
    page.get_by_label("Papers, a phone or another device were lost or stolen").check()
    page.get_by_label("People we care for or support").check()
    page.get_by_role("button", name="Send the report").click()
    expect(page.locator("main")).to_contain_text("Did you mean to name somebody?")
    page.get_by_label("What happened?").fill("I left a visit list on a bench.")
    page.get_by_role("button", name="Send the report").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you for telling us")
    page.get_by_role("link", name="See your reports").click()
    expect(page.locator("main")).to_contain_text("Received")


def figure(page: Page, label: str) -> str:
    page.goto("/registers/incidents/")
    return page.locator(".app-figure", has_text=label).locator(".app-figure__number").inner_text()


def the_lead_handles_it(page: Page) -> None:
    chain.sign_in(page, "tom@willowbrook.example")
    before = int(figure(page, "with a lesson"))
    page.locator("tbody a").first.click()
    expect(page.locator("main")).to_contain_text("I left a visit list on a bench.")
    page.get_by_role("link", name="Assess it").click()
    page.get_by_label("Yes", exact=True).check()
    page.get_by_label("3. Harm is likely").check()
    page.get_by_label("2. Minor").check()
    page.get_by_label("Why do you see it so?").fill("The list shows when homes are empty.")
    page.get_by_role("button", name="Save the assessment").click()
    expect(page.locator("main")).to_contain_text("gives 6 of 25")
    page.get_by_role("link", name="Decide who must be told").click()
    page.get_by_label("Why?").fill("Harm is likely.")
    page.get_by_role("button", name="Save the decision").click()
    expect(page.locator("main")).to_contain_text("Still to be told")
    page.get_by_role("link", name="Record who was told").click()
    page.get_by_label("How, and under which reference?").fill("National reporting tool, 4711")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("main")).to_contain_text("in time")
    page.get_by_role("link", name="Write down the lesson").click()
    page.get_by_label("Looking after devices and papers").check()
    page.get_by_label("Why could it happen?").fill("The list is on paper.")
    page.get_by_label("What will you do differently?").fill("It is on the locked phone now.")
    page.get_by_role("button", name="Save the lesson").click()
    page.get_by_role("link", name="Close it").click()
    page.get_by_label("What was done in the end?").fill("Thank you. Lists are on the phone now.")
    page.get_by_role("button", name="Close the incident").click()
    expect(page.locator("main")).to_contain_text("Closed")
    assert int(figure(page, "with a lesson")) == before + 1


def the_reporter_sees_what_was_done(page: Page) -> None:
    page.goto("/incidents/")
    expect(page.locator("main")).to_contain_text("Lists are on the phone now.")
