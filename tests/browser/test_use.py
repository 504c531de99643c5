"""Tenfold as its users meet it: real processes, a real browser, the demonstration and an organisation of its own.

One module, so that the installation is started once.
"""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import (
    auditing,
    authoring,
    chain,
    cms,
    files,
    first_year,
    imports,
    incidents,
    kept,
    letters,
    quizzes,
    registers,
    second_factor,
    sessions,
)
from tests.browser.conftest import note_what_is_refused_or_foreign
from tests.browser.looking import faults_of

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
    "nia@willowbrook.example": [
        ("/questions/", "Question bank"),
        ("/questions/new/", ""),
        ("/questions/1/", "Question "),
        ("/questions/import/", "Import questions"),
        ("/courses-here/", "Courses of your own"),
        ("/learn/data-security-awareness/versions/", "Versions"),
        ("/learn/data-security-awareness/version-1/questions/", "Questions and answers"),
    ],
    "denise@willowbrook.example": [
        ("/team/", "Your team’s training"),
        ("/policies/team/", "Your team’s policies"),
        ("/training-sessions/", "Training sessions"),
        ("/training-sessions/new/", "Enter a session"),
        ("/my-training/elsewhere/", "Training I did elsewhere"),
        ("/my-training/induction-and-contract/", "My induction and contract"),
    ],
    "helen@willowbrook.example": [
        ("/staff/", "Staff"),
        ("/staff/imports/new/", "Import a staff list"),
        ("/staff/key-posts/", "Key posts"),
        ("/training-reminders/letters/", "Reminders by letter"),
        ("/reports/", "Who was trained on"),
        ("/reports/people/", ""),
        ("/staff-records/", "Induction, contracts and key posts"),
        ("/staff-records/induction/", "Induction"),
        ("/staff-records/induction/add/", "Record an induction"),
        ("/prior-learning/", "Training from elsewhere"),
        ("/training-sessions/1/", "Data security awareness"),
        ("/training-sessions/2/people/", "Who is there?"),
        ("/reports/by-email/1/", "Board report"),
        ("/reports/build/1/", "A report of your own"),
        ("/reports/charts/", "Charts"),
    ],
    "priya@willowbrook.example": [
        ("/needs/", "Training needs analysis"),
        ("/reports/evidence/", ""),
        ("/reports/questions/", "What our people know"),
        ("/reports/questions/1/", "Question "),
    ],
    "tom@willowbrook.example": [
        ("/reports/changes/?unit=2", "Why it changed"),
        ("/reports/forecast/?unit=2", "Forecast for"),
        ("/reports/evaluation/", "Does training work?"),
        ("/reports/evaluation/phishing/", "Results of phishing exercises"),
        ("/reports/group/", "Organisations of the group"),
        ("/reports/board/", "Board report"),
        ("/reports/rules/training/", "Change how it is counted"),
        ("/assessment/", "DSPT assessment"),
        ("/assessment/2/", "DSPT 2026-27"),
        ("/assessment/2/?by=plain", "DSPT 2026-27"),
        ("/assessment/2/what-if/", "Which items move us up?"),
        ("/assessment/2/findings/", "Claimed, computed and assessed"),
        ("/assessment/2/auditors/", "Auditors"),
        ("/evidence/", "Evidence"),
        ("/registers/", "Registers"),
        ("/registers/policies/", "Policies"),
        ("/registers/suppliers/", "Suppliers"),
        ("/registers/actions/", "Actions"),
        ("/registers/calendar/", "Calendar"),
        ("/registers/certificates/", ""),
        ("/registers/risks/", "Risks"),
        ("/registers/risks/map/", "Risks on the map"),
        ("/registers/assets/", "Assets"),
        ("/registers/assets/approvals/", "Approve the register"),
        ("/registers/processing/", "Information flows"),
        ("/registers/checks/", "Checks and tests"),
        ("/registers/planned-checks/", "Plan of checks"),
        ("/registers/disposals/", "Disposal log"),
        ("/registers/dpias/", "Impact assessments"),
        ("/registers/suppliers/import/", "Bring in a spreadsheet"),
        ("/registers/incidents/", "Incidents and near misses"),
        ("/registers/incidents/3/", "INC-0003"),
        ("/registers/incidents/4/assess/", "Assess it"),
        ("/registers/rights/", "Rights requests and complaints"),
        ("/registers/rights/3/", "REQ-0003"),
        ("/registers/dpo/", "Data protection officer"),
        ("/registers/dpo/report/", "Data protection report"),
    ],
    "angela@willowbrook.example": [("/assessment/2/review/", "Review, sign and publish"), ("/assessment/2/check/", "")],
    "sam@willowbrook.example": [
        ("/audit/", "Audit trail"),
        ("/assessment/publications/1/", "DSPT 2025-26, publication 1"),
        ("/assessment/publications/1/national-site/", "Copy it into the national site"),
    ],
    "ruth@willowbrook.example": [
        ("/organisation/", "Willow Brook Home Care"),
        ("/organisation/register/", ""),
        ("/organisation/what-applies/", "What applies to you"),
        ("/organisation/sites/", "Sites"),
        ("/first-steps/", "First steps"),
    ],
    "hazel@alderhouse.example": [
        ("/assessment/publications/3/comparison/", "What changed since 2025-26"),
        ("/assessment/publications/2/comparison/", "What changed since last year"),
    ],
    "olive@willowbrook.example": [("/reports/group/", "Organisations of the group")],
    "pat@installation.example": [("/platform/installation/", "Installation"), ("/platform/editions/", "Lists of requirements")],
    "farah@riversidemoors.example": [
        ("/assessment/", "DSPT assessment"),
        ("/assessment/open/?year=2026-27&kind=interim", "The interim (baseline) return"),
    ],
    "joanna@riversidemoors.example": [("/staff/", "Staff"), ("/reports/", "Who was trained on")],
    "": [("/", ""), ("/guidance/", "Guidance"), ("/guidance/key-terms/", "Key terms"), ("/accounts/sign-in/", "Sign in")],
}


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


