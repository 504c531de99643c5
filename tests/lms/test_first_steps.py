"""What a new organisation does first."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from accounts.first_steps import steps_for
from accounts.models import OrganisationProfile, User
from accounts.policy import Access
from assessment import services
from staff.models import KeyPost, Person
from tests.assessment import helpers as h
from tests.factories import NOW, member, person_in_post

pytestmark = pytest.mark.django_db
EVERYTHING = (Role.ORGANISATION_ADMIN, Role.DSPT_LEAD, Role.HR)


def done(organisation) -> list[bool]:
    return [step.is_done for step in steps_for(Access(User(), organisation, frozenset(EVERYTHING)))]


def test_who_sets_up_an_organisation_is_led_through_it_until_the_first_return_is_open(sign_in, organisation):
    client = sign_in(organisation, *EVERYTHING)
    assert client.get(reverse("home")).url == reverse("accounts:first_steps")
    shown = client.get(reverse("accounts:first_steps")).content.decode()
    assert "0 of 4 done." in shown
    assert re.search(r"Go on with: Put the staff on the list", shown)
    assert done(organisation) == [False] * 4

    person = person_in_post(organisation)
    assert done(organisation) == [True, False, False, False]
    Person.objects.filter(pk=person.pk).update(user=client.user)
    assert done(organisation) == [True, True, False, False]
    told = {"nhsmail_only": "no", "published_before": "never", "report_to": "Jo", "type": "social-care"}
    told |= {"holds_certificates": "no", "several_sites": "no"}
    OrganisationProfile.objects.create(organisation=organisation, effective_on=timezone.localdate(), **told)
    for kind in ("registered-manager", "dspt-lead"):
        KeyPost.objects.create(organisation=organisation, kind=kind, holder=person, start="2020-01-01")
    assert done(organisation) == [True, True, False, False]
    KeyPost.objects.create(organisation=organisation, kind="caldicott-guardian", holder=person, start="2020-01-01")
    assert done(organisation) == [True, True, True, False]
    h.shipped_edition()
    services.open_year(organisation, h.YEAR, by=client.user, at=NOW)
    assert done(organisation) == [True] * 4
    assert client.get(reverse("home")).url == reverse("assessment:year_list")


def test_others_see_their_own_steps_or_none(sign_in, organisation, other_organisation):
    member(other_organisation, Role.HR)
    person_in_post(other_organisation)
    hr = sign_in(organisation, Role.HR)
    assert "0 of 2 done." in hr.get(reverse("accounts:first_steps")).content.decode()

    staff = sign_in(organisation, Role.STAFF)
    assert staff.get(reverse("accounts:first_steps")).url == reverse("home")
    assert staff.get(reverse("home")).url == reverse("courses:my_training")
