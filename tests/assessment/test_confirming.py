"""Confirmations bind to what was confirmed; figures gate what they should; certificates stand in where they may."""

from datetime import timedelta

import pytest

from accounts.services import record_profile
from assessment import services
from assessment.edition_file import EDITIONS_DIRECTORY
from assessment.loading import load_edition
from assessment.models import Confirmation, LiveReading
from assessment.states import State
from evidence import blobs
from registers.models import HeldCertificate
from tests.assessment import helpers as h
from tests.factories import NOW, TODAY

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def lead(organisation):
    return h.lead_of(organisation)


@pytest.fixture
def assessment(organisation, lead):
    """Everything answered, 19 of 20 people trained (95.0 %), nothing confirmed."""
    h.shipped_edition()
    h.train(organisation, trained=19, of=20)
    opened = h.opened(organisation, lead)
    h.answer_everything(opened, lead)
    return opened


def verdict(assessment, number, *, on=TODAY, strict=False):
    whole = h.whole(assessment, on=on, strict=strict)
    return next(whole.verdict(leaf) for leaf in whole.leaves if leaf.number == number)


def is_confirmed(assessment, number):
    whole = h.whole(assessment)
    return next(whole.is_confirmed(part) for part in whole.assertions() if part.number == number)


def test_an_assertion_is_confirmed_once_its_required_items_are_settled(assessment, lead):
    confirmation = services.confirm_assertion(assessment, h.assertion(assessment, "1.1"), by=lead, at=NOW)

    again = services.confirm_assertion(assessment, h.assertion(assessment, "1.1"), by=lead, at=LATER)

    assert again == confirmation
    assert is_confirmed(assessment, "1.1")
    whole = h.whole(assessment)
    assert {whole.work_state(leaf) for leaf in whole.leaves if leaf.number.startswith("1.1.")} == {"checked"}


def test_an_assertion_with_an_open_required_item_is_refused_with_the_reason(assessment, lead):
    services.answer(h.response(assessment, "1.1.1"), value="", comment="later", expected_version=1, by=lead, at=NOW)

    with pytest.raises(services.AssessmentRefusedError, match=r"1\.1 cannot be confirmed yet\. 1\.1\.1: "):
        services.confirm_assertion(assessment, h.assertion(assessment, "1.1"), by=lead, at=NOW)


def test_an_assertion_of_another_edition_is_refused(assessment, lead):
    h.shipped_edition("2026-27")
    foreign = type(assessment.edition).objects.get(year="2026-27").items.filter(kind="assertion").first()
    foreign.item_id = "not.here"

    with pytest.raises(services.AssessmentRefusedError, match="not part of this return"):
        services.confirm_assertion(assessment, foreign, by=lead, at=NOW)


def change_answer(assessment, lead):
    services.answer(h.response(assessment, "1.1.1"), value="Another number", expected_version=1, by=lead, at=LATER)


def change_comment(assessment, lead):
    current = h.whole(assessment).by_item_id["data.lawful-use.ico-number"].current
    services.answer(
        h.response(assessment, "1.1.1"), value=current.value["value"], comment="Checked", expected_version=1, by=lead, at=LATER
    )


def attach(assessment, lead):
    more = h.evidence(assessment.organisation, lead, title="More")
    services.attach_evidence(h.response(assessment, "1.1.1"), more, by=lead, at=LATER)


def take_off(assessment, lead):
    link = h.whole(assessment).by_item_id["data.lawful-use.register"].links[0]
    services.retire_evidence(link, by=lead, at=LATER)


@pytest.mark.parametrize("change", [change_answer, change_comment, attach, take_off])
def test_a_confirmation_lapses_by_itself_when_what_it_binds_to_changes(assessment, lead, change):
    services.confirm_assertion(assessment, h.assertion(assessment, "1.1"), by=lead, at=NOW)
    services.confirm_assertion(assessment, h.assertion(assessment, "1.2"), by=lead, at=NOW)

    change(assessment, lead)

    assert not is_confirmed(assessment, "1.1")
    assert is_confirmed(assessment, "1.2")
    assert Confirmation.objects.filter(assertion__number="1.1").count() == 1
    whole = h.whole(assessment)
    assert any(whole.has_lapsed(part) for part in whole.assertions())


def test_a_reading_that_changes_the_answer_lapses_the_confirmation_and_one_that_does_not_keeps_it(assessment, lead, organisation):
    services.confirm_assertion(assessment, h.assertion(assessment, "3.2"), by=lead, at=NOW)

    h.train(organisation, trained=20, of=20)
    services.take_reading(h.response(assessment, h.TRAINING), as_of=TODAY, by=lead, at=LATER)
    assert is_confirmed(assessment, "3.2")

    h.train(organisation, trained=0, of=5)
    services.take_reading(h.response(assessment, h.TRAINING), as_of=TODAY, by=lead, at=LATER)
    assert not is_confirmed(assessment, "3.2")


# --- the training figure ---


def test_a_reading_keeps_the_figure_its_rows_and_its_digest(assessment):
    reading = LiveReading.objects.get()

    assert (reading.numerator, reading.denominator, reading.percent, reading.as_of) == (19, 20, "95.0", TODAY)
    assert reading.payload["rule"] == "dspt-3.2.1"
    assert reading.payload["gross"] is True
    assert blobs.read(reading.rows).count(b'"person":') == 20
    assert len(reading.digest) == 64
    assert reading.snapshot is None


