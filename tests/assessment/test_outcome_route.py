"""The outcome route from opening to publication: indicators judged, a level worked out, a profile reached."""

import re

import pytest
import time_machine
from django.urls import reverse

from accounts.enums import Role
from assessment import services, verifier
from assessment.loading import load_edition
from assessment.models import Assessment, EditionItem, EvidenceLink, OfficialStatus, Response, ResponseVersion
from assessment.pack import build_pack
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


# --- the list that ships ---


def judge_everything(assessment: Assessment, by, *, but=()):
    """Each outcome at the level its profile expects, with a statement and a document; rows written at once."""
    document = h.evidence(assessment.organisation, by)
    now = h.whole(assessment)
    profile = now.edition_file.profiles["category-1"]
    versions = []
    for leaf in now.leaves:
        if leaf.number in but:
            continue
        level = profile[leaf.item_id]
        signs = {sign.id: group == level for group, found in leaf.spec.indicators.items() for sign in found}
        policy = {directive.id: "compliant" for directive in leaf.spec.directives}
        value = {"indicators": signs, "directives": policy, "override_level": "", "override_reason": "", "override_reviewer": ""}
        versions.append(
            ResponseVersion(
                response=leaf.response,
                n=leaf.version_number + 1,
                value={"kind": "outcome", "value": value | {"statement": "Decided by the board in March."}},
                author=by,
                at=NOW,
            )
        )
    ResponseVersion.objects.bulk_create(versions)
    EvidenceLink.objects.bulk_create(
        EvidenceLink(response=leaf.response, document_version=document, attached_by=by, attached_at=NOW) for leaf in now.leaves
    )


@pytest.fixture
def shipped(db):
    h.shipped_edition(name="caf")
    return OrganisationFactory(type="trust")


def publish(assessment, lead, siro):
    services.submit_for_review(assessment, by=lead, at=NOW)
    services.ready_to_sign(assessment, by=siro, at=NOW)
    h.sign(assessment, siro)
    return services.publish(assessment, on=TODAY, by=lead, at=NOW)


def test_a_trust_answers_the_47_outcomes_publishes_and_its_pack_is_whole(shipped, sign_in, tmp_path):
    client = sign_in(shipped, Role.DSPT_LEAD)
    siro = h.registered_manager(shipped, kind="siro")
    assessment = h.opened(shipped, client.user)
    assert assessment.responses.count() == 47
    judge_everything(assessment, client.user)
    assert h.whole(assessment).standard.once_signed == "met"
    page = client.get(
        reverse("assessment:response_detail", args=[assessment.pk, outcome(assessment, "B2.a").pk])
    ).content.decode()
    assert "One of these that is true makes it not achieved." in page
    assert "Do you meet the national multi-factor authentication policy?" in page
    assert "Expected of you" in page
    assert "the official expectation was not found" not in page
    guessed = client.get(
        reverse("assessment:response_detail", args=[assessment.pk, outcome(assessment, "D1.c").pk])
    ).content.decode()
    assert "the official expectation was not found" in guessed
    plain = client.get(reverse("assessment:assessment_detail", args=[assessment.pk]), {"by": "plain"}).content.decode()
    assert "Leaders actively manage data security" in plain

    services.attach_evidence(outcome(assessment, "A1.a"), h.evidence(shipped, client.user), by=client.user, at=NOW)

    publication = publish(assessment, client.user, siro)

    assert publication.computed_standard == "met"
    build_pack(publication, tmp_path / "pack.zip")
    assert verifier.verify_file(tmp_path / "pack.zip").faults == []


def test_gaps_are_published_as_not_met_and_become_approaching_once_the_plan_is_agreed(shipped):
    lead, siro = h.lead_of(shipped), h.registered_manager(shipped, kind="siro")
    assessment = h.opened(shipped, lead)
    judge_everything(assessment, lead, but=("B5.c",))
    services.plan_action(
        outcome(assessment, "B5.c"), action="Keep a copy offline", owner_words="Head of IT", due_on=TODAY, by=lead, at=NOW
    )
    first = publish(assessment, lead, siro)
    assert first.computed_standard == "not_met"
    assert any("B5.c" in line["text"] for line in first.trace)

    OfficialStatus.objects.create(
        organisation=shipped, year=h.YEAR, status="Approaching Standards", recorded_on=TODAY, by=lead, at=NOW
    )
    again = h.opened(shipped, lead)
    services.plan_action(
        outcome(again, "B5.c"), action="Keep a copy offline", owner_words="Head of IT", due_on=TODAY, by=lead, at=NOW
    )
    assert h.whole(again).standard.once_signed == "approaching"
    assert h.whole(Assessment.objects.get(pk=assessment.pk)).standard.level == "not_met"