def test_a_registered_manager_alone_finds_the_way_from_the_first_sign_in_to_the_next_year_on_a_phone(tenfold, open_page):
    faults: list[str] = []

    first_year.the_whole_first_year(tenfold, open_page(phone=True), lambda page: faults.extend(faults_of(page)))

    assert faults == []


@pytest.fixture
def cms_page(browser, tenfold):
    """A page of the CMS: Wagtail's own scripts complain in the console, when they keep a half-done draft for one."""
    contexts, faults = [], []

    def opened() -> Page:
        contexts.append(browser.new_context(base_url=tenfold.base_url))
        page = contexts[-1].new_page()
        page.set_default_timeout(15_000)
        note_what_is_refused_or_foreign(page, tenfold.base_url, faults)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert faults == []


def test_no_screen_of_the_cms_breaks_its_policy(tenfold, open_page):
    tenfold.manage("shell", "--no-imports", "-c", cms.MAKE_KEEPER)
    known = json.loads(tenfold.manage("shell", "--no-imports", "-c", cms.ADDRESSES).splitlines()[-1])
    _home, guidance, _course, module = known["pages"]
    editor, keeper = open_page(), open_page()
    chain.sign_in(editor, cms.EDITOR)
    chain.sign_in(keeper, cms.KEEPER)

    elsewhere = cms.open_all(editor, [*cms.OF_ALL, *(f"pages/{page}/edit/" for page in known["pages"])])
    elsewhere += cms.open_all(keeper, [*cms.OF_THE_KEEPER, *(f"pages/{module}/{act}" for act in cms.OF_A_PAGE)])
    elsewhere += cms.open_all(keeper, [f"images/{known['image']}/", f"documents/edit/{known['document']}/"])
    cms.start_every_widget(keeper, guidance)

    assert elsewhere == []


def test_a_course_of_ones_own_is_written_read_by_a_second_published_and_learnt(cms_page, open_page):
    writer, reader = cms_page(), cms_page()
    course, module = authoring.write_course(writer, authoring.picture())
    faults = authoring.preview(writer)
    authoring.hand_in(writer)
    chain.sign_in(reader, authoring.READER)
    for page in (course, module):
        faults += authoring.read_and_decide(reader, page)
        authoring.publish(reader)
    faults += authoring.learn(open_page(phone=True))

    assert faults == []


