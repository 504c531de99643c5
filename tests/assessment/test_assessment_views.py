"""The pages of a return: one journey, who is refused, what an auditor sees, and what a page costs."""

from datetime import date, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.enums import Role
from assessment import services
from assessment.edition_format.types import Answer, Option
from assessment.forms import AnswerForm
from assessment.loading import load_editions
from assessment.models import Assessment, EditionItem, Publication
from assessment.states import State
from tests.assessment import helpers as h
from tests.factories import NOW, TODAY

LATER = NOW + timedelta(hours=1)


@pytest.fixture(autouse=True)
def _frozen_clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def lead_client(sign_in, organisation):
    return sign_in(organisation, Role.DSPT_LEAD)


@pytest.fixture
def manager(organisation):
    return h.registered_manager(organisation)


@pytest.fixture
def assessment(organisation, lead_client):
    h.shipped_edition()
    h.train(organisation, trained=19, of=20)
    return h.opened(organisation, lead_client.user)


def page(client, name, *args, status=200, **query):
    response = client.get(reverse(f"assessment:{name}", args=args), query)
    assert response.status_code == status, f"{name}: {response.status_code}"
    return response.content.decode()


def item_page(client, assessment, number, **query):
    return page(client, "response_detail", assessment.pk, h.response(assessment, number).pk, **query)


def post(client, name, *args, follow=True, **data):
    return client.post(reverse(f"assessment:{name}", args=args), data, follow=follow)


def of_manager(manager):
    client = Client()
    client.force_login(manager)
    return client


# --- the journey ---


def test_from_opening_a_year_to_a_publication(lead_client, manager, organisation):
    h.shipped_edition()
    h.train(organisation, trained=19, of=20)

    assert "See what applies to you in 2025-26" in page(lead_client, "year_list")
    shown = page(lead_client, "year_open", year="2025-26")
    assert "55 items, 45 of them required" in shown
    assert "Adult social care provider" in shown
    post(lead_client, "year_open", year="2025-26")
    assessment = Assessment.objects.get()

    assert "Start with 1.1.1" in page(lead_client, "assessment_detail", assessment.pk)
    ico = h.response(assessment, "1.1.1")
    saved = post(lead_client, "response_detail", assessment.pk, ico.pk, value="ZA123", comment="", seen=0).content.decode()
    assert "Item 1.1.1 is saved." in saved
    taken = post(lead_client, "reading_take", assessment.pk, h.response(assessment, h.TRAINING).pk).content.decode()
    assert "19 of 20 people" in taken
    assert "95.0%" in taken

    h.answer_everything(assessment, lead_client.user, but=("1.1.1",))
    confirmed = post(lead_client, "assertion_confirm", assessment.pk, h.assertion(assessment, "1.1").pk).content.decode()
    assert "Assertion 1.1 is confirmed." in confirmed
    assert "Confirm assertion 1.2" in confirmed
    h.confirm_everything(assessment, lead_client.user)
    assert "It would be Standards Met once the accountable person signs it." in page(
        lead_client, "assessment_detail", assessment.pk
    )

    post(lead_client, "review_submit", assessment.pk)
    manager_client = of_manager(manager)
    returned = post(
        manager_client, "review_return", assessment.pk, points="1.1.1 Is this this year's?\nRead it again"
    ).content.decode()
    assert "Is this this year" in returned
    assert "The reviewer sent this back" in returned
    post(lead_client, "review_submit", assessment.pk)
    post(manager_client, "review_pass", assessment.pk)

    form = page(manager_client, "sign", assessment.pk)
    assert "By our rules it comes to Standards Met." in form
    date_parts = {"planned_on_day": TODAY.day, "planned_on_month": TODAY.month, "planned_on_year": TODAY.year}
    unread = post(manager_client, "sign", assessment.pk, sign="yes", **date_parts).content.decode()
    assert "Tick every warning" in unread
    read = ["evidence-not-approved", "no-evidence", "unverified"]
    post(manager_client, "sign", assessment.pk, sign="yes", acknowledged=read, **date_parts)
    assert h.whole(assessment, strict=True).state == State.SIGNED

    assert "submits nothing to the NHS" in page(lead_client, "publish", assessment.pk)
    published = post(lead_client, "publish", assessment.pk, note="Board of 1 May").content.decode()
    publication = Publication.objects.get()
    assert "cannot be published now: it is “Published here”" in post(lead_client, "publish", assessment.pk).text
    assert "not submitted to the NHS" in published
    assert publication.document_sha256 in published
    assert "Board of 1 May" in published
    recorded = post(
        lead_client,
        "official_status_record",
        publication.pk,
        status="Standards Met",
        recorded_on_day="1",
        recorded_on_month="5",
        recorded_on_year="2026",
        note="",
    ).content.decode()
    assert "Standards Met, seen on the national site on 1 May 2026" in recorded


