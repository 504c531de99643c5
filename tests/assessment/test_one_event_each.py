"""What counts in a return leaves the events stated here and no other; what is refused leaves none."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from accounts.policy import RefusedError
from assessment import services
from assessment.models import Engagement, EvidenceLink, Publication
from assessment.services import AssessmentRefusedError
from audit.models import Event
from staff.services.key_posts import AppointmentRefusedError, appoint, end_appointment
from tests.assessment import helpers as h
from tests.factories import NOW, TODAY, member, person_in_post

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]

INVITED = {"email": "eve@audit.test", "first_name": "Eve", "last_name": "Stone", "firm": "Stone & Co", "terms": "Standard 3"}


def told_by(act) -> list[str]:
    before = Event.objects.count()
    act()
    return list(Event.objects.order_by("pk").values_list("type", flat=True)[before:])


def told_by_refusal(act, refusal) -> list[str]:
    before = Event.objects.count()
    with pytest.raises(refusal):
        act()
    return list(Event.objects.order_by("pk").values_list("type", flat=True)[before:])


def test_work_on_a_return_is_on_the_trail_once(assessment, organisation, other_organisation, lead):
    facts = {"by": lead, "at": NOW}
    response = h.response(assessment, "1.1.1")
    services.answer(response, value="ZA0", expected_version=0, **facts)
    document, foreign = h.evidence(organisation, lead), h.evidence(other_organisation, lead)
    person = person_in_post(organisation)
    last = TODAY + timedelta(days=14)

    acts = {
        "assessment.answered": lambda: services.answer(response, value="ZA1", expected_version=1, **facts),
        "assessment.evidence_attached": lambda: services.attach_evidence(response, document, **facts),
        "assessment.evidence_retired": lambda: services.retire_evidence(EvidenceLink.objects.get(), **facts),
        "staff.key_post_appointed": lambda: appoint(organisation, kind="siro", start=date(2026, 1, 1), holder=person, **facts),
        "staff.key_post_ended": lambda: end_appointment(organisation.key_posts.get(), last_day=TODAY, **facts),
    }
    refused = [
        (lambda: services.answer(response, value="ZA2", expected_version=0, **facts), services.AnswerChangedError),
        (lambda: services.attach_evidence(response, foreign, **facts), AssessmentRefusedError),
        (lambda: services.engage_auditor(assessment, **INVITED | {"firm": " "}, ends_on=last, **facts), AssessmentRefusedError),
        (lambda: appoint(organisation, kind="siro", start=date(2025, 1, 1), holder=person, **facts), AppointmentRefusedError),
        (lambda: services.publish(assessment, **facts), services.StepRefusedError),
        (lambda: h.sign(assessment, lead), (AssessmentRefusedError, services.StepRefusedError)),
    ]

    assert {kind: told_by(act) for kind, act in acts.items()} == {kind: [kind] for kind in acts}
    assert told_by(acts["assessment.evidence_retired"]) == []
    assert told_by(acts["staff.key_post_ended"]) == []
    assert [told_by_refusal(*one) for one in refused] == [[]] * len(refused)


def test_an_audit_is_on_the_trail_act_by_act(assessment, lead):
    last = TODAY + timedelta(days=14)

    assert told_by(lambda: services.engage_auditor(assessment, **INVITED, ends_on=last, by=lead, at=NOW)) == [
        "accounts.user_created",
        "accounts.role_granted",
        "assessment.auditor_invited",
    ]
    engagement = Engagement.objects.get()
    eve, item = engagement.auditor, h.response(assessment, "1.1.1").item_id
    finding = {"edition_item_id": item, "assessed": "agreed", "at": NOW}
    assert told_by(lambda: services.record_finding(assessment, **finding, by=eve)) == ["assessment.finding_made"]
    assert told_by_refusal(lambda: services.record_finding(assessment, **finding, by=eve), AssessmentRefusedError) == []
    assert told_by_refusal(lambda: services.record_finding(assessment, **finding, by=lead), RefusedError) == []
    assert told_by(lambda: services.end_engagement(engagement, reason="Done", by=lead, at=NOW)) == ["assessment.auditor_ended"]
    assert told_by_refusal(lambda: services.record_finding(assessment, **finding, by=eve), RefusedError) == []


def test_signing_publishing_and_withdrawing_are_on_the_trail(organisation, lead):
    h.shipped_edition()
    manager = h.registered_manager(organisation)
    h.train(organisation, trained=2, of=2)
    assessment = h.ready_to_sign(organisation, lead=lead, reviewer=manager)

    assert told_by_refusal(lambda: h.sign(assessment, lead), (AssessmentRefusedError, services.StepRefusedError)) == []
    assert told_by(lambda: h.sign(assessment, manager)) == [
        "reporting.snapshot_taken",
        "assessment.reading_taken",
        "signoff.given",
    ]
    assert told_by(lambda: services.publish(assessment, by=lead, at=NOW)) == ["publication.made"]
    publication = Publication.objects.get()
    again = {"reason": "Wrong", "at": NOW}
    assert (
        told_by_refusal(
            lambda: services.withdraw(publication, **again, by=member(organisation, "dspt-lead")), AssessmentRefusedError
        )
        == []
    )
    assert told_by(lambda: services.withdraw(publication, **again, by=manager)) == ["publication.withdrawn"]
    assert told_by_refusal(lambda: services.withdraw(publication, **again, by=manager), services.StepRefusedError) == []
