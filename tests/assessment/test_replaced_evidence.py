"""An answer points to one version of a document; a newer one is approved before or after the signature."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.enums import Role
from assessment import services
from assessment.models import EvidenceLink
from assessment.replaced import replaced_evidence
from assessment.states import StepRefusedError
from audit.models import Event
from evidence.services import add_version, approve_version, withdraw_document
from tests.assessment import helpers as h
from tests.factories import NOW, TODAY

LATER = NOW + timedelta(days=3)
ITEM = "1.1.2"


@pytest.fixture(autouse=True)
def _frozen_clock():
    with time_machine.travel(LATER, tick=False):
        yield


@pytest.fixture
def lead_client(sign_in, organisation):
    return sign_in(organisation, Role.DSPT_LEAD)


@pytest.fixture
def lead(lead_client):
    return lead_client.user


@pytest.fixture
def assessment(organisation, lead):
    h.shipped_edition()
    h.train(organisation, trained=19, of=20)
    return h.opened(organisation, lead)


@pytest.fixture
def policy(organisation, lead):
    return h.evidence(organisation, lead, title="Clear desk policy")


def newer(version, by, *, at=LATER, approved=True):
    found = add_version(version.document, location="Office", received_on=TODAY, effective_on=TODAY, by=by, at=at)
    if approved:
        approve_version(found, by=by, at=at)
    return found


def words(assessment):
    return [one.words for one in replaced_evidence(h.whole(assessment))]


def page(client, name, *args):
    response = client.get(reverse(f"assessment:{name}", args=args))
    assert response.status_code == 200
    return response.content.decode()


def test_a_newer_version_replaces_only_once_it_is_approved(assessment, lead, policy):
    services.attach_evidence(h.response(assessment, ITEM), policy, by=lead, at=NOW)
    assert words(assessment) == []

    second = newer(policy, lead, approved=False)
    assert words(assessment) == []

    approve_version(second, by=lead, at=LATER)
    assert words(assessment) == ["Version 2 was approved on 4 May 2026. This answer still points to version 1."]


def test_a_withdrawn_document_replaces_nothing_and_what_is_newest_is_not_replaced(assessment, lead, policy):
    second = newer(policy, lead)
    services.attach_evidence(h.response(assessment, ITEM), second, by=lead, at=NOW)
    assert words(assessment) == []

    services.attach_evidence(h.response(assessment, ITEM), policy, by=lead, at=NOW)
    assert len(words(assessment)) == 1
    withdraw_document(policy.document, reason="No longer done", by=lead, at=LATER)
    assert words(assessment) == []


def test_one_press_points_to_the_newest_approved_version_and_keeps_the_old_link(assessment, lead, policy):
    response = h.response(assessment, ITEM)
    old = services.attach_evidence(response, policy, locator="page 2", note="signed copy", by=lead, at=NOW)
    newer(policy, lead)
    third = newer(policy, lead)
    newer(policy, lead, approved=False)

    new = services.repin_evidence(old, by=lead, at=LATER)

    assert (new.document_version, new.locator, new.note, new.attached_by) == (third, "page 2", "signed copy", lead)
    old.refresh_from_db()
    assert (old.retired_at, old.retired_by) == (LATER, lead)
    assert h.whole(assessment).leaf(response.pk).links == (new,)
    told = Event.objects.get(type="assessment.evidence_repinned").summary
    assert told == {"number": ITEM, "document_version": third.pk, "before": policy.pk}
    with pytest.raises(services.AssessmentRefusedError, match="no longer attached"):
        services.repin_evidence(old, by=lead, at=LATER)
    with pytest.raises(services.AssessmentRefusedError, match="no newer approved version"):
        services.repin_evidence(new, by=lead, at=LATER)


def test_where_the_newer_version_is_attached_already_the_older_one_only_comes_off(assessment, lead, policy):
    response = h.response(assessment, ITEM)
    old = services.attach_evidence(response, policy, by=lead, at=NOW)
    attached = services.attach_evidence(response, newer(policy, lead), by=lead, at=NOW)

    assert services.repin_evidence(old, by=lead, at=LATER) == attached
    assert EvidenceLink.objects.filter(response=response, retired_at__isnull=True).count() == 1


def test_pointing_to_a_newer_version_lapses_the_confirmation(assessment, lead, policy):
    h.answer_everything(assessment, lead)
    link = services.attach_evidence(h.response(assessment, ITEM), policy, by=lead, at=NOW)
    h.confirm_everything(assessment, lead)
    newer(policy, lead)
    before = h.whole(assessment).confirmed

    services.repin_evidence(link, by=lead, at=LATER)

    assert len(before - h.whole(assessment).confirmed) == 1


def test_the_pages_of_a_return_in_work_say_so_and_offer_the_newer_version(lead_client, assessment, lead, policy, sign_in):
    response = h.response(assessment, ITEM)
    link = services.attach_evidence(response, policy, locator="page 2", by=lead, at=NOW)
    newer(policy, lead)
    says = "Version 2 was approved on 4 May 2026. This answer still points to version 1."

    assert says in page(lead_client, "response_detail", assessment.pk, response.pk)
    assert says in page(lead_client, "assertion_confirm", assessment.pk, h.assertion(assessment, "1.1").pk)
    assert says in page(lead_client, "assessment_check", assessment.pk)
    tasks = page(lead_client, "assessment_detail", assessment.pk)
    assert "Evidence to look at" in tasks
    assert says in tasks
    assert tasks.count("Evidence was replaced") == 1
    auditors = page(sign_in(assessment.organisation, Role.AUDITOR), "response_detail", assessment.pk, response.pk)
    assert says in auditors
    assert "Use version 2 instead" not in auditors

    done = lead_client.post(reverse("assessment:evidence_repin", args=[assessment.pk, link.pk]), follow=True).content.decode()

    assert "The item now points to version 2 of “Clear desk policy”. Check that “page 2” is still the place" in done
    assert says not in done
    assert "Evidence to look at" not in page(lead_client, "assessment_detail", assessment.pk)
    again = lead_client.post(reverse("assessment:evidence_repin", args=[assessment.pk, link.pk]), follow=True).content.decode()
    assert "no longer attached here" in again


def test_after_the_signature_the_signed_version_is_kept_and_nothing_can_be_moved(
    lead_client, organisation, assessment, lead, policy
):
    h.answer_everything(assessment, lead)
    link = services.attach_evidence(h.response(assessment, ITEM), policy, by=lead, at=NOW)
    manager = h.registered_manager(organisation)
    h.confirm_everything(assessment, lead)
    services.submit_for_review(assessment, by=lead, at=NOW)
    services.ready_to_sign(assessment, by=manager, at=NOW)
    newer(policy, lead, at=NOW)
    h.sign(assessment, manager, at=NOW + timedelta(hours=1))
    assert words(assessment) == ["Version 2 was approved on 1 May 2026, before the signature. Version 1 is what was signed."]

    newer(policy, lead)
    says = "This evidence was replaced on 4 May 2026, after the signature, by version 3. The signed version is kept."
    assert words(assessment) == [says]
    with pytest.raises(StepRefusedError):
        services.repin_evidence(link, by=lead, at=LATER)
    publication = services.publish(assessment, by=lead, at=NOW + timedelta(hours=2))

    assert not h.whole(assessment, strict=True).signature_has_lapsed
    published = page(lead_client, "publication_detail", publication.pk)
    assert "Evidence with a newer version" in published
    assert says in published
    item = page(lead_client, "response_detail", assessment.pk, link.response_id)
    assert says in item
    assert "Use version 3 instead" not in item


def test_another_organisations_link_is_not_there(sign_in, other_organisation, assessment, lead, policy):
    link = services.attach_evidence(h.response(assessment, ITEM), policy, by=lead, at=NOW)
    newer(policy, lead)

    stranger = sign_in(other_organisation, Role.DSPT_LEAD)

    assert stranger.post(reverse("assessment:evidence_repin", args=[assessment.pk, link.pk])).status_code == 404
    link.refresh_from_db()
    assert link.retired_at is None


def test_reading_costs_the_same_however_much_was_replaced(assessment, lead, policy):
    h.answer_everything(assessment, lead)
    with_few, replaced_few = _queries(assessment)
    for leaf in h.whole(assessment).leaves:
        services.attach_evidence(leaf.response, policy, by=lead, at=NOW)
    newer(policy, lead)

    with_many, replaced_many = _queries(assessment)

    assert (replaced_few, replaced_many) == (0, 55)
    assert with_few == with_many


def _queries(assessment):
    with CaptureQueriesContext(connection) as captured:
        found = replaced_evidence(h.whole(assessment))
    return len(captured), len(found)
