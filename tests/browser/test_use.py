"""Tenfold as its users meet it: real processes, a real browser, the demonstration and an organisation of its own.

One module, so that the installation is started once.
"""

from __future__ import annotations

import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser import chain, incidents, letters, registers

pytestmark = pytest.mark.browser

PAGES = {
    "maria@willowbrook.example": [
        ("/my-training/", "My training"),
        ("/incidents/report/", "Report an incident"),
        ("/incidents/", "Your reports"),
        ("/policies/", "Policies"),
        ("/learn/data-security-awareness/", "Data security awareness"),
        ("/learn/data-security-awareness/scams-and-pressure/2/", "How pressure works"),
        ("/quiz/data-security-awareness/", "Quiz"),
    ],
    "denise@willowbrook.example": [("/team/", "Your team’s training")],
    "helen@willowbrook.example": [
        ("/staff/", "Staff"),
        ("/staff/imports/new/", "Import a staff list"),
        ("/staff/key-posts/", "Key posts"),
        ("/reports/", "Who was trained on"),
        ("/reports/people/", ""),
    ],
    "priya@willowbrook.example": [("/needs/", "Training needs analysis"), ("/reports/evidence/", "")],
    "tom@willowbrook.example": [
        ("/assessment/", "DSPT assessment"),
        ("/assessment/2/", "DSPT 2026-27"),
        ("/assessment/2/?by=plain", "DSPT 2026-27"),
        ("/evidence/", "Evidence"),
        ("/registers/", "Registers"),
        ("/registers/policies/", "Policies"),
        ("/registers/suppliers/", "Suppliers"),
        ("/registers/actions/", "Actions"),
        ("/registers/calendar/", "Calendar"),
        ("/registers/certificates/", ""),
        ("/registers/incidents/", "Incidents and near misses"),
        ("/registers/incidents/3/", "INC-0003"),
        ("/registers/incidents/4/assess/", "Assess it"),
        ("/registers/rights/", "Rights requests and complaints"),
        ("/registers/rights/3/", "REQ-0003"),
        ("/registers/dpo/", "Data protection officer"),
        ("/registers/dpo/report/", "Data protection report"),
    ],
    "angela@willowbrook.example": [("/assessment/2/review/", "Review, sign and publish"), ("/assessment/2/check/", "")],
    "sam@willowbrook.example": [("/audit/", "Audit trail"), ("/assessment/publications/1/", "DSPT 2025-26, publication 1")],
    "ruth@willowbrook.example": [("/organisation/", "Willow Brook Home Care"), ("/organisation/profile/", "")],
    "joanna@riversidemoors.example": [("/staff/", "Staff"), ("/reports/", "Who was trained on")],
    "": [("/", ""), ("/guidance/", "Guidance"), ("/guidance/key-terms/", "Key terms"), ("/accounts/sign-in/", "Sign in")],
}


def faults_of(page: Page) -> list[str]:
    """What axe finds, and whether the page is wider than a phone."""
    found = [f"{page.url}: {fault['id']}: {fault['nodes'][0]['html'][:120]}" for fault in Axe().run(page).response["violations"]]
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [*found, *([f"{page.url}: {wide} pixels too wide for a phone"] if wide > 0 else [])]


@pytest.mark.parametrize("username", PAGES)
def test_every_role_does_its_work_on_a_phone(open_page, username):
    page = open_page(phone=True)
    if username:
        chain.sign_in(page, username)
    faults = []
    for address, heading in PAGES[username]:
        answer = page.goto(address)
        assert answer.status == 200, address
        expect(page.get_by_role("heading", level=1)).to_contain_text(heading)
        faults += faults_of(page)

    assert faults == []


