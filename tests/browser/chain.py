"""The steps of the whole chain, as its users take them in a browser."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from datetime import date, timedelta
from pathlib import Path

import yaml
from django.conf import settings
from playwright.sync_api import Page, expect

from tests.browser.running import Tenfold

PASSWORD = "lantern-river-apple"
ODS = "VCHAIN"
STARTED = date.today() - timedelta(days=700)  # noqa: DTZ011  the day the browser's Tenfold lives in

STAFF = f"""Employee Number,First Name,Last Name,Email Address,Job Title,Organisation,Line Manager Employee Number,Latest Hire Date,NI Number
00012,Siân,O'Brien,sian@oak.example,Care worker,North round,00007,{STARTED:%d/%m/%Y},QQ123456C
00007,Denise,Walker,denise@oak.example,Team lead,North round,,{STARTED:%Y-%m-%d},QQ123456D
00020,Angela,Morris,angela@oak.example,Registered manager,Office,,{STARTED:%d-%b-%Y},QQ123456A
00020,Angela,Twice,twice@oak.example,Registered manager,Office,,{STARTED:%d/%m/%Y},QQ123456A
00021,Bad,Date,,Care worker,North round,00007,31/02/2024,QQ123456B
"""

ANSWERS = """
from django.utils import timezone
from accounts.models import User
from assessment.models import Assessment, EditionItem
from assessment.queries import read_return
from assessment.services import answer, attach_evidence, confirm_assertion
from assessment.loading import file_of
from evidence.services import add_document
now = timezone.now(); today = timezone.localdate(now)
assessment = Assessment.objects.get(organisation__ods_code="VCHAIN")
lead = User.objects.get(username="tom@oak.example")
paper = add_document(assessment.organisation, title="Registers", kind="register", by=lead, at=now, received_on=today,
                     effective_on=today, file=(b"what,where\\nlaptops,office\\n", "registers.csv"))
for response in assessment.responses.select_related("item", "assessment").order_by("item__order"):
    item = file_of(assessment.edition).item(response.item.item_id)
    if item.number in ("1.1.1", "3.2.1"):
        continue
    if item.answer.kind == "document":
        attach_evidence(response, paper, by=lead, at=now)
    value = {"yes_no": "yes", "text": "As our policy says.", "document": "In the library"}[item.answer.kind]
    answer(response, value=value, expected_version=0, by=lead, at=now)
print("answered")
"""

CONFIRMATIONS = """
from django.utils import timezone
from accounts.models import User
from assessment.models import Assessment, EditionItem
from assessment.queries import read_return
from assessment.services import confirm_assertion
now = timezone.now()
assessment = Assessment.objects.get(organisation__ods_code="VCHAIN")
lead = User.objects.get(username="tom@oak.example")
whole = read_return(assessment, on=timezone.localdate(now))
rows = {row.item_id: row for row in EditionItem.objects.filter(edition=assessment.edition, kind="assertion")}
for assertion in whole.assertions():
    if not whole.unsettled_required(assertion):
        confirm_assertion(assessment, rows[assertion.id], by=lead, at=now)
