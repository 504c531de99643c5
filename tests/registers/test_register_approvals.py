"""Approving a register as a whole, and what it then says."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.enums import Role
from registers import catalogue
from registers.catalogue import Footing
from registers.models import RegisterApproval
from registers.services.approvals import ApprovalRefusedError, approve_register
from tests.factories import NOW, TODAY, KeyPostFactory, PersonFactory, member
from tests.registers.entries import add


@pytest.fixture
def assets():
    return catalogue.find("assets")


@pytest.fixture
def siro(organisation):
    user = member(organisation, Role.SENIOR_REVIEWER)
    KeyPostFactory(
        organisation=organisation, kind="siro", holder=PersonFactory(organisation=organisation, user=user), holder_outside=""
    )
    return user


def approved(organisation, on=TODAY):
    return catalogue.all_figures(organisation, on)["assets.approved"]


def test_an_approval_counts_for_a_year_under_the_post_it_was_given_in(organisation, assets, siro):
    add("assets", organisation, siro)
    nobody = approved(organisation)
    first = approve_register(assets, organisation, note="Asked about the tablets", by=siro, at=NOW)
    again = approve_register(assets, organisation, note="", by=siro, at=NOW)

    now, last, over = (approved(organisation, TODAY + timedelta(days=days)) for days in (0, 365, 366))

    assert first == again
    assert (nobody.footing, nobody.numerator) == (Footing.NOTHING, None)
    assert "1 May 2026 (Senior Information Risk Owner (SIRO); 1 entry)" in now.sentence
    assert [(f.numerator, f.denominator, f.needs_attention) for f in (now, last, over)] == [
        (1, 1, False),
        (1, 1, False),
        (0, 1, True),
    ]


def test_an_approval_of_later_is_not_known_before(organisation, assets, siro):
    add("assets", organisation, siro)
    approve_register(assets, organisation, note="", by=siro, at=NOW + timedelta(days=3))

    assert approved(organisation).footing is Footing.NOTHING


def test_an_empty_register_a_register_of_facts_and_a_stranger_are_refused(organisation, assets, siro):
    with pytest.raises(ApprovalRefusedError, match="nothing in the register"):
        approve_register(assets, organisation, note="", by=siro, at=NOW)
    with pytest.raises(ApprovalRefusedError, match="not approved as a whole"):
        approve_register(catalogue.find("incidents"), organisation, note="", by=siro, at=NOW)
    add("assets", organisation, siro)
    with pytest.raises(ApprovalRefusedError, match="key post"):
        approve_register(assets, organisation, note="", by=member(organisation, Role.DPO), at=NOW)


def test_a_register_is_approved_on_its_page(organisation, sign_in, time_machine, siro):
    time_machine.move_to(NOW)
    add("assets", organisation, siro)
    client = sign_in(organisation, Role.DSPT_LEAD)
    page = reverse("registers:register_approve", args=["assets"])

    unticked = client.post(page, {"note": "Read"}).text
    client.post(page, {"confirmed": "on"})

    assert "Tick the box" in unticked
    assert "Counts until 1 May 2027" in " ".join(client.get(page).text.split())
    assert RegisterApproval.objects.get().approved_as == "DSPT lead"
    assert client.get(reverse("registers:register_approve", args=["incidents"])).status_code == 404
