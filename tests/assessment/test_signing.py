"""Review and signature: who may, what has to be read first, and when a signature ends by itself."""

from datetime import timedelta

import pytest

from accounts.enums import Role
from accounts.services import record_profile
from assessment import services
from assessment.models import LiveReading, ResponseVersion, ReviewPoint, SignOff
from assessment.states import State
from audit.models import Event
from registers.models import HeldCertificate
from staff.models import KeyPost
from tests.assessment import helpers as h
from tests.factories import NOW, TODAY, member, person_in_post

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def lead(organisation):
    return h.lead_of(organisation)


@pytest.fixture
def manager(organisation):
    return h.registered_manager(organisation)


@pytest.fixture
def assessment(organisation, lead, manager):
    """Passed by its reviewer, with 19 of 20 people trained."""
    h.shipped_edition()
    h.train(organisation, trained=19, of=20)
    return h.ready_to_sign(organisation, lead=lead, reviewer=manager)


def state(assessment, *, on=TODAY):
    return h.whole(assessment, on=on, strict=True).state


# --- review ---


def test_review_needs_every_required_item_answered_or_planned(organisation, lead):
    h.shipped_edition()
    h.train(organisation, trained=19, of=20)
    assessment = h.opened(organisation, lead)
    h.answer_everything(assessment, lead, but=("1.1.1",))
    services.answer(h.response(assessment, "1.1.1"), value="", comment="soon", expected_version=0, by=lead, at=NOW)

    with pytest.raises(services.AssessmentRefusedError, match=r"Answer these required items first.*: 1\.1\.1\."):
        services.submit_for_review(assessment, by=lead, at=NOW)
    services.plan_action(h.response(assessment, "1.1.1"), action="Register", owner_words="Manager", due_on=TODAY, by=lead, at=NOW)
    services.submit_for_review(assessment, by=lead, at=NOW)

    assert state(assessment) == State.IN_REVIEW


def test_a_return_in_review_cannot_be_changed_and_comes_back_with_points(organisation, lead, manager):
    h.shipped_edition()
    h.train(organisation, trained=19, of=20)
    assessment = h.opened(organisation, lead)
    h.answer_everything(assessment, lead)
    services.answer(h.response(assessment, "1.1.1"), value="ZA1", expected_version=1, by=lead, at=NOW)
    services.submit_for_review(assessment, by=lead, at=NOW)
    response = h.response(assessment, "1.1.1")

    refused = [
        lambda: services.answer(response, value="ZA2", expected_version=2, by=lead, at=LATER),
        lambda: services.mark_not_applicable(response, reason="x", expected_version=2, by=lead, at=LATER),
        lambda: services.attach_evidence(response, h.evidence(organisation, lead), by=lead, at=LATER),
        lambda: services.take_reading(h.response(assessment, h.TRAINING), as_of=TODAY, by=lead, at=LATER),
        lambda: services.confirm_assertion(assessment, h.assertion(assessment, "1.1"), by=lead, at=LATER),
        lambda: services.plan_action(response, action="x", owner_words="y", due_on=TODAY, by=lead, at=LATER),
        lambda: services.assign(response, owner=lead, due_on=None, by=lead, at=LATER),
    ]
    for attempt in refused:
        with pytest.raises(services.StepRefusedError, match="in review"):
            attempt()
    with pytest.raises(services.AssessmentRefusedError, match="what has to be looked at"):
        services.return_with_points(assessment, points=[(None, " ")], by=manager, at=LATER)
    services.return_with_points(assessment, points=[(response, "Old number"), (None, "Read again")], by=manager, at=LATER)

    whole = h.whole(assessment)
    assert whole.state == State.IN_PROGRESS
    assert [(point.response_id, point.text) for point in whole.open_points] == [(response.pk, "Old number"), (None, "Read again")]
    services.answer(response, value="ZA2", expected_version=2, by=lead, at=LATER)
    services.submit_for_review(assessment, by=lead, at=LATER)
    assert h.whole(assessment).open_points == ()
    assert ReviewPoint.objects.count() == 2


