"""A registered manager who has never seen it takes a care home of thirty beds from the first sign-in to next year's return."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, timedelta

from playwright.sync_api import Page, expect

from tests.browser.chain import choose_password, sign_in
from tests.browser.kept import fill_date
from tests.browser.running import Tenfold

ODS = "VWALK"
MANAGER = "rosa@oakhouse.example"
ALL_ROLES = ("organisation-admin", "hr", "dspt-lead", "senior-reviewer")
TODAY = date.today()  # noqa: DTZ011  the day the browser's Tenfold lives in
Looked = Callable[[Page], None]

THE_REST = f"""
from django.utils import timezone
from accounts.models import User
from assessment.loading import file_of
from assessment.models import Assessment, EditionItem
from assessment.queries import read_return
from assessment.services import answer, attach_evidence, confirm_assertion, take_reading
from courses.models import Completion, Course
from evidence.models import DocumentVersion
from staff.models import Person
from staff.services.key_posts import appoint
now = timezone.now(); today = timezone.localdate(now)
assessment = Assessment.objects.get(organisation__ods_code="{ODS}")
lead = User.objects.get(username="{MANAGER}")
manager = Person.objects.get(user=lead)
for kind in ("dspt-lead", "caldicott-guardian"):
    appoint(assessment.organisation, kind=kind, holder=manager, start=today, by=lead, at=now)
Completion.objects.create(person=manager, course=Course.objects.get(code="data-security-awareness"), completed_on=today,
                          source=Completion.Source.IMPORT, recorded_at=now)
paper = DocumentVersion.objects.get(document__organisation=assessment.organisation)
for response in assessment.responses.select_related("item", "assessment").order_by("item__order"):
    item = file_of(assessment.edition).item(response.item.item_id)
    if item.live:
        take_reading(response, as_of=today, by=lead, at=now)
    if response.versions.exists():
        continue
    if item.answer.kind == "document" and not response.evidence_links.exists():
        attach_evidence(response, paper, by=lead, at=now)
    value = {{"yes_no": "yes", "text": "As our policy says.", "document": "In the library"}}[item.answer.kind]
    answer(response, value=value, expected_version=0, by=lead, at=now)
whole = read_return(assessment, on=today)
rows = {{row.item_id: row for row in EditionItem.objects.filter(edition=assessment.edition, kind="assertion")}}
for assertion in whole.assertions():
    if assertion.number != "1.1":
        confirm_assertion(assessment, rows[assertion.id], by=lead, at=now)
