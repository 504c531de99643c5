"""Deputies, and what managers say is wrong with their team."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from accounts.models import Membership
from audit.models import AppendOnlyError, Event
from staff.models import Delegation, Person, TeamFlag
from staff.services import (
    DelegationRefusedError,
    FlagRefusedError,
    delegate,
    end_delegation,
    flag_missing,
    flag_not_mine,
    settle_flag,
)
from tests.factories import NOW, TODAY, PersonFactory, UnitFactory, member, person_in_post

pytestmark = pytest.mark.django_db
BY = {"by": "test", "at": NOW}
TOMORROW = TODAY + timedelta(days=1)


def team(person: Person, on=TODAY) -> set[Person]:
    return set(Person.objects.managed_by(person, on))


def test_a_deputy_sees_the_managers_team_while_it_lasts(organisation):
    boss = person_in_post(organisation)
    deputy = person_in_post(organisation, manager=boss, user=member(organisation))
    other = person_in_post(organisation, manager=boss)

    delegate(organisation, to=deputy, manager=boss, start=TODAY, last_day=TODAY, **BY)

    assert team(deputy) == {other}
    assert team(boss) == {deputy, other}
    assert team(deputy, TOMORROW) == set()
    assert Membership.objects.filter(user=deputy.user, role=Role.MANAGER).exists()


def test_a_delegation_does_not_go_on_to_the_deputys_deputy(organisation):
    boss, deputy, third = (person_in_post(organisation) for _ in range(3))
    person_in_post(organisation, manager=boss)
    delegate(organisation, to=deputy, manager=boss, start=TODAY, **BY)
    delegate(organisation, to=third, manager=deputy, start=TODAY, **BY)

    assert team(third) == set()


def test_a_unit_is_looked_after_with_all_below_it(organisation, other_organisation):
    top = UnitFactory(organisation=organisation)
    low = UnitFactory(organisation=organisation, parent=UnitFactory(organisation=organisation, parent=top))
    lead, here = person_in_post(organisation, unit=top), person_in_post(organisation, unit=low)
    person_in_post(organisation)
    person_in_post(other_organisation)

    delegate(organisation, to=lead, unit=top, start=TODAY, **BY)

    assert team(lead) == {here}


@pytest.mark.parametrize("case", ["self", "both", "nobody", "foreign", "backwards", "not in post", "twice"])
def test_delegations_that_cannot_be_are_refused(organisation, other_organisation, case):
    boss, deputy = person_in_post(organisation), person_in_post(organisation)
    options = {"to": deputy, "manager": boss, "start": TODAY}
    options |= {
        "self": {"to": boss},
        "both": {"unit": UnitFactory(organisation=organisation)},
        "nobody": {"manager": None},
        "foreign": {"to": person_in_post(other_organisation)},
        "backwards": {"last_day": TODAY - timedelta(days=1)},
        "not in post": {"to": PersonFactory(organisation=organisation)},
        "twice": {},
    }[case]
    if case == "twice":
        delegate(organisation, **options, **BY)

    with pytest.raises(DelegationRefusedError):
        delegate(organisation, **options, **BY)

    assert Delegation.objects.count() == (case == "twice")


def test_delegations_end_once_and_future_ones_are_taken_back(organisation):
    boss, deputy, third = (person_in_post(organisation) for _ in range(3))
    held = delegate(organisation, to=deputy, manager=boss, start=TODAY, **BY)
    coming = delegate(organisation, to=third, manager=boss, start=TODAY + timedelta(days=9), **BY)

    for _ in range(2):
        end_delegation(held, last_day=TODAY, **BY)
    end_delegation(coming, last_day=TODAY, **BY)

    assert Delegation.objects.get().last_day == TODAY
    assert Event.objects.filter(type="staff.delegation_ended").count() == 2


def test_a_manager_chooses_a_deputy_and_ends_only_their_own(organisation, sign_in):
    client = sign_in(organisation, Role.MANAGER)
    today = timezone.localdate()
    me, deputy, stranger = (
        person_in_post(organisation, user=client.user),
        person_in_post(organisation),
        person_in_post(organisation),
    )
    days = {"start_day": today.day, "start_month": today.month, "start_year": today.year}

    client.post("/team/deputies/", {"to": deputy.staff_number} | days)
    own = Delegation.objects.get(manager=me, delegate=deputy)
    foreign = delegate(organisation, to=me, manager=stranger, start=today, **BY)

    def ended(delegation):
        return client.post(reverse("staff:team_deputy_end", kwargs={"delegation_id": delegation.pk})).status_code

    assert (ended(own), ended(foreign)) == (302, 404)
    assert Delegation.objects.get(pk=own.pk).last_day == today


def test_a_manager_tells_hr_once_and_reads_what_they_did(organisation, sign_in):
    client, hr = sign_in(organisation, Role.MANAGER), sign_in(organisation, Role.HR)
    boss = person_in_post(organisation, user=client.user)
    person = person_in_post(organisation, manager=boss)
    stranger = person_in_post(organisation)

    for _ in range(2):
        client.post(reverse("staff:team_not_mine", kwargs={"person_id": person.pk}), {"words": "=Ward 5"})
    client.post("/team/corrections/", {"words": "Joan, new"})
    assert client.get(reverse("staff:team_not_mine", kwargs={"person_id": stranger.pk})).status_code == 404

    assert TeamFlag.objects.count() == 2
    assert "2 team corrections from managers" in hr.get("/staff/").text
    assert "'=Ward 5" in b"".join(hr.get("/staff/corrections.csv").streaming_content).decode()
    flag = TeamFlag.objects.get(person=person)
    address = reverse("staff:flag_settle", kwargs={"team_flag_id": flag.pk})
    assert hr.post(address, {"outcome": "corrected", "note": "Moved to Ward 5"}).status_code == 302
    assert "Somebody settled this already" in hr.post(address, {"outcome": "stays"}).text
    assert "Moved to Ward 5" in client.get("/team/corrections/").text


def test_flags_are_facts(organisation):
    boss = person_in_post(organisation)
    flag = flag_missing(boss, words="Joan", **BY)
    settle_flag(flag, outcome="stays", note="", **BY)

    with pytest.raises(AppendOnlyError):
        flag.save()
    with pytest.raises(FlagRefusedError):
        settle_flag(flag, outcome="left", note="", **BY)
    with pytest.raises(FlagRefusedError):
        flag_not_mine(boss, person_in_post(organisation), words="", **BY)
    with pytest.raises(FlagRefusedError):
        flag_missing(boss, words=" ", **BY)
