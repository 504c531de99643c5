"""Approaching Standards is published once: what counts as published, and what withdrawing does to it."""

from datetime import timedelta

import pytest
import time_machine

from assessment import services
from assessment.models import Assessment, OfficialStatus
from assessment.published_before import published_levels
from tests.assessment import helpers as h
from tests.factories import NOW, TODAY

LATER = NOW + timedelta(hours=1)
LAST = NOW + timedelta(hours=2)


@pytest.fixture(autouse=True)
def _frozen_clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def manager(organisation):
    return h.registered_manager(organisation)


@pytest.fixture
def lead(organisation):
    return h.lead_of(organisation)


def approach(assessment, lead, manager, *, at=NOW):
    """The smaller set of items answered, an action for every other required one, published."""
    whole = h.whole(assessment)
    missing = [leaf for leaf in whole.leaves if whole.is_required(leaf) and not whole.is_required(leaf, "approaching")]
    if not whole.leaves[0].versions:
        h.answer_everything(assessment, lead, but=tuple(leaf.number for leaf in missing), at=at)
    for leaf in missing:
        services.plan_action(
            leaf.response, action="Do it", owner_words="Manager", due_on=TODAY + timedelta(days=90), by=lead, at=at
        )
    services.submit_for_review(assessment, by=lead, at=at)
    services.ready_to_sign(assessment, by=manager, at=at)
    h.sign(assessment, manager, at=at)
    return services.publish(assessment, by=lead, at=at)


@pytest.fixture
def publication(organisation, lead, manager):
    h.shipped_edition()
    h.train(organisation, trained=19, of=20)
    return approach(h.opened(organisation, lead), lead, manager)


def corrected(publication, lead):
    return services.open_year(publication.organisation, h.YEAR, by=lead, at=LATER)


def test_published_and_standing_it_is_used_up(publication, lead):
    assert publication.computed_standard == "approaching"
    assert published_levels(corrected(publication, lead)) == {"approaching"}
    assert published_levels(publication.assessment) == frozenset()


def test_withdrawn_before_it_left_this_system_it_was_never_published(publication, lead, manager):
    services.withdraw(publication, reason="A wrong date in it", by=manager, at=LATER)
    again = corrected(publication, lead)

    assert published_levels(again) == frozenset()
    assert approach(again, lead, manager, at=LATER).computed_standard == "approaching"


def test_withdrawn_after_it_was_keyed_it_is_used_up(publication, lead, manager):
    first = publication.assessment.responses.first()
    services.mark_entered(publication, first, is_entered=True, by=lead, at=NOW)
    services.withdraw(publication, reason="A wrong date in it", by=manager, at=LATER)
    again = corrected(publication, lead)

    assert published_levels(again) == {"approaching"}
    whole = h.whole(again)
    told = [line.text for line in whole.standard.trace if line.rule == "approaching.published.not"]
    assert told == ["This organisation has published Approaching Standards before."]


def test_an_item_noted_as_keyed_by_mistake_does_not_use_it_up(publication, lead, manager):
    first = publication.assessment.responses.first()
    services.mark_entered(publication, first, is_entered=True, by=lead, at=NOW)
    services.mark_entered(publication, first, is_entered=False, by=lead, at=NOW)
    services.withdraw(publication, reason="A wrong date in it", by=manager, at=LATER)

    assert published_levels(corrected(publication, lead)) == frozenset()


@pytest.mark.parametrize(
    ("status", "levels"),
    [("Approaching Standards", {"approaching"}), ("Not Published", set()), ("Standards Met", {"approaching", "met"})],
)
def test_what_the_national_site_shows_counts_withdrawn_here_or_not(publication, lead, manager, status, levels):
    services.record_official_status(
        publication.organisation, year=h.YEAR, status=status, recorded_on=TODAY, by=lead, at=NOW + timedelta(minutes=1)
    )
    services.withdraw(publication, reason="A wrong date in it", by=manager, at=LATER)

    assert published_levels(corrected(publication, lead)) == levels


def test_a_closed_return_is_judged_by_what_was_known_when_it_closed(publication, lead):
    again = corrected(publication, lead)
    Assessment.objects.filter(pk=again.pk).update(closed_at=LAST)
    again.refresh_from_db()
    assert published_levels(again) == {"approaching"}

    OfficialStatus.objects.create(
        organisation=publication.organisation, year=h.YEAR, status="Standards Met", recorded_on=TODAY, at=LAST
    )

    assert published_levels(again) == {"approaching"}
