"""Sites of a return: which it speaks for, who confirms it there, and what a signer and a reader of the pack see of that."""

from __future__ import annotations

import io
import json
from datetime import timedelta

import openpyxl
import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.enums import Role
from accounts.models import Site
from assessment import checks, services
from assessment.branches import site_digest
from assessment.models import SiteAttestation, SiteDecision
from assessment.services import AssessmentRefusedError, StepRefusedError
from evidence import blobs
from registers.queries.reminders import digests
from tests.assessment import helpers as h
from tests.factories import NOW, TODAY, PersonFactory, member, person_in_post

pytestmark = pytest.mark.django_db
BY = TODAY + timedelta(days=3)


@pytest.fixture
def lead(organisation):
    return h.lead_of(organisation)


@pytest.fixture
def sites(organisation):
    return [
        Site.objects.create(organisation=organisation, name=name, ods_code=code) for name, code in (("Elm", ""), ("Oak", "VX9"))
    ]


@pytest.fixture
def assessment(organisation, lead, sites):
    h.shipped_edition()
    h.train(organisation, trained=20, of=20)
    assessment = h.opened(organisation, lead)
    h.answer_everything(assessment, lead)
    h.confirm_everything(assessment, lead)
    return assessment


@pytest.fixture
def denise(organisation):
    """Manages a home; may do nothing else about the assessment."""
    return person_in_post(organisation, user=member(organisation, Role.MANAGER), has_access="no")


def include(assessment, site, person, by):
    return services.include_site(assessment, site, responsible=person, confirm_by=BY, by=by, at=NOW)


def attest(assessment, site, person, **said):
    seen = site_digest(h.whole(assessment), site)
    return services.attest_site(assessment, site, **{"is_true": True, "seen": seen, "by": person.user, "at": NOW} | said)


def states(assessment):
    return {branch.site.name: branch.state for branch in h.whole(assessment).branches.all}


def test_sites_are_in_with_somebody_responsible_or_out_with_a_reason(assessment, sites, denise, lead):
    elm, oak = sites
    assert states(assessment) == {"Elm": "undecided", "Oak": "undecided"}

    include(assessment, elm, denise, lead)
    services.leave_site_out(assessment, oak, reason="Publishes its own", by=lead, at=NOW)

    assert states(assessment) == {"Elm": "waiting", "Oak": "left_out"}
    assert h.whole(assessment).branches.words == "0 of 1 branch has confirmed"
    with pytest.raises(AssessmentRefusedError, match="Say why"):
        services.leave_site_out(assessment, elm, reason=" ", by=lead, at=NOW)


