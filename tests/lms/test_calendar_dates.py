"""Dates of training on the calendar of the registers."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.urls import reverse

from accounts.enums import Role
from accounts.policy import Access
from courses.models import Exemption, NeedsAnalysis, NeedsApproval
from registers import calendar
from tests.factories import NOW, TODAY, PersonFactory, member

pytestmark = pytest.mark.django_db


def exemption(organisation, **values) -> Exemption:
    plain = {
        "reason": "secondment",
        "start": TODAY - timedelta(days=30),
        "review_on": TODAY + timedelta(days=30),
        "approved_at": NOW,
    }
    person = PersonFactory(organisation=organisation, first_name="Amina", last_name="Osei")
    return Exemption.objects.create(person=person, **(plain | values))


def seen(organisation, *roles, on: date = TODAY):
    user = member(organisation, *roles)
    access = Access(user, organisation, frozenset(roles))
    return [
        (dated.entry.what, dated.entry.on, dated.is_overdue)
        for dated in calendar.dates_for(access, on)
        if dated.kind in ("exemption", "needs-analysis")
    ]


def test_the_day_to_look_at_an_exemption_again_is_on_the_calendar_of_those_who_decide(organisation, other_organisation):
    review = exemption(organisation).review_on
    exemption(other_organisation)

    what = "Look again at the exemption of Amina Osei"
    assert seen(organisation, Role.DSPT_LEAD) == [(what, review, False)]
    assert seen(organisation, Role.DSPT_LEAD, on=review + timedelta(days=1)) == [(what, review, True)]
    assert seen(organisation, Role.DPO) == []


@pytest.mark.parametrize("values", [{"approved_at": None}, {"review_on": None}, {"end": TODAY}])
def test_what_was_not_approved_has_ended_or_has_no_such_day_is_not(organisation, values):
    exemption(organisation, **values)

    assert seen(organisation, Role.DSPT_LEAD) == []


def test_the_review_of_the_needs_analysis_in_force_is_on_it(organisation, sign_in):
    client = sign_in(organisation, Role.DSPT_LEAD)
    for number, starts_on in ((1, TODAY - timedelta(days=400)), (2, TODAY - timedelta(days=30)), (3, TODAY + timedelta(days=30))):
        analysis = NeedsAnalysis.objects.create(
            organisation=organisation, number=number, review_on=starts_on + timedelta(days=365), created_at=NOW, changed_at=NOW
        )
        NeedsApproval.objects.create(
            analysis=analysis,
            digest="0" * 64,
            starts_on=starts_on,
            approved_by=client.user,
            approved_as="SIRO",
            newly_overdue=0,
            approved_at=NOW,
        )

    assert seen(organisation, Role.DPO) == [("Review the training needs analysis", TODAY + timedelta(days=335), False)]
    assert client.get(reverse("registers:calendar_list"), {"kind": "needs-analysis"}).status_code == 200