@pytest.mark.parametrize(
    ("trained", "of", "percent", "state"),
    [(56, 59, "94.9", "not_satisfied"), (95, 100, "95.0", "satisfied"), (19, 20, "95.0", "satisfied")],
)
def test_a_gated_yes_counts_only_at_or_above_the_target(organisation, lead, trained, of, percent, state):
    h.shipped_edition()
    h.train(organisation, trained=trained, of=of)
    assessment = h.opened(organisation, lead)
    h.answer_everything(assessment, lead)

    assert LiveReading.objects.get().percent == percent
    found = verdict(assessment, h.TRAINING)
    assert found.state == state
    if state == "not_satisfied":
        assert "the target is 95%" in found.reason
        with pytest.raises(services.AssessmentRefusedError, match=r"3\.2\.1: Answered yes, but only"):
            services.confirm_assertion(assessment, h.assertion(assessment, "3.2"), by=lead, at=NOW)


def test_a_gated_yes_without_a_figure_is_not_satisfied(organisation, lead):
    h.shipped_edition()
    assessment = h.opened(organisation, lead)
    services.answer(h.response(assessment, h.TRAINING), value="yes", expected_version=0, by=lead, at=NOW)

    assert verdict(assessment, h.TRAINING).state == "insufficient_evidence"


def test_nobody_in_scope_reaches_nothing(organisation, lead):
    h.shipped_edition()
    h.training_course()
    assessment = h.opened(organisation, lead)
    services.answer(h.response(assessment, h.TRAINING), value="yes", expected_version=0, by=lead, at=NOW)

    reading = services.take_reading(h.response(assessment, h.TRAINING), as_of=TODAY, by=lead, at=NOW)

    assert (reading.denominator, reading.percent) == (0, None)
    assert verdict(assessment, h.TRAINING).state == "not_satisfied"


def test_a_figure_stands_in_for_some_weeks_of_work_but_never_for_a_signature(assessment):
    after = TODAY + timedelta(days=31)

    assert verdict(assessment, h.TRAINING, on=after).state == "satisfied"
    assert verdict(assessment, h.TRAINING, on=after + timedelta(days=1)).state == "insufficient_evidence"
    assert verdict(assessment, h.TRAINING, on=TODAY, strict=True).state == "satisfied"
    assert verdict(assessment, h.TRAINING, on=TODAY + timedelta(days=1), strict=True).state == "insufficient_evidence"


def test_a_figure_is_refused_for_the_future_for_other_items_and_without_its_course(assessment, lead, other_organisation):
    with pytest.raises(services.AssessmentRefusedError, match="a day to come"):
        services.take_reading(h.response(assessment, h.TRAINING), as_of=TODAY + timedelta(days=1), by=lead, at=NOW)
    with pytest.raises(services.AssessmentRefusedError, match="no figure"):
        services.take_reading(h.response(assessment, "1.1.1"), as_of=TODAY, by=lead, at=NOW)
    h.training_course().__class__.objects.update(code="something-else")
    with pytest.raises(services.AssessmentRefusedError, match="cannot be counted"):
        services.take_reading(h.response(assessment, h.TRAINING), as_of=TODAY, by=lead, at=NOW)
    assert h.whole(assessment).state == State.PREPARING or LiveReading.objects.count() == 1


# --- exemptions ---


def certificate(organisation, scheme, **values):
    values = {"covers_all": False, "issued_on": TODAY - timedelta(days=10), "expires_on": TODAY} | values
    return HeldCertificate.objects.create(organisation=organisation, scheme=scheme, number="1", **values)


def exempted(assessment, kind):
    """The number of an item for which something stands in."""
    return next(
        leaf.number for leaf in h.whole(assessment).leaves if any(exemption.kind == kind for exemption in leaf.spec.exempted_by)
    )


@pytest.mark.parametrize(
    ("scheme", "values", "on", "is_exempt"),
    [
        ("cyber_essentials_plus", {}, TODAY, True),
        ("cyber_essentials_plus", {}, TODAY + timedelta(days=1), False),
        (
            "cyber_essentials_plus",
            {"issued_on": TODAY + timedelta(days=1), "expires_on": TODAY + timedelta(days=9)},
            TODAY,
            False,
        ),
        ("iso27001", {"covers_all": False}, TODAY, False),
        ("iso27001", {"covers_all": True}, TODAY, True),
    ],
)
def test_a_certificate_stands_in_while_valid_and_wide_enough(organisation, lead, scheme, values, on, is_exempt):
    h.shipped_edition()
    assessment = h.opened(organisation, lead)
    certificate(organisation, scheme, **values)
    number = exempted(assessment, scheme)

    assert verdict(assessment, number, on=on).state == ("exempt" if is_exempt else "unanswered")


def test_nhsmail_only_stands_in_from_the_day_the_profile_says_so(organisation, lead, tmp_path):
    text = (EDITIONS_DIRECTORY / h.YEAR / "category-3.yaml").read_text()
    path = tmp_path / "patched.yaml"
    path.write_text(text.replace("exempted_by: []", "exempted_by: [nhsmail]", 1).replace("version: 8.0.0 ", "version: 8.0.1 "))
    load_edition(path, at=NOW)
    assessment = h.opened(organisation, lead)
    number = exempted(assessment, "nhsmail")
    record_profile(organisation, effective_on=TODAY, by=lead, at=NOW, nhsmail_only="yes")

    assert verdict(assessment, number, on=TODAY).state == "exempt"
    assert verdict(assessment, number, on=TODAY - timedelta(days=1)).state == "unanswered"


def test_multi_factor_sign_in_is_not_exempted_by_cyber_essentials_plus(organisation, lead):
    h.shipped_edition()
    assessment = h.opened(organisation, lead)
    certificate(organisation, "cyber_essentials_plus")

    assert verdict(assessment, "4.5.3").state == "unanswered"