# --- who signs ---


@pytest.mark.parametrize("kind", ["siro", "registered-manager", "partner"])
def test_the_holder_of_an_accountable_post_signs(organisation, lead, kind):
    h.shipped_edition()
    h.train(organisation, trained=19, of=20)
    holder = h.registered_manager(organisation, kind=kind)
    assessment = h.ready_to_sign(organisation, lead=lead, reviewer=holder)

    sign_off = h.sign(assessment, holder)

    assert state(assessment) == State.SIGNED
    assert sign_off.key_post.kind == kind
    assert sign_off.person.user == holder
    assert sign_off.computed_standard == "met"
    assert sign_off.declaration == services.DECLARATION


@pytest.mark.parametrize("kind", ["dpo", "caldicott-guardian", "ig-lead", "dspt-lead"])
def test_nobody_else_signs_least_of_all_the_dpo(assessment, organisation, kind):
    user = h.registered_manager(organisation, kind=kind)

    with pytest.raises(services.AssessmentRefusedError, match="you are none of these"):
        services.sign(assessment, planned_on=TODAY, acknowledged=(), by=user, at=NOW)
    assert state(assessment) == State.READY_TO_SIGN


def test_a_post_that_has_ended_or_is_elsewhere_does_not_sign(assessment, organisation, other_organisation):
    former = member(organisation, Role.SENIOR_REVIEWER)
    person = person_in_post(organisation, user=former)
    KeyPost.objects.create(organisation=organisation, kind="siro", holder=person, start=TODAY - timedelta(days=90), end=TODAY)
    elsewhere = h.registered_manager(other_organisation)

    for user in (former, elsewhere):
        with pytest.raises(services.AssessmentRefusedError, match="you are none of these"):
            services.sign(assessment, planned_on=TODAY, acknowledged=(), by=user, at=NOW)


# --- what is signed ---


def test_every_warning_has_to_be_acknowledged(assessment, manager):
    with pytest.raises(services.WarningsNotAcknowledgedError) as refused:
        services.sign(assessment, planned_on=TODAY, acknowledged=("no-evidence",), by=manager, at=NOW)

    codes = {warning.code for warning in refused.value.warnings}
    assert codes == {"evidence-not-approved", "no-evidence", "unverified"}
    assert not SignOff.objects.exists()
    sign_off = services.sign(assessment, planned_on=TODAY, acknowledged=codes, by=manager, at=NOW)
    assert {warning["code"] for warning in sign_off.warnings} == codes


def test_signing_freezes_a_fresh_figure_for_the_planned_date_with_its_documents(assessment, manager):
    planned = TODAY + timedelta(days=14)

    h.sign(assessment, manager, planned_on=planned)

    reading = LiveReading.objects.order_by("pk").last()
    assert reading.as_of == planned
    assert (reading.numerator, reading.denominator) == (19, 20)
    assert reading.snapshot.digest == reading.digest
    assert reading.snapshot.statement.media_type == "application/pdf"
    assert h.whole(assessment, on=planned, strict=True).state == State.SIGNED


@pytest.mark.parametrize("days", [-1, 32])
def test_the_planned_date_is_today_or_in_the_coming_weeks(assessment, manager, days):
    with pytest.raises(services.AssessmentRefusedError, match="publication date"):
        services.sign(assessment, planned_on=TODAY + timedelta(days=days), acknowledged=(), by=manager, at=NOW)
    assert LiveReading.objects.count() == 1


def test_the_thirty_first_day_from_today_is_the_last_that_may_be_planned(assessment, manager):
    last = TODAY + timedelta(days=31)

    assert h.sign(assessment, manager, planned_on=last).planned_publication_date == last
    assert state(assessment, on=last) == State.SIGNED