def test_the_figure_then_and_now_stand_side_by_side(lead_client, manager, organisation):
    h.shipped_edition()
    h.train(organisation, trained=19, of=20)
    assessment = h.ready_to_sign(organisation, lead=lead_client.user, reviewer=manager)
    h.sign(assessment, manager)
    publication = services.publish(assessment, by=lead_client.user, at=NOW)
    h.train(organisation, trained=0, of=20)

    shown = page(lead_client, "publication_detail", publication.pk)

    assert "19 of 20" in shown
    assert "19 of 40" in shown
    assert "47.5%" in shown


def published_return(organisation, lead, manager, *, year=h.YEAR, at=NOW):
    assessment = h.opened(organisation, lead, year=year, at=at)
    h.answer_everything(assessment, lead, at=at)
    h.confirm_everything(assessment, lead, at=at)
    services.submit_for_review(assessment, by=lead, at=at)
    services.ready_to_sign(assessment, by=manager, at=at)
    h.sign(assessment, manager, at=at)
    return services.publish(assessment, by=lead, at=at)


def test_a_publication_is_compared_with_last_years_or_with_the_one_asked_for(lead_client, manager, organisation):
    load_editions(at=NOW)
    h.train(organisation, trained=19, of=20)
    last_year = published_return(organisation, lead_client.user, manager)
    first = published_return(organisation, lead_client.user, manager, year="2026-27")
    again = published_return(organisation, lead_client.user, manager, year="2026-27", at=LATER)

    shown = page(lead_client, "comparison", again.pk)
    assert "What changed since 2025-26, publication 1" in shown
    assert "The 55 items that were settled both times" in shown
    assert "What changed since 2026-27, publication 2" in page(lead_client, "comparison", again.pk, **{"with": first.pk})
    alone = page(lead_client, "comparison", last_year.pk)
    assert "This is the first publication here" in alone
    assert "There is a problem" not in alone


# --- the item page ---


def test_the_item_page_says_what_is_asked_why_and_how_sure_we_are(lead_client, assessment):
    shown = item_page(lead_client, assessment, h.TRAINING)

    assert "At least 95% of the people" in shown
    assert "https://www.kircca.co.uk/digital-zone/dspt-assessment-guidance" in shown
    assert "read on 22 November 2026" in shown
    assert "What good evidence looks like" in shown
    assert "Take the figure now" in shown


def test_two_people_editing_see_both_texts(lead_client, assessment, organisation):
    ico = h.response(assessment, "1.1.1")
    services.answer(ico, value="ZA111 from Jo", expected_version=0, by=h.lead_of(organisation), at=NOW)

    shown = post(
        lead_client, "response_detail", assessment.pk, ico.pk, value="ZA222 from me", comment="", seen=0
    ).content.decode()

    assert "ZA111 from Jo" in shown
    assert "ZA222 from me" in shown
    assert 'name="seen" value="1"' in shown
    assert ico.versions.count() == 1
    post(lead_client, "response_detail", assessment.pk, ico.pk, value="ZA222 from me", comment="", seen=1)
    assert ico.versions.get(n=2).value["value"] == "ZA222 from me"


def test_a_wrong_answer_comes_back_with_what_was_typed(lead_client, assessment):
    asked = next(leaf for leaf in h.whole(assessment).leaves if leaf.spec.answer.kind == "yes_no")

    shown = post(
        lead_client, "response_detail", assessment.pk, asked.response.pk, value="perhaps", comment="Ask Jo first", seen=0
    ).content.decode()
    empty = post(lead_client, "response_detail", assessment.pk, asked.response.pk, value="", comment="", seen=0).content.decode()

    assert "There is a problem" in shown
    assert "Ask Jo first" in shown
    assert "Answer the question, or write a comment" in empty
    assert not asked.response.versions.exists()


