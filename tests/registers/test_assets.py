"""What the registers of assets, disposals, information flows and impact assessments say."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.enums import Role
from registers import catalogue, screening
from registers.models import Asset
from registers.services.entries import EntryRefusedError, change_entry
from tests.factories import NOW, TODAY, member
from tests.registers.entries import add


@pytest.fixture
def lead(organisation):
    return member(organisation, Role.DSPT_LEAD)


def figures(organisation, on=TODAY) -> dict[str, tuple[int | None, int | None]]:
    return {key: (one.numerator, one.denominator) for key, one in catalogue.all_figures(organisation, on).items()}


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(-3, 3))
def test_an_asset_is_supported_up_to_and_including_its_last_day(ends, days):
    asset = Asset(kind="device", support_ends_on=ends)

    assert asset.is_supported(ends + timedelta(days=days)) == (days <= 0)


def test_unknown_is_never_good(organisation, lead):
    add("assets", organisation, lead)
    add("assets", organisation, lead, reference="2", support_ends_on=None, encrypted="unknown", checked_on=None)
    add(
        "assets",
        organisation,
        lead,
        reference="3",
        support_ends_on=date(2026, 4, 30),
        holds_personal_data="unknown",
        encrypted="no",
    )
    add("assets", organisation, lead, reference="4", kind="paper", support_ends_on=None, holds_personal_data="yes")
    add("assets", organisation, lead, reference="5", kind="system", support_ends_on=None, support_has_no_end=True)

    said = figures(organisation)
    sentence = catalogue.all_figures(organisation, TODAY)["assets.supported"].sentence

    assert said["assets.supported"] == (2, 4)
    assert said["assets.encrypted"] == (1, 3)
    assert said["assets.checked"] == (4, 5)
    assert sentence == "2 of 4 devices and systems are supported by their makers; 1 are not; of 1 nobody has said."
    assert catalogue.find("assets").due(organisation, TODAY) == 1


def test_disposals_of_the_year_and_their_certificates(organisation, lead):
    add("disposals", organisation, lead)
    add("disposals", organisation, lead, disposed_on=date(2025, 5, 1))
    contracted = {"done_by": "contractor", "contractor": "Shredders"}
    add("disposals", organisation, lead, **contracted)
    add("disposals", organisation, lead, **contracted, certificate_number="C-1")

    said = figures(organisation)

    assert said["disposals.in_year"] == (3, None)
    assert said["disposals.certified"] == (1, 2)


def test_the_disposal_of_one_day_makes_a_nil_return_lapse(organisation, lead):
    one = catalogue.find("disposals")
    add("disposals", organisation, lead)

    assert one.dated_within(organisation, date(2026, 3, 3), date(2026, 3, 4))
    assert not one.dated_within(organisation, date(2026, 3, 4), date(2026, 5, 1))


@pytest.mark.parametrize(
    ("register", "values", "words"),
    [
        ("assets", {"reference": ""}, "Reference"),
        ("assets", {"kind": "toaster"}, "Kind"),
        ("assets", {"support_has_no_end": True}, "not both"),
        ("disposals", {"done_by": "contractor"}, "Name the contractor"),
        ("disposals", {"retention_rule": ""}, "retention rule"),
        ("disposals", {"disposed_on": date(2026, 5, 2)}, "still to come"),
        ("processing", {"role": "processor"}, "for whom you act"),
        ("dpias", {"decision": "stop"}, "which post"),
        (
            "dpias",
            {
                "decision": "go-ahead",
                "decided_by_post": "siro",
                "decided_on": TODAY,
                "necessity": "So",
                "risks_and_measures": "So",
                "dpo_advice": "Yes",
                "residual_risk": "high",
            },
            "consult the ICO",
        ),
    ],
)
def test_an_impossible_entry_is_refused_in_a_sentence(organisation, lead, register, values, words):
    with pytest.raises(EntryRefusedError, match=words):
        add(register, organisation, lead, **values)

    assert not catalogue.find(register).has_rows(organisation, TODAY)


def test_a_reference_and_a_name_are_used_once_in_an_organisation(organisation, other_organisation, lead):
    for register in ("assets", "processing", "dpias"):
        add(register, organisation, lead)
        add(register, other_organisation, lead)
        with pytest.raises(EntryRefusedError):
            add(register, organisation, lead)


def test_a_plan_is_screened_assessed_and_decided(organisation, lead):
    plan = add("dpias", organisation, lead)
    add("dpias", organisation, lead, title="New kettle", screening=[], is_needed=False, needed_reason="No data")
    before = catalogue.all_figures(organisation, TODAY)["dpias.decided"]

    decision = {"decision": "go-ahead", "decided_by_post": "siro", "decided_on": TODAY, "residual_risk": "low"}
    change_entry(plan, by=lead, at=NOW, necessity="Falls", risks_and_measures="Switch off", dpo_advice="Agreed", **decision)

    assert (before.numerator, before.denominator) == (0, 1)
    assert before.sentence == "2 plans screened; 1 needed an assessment, and 0 of these are decided."
    assert figures(organisation)["dpias.decided"] == (1, 1)
    assert screening.points_to_assessment(["monitoring"])
    assert not screening.points_to_assessment([])


def test_information_flows_within_their_review_date(organisation, lead):
    add("processing", organisation, lead, review_by=TODAY)
    add("processing", organisation, lead, name="Staff files", review_by=TODAY - timedelta(days=1))

    assert figures(organisation)["processing.in_review"] == (1, 2)
    assert catalogue.find("processing").due(organisation, TODAY) == 1
