"""Every step of a return x every capability: who holds only that one takes the step, or is refused and nothing moves."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine
from django.db import transaction
from django.urls import reverse

from accounts import policy
from accounts.enums import Capability, Role
from assessment.models import Publication
from assessment.services.steps import state_of
from assessment.states import STEPS, State
from staff.models import KeyPost
from tests.assessment import helpers as h
from tests.factories import NOW, TODAY, person_in_post

pytestmark = pytest.mark.django_db
C = Capability
PLANNED = {"planned_on_day": TODAY.day, "planned_on_month": TODAY.month, "planned_on_year": TODAY.year}
PATH = [
    ("submit", "review_submit", {C.ASSESSMENT_EDIT}, State.IN_REVIEW, {}),
    ("send_back", "review_return", {C.ASSESSMENT_EDIT, C.ASSESSMENT_SIGN}, None, {"points": "Read it again"}),
    ("pass_review", "review_pass", {C.ASSESSMENT_SIGN}, State.READY_TO_SIGN, {}),
    ("unlock", "unlock", {C.ASSESSMENT_EDIT, C.ASSESSMENT_SIGN}, None, {"reason": "A mistake"}),
    ("sign", "sign", {C.ASSESSMENT_SIGN}, State.SIGNED, {"sign": "yes", **PLANNED}),
    ("publish", "publish", {C.ASSESSMENT_PUBLISH}, State.PUBLISHED, {"note": ""}),
    ("withdraw", "publication_withdraw", {C.ASSESSMENT_SIGN}, State.WITHDRAWN, {"reason": "Wrong year"}),
]
"""Step, its address, who may, the state that the walk goes on from (None: it is undone again), and what is sent."""
BY_ITSELF = {"start", "lapse", "supersede"}
"""Steps that nobody asks for: the first answer, a change after signing and a newer publication bring them."""


@pytest.fixture
def assessment(organisation):
    h.shipped_edition()
    h.train(organisation, trained=20, of=20)
    lead = h.lead_of(organisation)
    assessment = h.opened(organisation, lead)
    h.answer_everything(assessment, lead)
    h.confirm_everything(assessment, lead)
    return assessment


@time_machine.travel(NOW, tick=False)
def test_only_the_capability_that_a_step_names_takes_it(sign_in, organisation, assessment, monkeypatch):
    client = sign_in(organisation, Role.STAFF)
    person = person_in_post(organisation, user=client.user, has_access="no")
    KeyPost.objects.create(organisation=organisation, kind="registered-manager", holder=person, start=date(2020, 1, 1))
    assert {step for step, *_ in PATH} | BY_ITSELF == set(STEPS)

    def tried(address: str, capability: Capability, sent: dict) -> int:
        monkeypatch.setitem(policy.ROLE_CAPABILITIES, Role.STAFF, frozenset({capability}))
        pk = Publication.objects.get().pk if address.startswith("publication") else assessment.pk
        return client.post(reverse(f"assessment:{address}", args=[pk]), sent).status_code

    for step, address, allowed, onwards, sent in PATH:
        before, target = state_of(assessment), STEPS[step].target
        body = sent | ({"acknowledged": warnings_shown(client, assessment, monkeypatch)} if step == "sign" else {})
        statuses = {capability: tried(address, capability, body) for capability in Capability if capability not in allowed}
        assert set(statuses.values()) == {403}, step
        assert state_of(assessment) == before

        for capability in sorted(allowed):
            with transaction.atomic():
                tried(address, capability, body)
                assert state_of(assessment) == target, (step, capability)
                transaction.set_rollback(True)
        if onwards:
            tried(address, sorted(allowed)[-1], body)
            assert state_of(assessment) == onwards


def warnings_shown(client, assessment, monkeypatch) -> list[str]:
    """The warnings that the page of signing asks to tick."""
    monkeypatch.setitem(policy.ROLE_CAPABILITIES, Role.STAFF, frozenset({Capability.ASSESSMENT_SIGN}))
    page = client.get(reverse("assessment:sign", args=[assessment.pk]))
    return [
        part.split('"')[0]
        for part in page.content.decode().split('name="acknowledged"')[1:]
        for part in part.split('value="')[1:2]
    ]