@pytest.mark.parametrize(
    ("answer", "data", "value"),
    [
        (Answer("date", "answered"), {"value_day": "31", "value_month": "3", "value_year": "2026"}, date(2026, 3, 31)),
        (Answer("number", "answered"), {"value": "12"}, "12"),
        (Answer("choice", "option", options=(Option("plan", "Planned", satisfies=False),)), {"value": "plan"}, "plan"),
    ],
)
def test_the_form_takes_every_kind_of_answer_an_edition_may_ask_for(answer, data, value):
    form = AnswerForm(data | {"seen": "0"}, answer=answer)

    assert form.is_valid()
    assert form.cleaned_data["value"] == value


def test_attaching_a_document_of_the_library_and_a_new_one(lead_client, assessment, organisation):
    register = h.response(assessment, "1.1.2")
    version = h.evidence(organisation, lead_client.user, title="Data register")

    post(
        lead_client,
        "evidence_attach",
        assessment.pk,
        register.pk,
        way="library",
        document_version=version.pk,
        locator="page 3",
        note="",
    )
    new = {"way": "new", "new-title": "Data map", "new-kind": "register", "new-location": "Office safe"} | {
        f"new-received_on_{part}": value for part, value in (("day", "1"), ("month", "5"), ("year", "2026"))
    }
    undated = post(lead_client, "evidence_attach", assessment.pk, register.pk, **new).content.decode()
    assert undated.count("Enter the day from which it is in force. It counts only if this is after 1 May 2025.") == 2
    dated = {f"new-effective_on_{part}": value for part, value in (("day", "1"), ("month", "3"), ("year", "2026"))}
    shown = post(lead_client, "evidence_attach", assessment.pk, register.pk, **new, **dated).content.decode()

    assert "Data map" in shown
    assert "Look at: page 3" in shown
    link = register.evidence_links.first()
    post(lead_client, "evidence_retire", assessment.pk, link.pk)
    assert register.evidence_links.filter(retired_at__isnull=True).count() == 1


def test_last_years_answer_is_shown_and_kept(lead_client, manager, organisation):
    h.shipped_edition()
    h.shipped_edition("2026-27")
    h.train(organisation, trained=19, of=20)
    assessment = h.ready_to_sign(organisation, lead=lead_client.user, reviewer=manager)
    h.sign(assessment, manager)
    services.publish(assessment, by=lead_client.user, at=NOW)
    this_year = h.opened(organisation, lead_client.user, year="2026-27", at=LATER)
    register = h.response(this_year, "1.1.2")

    shown = item_page(lead_client, this_year, "1.1.2")
    assert "Last year’s answer" in shown
    assert "Attached last year" in shown
    assert "Unverified" in shown
    kept = post(lead_client, "response_keep", this_year.pk, register.pk).content.decode()

    assert "now counts for this year" in kept
    assert "This list is provisional" in page(lead_client, "assessment_detail", this_year.pk)


# --- refusals ---

READ = ["assessment_detail", "assessment_check", "review"]
ITEM_WRITES = [
    "response_keep",
    "response_not_applicable",
    "response_assign",
    "reading_take",
    "evidence_attach",
    "plan_edit",
    "plan_withdraw",
]
WHOLE_WRITES = ["review_submit", "review_return", "unlock"]


def test_an_auditor_reads_everything_and_changes_nothing(sign_in, assessment, organisation):
    auditor = sign_in(organisation, Role.AUDITOR)
    services.answer(h.response(assessment, "1.1.1"), value="ZA1", expected_version=0, by=h.lead_of(organisation), at=NOW)
    ico, assertion = h.response(assessment, "1.1.1"), h.assertion(assessment, "1.1")

    assert "year_open" not in page(auditor, "year_list")
    for name in READ:
        assert '<form method="post" action="/assessment' not in page(auditor, name, assessment.pk), name
    for shown in (item_page(auditor, assessment, "1.1.1"), page(auditor, "assertion_confirm", assessment.pk, assertion.pk)):
        assert "ZA1" in shown
        assert shown.count("<form") == 1  # signing out
    for name in ITEM_WRITES:
        assert post(auditor, name, assessment.pk, ico.pk, follow=False).status_code == 403, name
    for name in [*WHOLE_WRITES, "review_pass", "sign", "publish"]:
        assert post(auditor, name, assessment.pk, follow=False).status_code == 403, name
    assert post(auditor, "response_detail", assessment.pk, ico.pk, value="X", seen=1, follow=False).status_code == 403
    assert post(auditor, "assertion_confirm", assessment.pk, assertion.pk, follow=False).status_code == 403
    assert post(auditor, "year_open", year="2025-26", follow=False).status_code == 403
    assert ico.versions.count() == 1