print("the rest is done")
"""


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()


def she_comes_for_the_first_time(tenfold: Tenfold, page: Page, look: Looked) -> None:
    tenfold.manage("create_organisation", ODS, "--name", "Oak House", "--type", "social-care")
    roles = [word for role in ALL_ROLES for word in ("--role", role)]
    made = json.loads(tenfold.manage("create_user", MANAGER, "--organisation", ODS, "--name", "Rosa Bell", *roles, "--json"))
    choose_password(page, made["password_link"])
    expect(page.get_by_text("Your password is saved.")).to_be_visible()
    sign_in(page, MANAGER)
    expect(page.get_by_role("heading", level=1)).to_have_text("First steps")
    expect(page.locator("main")).to_contain_text("0 of 4 done.")
    look(page)


def she_puts_herself_on_the_list(page: Page, look: Looked) -> None:
    press(page, "Go on with: Put the staff on the list")
    page.get_by_role("link", name="Add one person").or_(page.get_by_role("button", name="Add one person")).click()
    look(page)
    for label, text in (
        ("Staff number", "1"),
        ("First name", "Rosa"),
        ("Last name", "Bell"),
        ("E-mail address (optional)", MANAGER),
    ):
        page.get_by_label(label).fill(text)
    page.get_by_label("Employment type").select_option("Permanent")
    page.get_by_label("Yes", exact=True).check()
    fill_date(page, "First day in post", TODAY - timedelta(days=900))
    press(page, "Add to the staff list")
    press(page, "Invite to sign in")
    expect(page.locator("main")).to_contain_text("The sign-in is connected with this record")
    look(page)


def she_registers(page: Page, look: Looked) -> None:
    page.goto("/first-steps/")
    expect(page.locator("main")).to_contain_text("2 of 4 done.")
    press(page, "Go on with: Register your organisation")
    look(page)
    press(page, "Go on with: What kind of organisation you are")
    look(page)
    press(page, "Save and continue")
    page.get_by_label("It has never published").check()
    page.get_by_label("Who should staff tell when something goes wrong?").fill("Rosa, in the office")
    look(page)
    press(page, "Save and continue")
    page.get_by_label("No", exact=True).check()
    look(page)
    press(page, "Save and continue")
    look(page)
    page.goto("/staff/key-posts/appoint/")
    page.get_by_label("Post").first.select_option(label="Registered manager")
    holder = page.locator("select[name=holder]")
    holder.select_option(label=holder.locator("option", has_text="Bell").inner_text())
    look(page)
    press(page, "Record the appointment")
    page.goto("/organisation/register/sites/")
    page.get_by_label("No", exact=True).check()
    look(page)
    press(page, "Save and continue")
    expect(page.get_by_role("heading", level=1)).to_contain_text("What applies to you")
    look(page)


def she_answers_the_first_items(page: Page, look: Looked) -> None:
    page.goto("/assessment/")
    look(page)
    page.get_by_role("link", name="See what applies to you in 2025-26").click()
    look(page)
    press(page, "Open the return for 2025-26")
    look(page)
    press(page, "Start with 1.1.1")
    look(page)
    page.locator("main textarea, main input[type=text]").first.fill("ZA123456")
    press(page, "Save the answer")
    page.get_by_role("link", name=re.compile("1.1.2")).click()
    press(page, "Attach evidence")
    page.get_by_label("Title").fill("Record of processing")
    page.get_by_label("What kind of document is it?").select_option("Register")
    file = {"name": "register.csv", "mimeType": "text/csv", "buffer": b"what,where\ncare records,office\n"}
    page.locator("input[type=file]").set_input_files(file)
    press(page, "Add and attach")
    expect(page.locator("main")).to_contain_text("Enter the day from which it is in force.")
    look(page)
    page.locator("input[type=file]").set_input_files(file)
    fill_date(page, "In force from", TODAY - timedelta(days=20))
    press(page, "Add and attach")
    expect(page.locator("main")).to_contain_text("is attached to item 1.1.2")
    look(page)


def she_confirms_signs_and_publishes(tenfold: Tenfold, page: Page, look: Looked) -> None:
    """Everything between the second item and the last confirmation is done by the services, as its own tests show."""
    assert "the rest is done" in tenfold.manage("shell", "-v0", "-c", THE_REST)
    page.goto("/assessment/")
    page.get_by_role("link", name="2025-26").first.click()
    press(page, "Confirm assertion 1.1")
    look(page)
    press(page, "Confirm assertion 1.1")
    expect(page.locator("main")).to_contain_text("27 of 27")
    press(page, "Review, sign and publish")
    press(page, "Send for review")
    look(page)
    press(page, "Pass as ready to sign")
    press(page, "Read and sign")
    expect(page.locator("main")).to_contain_text("You gave every answer yourself. Nobody else has looked at this return.")
    look(page)
    for box in page.get_by_role("checkbox").all():
        box.check()
    press(page, "Sign this return")
    look(page)
    press(page, "Go to publish")
    look(page)
    press(page, "Publish here today")
    expect(page.locator("main")).to_contain_text("By our rules: Standards Met.")
    look(page)
    with page.expect_download(timeout=60_000) as waiting:
        press(page, "Download the evidence pack")
    assert waiting.value.path().read_bytes().startswith(b"PK")


def she_copies_it_and_begins_the_next_year(page: Page, look: Looked) -> None:
    press(page, "Copy it into the national site")
    page.get_by_role("button", name="Entered").first.click()
    expect(page.locator("main")).to_contain_text("1 of 55 items are noted as entered")
    look(page)
    page.goto("/assessment/open/?year=2026-27")
    press(page, "Open the return for 2026-27")
    press(page, re.compile("Start with|Go on with"))
    expect(page.locator("main")).to_contain_text("Last year’s answer")
    look(page)
    press(page, "This is still true")
    look(page)


def the_whole_first_year(tenfold: Tenfold, page: Page, look: Looked) -> None:
    she_comes_for_the_first_time(tenfold, page, look)
    she_puts_herself_on_the_list(page, look)
    she_registers(page, look)
    she_answers_the_first_items(page, look)
    she_confirms_signs_and_publishes(tenfold, page, look)
    she_copies_it_and_begins_the_next_year(page, look)