print("confirmed")
"""


def right_answers() -> dict[str, list[str]]:
    bank = yaml.safe_load((settings.ROOT / "quizzes/data/data-security-awareness.yaml").read_text(encoding="utf-8"))
    return {
        " ".join(question["stem"].split()): [" ".join(str(o["text"]).split()) for o in question["options"] if o["correct"]]
        for question in bank["questions"]
    }


def choose_password(page: Page, link: str) -> None:
    page.goto(link)
    page.get_by_label("New password", exact=True).fill(PASSWORD)
    page.get_by_label("The same password again").fill(PASSWORD)
    page.get_by_role("button", name="Save password").click()


def sign_in(page: Page, username: str) -> None:
    page.goto("/accounts/sign-in/")
    page.get_by_label("E-mail address or user name").fill(username)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Sign in").click()


def wait_for_job(page: Page) -> None:
    page.get_by_role("button", name="See the result").click(timeout=180_000)


def create_people_who_come_first(tenfold: Tenfold, open_page) -> None:
    tenfold.manage("create_organisation", ODS, "--name", "Oak House Care", "--type", "social-care")
    for username, name, roles in (
        ("helen@oak.example", "Helen Price", ["hr"]),
        ("tom@oak.example", "Tom Ellis", ["dspt-lead"]),
        ("ruth@oak.example", "Ruth Bailey", ["organisation-admin"]),
    ):
        given = [word for role in roles for word in ("--role", role)]
        made = json.loads(tenfold.manage("create_user", username, "--organisation", ODS, "--name", name, *given, "--json"))
        choose_password(open_page(), made["password_link"])


def hr_brings_the_staff_in(tenfold: Tenfold, page: Page) -> None:
    file = tenfold.folder / "staff.csv"
    file.write_bytes(STAFF.encode("cp1252"))
    sign_in(page, "helen@oak.example")
    page.goto("/staff/imports/new/")
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_label("No: people who are not in it stay on the list").check()
    page.get_by_role("button", name="Go on to the columns").click()
    page.get_by_role("button", name="Show what would change").click()
    if page.get_by_role("button", name="See the result").count() or "/jobs/" in page.url:
        wait_for_job(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("What would change")
    page.get_by_role("link", name="To mend (2)").click()
    expect(page.locator("main")).to_contain_text("31/02/2024")
    page.get_by_role("button", name="Confirm and import").click()
    wait_for_job(page)
    page.goto("/staff/")
    expect(page.locator("main")).to_contain_text("O'Brien")
    expect(page.locator("main")).not_to_contain_text("Twice")
    page.goto("/staff/invitations/")
    page.get_by_role("button", name=re.compile("Invite")).click()
    wait_for_job(page)


def a_person_learns_and_passes(tenfold: Tenfold, page: Page) -> Path:
    choose_password(page, tenfold.link_sent_to("sian@oak.example"))
    sign_in(page, "sian@oak.example")
    expect(page.get_by_role("heading", level=1)).to_have_text("My training")
    page.goto("/learn/data-security-awareness/")
    page.get_by_role("button", name="Start reading").click()
    expect(page.locator("main")).to_contain_text(re.compile("Lesson 1 of"))
    page.goto("/quiz/data-security-awareness/")
    page.get_by_role("button", name="Start the quiz").click()
    answers = right_answers()
    while "/review/" not in page.url:
        words = " ".join(page.locator("main").inner_text().split())
        stem = next(stem for stem in answers if stem in words)
        for choice in answers[stem]:
            page.get_by_label(choice, exact=True).check()
        page.get_by_role("button", name="Save and continue").click()
    page.get_by_role("button", name="Hand in my answers").click()
    expect(page.locator("main")).to_contain_text("12")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download your certificate").click()
    file = tenfold.folder / "certificate.pdf"
    waiting.value.save_as(file)
    assert file.read_bytes().startswith(b"%PDF-")
    return file


def the_manager_sees_it(tenfold: Tenfold, page: Page) -> None:
    choose_password(page, tenfold.link_sent_to("denise@oak.example"))
    sign_in(page, "denise@oak.example")
    page.goto("/team/")
    row = page.locator("tr", has_text="O'Brien")
    expect(row).to_contain_text("Trained")


def everybody_else_is_recorded(tenfold: Tenfold) -> None:
    """The lead's and the manager's training came from elsewhere: a classroom list, brought in as a file."""
    file = tenfold.folder / "completions.csv"
    day = date.today() - timedelta(days=30)  # noqa: DTZ011
    file.write_text(
        "staff_number,course,completed_on,source\n"
        f"00007,data-security-awareness,{day},classroom\n00020,data-security-awareness,{day},classroom\n",
        encoding="utf-8",
    )
    result = json.loads(tenfold.manage("import_completions", str(file), "--organisation", ODS, "--json"))
    assert (result["created"], result["errors"]) == (2, [])
    rate = json.loads(tenfold.manage("completion_rate", "--organisation", ODS, "--course", "data-security-awareness", "--json"))
    assert (rate["in_scope"], rate["current"], rate["percent"]) == (3, 3, "100.0")


def the_administrator_appoints_the_registered_manager(page: Page) -> None:
    sign_in(page, "ruth@oak.example")
    page.goto("/staff/key-posts/appoint/")
    page.get_by_label("Post", exact=False).first.select_option(label="Registered manager")
    holder = page.locator("select[name=holder]")
    holder.select_option(label=holder.locator("option", has_text="Morris").inner_text())
    page.get_by_role("button", name="Record the appointment").click()
    expect(page.locator("main")).to_contain_text("Morris")


def the_lead_works_through_the_return(tenfold: Tenfold, page: Page) -> None:
    sign_in(page, "tom@oak.example")
    page.goto("/assessment/")
    page.get_by_role("link", name="See what applies to you in 2026-27").click()
    page.get_by_role("button", name="Open the return for 2026-27").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("2026-27")
    home = page.url
    page.get_by_role("link", name=re.compile(r"^1\.1\.1 ")).click()
    page.locator("main").get_by_role("textbox").first.fill("ZA123456")
    page.get_by_role("button", name="Save the answer").click()
    page.goto(home)
    page.get_by_role("link", name=re.compile(r"^3\.2\.1 ")).click()
    page.get_by_role("button", name="Take the figure now").click()
    expect(page.locator("main")).to_contain_text("3 of 3")
    page.get_by_label("Yes", exact=True).check()
    page.get_by_role("button", name="Save the answer").click()
    assert "answered" in tenfold.manage("shell", "-v0", "-c", ANSWERS)
    page.goto(home)
    page.get_by_role("link", name=re.compile(r"^3\.2 ")).click()
    page.get_by_role("button", name="Confirm assertion 3.2").click()
    assert "confirmed" in tenfold.manage("shell", "-v0", "-c", CONFIRMATIONS)
    page.goto(home)
    page.get_by_role("button", name="Review, sign and publish").click()
    page.get_by_role("button", name="Send for review").click()


def the_registered_manager_signs(tenfold: Tenfold, page: Page) -> None:
    choose_password(page, tenfold.link_sent_to("angela@oak.example"))
    tenfold.manage("shell", "-v0", "-c", GRANT_SENIOR_REVIEWER)
    sign_in(page, "angela@oak.example")
    page.goto("/assessment/")
    page.get_by_role("link", name="2026-27").first.click()
    page.get_by_role("button", name="Review, sign and publish").click()
    page.get_by_role("button", name="Pass as ready to sign").click()
    page.get_by_role("button", name="Read and sign").click()
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="Sign this return").click()
    expect(page.locator("main")).to_contain_text(re.compile("signed", re.IGNORECASE))


GRANT_SENIOR_REVIEWER = """
from django.utils import timezone
from accounts.models import Organisation, User
from accounts.services import grant_role
grant_role(User.objects.get(username="angela@oak.example"), organisation=Organisation.objects.get(ods_code="VCHAIN"),
           role="senior-reviewer", by="system", at=timezone.now())
