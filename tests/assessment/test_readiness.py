"""How long there is and what is left; and what settling some items would come to."""

from datetime import date, timedelta

import pytest
import time_machine
from django.urls import reverse

from accounts.enums import Role
from assessment import services
from assessment.readiness import countdown, what_if
from registers.models import HeldCertificate
from tests.assessment import helpers as h
from tests.factories import NOW, TODAY

TAKE_UP = "people.training.take-up"


@pytest.fixture(autouse=True)
def _frozen_clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def lead(organisation):
    return h.lead_of(organisation)


@pytest.fixture
def assessment(organisation, lead):
    h.shipped_edition()
    return h.opened(organisation, lead)


def answered_but(assessment, lead, *numbers):
    h.train(assessment.organisation, trained=19, of=20)
    h.answer_everything(assessment, lead, but=numbers)
    return h.whole(assessment)


@pytest.mark.parametrize(
    ("today", "days", "a_week", "words"),
    [
        (date(2026, 5, 1), 60, 6, "60 days left."),
        (date(2026, 6, 29), 1, 45, "1 day left."),
        (date(2026, 6, 30), 0, 45, "It is due today."),
        (date(2026, 7, 1), -1, 45, "It was due 1 day ago."),
        (date(2026, 9, 30), -92, 45, "It was due 92 days ago."),
    ],
)
def test_the_countdown_says_days_and_pace(assessment, today, days, a_week, words):
    found = countdown(h.whole(assessment, on=today), today=today)

    assert (found.days, found.items, found.assertions, found.a_week) == (days, 45, 27, a_week)
    assert found.when.startswith(words)


def test_a_published_return_has_none(organisation, lead):
    manager = h.registered_manager(organisation)
    h.shipped_edition()
    h.train(organisation, trained=19, of=20)
    done = h.ready_to_sign(organisation, lead=lead, reviewer=manager)
    h.sign(done, manager)
    services.publish(done, by=lead, at=NOW)

    assert countdown(h.whole(done), today=TODAY) is None


def test_the_items_that_stand_in_the_way_are_the_gaps(assessment, lead):
    whole = answered_but(assessment, lead, "1.1.1", "4.5.3")

    found = what_if(whole, chosen=())

    assert found.now.level == "not_met"
    ways = {way.level: [leaf.number for leaf in way.leaves] for way in found.ways}
    assert list(ways) == ["approaching", "met", "exceeded"]
    assert ways["met"] == ways["exceeded"] == ["1.1.1", "4.5.3"]
    others = {way.level: way.others for way in found.ways}
    assert others["met"] == ()
    assert others["exceeded"] == ("No Cyber Essentials Plus certificate is valid on 1 May 2026.",)


@pytest.mark.parametrize(
    ("chosen", "level"), [(("1.1.1",), "not_met"), (("1.1.1", "4.5.3"), "met"), ((), "not_met"), (("9.9.9",), "not_met")]
)
def test_settling_every_gap_is_what_it_takes(assessment, lead, chosen, level):
    whole = answered_but(assessment, lead, "1.1.1", "4.5.3")
    ids = [leaf.item_id for leaf in whole.leaves if leaf.number in chosen]

    assert what_if(whole, chosen=ids).then.level == level
    assert h.whole(assessment).standard_if(signed=True).level == "not_met"


def test_a_standard_that_can_be_published_only_once_is_not_offered_again(assessment, lead, organisation):
    services.record_official_status(organisation, year="2024-25", status="Standards Met", recorded_on=TODAY, by=lead, at=NOW)
    whole = answered_but(assessment, lead, "1.1.1")

    assert [way.level for way in what_if(whole, chosen=()).ways] == ["met", "exceeded"]


def test_a_certificate_turns_met_into_exceeded(assessment, lead, organisation):
    HeldCertificate.objects.create(
        organisation=organisation, scheme="cyber_essentials_plus", number="1", issued_on=TODAY, expires_on=TODAY
    )
    whole = answered_but(assessment, lead, "1.1.1")

    assert what_if(whole, chosen=["data.lawful-use.ico-number"]).then.level == "exceeded"


def test_the_page_tries_it_out_and_saves_nothing(assessment, organisation, sign_in, lead):
    answered_but(assessment, lead, "1.1.1")
    client = sign_in(organisation, Role.AUDITOR)
    address = reverse("assessment:what_if_settled", args=[assessment.pk])

    assert "would come to <strong>Standards Not Met" in client.get(address).content.decode()
    tried = client.get(address, {"settled": "data.lawful-use.ico-number"}).content.decode()

    assert "With 1 item settled it would come to Standards Met." in tried
    assert "Choose at least one item" in client.get(address, {"settled": "not.there"}).content.decode()
    assert h.response(assessment, "1.1.1").versions.count() == 0


def test_the_list_says_how_long_there_is_and_offers_social_cares_sections(assessment, organisation, sign_in):
    client = sign_in(organisation, Role.DSPT_LEAD)
    address = reverse("assessment:assessment_detail", args=[assessment.pk])

    page = client.get(address).content.decode()
    assert "60 days left." in page
    assert "45 required items are left: about 6 a week." in page
    by_care = client.get(address, {"by": "care"}).content.decode()
    for title in ("Staffing and roles", "Policies and procedures", "Data security", "IT systems and devices"):
        assert f"{title}</h2>" in by_care


def test_others_are_not_offered_social_cares_sections(sign_in, db):
    from tests.factories import OrganisationFactory

    pharmacy = OrganisationFactory(type="pharmacy")
    h.shipped_edition()
    client = sign_in(pharmacy, Role.DSPT_LEAD)
    assessment = h.opened(pharmacy, client.user)

    page = client.get(reverse("assessment:assessment_detail", args=[assessment.pk]), {"by": "care"}).content.decode()

    assert "Social care’s four sections" not in page


def test_an_item_whose_exemption_runs_out_before_publication_lapses_the_signature(organisation, lead):
    """The standard may stay what it was; an item that was exempt when it was signed is not any more."""
    manager = h.registered_manager(organisation)
    h.shipped_edition()
    h.train(organisation, trained=1, of=20)
    HeldCertificate.objects.create(
        organisation=organisation, scheme="cyber_essentials_plus", number="1", issued_on=TODAY, expires_on=TODAY
    )
    done = h.opened(organisation, lead)
    whole = h.whole(done)
    exempt = next(leaf for leaf in whole.leaves if whole.is_required(leaf) and whole.verdict(leaf).state == "exempt")
    h.answer_everything(done, lead, but=(exempt.number,))
    services.submit_for_review(done, by=lead, at=NOW)
    services.ready_to_sign(done, by=manager, at=NOW)
    assert h.sign(done, manager).computed_standard == "not_met"

    with pytest.raises(services.SignatureLapsedError, match=rf"On 2 May 2026 item {exempt.number} comes to another answer"):
        services.publish(done, by=lead, at=NOW + timedelta(days=1))