def test_publishing_a_shared_module_says_how_many_people_it_touches_and_gives_it_to_learners(tenfold, cms_page, open_page):
    writer, reader, learner = cms_page(), cms_page(), open_page(phone=True)
    asked = "from courses.models import ModulePage as M; print(M.objects.get(slug='scams-and-pressure').pk)"
    address = f"/cms/pages/{tenfold.manage('shell', '--no-imports', '-c', asked).split()[-1]}/edit/"
    words = "How to spot a scam, and what to do when you have clicked."
    authoring.change_a_shared_module(writer, address, words)
    chain.sign_in(reader, authoring.READER)
    faults = authoring.read_and_decide(reader, address, "Material", "Everyone, when")
    expect(reader.locator("main")).to_contain_text(re.compile(r"[\d,]+ people"))
    authoring.publish(reader)
    chain.sign_in(learner, authoring.LEARNER)
    learner.goto("/learn/data-security-awareness/")

    expect(learner.locator("main")).to_contain_text(words)
    assert faults + faults_of(learner) == []


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


def test_a_manager_records_a_session_for_ten_people_on_a_phone(open_page, tmp_path):
    sessions.a_manager_records_a_session(open_page(phone=True), tmp_path)


def test_somebody_without_an_email_address_signs_in_with_a_letter_on_a_shared_device(open_page):
    number, code = letters.hr_prints_a_letter(open_page())
    letters.she_signs_in_and_stops_on_a_shared_device(open_page(phone=True), number, code)


def test_a_file_that_lets_many_go_waits_for_a_second_person_and_can_be_undone(tenfold, open_page):
    imports.two_people_in_hr(tenfold, open_page)
    first, second = open_page(), open_page(phone=True)
    chain.sign_in(first, imports.FIRST)
    chain.sign_in(second, imports.SECOND)
    faults = imports.a_good_month(first, tenfold.folder)
    faults += imports.a_shortened_file_waits(first, tenfold.folder)
    faults += imports.another_approves(second)
    faults += imports.it_is_undone(first)

    assert faults == []


def test_a_passkey_signs_in_after_the_password(browser, tenfold):
    second_factor.she_adds_a_passkey_and_signs_in_with_it(browser, tenfold)


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
    supplier = open_page(phone=True)
    supplier.goto(link)
    assert faults_of(supplier) == []
    registers.the_supplier_answers_without_an_account(supplier, link)
    registers.the_lead_accepts_the_answer(lead)
    registers.the_item_shows_what_the_register_says(lead)


def test_a_managers_spot_check_on_a_phone_is_on_the_leads_list(open_page):
    lead, manager = open_page(), open_page(phone=True)
    chain.sign_in(manager, "denise@willowbrook.example")
    kept.a_manager_checks_on_a_phone(manager)
    chain.sign_in(lead, "tom@willowbrook.example")
    kept.the_lead_sees_the_action(lead)
    kept.the_lead_plans_a_check(lead)


def test_an_auditor_comes_in_by_a_letter_asks_draws_finds_and_is_shown_out(tenfold, open_page):
    faults: list[str] = []

    auditing.a_whole_audit(tenfold, open_page(), open_page(phone=True), lambda page: faults.extend(faults_of(page)))

    assert faults == []


def test_evidence_is_dragged_in_or_chosen_by_keyboard_and_what_will_not_do_is_refused_in_words(
    open_page, without_scripts, tmp_path
):
    page = open_page()
    chain.sign_in(page, "tom@willowbrook.example")
    files.a_file_is_dragged(page, tmp_path)
    files.a_file_is_chosen_by_keyboard(page)
    files.what_will_not_do_is_refused_in_words(page, tmp_path)
    assert faults_of(page) == []
    chain.sign_in(without_scripts, "tom@willowbrook.example")
    files.without_scripts_it_is_an_ordinary_file_field(without_scripts)


def test_a_risk_an_old_laptop_and_a_plan_come_into_their_registers(open_page):
    lead = open_page()
    chain.sign_in(lead, "tom@willowbrook.example")
    kept.the_lead_weighs_a_risk_and_acts_on_it(lead)
    kept.the_lead_retires_a_laptop(lead)
    kept.the_lead_screens_a_plan(lead)


def test_a_flow_a_certificate_and_a_document_come_into_their_registers(open_page):
    lead = open_page()
    chain.sign_in(lead, "tom@willowbrook.example")
    kept.the_lead_describes_a_flow(lead)
    kept.the_lead_adds_a_certificate(lead)
    kept.the_lead_files_a_document(lead)
    assert faults_of(lead) == []


