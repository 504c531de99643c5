"""The main jobs of the registers as people take them: a policy until it is read, a supplier until it is assured."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser import chain

POLICY = "Own devices policy (bring your own device)"


def the_lead_writes_a_policy_from_a_template(page: Page) -> str:
    """Returns the address of the draft."""
    chain.sign_in(page, "tom@willowbrook.example")
    page.goto("/registers/policies/templates/bring-your-own-device/")
    page.get_by_role("button", name="Use this template").click()
    page.get_by_role("button", name="Make the draft").click()
    expect(page.locator("main")).to_contain_text("still to fill in")
    draft = page.url
    page.get_by_role("link", name="Change the draft").click()
    text = page.get_by_label("Text", exact=True)
    text.fill(re.sub(r"\[Fill in: [^\]]*\]", "none", text.input_value()))
    page.get_by_role("button").filter(has_text="Save").click()
    expect(page.locator("main")).to_contain_text("somebody else has to approve it")
    expect(page.locator("main")).to_contain_text("Angela Morris")
    return draft


def another_approves_it(page: Page, draft: str) -> None:
    chain.sign_in(page, "angela@willowbrook.example")
    page.goto(draft)
    page.get_by_role("button", name="Approve this version").click()
    expect(page.locator("main")).to_contain_text("Approved")


def the_lead_publishes_it(page: Page, draft: str) -> None:
    page.goto(draft)
    page.get_by_role("button", name="Publish").click()
    expect(page.locator("main")).to_contain_text("Its readers find it under Policies")


def readings(page: Page) -> int:
    """How many have read the policy, as the register says."""
    page.goto("/registers/policies/")
    row = page.locator("tr", has_text=POLICY).inner_text()
    return int(re.search(r"(\d+) of \d+", row)[1])


def a_care_worker_reads_it_on_a_phone(page: Page) -> None:
    chain.sign_in(page, "maria@willowbrook.example")
    page.goto("/policies/")
    page.get_by_role("link", name=POLICY, exact=True).click()
    page.get_by_role("button", name="Confirm").click()
    expect(page.locator("main")).to_contain_text("Tick the box to say that you have read it")
    page.get_by_label("I have read this and I will follow it").check()
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Policies")


def the_lead_asks_a_supplier(page: Page) -> str:
    """Returns the link, which is shown once."""
    chain.sign_in(page, "tom@willowbrook.example")
    page.goto("/registers/suppliers/")
    page.get_by_role("link", name="Mortar and Pestle Systems").click()
    page.get_by_role("button", name="Ask them").click()
    page.get_by_role("button", name="Make the link").click()
    return re.search(r"https?://\S+/supplier-questions/[^\s\"<]+", page.content())[0]


def the_supplier_answers_without_an_account(page: Page, link: str) -> None:
    page.goto(link)
    page.get_by_label("Standards Met", exact=True).check()
    page.get_by_label("No", exact=True).check()
    page.get_by_label("Your name and job").fill("Leena Shah, security lead")
    page.get_by_role("button", name="Send the answers").click()
    expect(page.locator("main")).to_contain_text("Thank you")
    assert page.request.get(link).status == 410


def the_lead_accepts_the_answer(page: Page) -> None:
    page.goto("/registers/suppliers/")
    page.get_by_role("link", name="Mortar and Pestle Systems").click()
    page.get_by_role("button", name="Look at the answer").first.click()
    page.get_by_label("Accept it").check()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("main")).to_contain_text("Accepted")


def the_item_shows_what_the_register_says(page: Page) -> None:
    page.goto("/registers/")
    sentence = re.search(r"\d+ of \d+ IT suppliers who handle [^.]*\.", page.locator("main").inner_text())[0]
    page.goto("/assessment/2/")
    page.get_by_role("link", name=re.compile(r"^10\.2\.1 ")).click()
    expect(page.locator("main")).to_contain_text(sentence)