def test_a_figure_below_target_on_the_planned_date_is_a_warning_and_no_longer_met(organisation, lead, manager):
    h.shipped_edition()
    h.train(organisation, trained=19, of=20, on=TODAY - timedelta(days=360))
    assessment = h.ready_to_sign(organisation, lead=lead, reviewer=manager)

    sign_off = h.sign(assessment, manager, planned_on=TODAY + timedelta(days=20))

    assert sign_off.computed_standard == "not_met"
    assert {warning["code"] for warning in sign_off.warnings} >= {"below-met", "gap-without-plan", "figure-below-target-3.2.1"}


def test_one_person_doing_everything_is_told_so(organisation):
    h.shipped_edition()
    h.train(organisation, trained=19, of=20)
    only = h.registered_manager(organisation)
    assessment = h.ready_to_sign(organisation, lead=only, reviewer=only)

    assert "one-person" in {warning["code"] for warning in h.sign(assessment, only).warnings}


# --- how a signature ends ---


def answer_behind_the_back(assessment, organisation):
    response = h.response(assessment, "1.1.1")
    ResponseVersion.objects.create(response=response, n=2, value={"kind": "text", "value": "ZB2"}, at=LATER)


def retire_behind_the_back(assessment, organisation):
    h.whole(assessment).by_item_id["data.lawful-use.register"].response.evidence_links.update(retired_at=LATER)


def another_reading(assessment, organisation):
    h.train(organisation, trained=1, of=1)
    from assessment.services.confirming import keep_reading

    keep_reading(assessment, h.response(assessment, h.TRAINING), as_of=TODAY, by="system", at=LATER)


def another_certificate(assessment, organisation):
    HeldCertificate.objects.create(
        organisation=organisation, scheme="iso27001", number="7", issued_on=TODAY, expires_on=TODAY + timedelta(days=9)
    )


def another_profile(assessment, organisation):
    record_profile(organisation, effective_on=TODAY, by=None, at=LATER, nhsmail_only="yes")


@pytest.mark.parametrize(
    "change", [answer_behind_the_back, retire_behind_the_back, another_reading, another_certificate, another_profile]
)
def test_a_signature_lapses_by_itself_when_anything_changes(assessment, organisation, manager, change):
    h.sign(assessment, manager)
    assert state(assessment) == State.SIGNED

    change(assessment, organisation)

    whole = h.whole(assessment, strict=True)
    assert whole.signature_has_lapsed
    assert whole.state == State.READY_TO_SIGN
    assert whole.standard.level == "not_met"
    with pytest.raises(services.SignatureLapsedError):
        services.publish(assessment, by=manager, at=LATER)
    assert Event.objects.filter(type="signoff.lapsed").count() == 1
    assert h.whole(assessment).recorded_state == State.READY_TO_SIGN


def test_signing_again_after_a_lapse_writes_the_lapse_down_first(assessment, organisation, manager):
    h.sign(assessment, manager)
    another_certificate(assessment, organisation)

    h.sign(assessment, manager, at=LATER)

    assert state(assessment) == State.SIGNED
    assert [step.step for step in h.whole(assessment).transitions[-3:]] == ["sign", "lapse", "sign"]


def test_unlocking_needs_a_reason_and_ends_the_signature_for_good(assessment, lead, manager):
    h.sign(assessment, manager)

    with pytest.raises(services.StepRefusedError, match="Say why"):
        services.unlock(assessment, reason=" ", by=lead, at=LATER)
    services.unlock(assessment, reason="A typing error", by=lead, at=LATER)

    assert state(assessment) == State.IN_PROGRESS
    services.submit_for_review(assessment, by=lead, at=LATER)
    services.ready_to_sign(assessment, by=manager, at=LATER)
    assert state(assessment) == State.READY_TO_SIGN
    with pytest.raises(services.StepRefusedError):
        services.publish(assessment, by=lead, at=LATER)
