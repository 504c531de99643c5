"""The outcome route from opening to publication: indicators judged, a level worked out, a profile reached."""

import re

import pytest
import time_machine
from django.urls import reverse

from accounts.enums import Role
from assessment import services
from assessment.loading import load_edition
from assessment.models import EditionItem, Response
from tests.assessment import helpers as h
from tests.assessment.test_scoring import CAF
from tests.factories import NOW, TODAY, OrganisationFactory


@pytest.fixture(autouse=True)
def _frozen_clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def trust(db, tmp_path):
    path = tmp_path / "caf.yaml"
    text = CAF.canonical.replace('"status":"draft"', '"status":"active"')
    path.write_text(re.sub(r'"(\d{4}-\d\d-\d\d)"', r"\1", text))
    load_edition(path, at=NOW)
    return OrganisationFactory(type="trust")


@pytest.fixture
def lead_client(sign_in, trust):
    return sign_in(trust, Role.DSPT_LEAD)


@pytest.fixture
def assessment(trust, lead_client):
    return h.opened(trust, lead_client.user, year="2026-27")


def outcome(assessment, code):
    return Response.objects.select_related("item", "assessment").get(assessment=assessment, item__number=code)


def judge(client, assessment, code, **data):
    address = reverse("assessment:response_detail", args=[assessment.pk, outcome(assessment, code).pk])
    return client.post(address, {"seen": 0, "comment": "", "statement": "", **data}, follow=True).content.decode()


def test_the_tree_is_loaded_with_its_codes(assessment):
    rows = EditionItem.objects.filter(edition=assessment.edition).order_by("order").values_list("kind", "number")

    assert list(rows) == [("objective", "A"), ("principle", "A1"), ("outcome", "A1.a"), ("outcome", "A1.b")]


def test_the_page_asks_every_indicator_and_says_which_level_they_give(lead_client, assessment):
    shown = lead_client.get(
        reverse("assessment:response_detail", args=[assessment.pk, outcome(assessment, "A1.a").pk])
    ).content.decode()
    for words in ("Nobody leads", "Somebody leads", "The board leads", "It asks", "Backups?", "Expected of you"):
        assert words in shown

    judged = judge(
        lead_client,
        assessment,
        "A1.a",
        **{
            "indicator-0-not_achieved": "false",
            "indicator-0-partially_achieved": "true",
            "indicator-0-achieved": "true",
            "indicator-1-achieved": "false",
            "directive-0": "compliant",
            "statement": "The board meets monthly",
        },
    )

    assert "Outcome A1.a" in judged
    assert "partially achieved" in judged
    stored = outcome(assessment, "A1.a").versions.get().value["value"]
    assert stored["indicators"] == {"n1": False, "p1": True, "a1": True, "a2": False}
    assert stored["directives"] == {"d1": "compliant"}


def test_a_level_chosen_by_a_person_needs_a_known_level(lead_client, assessment):
    with pytest.raises(services.AnswerRefusedError, match="level cannot be chosen"):
        services.answer(
            outcome(assessment, "A1.b"), value={"override_level": "achieved"}, expected_version=0, by=lead_client.user, at=NOW
        )
    with pytest.raises(services.AnswerRefusedError, match="each of the statements"):
        services.answer(
            outcome(assessment, "A1.b"),
            value={"indicators": {"elsewhere": True}},
            expected_version=0,
            by=lead_client.user,
            at=NOW,
        )


def test_a_trust_reaches_its_profile_and_publishes(lead_client, assessment, trust):
    board = {
        "indicators": {"n1": False, "p1": True, "a1": False, "a2": False},
        "directives": {"d1": "plan"},
        "statement": "Monthly",
    }
    lead, siro = lead_client.user, h.registered_manager(trust, kind="siro")
    services.answer(outcome(assessment, "A1.a"), value=board, expected_version=0, by=lead, at=NOW)
    services.answer(
        outcome(assessment, "A1.b"), value={"indicators": {"n2": False, "a3": True}}, expected_version=0, by=lead, at=NOW
    )
    assert h.whole(assessment).progress.satisfied == 1
    services.attach_evidence(outcome(assessment, "A1.a"), h.evidence(trust, lead), by=lead, at=NOW)
    listed = lead_client.get(reverse("assessment:assessment_detail", args=[assessment.pk])).content.decode()
    assert "It would be Standards Met once the accountable person signs it." in listed

    services.submit_for_review(assessment, by=lead, at=NOW)
    services.ready_to_sign(assessment, by=siro, at=NOW)
    h.sign(assessment, siro)
    publication = services.publish(assessment, on=TODAY, by=lead, at=NOW)

    assert publication.computed_standard == "met"
    shown = lead_client.get(reverse("assessment:publication_detail", args=[publication.pk]))
    assert shown.status_code == 200
