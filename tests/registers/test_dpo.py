"""The data protection officer's desk."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.urls import reverse

from accounts.enums import Role
from audit.models import Event
from registers import catalogue
from registers.dpo_rules import Holding, conflicts, need_for, questions
from registers.models.dpo import Advice, AdviceDecision, DpoReview
from registers.queries.dpo import desk_of
from registers.services import dpo as services
from tests.factories import KeyPostFactory, PersonFactory, member
from tests.registers.entries import add

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 20)
NO = {question.key: False for question in questions()}


@pytest.fixture
def officer(organisation):
    return member(organisation, Role.DPO)


@pytest.fixture
def advice(organisation, officer):
    return services.give_advice(
        organisation, asked_on=TODAY, given_on=TODAY, question="May we?", advice="Better not.", by=officer, at=NOW
    )


@pytest.mark.parametrize("key", [question.key for question in questions()])
def test_one_yes_is_enough_and_says_why(key):
    need = need_for(NO | {key: True})

    assert need.is_required
    assert need.sentence.startswith("You must have a data protection officer, because ")


def test_no_four_times_needs_no_officer():
    assert not need_for(NO).is_required


@pytest.mark.parametrize(
    ("holdings", "clash"),
    [
        ([("a", "dpo"), ("a", "siro")], ["Senior Information Risk Owner (SIRO)"]),
        ([("a", "dpo"), ("a", "registered-manager"), ("a", "partner")], ["Registered manager", "Partner"]),
        ([("a", "dpo"), ("b", "siro"), ("a", "caldicott-guardian")], []),
        ([("a", "siro"), ("a", "registered-manager")], []),
    ],
)
def test_the_officer_does_not_answer_for_what_they_watch(holdings, clash):
    assert conflicts([Holding(holder, kind) for holder, kind in holdings]) == clash


def test_the_desk_knows_who_it_is_and_what_stands_in_the_way(organisation, officer):
    person = PersonFactory(organisation=organisation)
    KeyPostFactory(organisation=organisation, kind="dpo", holder=person, holder_outside="")
    KeyPostFactory(organisation=organisation, kind="siro", holder=person, holder_outside="")
    services.review_need(organisation, answers=NO | {"contract": True}, contact="Ext. 5", by=officer, at=NOW)

    desk = desk_of(organisation, on=TODAY)

    assert [post.holder for post in desk.officers] == [person]
    assert desk.conflicts == ("Senior Information Risk Owner (SIRO)",)
    assert desk.need.is_required
    assert not desk.is_missing
    assert desk_of(organisation, on=date(2026, 11, 19)).review is None


def test_an_officer_outside_is_known_by_name(organisation):
    KeyPostFactory(organisation=organisation, kind="dpo", holder_outside="Leila  Haddad")
    KeyPostFactory(organisation=organisation, kind="registered-manager", holder_outside="leila haddad")

    assert desk_of(organisation, on=TODAY).conflicts == ("Registered manager",)


@pytest.mark.parametrize(("values", "words"), [({"answers": {}}, "every question"), ({"contact": " "}, "reach")])
def test_an_unfinished_review_is_refused(organisation, officer, values, words):
    with pytest.raises(services.AdviceRefusedError, match=words):
        services.review_need(organisation, **({"answers": NO, "contact": "x"} | values), by=officer, at=NOW)

    assert not DpoReview.objects.exists()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"given_on": date(2026, 11, 21)}, "future"),
        ({"asked_on": TODAY, "given_on": date(2026, 11, 19)}, "before the question"),
        ({"advice": ""}, "Give both"),
    ],
)
def test_impossible_advice_is_refused(organisation, officer, values, words):
    given = {"asked_on": date(2026, 11, 1), "given_on": TODAY, "question": "May we?", "advice": "Yes."} | values

    with pytest.raises(services.AdviceRefusedError, match=words):
        services.give_advice(organisation, **given, by=officer, at=NOW)


def test_advice_is_overruled_with_a_reason_and_never_by_its_giver(organisation, officer, advice):
    siro = member(organisation, Role.SENIOR_REVIEWER)

    with pytest.raises(services.AdviceRefusedError, match="reason"):
        services.decide_on_advice(advice, is_followed=False, reason=" ", by=siro, at=NOW)
    with pytest.raises(services.AdviceRefusedError, match="Somebody else"):
        services.decide_on_advice(advice, is_followed=True, reason="", by=officer, at=NOW)
    services.decide_on_advice(advice, is_followed=False, reason="Too dear.", by=siro, at=NOW)
    services.decide_on_advice(advice, is_followed=True, reason="", by=siro, at=NOW)

    assert advice.decision.is_followed
    assert AdviceDecision.objects.count() == 2
    assert "dear" not in str(list(Event.objects.values_list("summary", "reason")))


def test_the_pages_from_the_question_to_the_decision(organisation, other_organisation, sign_in, time_machine):
    time_machine.move_to(NOW)
    dpo, siro, staff = (sign_in(organisation, role) for role in (Role.DPO, Role.SENIOR_REVIEWER, Role.STAFF))
    answers = dict.fromkeys(NO, "no") | {"contract": "yes", "contact": "Leila, extension 5"}
    dates = {"asked_on_day": "19", "asked_on_month": "11", "asked_on_year": "2026"}
    dates |= {"given_on_day": "20", "given_on_month": "11", "given_on_year": "2026"}

    desk = dpo.post(reverse("registers:dpo_review"), answers, follow=True).content.decode()
    dpo.post(reverse("registers:advice_add"), {"question": "May we?", "advice": "Better not.", **dates})
    page = reverse("registers:advice_detail", args=[Advice.objects.get().pk])
    refused = siro.post(page, {"is_followed": "no"}).content.decode()
    decided = siro.post(page, {"is_followed": "no", "reason": "No other way."}, follow=True).content.decode()
    report = siro.get(reverse("registers:dpo_report")).content.decode()

    assert "because a contract asks for it" in desk
    assert "An officer is required and nobody is appointed." in desk
    assert "Give the reason" in refused
    assert "Overruled" in decided
    assert "No other way." in report
    assert dpo.post(page, {"is_followed": "yes"}).status_code == 403
    assert sign_in(other_organisation, Role.DPO).get(page).status_code == 404
    assert "Leila, extension 5" in staff.get(reverse("registers:incident_mine")).content.decode()
    assert catalogue.all_figures(organisation, TODAY)["advice.decided"].numerator == 1


@pytest.mark.parametrize("pieces", [1, 7])
def test_the_desk_costs_the_same_however_much_was_advised(organisation, officer, sign_in, pieces, django_assert_num_queries):
    for _ in range(pieces):
        services.give_advice(
            organisation, asked_on=TODAY, given_on=TODAY, question="May we?", advice="Better not.", by=officer, at=NOW
        )
    client = sign_in(organisation, Role.AUDITOR)

    with django_assert_num_queries(9):  # session, user, memberships, posts, review, advice, decisions, plans, tasks
        page = client.get(reverse("registers:dpo_desk"))

    assert page.content.count(b'class="nhsuk-table__row"') == pieces


def test_the_desk_shows_the_plans_that_need_an_assessment(organisation, other_organisation, officer, sign_in, time_machine):
    time_machine.move_to(NOW)
    add("dpias", organisation, officer)
    add("dpias", organisation, officer, title="A new rota", screening=[], is_needed=False)
    add("dpias", other_organisation, member(other_organisation, Role.DPO), title="Theirs")

    page = sign_in(organisation, Role.DPO).get(reverse("registers:dpo_desk")).text

    assert "Falls sensors" in page
    assert "No advice of the officer is recorded" in page
    assert "A new rota" not in page
    assert "Theirs" not in page