"""


def the_lead_publishes_and_takes_the_pack(tenfold: Tenfold, page: Page) -> Path:
    page.goto("/assessment/")
    page.get_by_role("link", name="2026-27").first.click()
    page.get_by_role("button", name="Review, sign and publish").click()
    page.get_by_role("button", name="Go to publish").click()
    page.get_by_role("button", name="Publish here today").click()
    expect(page.locator("main")).to_contain_text("Standards Met")
    with page.expect_download(timeout=60_000) as waiting:
        page.get_by_role("button", name="Download the evidence pack").click()
    file = tenfold.folder / "pack.zip"
    waiting.value.save_as(file)
    return file


def the_pack_verifies(tenfold: Tenfold, pack: Path) -> None:
    checked = json.loads(tenfold.manage("verify_pack", str(pack), "--json"))
    assert (checked["ok"], checked["faults"]) == (True, [])
    folder = tenfold.folder / "unpacked"
    with zipfile.ZipFile(pack) as packed:
        packed.extractall(folder)
    alone = subprocess.run([sys.executable, "-I", "data/verify.py"], cwd=folder, capture_output=True, text=True, check=False)
    assert alone.returncode == 0, alone.stdout + alone.stderr
    again = tenfold.folder / "again.zip"
    tenfold.manage("evidence_pack", "--organisation", ODS, "--year", "2026-27", "--out", str(again))
    assert again.read_bytes() == pack.read_bytes()
