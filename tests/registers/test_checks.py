"""Checks and tests: a manager's spot check, its action, and what the register says."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from accounts.enums import Role
from registers import catalogue
from registers.catalogue import Footing
from registers.check_kinds import kinds
from registers.dates import months_after
from registers.models import Check, CheckOutcome
from registers.models.actions import Action
from registers.queries.checks import turns
from registers.services.checks import CheckRefusedError, record_check
from tests.factories import NOW, TODAY, PostFactory, UnitFactory, member, person_in_post
from tests.registers.entries import posted

SPOT = kinds()["spot-check"]


def answers(**special: str) -> dict[str, tuple[str, str]]:
    return {code: (special.get(code, "yes"), "") for code in SPOT.questions}


def sheet(**special: object) -> dict[str, object]:
    return posted({"done_on": TODAY} | {f"answer_{code}": special.get(code, "yes") for code in SPOT.questions})


@pytest.mark.parametrize(
    ("special", "outcome"),
    [
        ({}, CheckOutcome.IN_ORDER),
        ({"keys": "not-seen"}, CheckOutcome.NOT_ALL_SEEN),
        ({"keys": "not-seen", "paper": "no"}, CheckOutcome.TO_MEND),
    ],
)
def test_not_seen_is_never_in_order(organisation, special, outcome):
    check = record_check(organisation, SPOT, answers=answers(**special), done_on=TODAY, by="system", at=NOW)

    assert check.outcome == outcome


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"answers": {"screens": ("yes", "")}}, "every question"),
        ({"answers": answers(paper="perhaps")}, "every question"),
        ({"done_on": date(2026, 5, 2)}, "still to come"),
    ],
)
def test_an_impossible_check_is_refused(organisation, values, words):
    plain = {"answers": answers(), "done_on": TODAY, "by": "system", "at": NOW}

    with pytest.raises(CheckRefusedError, match=words):
        record_check(organisation, SPOT, **(plain | values))

    assert not Check.objects.exists()


def test_a_unit_of_others_is_refused(organisation, other_organisation):
    theirs = UnitFactory(organisation=other_organisation)

    with pytest.raises(CheckRefusedError, match="your own"):
        record_check(organisation, SPOT, answers=answers(), done_on=TODAY, unit=theirs, by="system", at=NOW)


def test_a_manager_checks_their_own_unit_and_the_lead_sees_action_and_figure(organisation, sign_in, time_machine):
    time_machine.move_to(NOW)
    client = sign_in(organisation, Role.MANAGER)
    unit, other = UnitFactory(organisation=organisation, name="Rowan"), UnitFactory(organisation=organisation, name="Elm")
    manager = person_in_post(organisation, user=client.user, unit=unit)
    PostFactory(person=person_in_post(organisation, unit=other))
    page = reverse("registers:check_do", kwargs={"check_kind": "spot-check"})

    form = client.get(page).text
    elsewhere = client.post(page, sheet() | {"unit": other.pk}).text
    silent = client.post(page, sheet(screens="no") | {"unit": unit.pk}).text
    to_do = {"to_do": "Lock screens after two minutes", "to_do_by": "me"} | posted({"to_do_on": date(2026, 5, 15)})
    done = client.post(page, sheet(screens="no") | to_do | {"unit": unit.pk}, follow=True).text

    action = Action.objects.get()
    lead = sign_in(organisation, Role.DSPT_LEAD)
    assert "Rowan" in form
    assert "Elm" not in form
    assert "There is a problem" in elsewhere
    assert "say what is to be done" in silent
    assert "Something to mend" in done
    assert (action.newest.owner_person, action.source_kind) == (manager, "check")
    assert "1 spot check in the last 12 months." in lead.get(reverse("registers:register_home")).text
    assert "Lock screens after two minutes" in lead.get(reverse("registers:action_list")).text


def test_a_manager_sees_the_checks_they_did_and_does_only_theirs(organisation, sign_in):
    check = record_check(organisation, SPOT, answers=answers(), done_on=TODAY, by=member(organisation, Role.DSPT_LEAD), at=NOW)
    client = sign_in(organisation, Role.MANAGER)

    assert client.get(reverse("registers:check_detail", args=[check.pk])).status_code == 404
    assert client.get(reverse("registers:check_do", kwargs={"check_kind": "penetration-test"})).status_code == 404
    assert "Nothing has been checked yet" in client.get(reverse("registers:check_list")).text
    assert "No check is planned for you" in sign_in(organisation, Role.STAFF).get(reverse("registers:check_list")).text


def test_the_figures_are_of_the_last_twelve_months_of_one_organisation(organisation, other_organisation):
    for on, special in ((date(2025, 5, 1), {}), (date(2025, 5, 2), {"keys": "not-seen"}), (TODAY, {})):
        record_check(organisation, SPOT, answers=answers(**special), done_on=on, by="system", at=NOW)
    record_check(other_organisation, SPOT, answers=answers(), done_on=TODAY, by="system", at=NOW)

    figures = catalogue.all_figures(organisation, TODAY)

    assert figures["checks.spot_checks"].numerator == 2
    assert (figures["checks.in_order"].numerator, figures["checks.in_order"].denominator) == (1, 2)
    before = catalogue.figures_of(catalogue.find("checks"), organisation, date(2025, 4, 30))
    assert before[0].footing is Footing.NOTHING


@pytest.mark.parametrize(
    ("on", "months", "then"),
    [
        (date(2025, 8, 31), 6, date(2026, 2, 28)),
        (date(2025, 12, 1), 1, date(2026, 1, 1)),
        (date(2026, 1, 15), 12, date(2027, 1, 15)),
    ],
)
def test_a_check_is_due_again_after_its_months(on, months, then):
    assert months_after(on, months) == then


def test_what_was_never_done_has_no_due_date(organisation):
    record_check(organisation, SPOT, answers=answers(), done_on=date(2025, 10, 31), by="system", at=NOW)

    found = {turn.kind.slug: (turn.due_on, turn.is_due(TODAY)) for turn in turns(organisation, TODAY)}

    assert found["spot-check"] == (date(2026, 4, 30), True)
    assert found["access-review"] == (None, False)