def test_a_content_editor_works_in_the_cms(open_page):
    page = open_page()
    chain.sign_in(page, "nia@willowbrook.example")
    page.goto("/cms/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.goto("/cms/pages/").status == 200


def test_pages_work_without_scripts(browser, tenfold):
    context = browser.new_context(base_url=tenfold.base_url, java_script_enabled=False)
    page = context.new_page()
    chain.sign_in(page, "maria@willowbrook.example")
    page.goto("/quiz/data-security-awareness/")
    page.get_by_role("button", name="Start the quiz").click()
    page.locator("input[type=radio], input[type=checkbox]").first.check()
    page.get_by_role("button", name="Save and continue").click()
    assert "/2/" in page.url
    context.close()


def test_a_report_on_a_phone_becomes_a_lesson(open_page):
    worker = open_page(phone=True)
    incidents.a_care_worker_reports_on_a_phone(worker)
    incidents.the_lead_handles_it(open_page())
    incidents.the_reporter_sees_what_was_done(worker)


def test_somebody_without_an_email_address_signs_in_with_a_letter_on_a_shared_device(open_page):
    number, code = letters.hr_prints_a_letter(open_page())
    letters.she_signs_in_and_stops_on_a_shared_device(open_page(phone=True), number, code)


def test_a_policy_from_a_template_is_approved_by_another_and_read_on_a_phone(open_page):
    lead = open_page()
    draft = registers.the_lead_writes_a_policy_from_a_template(lead)
    registers.another_approves_it(open_page(), draft)
    registers.the_lead_publishes_it(lead, draft)
    before = registers.readings(lead)
    registers.a_care_worker_reads_it_on_a_phone(open_page(phone=True))

    assert registers.readings(lead) == before + 1


def test_a_supplier_answers_by_a_link_and_the_item_shows_the_figure(open_page):
    lead = open_page()
    link = registers.the_lead_asks_a_supplier(lead)
    registers.the_supplier_answers_without_an_account(open_page(phone=True), link)
    registers.the_lead_accepts_the_answer(lead)
    registers.the_item_shows_what_the_register_says(lead)


def test_an_hr_file_in_and_a_verifiable_pack_out(tenfold, open_page):
    chain.create_people_who_come_first(tenfold, open_page)
    chain.hr_brings_the_staff_in(tenfold, open_page())
    chain.a_person_learns_and_passes(tenfold, open_page(phone=True))
    chain.the_manager_sees_it(tenfold, open_page(phone=True))
    chain.everybody_else_is_recorded(tenfold)
    chain.the_administrator_appoints_the_registered_manager(open_page())
    lead = open_page()
    chain.the_lead_works_through_the_return(tenfold, lead)
    chain.the_registered_manager_signs(tenfold, open_page())
    pack = chain.the_lead_publishes_and_takes_the_pack(tenfold, lead)
    chain.the_pack_verifies(tenfold, pack)

    trail = json.loads(tenfold.manage("verify_audit", "--json"))
    assert {one["organisation"]: one["fault"] for one in trail["chains"]} == {
        "": "",
        "DCARE": "",
        "DGP01": "",
        "DTR01": "",
        "VCHAIN": "",
    }
    invariants = json.loads(tenfold.manage("check_invariants", "--json"))
    assert [row for row in invariants["invariants"] if not row["ok"]] == []


def test_a_supplier_is_asked_answers_by_a_link_and_its_assurance_reaches_the_item(open_page):
    lead = open_page()
    chain.sign_in(lead, "tom@willowbrook.example")
    lead.goto("/registers/suppliers/?name=Bright")
    lead.get_by_role("link", name="Bright Spark IT").click()
    lead.get_by_role("button", name="Ask them").click()
    lead.get_by_label("Send the link to").fill("")
    lead.get_by_role("button", name="Make the link").click()
    link = lead.locator("#link").inner_text()

    supplier = open_page(phone=True)
    supplier.goto(link[link.index("/supplier-questions/") :])
    assert faults_of(supplier) == []
    supplier.get_by_label("Standards Met", exact=True).check()
    supplier.get_by_label("No", exact=True).check()
    supplier.get_by_label("Your name and job").fill("Callum Reid, director")
    supplier.get_by_role("button", name="Send the answers").click()
    expect(supplier.get_by_text("Your answers have reached Willow Brook Home Care.")).to_be_visible()

    lead.goto("/registers/suppliers/?name=Bright")
    lead.get_by_role("link", name="Bright Spark IT").click()
    lead.get_by_role("button", name="Look at the answer").click()
    lead.get_by_label("Accept it").check()
    lead.get_by_role("button", name="Save").click()
    expect(lead.get_by_text("Its DSPT is enough")).to_be_visible()

    lead.goto("/assessment/2/")
    lead.get_by_role("link", name="IT suppliers hold a recognised").click()
    expect(lead.get_by_text("IT suppliers who handle personal data for us are assured.")).to_be_visible()