def test_advice_is_given_overruled_with_a_reason_and_told_in_the_report(open_page):
    officer, manager = open_page(), open_page(phone=True)
    chain.sign_in(officer, "leila@willowbrook.example")
    advice = kept.the_officer_advises(officer)
    chain.sign_in(manager, "angela@willowbrook.example")
    kept.who_answers_overrules_it_and_says_why(manager, advice)
    assert faults_of(manager) == []
    kept.the_report_of_the_year_tells_of_it(officer)


def test_a_rights_request_has_its_clock(open_page):
    lead = open_page()
    chain.sign_in(lead, "tom@willowbrook.example")
    kept.a_request_comes_and_its_clock_runs(lead)


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
    assert {one["organisation"] for one in trail["chains"]} >= {"", "DCARE", "DGP01", "DTR01", "VCHAIN"}
    assert [one for one in trail["chains"] if one["fault"]] == []
    invariants = json.loads(tenfold.manage("check_invariants", "--json"))
    assert [row for row in invariants["invariants"] if not row["ok"]] == []


def sign_in_again(page: Page, name: str) -> None:
    """On the page that a lost session leads to."""
    page.get_by_label("E-mail address or user name").fill(f"{name}@learner.example")
    page.get_by_label("Password", exact=True).fill(chain.PASSWORD)
    page.locator("main").get_by_role("button", name="Sign in").click()


def lose_the_session(page: Page) -> None:
    """As an expired session does: the browser still sends its cookie, and the server knows it no more."""
    (cookie,) = (one for one in page.context.cookies() if one["name"] == "sessionid")
    page.context.add_cookies([{**cookie, "value": "a" * 32}])


@pytest.fixture(scope="module")
def quiz_tenfold(tenfold):
    quizzes.begin_with_quizzes(tenfold)
    return tenfold


@pytest.fixture
def without_scripts(browser, tenfold):
    context = browser.new_context(base_url=tenfold.base_url, java_script_enabled=False)
    page = context.new_page()
    page.set_default_timeout(15_000)
    yield page
    context.close()


@pytest.fixture
def page_that_goes_offline(browser, tenfold):
    """Without a network a browser complains in its console, which fails the test on any other page."""
    context = browser.new_context(base_url=tenfold.base_url)
    page = context.new_page()
    page.set_default_timeout(15_000)
    yield page
    context.close()


def test_every_kind_of_question_is_answered_handed_in_and_explained_on_a_phone(quiz_tenfold, open_page):
    page, faults = open_page(phone=True), []
    quizzes.start(page, "with-scripts")
    before = list(quizzes.answer_one_by_one(page, lambda shown: faults.extend(faults_of(shown))))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Check your answers")
    faults += faults_of(page)

    page.go_back()
    expect(page.get_by_text("Question 6 of 6")).to_be_visible()
    assert quizzes.state_of(page.locator("main form")) == before[-1]
    page.get_by_role("button", name="Save and continue").click()
    expect(page.get_by_text("You have answered every question.")).to_be_visible()
    quizzes.hand_in_with_a_double_click(page)

    expect(page.get_by_role("heading", level=1)).to_have_text("You passed")
    expect(page.locator("main")).to_contain_text("10 out of 10 right. You needed 8.")
    for summary in page.locator("main summary").all():
        summary.click()
    assert page.get_by_text(re.compile("^Because ")).count() == 31
    assert faults + faults_of(page) == []
    page.go_back()
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("You passed")
    assert quizzes.results_of(quiz_tenfold, "with-scripts") == [["marked", 10, 6]]


def test_the_same_works_without_scripts_and_again_on_one_page(quiz_tenfold, without_scripts):
    page = without_scripts
    quizzes.start(page, "without-scripts")
    page.get_by_role("button", name="Save and continue").click()
    expect(page.get_by_text("There is a problem")).to_be_visible()
    for _ in range(6):
        page.get_by_role("link", name="Skip this question for now").click()
    expect(page.get_by_text("6 questions have no answer yet")).to_be_visible()
    quizzes.hand_in_with_a_double_click(page)
    expect(page.locator("main")).to_contain_text("You had 0 out of 10 right. You needed 8 to pass.")
    assert page.locator("details[open]").count() == 6

    page.get_by_role("button", name="Try again").click()
    page.get_by_role("link", name="See all questions on one page").click()
    blocks = page.locator("main form .app-scenario")
    assert blocks.count() == 6
    for block in blocks.all():
        quizzes.answer(block, quizzes.raw_of(page, block))
    page.get_by_role("button", name="Save and check my answers").click()
    expect(page.get_by_text("You have answered every question.")).to_be_visible()
    quizzes.hand_in_with_a_double_click(page)

    expect(page.get_by_role("heading", level=1)).to_have_text("You passed")
    assert quizzes.results_of(quiz_tenfold, "without-scripts") == [["marked", 0, 0], ["marked", 10, 6]]