@pytest.mark.parametrize("role", [Role.STAFF, Role.MANAGER, Role.HR, Role.TRAINING_LEAD])
def test_others_see_nothing_of_it(sign_in, assessment, organisation, role):
    client = sign_in(organisation, role)

    for name in READ:
        page(client, name, assessment.pk, status=403)


def test_another_organisations_return_is_not_there(sign_in, assessment, organisation, other_organisation, manager):
    stranger = sign_in(other_organisation, Role.DSPT_LEAD, Role.SENIOR_REVIEWER)
    ico, assertion = h.response(assessment, "1.1.1"), h.assertion(assessment, "1.1")
    own = h.opened(other_organisation, stranger.user)

    for name in [*READ, "sign", "publish"]:
        page(stranger, name, assessment.pk, status=404)
    page(stranger, "response_detail", assessment.pk, ico.pk, status=404)
    page(stranger, "response_detail", own.pk, ico.pk, status=404)
    page(stranger, "assertion_confirm", assessment.pk, assertion.pk, status=404)
    for name in [*WHOLE_WRITES, "review_pass"]:
        assert post(stranger, name, assessment.pk).status_code == 404, name
    for name in ITEM_WRITES:
        assert post(stranger, name, assessment.pk, ico.pk).status_code == 404, name
    document = h.evidence(organisation, h.lead_of(organisation))
    link = services.attach_evidence(ico, document, by="system", at=NOW)
    assert post(stranger, "evidence_retire", own.pk, link.pk).status_code == 404
    mine = h.response(own, "1.1.1")
    refused = post(stranger, "evidence_attach", own.pk, mine.pk, way="library", document_version=document.pk, locator="", note="")
    assert refused.status_code == 200
    assert not mine.evidence_links.exists()


def test_another_organisations_publication_is_not_there(sign_in, lead_client, manager, organisation, other_organisation):
    h.shipped_edition()
    h.train(organisation, trained=19, of=20)
    assessment = h.ready_to_sign(organisation, lead=lead_client.user, reviewer=manager)
    h.sign(assessment, manager)
    publication = services.publish(assessment, by=lead_client.user, at=NOW)
    stranger = sign_in(other_organisation, Role.DSPT_LEAD)

    for name in ("publication_detail", "comparison", "official_status_record"):
        page(stranger, name, publication.pk, status=404)


def test_the_lead_cannot_sign_and_the_signer_must_hold_the_post(sign_in, lead_client, assessment, organisation):
    page(lead_client, "sign", assessment.pk, status=403)
    reviewer = sign_in(organisation, Role.SENIOR_REVIEWER)

    assert "not ready to sign" in page(reviewer, "sign", assessment.pk)


# --- cost ---


@pytest.mark.parametrize("answered", [0, 55])
@pytest.mark.parametrize("by", ["standard", "plain", "section"])
def test_the_list_of_tasks_costs_the_same_however_much_is_in_it(
    lead_client, assessment, django_assert_max_num_queries, answered, by
):
    if answered:
        h.answer_everything(assessment, lead_client.user)
        h.confirm_everything(assessment, lead_client.user)
    page(lead_client, "assessment_detail", assessment.pk)

    with django_assert_max_num_queries(26):  # four of them for the audit’s desk, whether there is one, and the publication
        page(lead_client, "assessment_detail", assessment.pk, by=by)


def test_every_item_and_assertion_has_a_page(lead_client, assessment):
    h.answer_everything(assessment, lead_client.user)

    for row in EditionItem.objects.filter(edition=assessment.edition, kind="assertion")[:4]:
        page(lead_client, "assertion_confirm", assessment.pk, row.pk)
    seen = {leaf.spec.answer.kind: leaf for leaf in h.whole(assessment).leaves}
    assert set(seen) == {"yes_no", "text", "document"}
    for leaf in seen.values():
        assert leaf.spec.title.split("’")[0].split("'")[0] in page(
            lead_client, "response_detail", assessment.pk, leaf.response.pk
        ).replace("&#39;", "'")