def test_a_decision_has_a_person_or_a_reason_whoever_writes_it(assessment, sites):
    with pytest.raises(IntegrityError), transaction.atomic():
        SiteDecision.objects.create(assessment=assessment, site=sites[0], is_included=False, at=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        SiteDecision.objects.create(assessment=assessment, site=sites[0], is_included=True, at=NOW)


def test_only_somebody_in_post_here_who_can_sign_in_answers_for_a_site(assessment, sites, lead, other_organisation):
    strangers = [PersonFactory(organisation=other_organisation), PersonFactory(organisation=assessment.organisation)]
    for stranger in strangers:
        with pytest.raises(AssessmentRefusedError, match="in post here and can sign in"):
            include(assessment, sites[0], stranger, lead)


def test_a_closed_site_is_left_out(assessment, sites, denise, lead):
    Site.objects.filter(pk=sites[0].pk).update(closed_on=TODAY - timedelta(days=1))
    sites[0].refresh_from_db()

    assert states(assessment) == {"Oak": "undecided"}
    with pytest.raises(AssessmentRefusedError, match="has closed"):
        include(assessment, sites[0], denise, lead)


def test_the_responsible_person_confirms_and_nobody_else(assessment, sites, denise, lead, organisation):
    include(assessment, sites[0], denise, lead)
    other = person_in_post(organisation, user=member(organisation, Role.DSPT_LEAD))

    with pytest.raises(AssessmentRefusedError, match="Only the person named"):
        attest(assessment, sites[0], other)
    with pytest.raises(AssessmentRefusedError, match="Only the person named"):
        attest(assessment, sites[1], denise)
    said = attest(assessment, sites[0], denise)

    assert said.at == NOW
    assert states(assessment)["Elm"] == "confirmed"


def test_it_lapses_when_an_answer_changes_and_not_when_a_document_comes(assessment, sites, denise, lead):
    include(assessment, sites[0], denise, lead)
    attest(assessment, sites[0], denise)

    response = h.response(assessment, "1.1.1")
    leaf = h.whole(assessment).leaf(response.pk)
    services.answer(
        response, value=leaf.current.value["value"], comment="More", expected_version=leaf.version_number, by=lead, at=NOW
    )
    assert states(assessment)["Elm"] == "confirmed"
    leaf = h.whole(assessment).leaf(response.pk)
    services.answer(response, value="Another", comment="More", expected_version=leaf.version_number, by=lead, at=NOW)

    assert states(assessment)["Elm"] == "lapsed"


def test_another_person_responsible_has_to_confirm_anew(assessment, sites, denise, lead, organisation):
    include(assessment, sites[0], denise, lead)
    attest(assessment, sites[0], denise)
    other = person_in_post(organisation, user=member(organisation))

    include(assessment, sites[0], other, lead)

    assert states(assessment)["Elm"] == "waiting"


def test_nobody_confirms_an_answer_they_have_not_seen(assessment, sites, denise, lead):
    include(assessment, sites[0], denise, lead)

    with pytest.raises(AssessmentRefusedError, match="changed while you were reading"):
        attest(assessment, sites[0], denise, seen="0" * 64)
    assert not SiteAttestation.objects.exists()


def test_who_says_that_it_is_not_so_says_what(assessment, sites, denise, lead):
    include(assessment, sites[0], denise, lead)

    with pytest.raises(AssessmentRefusedError, match="what is different"):
        attest(assessment, sites[0], denise, is_true=False, differs=" ")
    attest(assessment, sites[0], denise, is_true=False, differs="4.5.3: no codes here")

    assert states(assessment)["Elm"] == "differs"


def reviewed(assessment, lead):
    manager = h.registered_manager(assessment.organisation)
    services.submit_for_review(assessment, by=lead, at=NOW)
    services.ready_to_sign(assessment, by=manager, at=NOW)
    return manager


def test_a_signer_is_warned_of_sites_without_a_word(assessment, sites, denise, lead):
    include(assessment, sites[0], denise, lead)

    found = {one.code: one.text for one in checks.warnings(h.whole(assessment), today=TODAY, signer_id=None)}

    assert found["sites-undecided"] == "Nobody has said whether this return speaks for: Oak."
    assert found["sites-not-confirmed"] == "0 of 1 branch has confirmed; not yet: Elm."


def test_an_organisation_with_one_site_hears_nothing_of_branches(assessment, sites, sign_in):
    sites[1].delete()

    codes = {one.code for one in checks.warnings(h.whole(assessment), today=TODAY, signer_id=None)}
    page = sign_in(assessment.organisation, Role.DSPT_LEAD).get(reverse("assessment:assessment_detail", args=[assessment.pk]))

    assert not codes & {"sites-undecided", "sites-not-confirmed"}
    assert "branches confirmed" not in page.text
    assert "sites" not in h.whole(assessment).digest


def test_nobody_signs_while_it_is_not_so_somewhere(assessment, sites, denise, lead):
    include(assessment, sites[0], denise, lead)
    services.leave_site_out(assessment, sites[1], reason="Own return", by=lead, at=NOW)
    attest(assessment, sites[0], denise, is_true=False, differs="Not here")
    manager = reviewed(assessment, lead)

    with pytest.raises(AssessmentRefusedError, match="not true everywhere it speaks for: Elm"):
        h.sign(assessment, manager)
    attest(assessment, sites[0], denise)
    h.sign(assessment, manager)

    with pytest.raises(AssessmentRefusedError, match="signed or published"):
        attest(assessment, sites[0], denise)
    with pytest.raises(StepRefusedError):
        services.leave_site_out(assessment, sites[0], reason="Sold", by=lead, at=NOW)


def test_the_publication_its_pdf_and_its_workbook_say_who_confirmed_what(assessment, sites, denise, lead):
    include(assessment, sites[0], denise, lead)
    services.leave_site_out(assessment, sites[1], reason="=Own return", by=lead, at=NOW)
    attest(assessment, sites[0], denise)
    manager = reviewed(assessment, lead)
    h.sign(assessment, manager)

    publication = services.publish(assessment, by=lead, at=NOW)

    document = json.loads(blobs.read(publication.document))
    lines = {line["name"]: line for line in document["content"]["sites"]}
    book = openpyxl.load_workbook(io.BytesIO(blobs.read(publication.files.get(path="workbook.xlsx").blob)))
    rows = [[cell.value for cell in row] for row in book["Sites"].iter_rows(min_row=2)]
    assert lines["Elm"]["state"] == "confirmed"
    assert lines["Elm"]["said"]["person"] == f"person:{denise.pk}"
    assert str(denise) not in json.dumps(document)
    assert rows[0] == ["Elm", "", "Yes", f"Confirmed by {denise} on 1 May 2026"]
    assert rows[1][2] == "No: =Own return"


def test_the_responsible_person_is_reminded_until_they_have_said_something(assessment, sites, denise, lead, organisation):
    denise.email = "d@example.test"
    denise.save()
    include(assessment, sites[0], denise, lead)

    (mine,) = [one for one in digests(organisation, TODAY) if one.person.pk == denise.pk]
    later = [one for one in digests(organisation, TODAY - timedelta(days=30)) if one.person.pk == denise.pk]
    attest(assessment, sites[0], denise)

    assert [(one.what, one.due_on) for one in mine.reminders] == [("site to confirm", BY)]
    assert mine.reminders[0].url == reverse("assessment:branch_attest", args=[assessment.pk, sites[0].pk])
    assert later == []
    assert not [one for one in digests(organisation, TODAY) if one.person.pk == denise.pk]


# --- pages ---


def test_a_site_manager_who_sees_nothing_else_reads_and_confirms(assessment, sites, denise, lead, client):
    include(assessment, sites[0], denise, lead)
    client.force_login(denise.user)
    url = reverse("assessment:branch_attest", args=[assessment.pk, sites[0].pk])

    page = client.get(url)
    unsaid = client.post(url, {"is_true": "no", "differs": "", "seen": "0" * 64})
    client.post(url, {"is_true": "yes", "seen": site_digest(h.whole(assessment), sites[0])})

    assert "You are named as responsible for this site" in page.text
    assert "Say what is different at your site" in unsaid.text
    assert states(assessment)["Elm"] == "confirmed"
    assert client.get(reverse("assessment:branch_list", args=[assessment.pk])).status_code == 403
    assert client.get(reverse("assessment:branch_attest", args=[assessment.pk, sites[1].pk])).status_code == 404


def test_a_colleague_who_is_not_responsible_finds_no_page(assessment, sites, denise, lead, sign_in):
    include(assessment, sites[0], denise, lead)
    url = reverse("assessment:branch_attest", args=[assessment.pk, sites[0].pk])

    assert sign_in(assessment.organisation, Role.MANAGER).get(url).status_code == 404
    reader = sign_in(assessment.organisation, Role.AUDITOR)
    assert "is asked to read this" in reader.get(url).text
    reader.post(url, {"is_true": "yes", "seen": site_digest(h.whole(assessment), sites[0])})
    assert not SiteAttestation.objects.exists()


def test_the_lead_decides_on_the_page(assessment, sites, denise, sign_in):
    client = sign_in(assessment.organisation, Role.DSPT_LEAD)
    url = reverse("assessment:branch_decide", args=[assessment.pk, sites[0].pk])

    lacking = client.post(url, {"included": "yes"})
    client.post(
        url,
        {
            "included": "yes",
            "responsible": str(denise.pk),
            "confirm_by_day": "4",
            "confirm_by_month": "5",
            "confirm_by_year": "2026",
        },
    )
    listed = client.get(reverse("assessment:branch_list", args=[assessment.pk]))

    assert "Choose who is responsible for the site" in lacking.text
    assert "Give the day by which" in lacking.text
    assert f"{denise} answers for it" in listed.text
    assert "0 of 1 branch has confirmed" in listed.text


@pytest.mark.parametrize("more", [0, 6])
def test_the_list_costs_the_same_however_many_sites(assessment, sites, sign_in, django_assert_max_num_queries, more):
    for number in range(more):
        Site.objects.create(organisation=assessment.organisation, name=f"Site {number}")
    client = sign_in(assessment.organisation, Role.DSPT_LEAD)
    url = reverse("assessment:branch_list", args=[assessment.pk])
    client.get(url)

    with django_assert_max_num_queries(26):
        page = client.get(url)

    assert page.text.count("Not decided") == 2 + more
