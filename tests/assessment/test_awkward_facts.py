"""What does not fit the plain case: a day gone by, paper only, nothing to record, no suppliers, nobody in post."""

import json
from datetime import date, timedelta

import pytest
import time_machine

from assessment import checks, pack, services, verifier
from assessment.models import SignOff
from assessment.register_figures import figures_for
from audit.canonical import digest
from evidence import blobs
from registers import catalogue
from registers.services.nil_returns import sign_nil_return
from staff.models import KeyPost
from tests.assessment import helpers as h
from tests.factories import NOW, TODAY

pytestmark = pytest.mark.django_db
LAST_DAY = date(2026, 6, 30)


@pytest.fixture(autouse=True)
def _frozen_clock(settings, tmp_path):
    settings.BLOB_ROOT = tmp_path / "blobs"
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def lead(organisation):
    return h.lead_of(organisation)


@pytest.fixture
def manager(organisation):
    return h.registered_manager(organisation)


@pytest.fixture
def assessment(organisation, lead):
    h.shipped_edition()
    return h.opened(organisation, lead)


def ready(assessment, lead, manager):
    h.train(assessment.organisation, trained=19, of=20)
    h.answer_everything(assessment, lead)
    h.confirm_everything(assessment, lead)
    services.submit_for_review(assessment, by=lead, at=NOW)
    services.ready_to_sign(assessment, by=manager, at=NOW)


def told(assessment, *, on):
    return {warning.code: warning.text for warning in checks.warnings(h.whole(assessment, on=on), today=on, signer_id=None)}


def test_a_date_after_the_deadline_is_a_warning_and_the_last_day_is_none(assessment):
    assert "late" not in told(assessment, on=LAST_DAY)
    assert (
        told(assessment, on=LAST_DAY + timedelta(days=1))["late"]
        == "The planned date is after the year's last date, 30 June 2026."
    )


def test_evidence_that_is_only_a_place_counts_and_the_pack_says_where(organisation, assessment, lead, manager, tmp_path):
    paper = h.evidence(organisation, lead, title="Visitors’ book", location="Reception, second drawer")
    ready(assessment, lead, manager)
    services.unlock(assessment, reason="One more", by=lead, at=NOW)
    services.attach_evidence(h.response(assessment, "1.1.2"), paper, locator="May", by=lead, at=NOW)
    h.confirm_everything(assessment, lead)
    services.submit_for_review(assessment, by=lead, at=NOW)
    services.ready_to_sign(assessment, by=manager, at=NOW)
    h.sign(assessment, manager)

    publication = services.publish(assessment, by=lead, at=NOW)

    document = json.loads(blobs.read(publication.document))
    item = next(one for one in document["content"]["items"] if one["number"] == "1.1.2")
    assert [(one["address"], one["sha256"], one["locator"]) for one in item["evidence"]] == [
        ("Office", None, ""),
        ("Reception, second drawer", None, "May"),
    ]
    assert not publication.files.filter(path__startswith="evidence/").exists()
    out = tmp_path / "pack.zip"
    pack.build_pack(publication, out)
    assert verifier.verify_file(out).faults == []


def test_a_nil_return_is_said_kept_and_frozen_and_answers_nothing_by_itself(organisation, assessment, lead):
    repeats = _response_of(assessment, "incidents.weaknesses.repeats")
    before = h.whole(assessment).verdict(h.whole(assessment).leaf(repeats.pk)).state
    sign_nil_return(catalogue.find("incidents"), organisation, start=date(2026, 1, 1), end=TODAY, by=lead, at=NOW)

    (figure,) = figures_for(organisation, "incidents.weaknesses.repeats", on=TODAY)
    services.keep_register_readings(repeats, by=lead, at=NOW)

    assert figure.footing == "nil-return"
    leaf = h.whole(assessment).leaf(repeats.pk)
    (kept,) = leaf.register_readings
    assert (kept.footing, kept.numerator, kept.sentence) == ("nil-return", None, figure.sentence)
    assert digest(kept.said()) == kept.digest
    assert h.whole(assessment).verdict(leaf).state == before == "unanswered"


def test_no_suppliers_at_all_is_nothing_recorded_until_somebody_signs_for_it(organisation, assessment, lead):
    nothing = figures_for(organisation, "suppliers.known.list", on=TODAY)
    sign_nil_return(catalogue.find("suppliers"), organisation, start=date(2026, 1, 1), end=TODAY, by=lead, at=NOW)
    nil = figures_for(organisation, "suppliers.known.list", on=TODAY)

    assert [(one.sentence, one.footing, one.denominator) for one in nothing] == [("Nothing recorded.", "nothing", None)]
    assert [(one.footing, one.definition) for one in nil] == [
        ("nil-return", "No supplier or partner handled personal data for us in this period.")
    ]


def test_while_the_accountable_post_is_vacant_nobody_signs(organisation, assessment, lead, manager):
    ready(assessment, lead, manager)
    KeyPost.objects.filter(organisation=organisation).update(end=TODAY)

    with pytest.raises(services.AssessmentRefusedError, match="Ask your administrator to check the list of key posts"):
        h.sign(assessment, manager)

    assert not SignOff.objects.exists()
    KeyPost.objects.filter(organisation=organisation).update(end=TODAY + timedelta(days=1))
    assert h.sign(assessment, manager).planned_publication_date == TODAY


def _response_of(assessment, item_id):
    return assessment.responses.select_related("item", "assessment").get(item__item_id=item_id)
