"""The plan of checks: when one is next due, and who hears of it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.urls import reverse

from accounts.enums import Role
from registers import catalogue
from registers.check_kinds import kinds
from registers.models import PlannedCheck
from registers.queries.checks import overdue_plans, turns
from registers.queries.reminders import digests
from registers.services.checks import record_check
from registers.services.entries import EntryRefusedError
from tests.factories import NOW, TODAY, KeyPostFactory, PersonFactory, PostFactory, UnitFactory, member, person_in_post
from tests.registers.entries import VALUES, add, posted

PLAIN = VALUES["planned-checks"]


@pytest.fixture
def lead(organisation):
    return member(organisation, Role.DSPT_LEAD)


@pytest.fixture
def rowan(organisation):
    return UnitFactory(organisation=organisation, name="Rowan")


def done(organisation, on, *, unit=None, kind="spot-check"):
    sheet = kinds()[kind]
    answers = dict.fromkeys(sheet.questions, ("yes", ""))
    at = NOW if on <= TODAY else NOW + (on - TODAY)
    return record_check(organisation, sheet, answers=answers, done_on=on, unit=unit, by="system", at=at)


@pytest.mark.parametrize(
    ("every_months", "last_on", "due_on"),
    [
        (6, None, date(2026, 5, 31)),
        (6, TODAY - timedelta(days=1), date(2026, 5, 31)),  # before it was planned: does not count
        (6, date(2026, 5, 20), date(2026, 11, 20)),
        (1, TODAY, date(2026, 6, 1)),
        (3, date(2026, 8, 31), date(2026, 11, 30)),  # a shorter month
        (0, None, date(2026, 5, 31)),
        (0, date(2026, 5, 20), None),
    ],
)
def test_the_next_one_is_counted_from_the_last_since_it_was_planned(organisation, lead, every_months, last_on, due_on):
    add("planned-checks", organisation, lead, first_due_on=date(2026, 5, 31), every_months=every_months)
    if last_on:
        done(organisation, last_on)

    plan = PlannedCheck.objects.with_last().get()

    assert plan.due_on == due_on


def test_only_the_same_check_in_the_same_place_counts(organisation, other_organisation, lead, rowan):
    add("planned-checks", organisation, lead, unit=rowan, first_due_on=TODAY)
    done(organisation, TODAY)
    done(organisation, TODAY, unit=UnitFactory(organisation=organisation))
    done(organisation, TODAY, unit=rowan, kind="physical-security")
    tomorrow = TODAY + timedelta(days=1)
    before = overdue_plans(organisation, tomorrow)
    done(organisation, TODAY, unit=rowan)

    assert [str(plan) for plan in before] == ["Spot check, Rowan"]
    assert overdue_plans(organisation, tomorrow) == []
    assert overdue_plans(other_organisation, tomorrow) == []


def test_the_plan_takes_the_place_of_what_we_suggest_and_figures_are_of_their_date(organisation, lead):
    done(organisation, TODAY)
    suggested = next(turn for turn in turns(organisation, TODAY) if turn.kind.slug == "spot-check")
    add("planned-checks", organisation, lead, first_due_on=TODAY - timedelta(days=1), every_months=1, kind="access-review")
    planned = next(turn for turn in turns(organisation, TODAY) if turn.kind.slug == "access-review")

    late = catalogue.all_figures(organisation, TODAY)["planned-checks.kept"]
    done(organisation, TODAY, kind="access-review")
    kept = catalogue.all_figures(organisation, TODAY)["planned-checks.kept"]

    assert (suggested.is_planned, suggested.due_on) == (False, date(2026, 11, 1))
    assert (planned.is_planned, planned.due_on) == (True, TODAY - timedelta(days=1))
    assert (late.numerator, late.denominator, late.needs_attention) == (0, 1, True)
    assert (kept.numerator, kept.denominator, kept.needs_attention) == (1, 1, False)


def test_whoever_holds_the_post_or_is_named_is_reminded(organisation, lead):
    siro, sam = person_in_post(organisation), person_in_post(organisation)
    KeyPostFactory(organisation=organisation, kind="siro", holder=siro, holder_outside="")
    add("planned-checks", organisation, lead, owner_post="SIRO", first_due_on=TODAY + timedelta(days=7))
    add("planned-checks", organisation, lead, owner_post=sam.staff_number, first_due_on=TODAY + timedelta(days=7))
    add("planned-checks", organisation, lead, owner_post="Sparks Ltd", first_due_on=TODAY)
    add("planned-checks", organisation, lead, owner_post=str(sam), first_due_on=TODAY + timedelta(days=8))
    add("risks", organisation, lead, owner_post="siro", review_by=TODAY - timedelta(days=1))

    found = {digest.person: sorted(one.what for one in digest.reminders) for digest in digests(organisation, TODAY)}

    assert found == {siro: ["check to do", "risk to review"], sam: ["check to do"]}
    assert {plan.owner_post for plan in PlannedCheck.objects.filter(owner_person=sam)} == {str(sam)}


def test_an_owner_whose_name_two_people_have_is_asked_about(organisation, lead):
    for number in ("1001", "1002"):
        person = PersonFactory(organisation=organisation, first_name="Ann", last_name="Bell", staff_number=number)
        PostFactory(person=person)

    with pytest.raises(EntryRefusedError, match="Several people are called “Ann Bell”"):
        add("risks", organisation, lead, owner_post="Ann Bell")


def test_a_manager_sees_what_is_planned_for_their_team(organisation, lead, rowan, sign_in, time_machine):
    time_machine.move_to(NOW)
    add("planned-checks", organisation, lead, unit=rowan, first_due_on=TODAY - timedelta(days=3))
    add("planned-checks", organisation, lead, kind="physical-security", first_due_on=TODAY)
    client = sign_in(organisation, Role.MANAGER)
    person = PersonFactory(organisation=organisation, user_id=client.session["_auth_user_id"])
    PostFactory(person=person, unit=rowan, start=date(2020, 1, 1))

    page = client.get(reverse("registers:check_list")).text

    assert "Spot check, Rowan" in " ".join(page.split())
    assert "Physical security, the whole organisation" not in " ".join(page.split())


def test_a_check_is_planned_on_the_common_pages(organisation, sign_in, time_machine):
    time_machine.move_to(NOW)
    client = sign_in(organisation, Role.DSPT_LEAD)

    client.post(reverse("registers:entry_add", args=["planned-checks"]), posted(PLAIN))
    plan = PlannedCheck.objects.get()
    page = client.get(reverse("registers:entry_list", args=["planned-checks"])).text
    unchanged = client.post(reverse("registers:entry_change", args=["planned-checks", plan.pk]), posted(PLAIN))

    assert "Spot check" in page
    assert "1 Sep 2026" in page
    assert unchanged.status_code == 302
    assert "→" not in client.get(reverse("registers:entry_detail", args=["planned-checks", plan.pk])).text