def test_two_tabs_and_a_lost_network_keep_the_last_answer(quiz_tenfold, page_that_goes_offline):
    page = page_that_goes_offline
    quizzes.start(page, "two-tabs")
    other = page.context.new_page()
    choices = page.locator("main form input[type=radio]")
    while choices.count() == 0:
        page.get_by_role("link", name="Skip this question for now").click()
        page.wait_for_load_state()
    other.goto(page.url)

    choices.nth(0).check()
    expect(page.locator("[data-autosave-status]")).to_have_text("Saved")
    other.locator("main form input[type=radio]").nth(1).check()
    expect(other.locator("[data-autosave-status]")).to_have_text("Saved")
    page.reload()
    assert [choices.nth(n).is_checked() for n in (0, 1)] == [False, True]

    with page.expect_event("requestfailed"):
        page.context.set_offline(True)
        choices.nth(0).check()
    expect(page.locator("[data-autosave-status]")).to_contain_text("There is no connection.")
    page.context.set_offline(False)
    expect(page.locator("[data-autosave-status]")).to_have_text("Saved")
    other.reload()
    assert other.locator("main form input[type=radio]").nth(0).is_checked()

    address = page.url
    page.goto(re.sub(r"/\d+/$", "/review/", address))
    quizzes.hand_in_with_a_double_click(page)
    other.get_by_role("button", name="Save and continue").click()
    expect(other.get_by_role("heading", level=1)).to_have_text(re.compile("You did not pass this time$"))
    assert quizzes.results_of(quiz_tenfold, "two-tabs")[0][2] == 1


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_an_answer_given_after_the_session_ended_is_kept_through_signing_in(quiz_tenfold, open_page, without_scripts, scripts):
    name = "signed-out" if scripts else "signed-out-without-scripts"
    page = open_page() if scripts else without_scripts
    quizzes.start(page, name)
    address = page.url
    form = page.locator("main form")
    lose_the_session(page)

    quizzes.answer(form, quizzes.raw_of(page, form))
    chosen = quizzes.state_of(form)
    if scripts:
        expect(page.locator("[data-autosave-status]")).to_contain_text("You have been signed out.")
    page.get_by_role("button", name="Save and continue").click()
    expect(page).to_have_url(re.compile("/accounts/sign-in/"))
    sign_in_again(page, name)

    expect(page).to_have_url(address)
    expect(page.get_by_text("What you answered before you signed in again is saved.")).to_be_visible()
    assert quizzes.state_of(form) == chosen
    assert quizzes.results_of(quiz_tenfold, name) == [["in_progress", None, 1]]


def test_the_time_that_is_left_is_shown_and_when_it_is_up_the_answers_are_handed_in(quiz_tenfold, open_page):
    page = open_page(phone=True)
    page.clock.install()
    quizzes.start(page, "timed", "on-time")
    left, spoken = page.locator("[data-time-left]"), page.locator("[data-time-spoken]")
    expect(left).to_have_text("20 minutes left.")
    form = page.locator("main form")
    quizzes.answer(form, quizzes.raw_of(page, form))
    assert faults_of(page) == []

    page.clock.fast_forward("15:30")
    expect(left).to_have_text("5 minutes left.")
    expect(spoken).to_have_text("5 minutes left.")
    page.clock.fast_forward("04:00")
    expect(left).to_have_text("Less than a minute left.")
    address = page.url
    quizzes.let_the_time_run_out(quiz_tenfold, "timed")
    page.clock.fast_forward("00:45")
    expect(left).to_have_text("The time is up.")
    page.clock.fast_forward("00:15")

    expect(page).to_have_url(re.compile("/result/"))
    expect(page.get_by_text("so your answers were handed in as they were")).to_be_visible()
    assert faults_of(page) == []
    page.goto(address)
    expect(page).to_have_url(re.compile("/result/"))
