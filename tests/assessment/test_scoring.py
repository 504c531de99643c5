"""What is satisfied, what standard is reached, and whether each says why."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessment.edition_file import load, shipped_editions
from assessment.edition_format.types import Answer, EvidenceRule, Option, Period
from assessment.scoring import (
    STATES,
    Certificate,
    EvidencePiece,
    LiveReading,
    OutcomeResponse,
    Plan,
    PlanAction,
    Profile,
    Response,
    TypeNotInEditionError,
    computed_standard,
    months_before,
    outcome_level,
    outcome_verdict,
    progress,
    verdict,
    verdicts,
)

EDITIONS = {edition.id: edition for edition in map(load, shipped_editions())}
CARE = EDITIONS["dspt-category-3-2025-26"]
GP = EDITIONS["dspt-category-4-2025-26"]
DAY = date(2026, 6, 25)
TRAINING = "people.training.take-up"
CE_PLUS = Certificate("cyber_essentials_plus", date(2025, 7, 1), date(2026, 7, 1))
ISO = Certificate("iso27001", date(2024, 1, 1), date(2027, 1, 1), covers_all_care_data=True)


def reading(numerator=97, denominator=100, *, as_of=DAY, **changes):
    return replace(LiveReading("dspt-3.2.1", as_of, numerator, denominator, 12), **changes)


def good_answer(item):
    if item.answer.kind == "yes_no":
        return Response("yes")
    if item.answer.kind == "document":
        return Response(evidence=(EvidencePiece("doc-1", dated_on=date(2026, 3, 1)),))
    return Response("We do this.")


@cache
def good_answers(edition, organisation_type="social-care", level="met"):
    return {item.id: good_answer(item) for item in edition.required_items(organisation_type, level)}


def everything(edition=CARE, organisation_type="social-care", **changes):
    facts = {
        "responses": good_answers(edition, organisation_type),
        "confirmations": {assertion.id for assertion in edition.assertions()},
        "readings": {TRAINING: reading()},
        "signed": True,
        "on": DAY,
    }
    return computed_standard(edition, organisation_type, **{**facts, **changes})


def plan_for(ids, **changes):
    return Plan(tuple(replace(PlanAction(one, "Do it", "The manager", date(2026, 12, 1)), **changes) for one in ids))


def line(standard, rule):
    return next(found for found in standard.trace if found.rule == rule)


def care(number):
    return CARE.item_numbered(number)


def judged(item, response=None, *, organisation_type="social-care", on=DAY, **facts):
    return verdict(item, response, organisation_type=organisation_type, on=on, **facts)


# --- one item: the answer ---


@pytest.mark.parametrize(
    ("response", "state", "words"),
    [
        (None, "unanswered", "no answer yet"),
        (Response(), "unanswered", "no answer yet"),
        (Response(""), "unanswered", "no answer yet"),
        (Response("yes"), "satisfied", "Answered yes."),
        (Response(True), "satisfied", "Answered yes."),
        (Response("no"), "not_satisfied", "only yes satisfies"),
        (Response(False), "not_satisfied", "only yes satisfies"),
        (Response("maybe"), "unanswered", "neither"),
        (Response(3), "unanswered", "neither"),
        (Response("yes", work_state="recheck"), "unanswered", "has to be checked"),
        (Response("yes", work_state="in_progress"), "unanswered", "begun"),
        (Response("yes", work_state="checked"), "satisfied", "Answered yes."),
        (Response(not_applicable=True, reason="We have none."), "not_satisfied", "applies to every organisation"),
    ],
)
def test_a_yes_no_item(response, state, words):
    found = judged(care("4.1.1"), response)

    assert found.state == state
    assert words in found.reason
    assert found.label == STATES[state]
    assert found.is_settled is (state == "satisfied")


@pytest.mark.parametrize(
    ("response", "state"),
    [
        (Response(not_applicable=True, reason="No firm destroys anything for us."), "not_applicable"),
        (Response(not_applicable=True, reason="  "), "unanswered"),
        (Response("yes"), "satisfied"),
    ],
)
def test_does_not_apply_needs_leave_and_a_reason(response, state):
    assert judged(care("1.4.2"), response).state == state


def test_an_item_is_not_asked_of_a_type_it_does_not_name():
    found = judged(care("1.4.2"), Response("no"), organisation_type="gp")

    assert (found.state, found.reason) == ("not_applicable", "This item is not asked of organisations of this type.")


@pytest.mark.parametrize(
    ("response", "state"),
    [
        (Response("Locks and a visitors' book"), "satisfied"),
        (Response(" \n\t "), "unanswered"),
        (Response(True), "unanswered"),
        (Response("word " * 301), "not_satisfied"),
        (Response("word " * 300), "satisfied"),
    ],
)
def test_a_text_item(response, state):
    item = replace(care("1.3.13"), answer=Answer("text", "answered", max_words=300))

    assert judged(item, response).state == state


DATED = Answer("date", "answered", not_before=date(2025, 7, 1), not_after_today=True)


@pytest.mark.parametrize(
    ("value", "state", "words"),
    [
        (date(2025, 7, 1), "satisfied", "1 July 2025"),
        (date(2025, 6, 30), "not_satisfied", "too early"),
        (DAY, "satisfied", "25 June 2026"),
        (date(2026, 6, 26), "not_satisfied", "25 June 2026 at the latest"),
        ("25 June", "unanswered", "should be a date"),
        (datetime(2026, 1, 1, 12, tzinfo=UTC), "unanswered", "should be a date"),
    ],
)
def test_a_date_item(value, state, words):
    found = judged(replace(care("1.3.13"), answer=DATED), Response(value))

    assert found.state == state
    assert words in found.reason


@pytest.mark.parametrize(
    ("value", "state"),
    [
        (5, "satisfied"),
        (Decimal("10"), "satisfied"),
        (4, "not_satisfied"),
        (Decimal("10.01"), "not_satisfied"),
        (True, "unanswered"),
        (Decimal("NaN"), "unanswered"),
        ("5", "unanswered"),
    ],
)
def test_a_number_item(value, state):
    item = replace(care("1.3.13"), answer=Answer("number", "answered", minimum=5, maximum=10))

    assert judged(item, Response(value)).state == state


@pytest.mark.parametrize(("value", "state"), [("on", "satisfied"), ("later", "not_satisfied"), ("never", "unanswered")])
def test_a_choice_item(value, state):
    options = (Option("on", "It is on", satisfies=True), Option("later", "It will be", satisfies=False, needs="plan"))
    found = judged(replace(care("1.3.13"), answer=Answer("choice", "option", options)), Response(value))

    assert found.state == state
    assert (state != "not_satisfied") or "It needs an action in the plan." in found.reason


@pytest.mark.parametrize(("satisfies", "yes", "no"), [("yes", True, False), ("no", False, True), ("either", True, True)])
def test_which_answer_satisfies_is_the_editions_to_say(satisfies, yes, no):
    item = replace(care("4.1.1"), answer=Answer("yes_no", satisfies))

    assert judged(item, Response("yes")).is_settled is yes
    assert judged(item, Response("no")).is_settled is no


# --- one item: evidence ---


def piece(dated_on=None, **changes):
    return replace(EvidencePiece("doc-1", dated_on=dated_on), **changes)


@pytest.mark.parametrize(
    ("response", "state", "words"),
    [
        (Response(), "unanswered", "no answer"),
        (Response("In the blue folder in the office"), "satisfied", "where the document is kept"),
        (Response(evidence=(piece(date(2026, 6, 25)),)), "satisfied", "attached"),
        (Response(evidence=(piece(date(2025, 6, 26)),)), "satisfied", "attached"),
        (Response(evidence=(piece(date(2025, 6, 25)),)), "insufficient_evidence", "dated after 25 June 2025"),
        (Response(evidence=(piece(date(2026, 6, 26)),)), "insufficient_evidence", "not after 25 June 2026"),
        (Response(evidence=(piece(),)), "insufficient_evidence", "nobody said from when"),
        (Response("See attached", evidence=(piece(date(2020, 1, 1)),)), "insufficient_evidence", "older"),
        (Response(evidence=(piece(date(2020, 1, 1)), piece(date(2026, 1, 1)))), "satisfied", "attached"),
        (Response(evidence=(piece(date(2026, 6, 1), unusable="was withdrawn"),)), "insufficient_evidence", "cannot be counted"),
    ],
)
def test_a_register_must_be_attached_or_located_and_less_than_a_year_old(response, state, words):
    found = judged(care("1.1.2"), response)

    assert found.state == state
    assert words in found.reason


@pytest.mark.parametrize(
    ("evidence", "state"),
    [
        ((), "insufficient_evidence"),
        ((piece(date(2025, 7, 1), type="minutes"),), "satisfied"),
        ((piece(date(2025, 6, 30), type="minutes"),), "insufficient_evidence"),
        ((piece(date(2026, 7, 1), type="minutes"),), "insufficient_evidence"),
        ((piece(type="minutes", covers=Period(date(2025, 1, 1), date(2025, 7, 2))),), "satisfied"),
        ((piece(type="minutes", covers=Period(date(2025, 1, 1), date(2025, 7, 1))),), "insufficient_evidence"),
        ((piece(date(2025, 9, 1), type="policy"),), "insufficient_evidence"),
        ((piece(date(2025, 9, 1)),), "insufficient_evidence"),
    ],
)
def test_evidence_must_be_of_the_type_and_in_the_window_that_the_edition_asks(evidence, state):
    rule = EvidenceRule(types=("minutes",), minimum=1, window=Period(date(2025, 7, 1), date(2026, 7, 1)))
    item = replace(care("4.1.1"), evidence=rule)

    assert judged(item, Response("yes", evidence=evidence)).state == state


def test_an_edition_that_does_not_check_the_window_accepts_older_evidence():
    item = replace(care("1.1.2"), checks=("answered", "answer_satisfies", "evidence_minimum"))

    assert judged(item, Response(evidence=(piece(date(2001, 1, 1)),))).state == "satisfied"


def test_a_document_that_may_not_be_described_must_be_attached():
    item = replace(care("1.1.3"), evidence=EvidenceRule(accept_location=False))

    assert judged(item, Response("In the folder")).state == "insufficient_evidence"
    assert judged(item, Response(evidence=(piece(),))).state == "satisfied"


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 6, 30), 12, date(2025, 6, 30)),
        (date(2025, 2, 28), 12, date(2024, 2, 28)),
        (date(2024, 2, 29), 12, date(2023, 2, 28)),
        (date(2026, 3, 31), 1, date(2026, 2, 28)),
        (date(2026, 1, 31), 2, date(2025, 11, 30)),
        (date(3, 1, 1), 120, date.min),
    ],
)
def test_months_before_keeps_the_day_or_falls_back_to_the_last(day, months, expected):
    assert months_before(day, months) == expected


# --- one item: what stands in for it ---


@pytest.mark.parametrize(
    ("number", "certificates", "profile", "exempt"),
    [
        ("6.2.1", [CE_PLUS], Profile(), True),
        ("6.2.1", [], Profile(), False),
        ("6.2.1", [replace(CE_PLUS, valid_to=DAY)], Profile(), False),
        ("6.2.1", [replace(CE_PLUS, valid_to=date(2026, 6, 26))], Profile(), True),
        ("6.2.1", [replace(CE_PLUS, valid_from=date(2026, 6, 26))], Profile(), False),
        ("6.2.1", [replace(CE_PLUS, valid_to=None)], Profile(), False),
        ("6.2.1", [ISO], Profile(), True),
        ("6.2.1", [replace(ISO, covers_all_care_data=False)], Profile(), False),
        ("4.5.3", [CE_PLUS, ISO], Profile(frozenset({"nhsmail_only"})), False),
        ("3.2.1", [CE_PLUS, ISO], Profile(), False),
        ("8.1.4", [Certificate("psn_ia", date(2026, 1, 1), date(2027, 1, 1))], Profile(), True),
    ],
)
def test_a_certificate_stands_in_only_where_the_edition_says_and_while_it_is_valid(number, certificates, profile, exempt):
    for response in (None, Response("no")):
        found = judged(care(number), response, certificates=certificates, profile=profile)

        assert (found.state == "exempt") is exempt
        assert found.is_settled is exempt


def test_a_profile_answer_can_stand_in():
    item = replace(care("4.1.1"), exempted_by=(CARE.certificates["nhsmail"],))

    assert judged(item).state == "unanswered"
    found = judged(item, profile=Profile(frozenset({"nhsmail_only"})))
    assert (found.state, found.reason) == (
        "exempt",
        'Not needed: the organisation\'s profile says "NHSmail is the only e-mail used".',
    )


# --- one item: the training figure ---


@pytest.mark.parametrize(
    ("figure", "state", "words"),
    [
        (reading(95, 100), "satisfied", "95 of 100 people (95.0%)"),
        (reading(19, 20), "satisfied", "the target is 95%"),
        (reading(9496, 10000), "not_satisfied", "(94.9%)"),
        (reading(94, 100), "not_satisfied", "only 94 of 100"),
        (reading(18, 19), "not_satisfied", "(94.7%)"),
        (reading(100, 100), "satisfied", "100.0%"),
        (reading(0, 0), "not_satisfied", "no one in scope"),
        (None, "insufficient_evidence", "no training figure"),
        (reading(as_of=date(2026, 6, 24)), "insufficient_evidence", "is for 24 June 2026; take it for 25 June 2026"),
        (reading(gross=False), "insufficient_evidence", "people who are away"),
        (reading(rule="other"), "insufficient_evidence", "another rule"),
        (reading(window_months=24), "insufficient_evidence", "another rule"),
    ],
)
def test_yes_to_the_training_item_counts_only_at_or_above_the_target(figure, state, words):
    found = judged(care("3.2.1"), Response("yes"), live_reading=figure)

    assert found.state == state
    assert words in found.reason


def test_no_stays_no_but_says_when_the_figure_disagrees():
    assert judged(care("3.2.1"), Response("no"), live_reading=reading(99, 100)).state == "not_satisfied"
    assert "look at the answer again" in judged(care("3.2.1"), Response("no"), live_reading=reading(99, 100)).reason
    assert "look at" not in judged(care("3.2.1"), Response("no"), live_reading=reading(50, 100)).reason
    assert judged(care("3.2.1"), None, live_reading=reading(100, 100)).state == "unanswered"


def test_the_target_is_the_editions_and_only_a_gate_gates():
    item = care("3.2.1")
    lower = replace(item, live=replace(item.live, target=90))
    shown = replace(item, live=replace(item.live, mode="inform", target=None))

    assert judged(lower, Response("yes"), live_reading=reading(90, 100)).state == "satisfied"
    assert judged(shown, Response("yes"), live_reading=None).state == "satisfied"


@pytest.mark.parametrize(("numerator", "denominator"), [(-1, 5), (6, 5), (1, 0)])
def test_a_figure_that_cannot_be_is_refused(numerator, denominator):
    with pytest.raises(ValueError, match="not a share"):
        LiveReading("dspt-3.2.1", DAY, numerator, denominator, 12)


@given(st.integers(1, 10**6), st.data(), st.integers(1, 100))
def test_a_target_is_met_exactly_and_the_shown_figure_never_flatters(denominator, data, target):
    figure = reading(data.draw(st.integers(0, denominator)), denominator)
    exact = Decimal(figure.numerator) * 100 / Decimal(denominator)

    assert figure.reaches(target) is (figure.numerator * 100 >= target * denominator)
    assert Decimal(figure.percent) <= exact + Decimal("1e-20")
    assert Decimal(figure.percent) > exact - Decimal("0.1") - Decimal("1e-20")
    assert figure.reaches(target) is (Decimal(figure.percent) >= target)


# --- the standard ---


def test_everything_done_confirmed_and_signed_is_met_and_each_line_says_so():
    found = everything()

    assert (found.level, found.label, found.once_signed, found.missing) == ("met", "Standards Met", "met", ())
    assert {one.rule: one.holds for one in found.trace} == {
        "exceeded.level": True,
        "exceeded.certificate": False,
        "exceeded": False,
        "met.items": True,
        "met.assertions": True,
        "met.signoff": True,
        "met": True,
        "approaching.organisation_type": True,
        "approaching.items": True,
        "approaching.plan": True,
        "approaching.published.not": True,
        "approaching.signoff": True,
        "approaching": True,
        "not_met": False,
    }
    assert line(found, "met.items").text == "All of the 45 items needed for Standards Met are satisfied, exempt or do not apply."
    assert line(found, "exceeded.certificate").text == "No Cyber Essentials Plus certificate is valid on 25 June 2026."
    assert all(one.text.endswith(".") for one in found.trace)


def test_exceeded_needs_met_and_a_certificate_valid_on_the_day():
    assert everything(certificates=[CE_PLUS]).level == "exceeded"
    assert everything(certificates=[replace(CE_PLUS, valid_to=DAY)]).level == "met"
    assert everything(certificates=[ISO]).level == "met"
    assert everything(certificates=[CE_PLUS], confirmations=()).level == "approaching"
    assert everything(GP, "gp", certificates=[CE_PLUS]).level == "exceeded"


def test_more_optional_answers_do_not_make_exceeded():
    extra = {item.id: good_answer(item) for item in CARE.items()}

    assert everything(responses=extra).level == "met"


def test_one_missing_item_is_named():
    answers = {key: value for key, value in good_answers(CARE).items() if key != "access.sign-in.multi-factor"}

    found = everything(responses=answers)

    assert found.level == "not_met"
    assert found.missing == ("access.sign-in.multi-factor",)
    assert line(found, "met.items").text == "1 of the 45 items needed for Standards Met is not satisfied: 4.5.3."
    assert line(found, "not_met").holds


def test_an_unconfirmed_assertion_keeps_from_met():
    confirmed = {assertion.id for assertion in CARE.assertions()} - {"people.training", "access.sign-in"}

    found = everything(confirmations=confirmed, previously_published={"met"})

    assert found.level == "not_met"
    assert line(found, "met.assertions").item_ids == ("people.training", "access.sign-in")
    assert line(found, "met.assertions").text == "2 of the 27 assertions are not confirmed: 3.2, 4.5."


def test_an_assertion_of_optional_items_only_needs_no_confirmation():
    optional = {
        assertion.id for assertion in CARE.assertions() if not any(item.is_required("social-care") for item in assertion.items)
    }

    assert optional == {"access.privileged", "processes.follow-through", "software.vulnerabilities", "protection.testing"}
    assert everything(confirmations={assertion.id for assertion in CARE.assertions()} - optional).level == "met"


def test_before_the_signature_the_standard_is_what_it_would_be():
    found = everything(signed=False)

    assert (found.level, found.once_signed) == ("not_met", "met")
    assert line(found, "met.signoff").text == "A senior person has not signed yet."
    assert everything(signed=False, certificates=[CE_PLUS]).once_signed == "exceeded"


def test_the_training_figure_decides_between_met_and_not():
    assert everything(readings={TRAINING: reading(9496, 10000)}, previously_published={"met"}).level == "not_met"
    assert everything(readings={TRAINING: reading(9500, 10000)}).level == "met"
    assert everything(readings={}, previously_published={"met"}).missing == (TRAINING,)


# --- approaching ---


def approaching(**changes):
    answers = good_answers(CARE, "social-care", "approaching")
    gaps = [item.id for item in CARE.required_items("social-care") if item.id not in answers]
    return everything(**{"responses": answers, "confirmations": (), "plan": plan_for(gaps), **changes}), gaps


def test_a_first_time_care_provider_with_the_smaller_set_and_a_plan_is_approaching():
    found, gaps = approaching()

    assert (found.level, found.label, len(gaps)) == ("approaching", "Approaching Standards", 19)
    assert set(found.missing) == set(gaps)
    assert line(found, "approaching.plan").text == "The plan has an action, an owner and a date for every gap."


@pytest.mark.parametrize("before", ["approaching", "met", "exceeded"])
def test_approaching_is_given_once_and_never_after_a_better_standard(before):
    found, _ = approaching(previously_published={before})

    assert found.level == "not_met"
    assert not line(found, "approaching.published.not").holds
    assert approaching(previously_published={"not_met"})[0].level == "approaching"


@pytest.mark.parametrize("changes", [{"owner": " "}, {"due_on": None}, {"action": ""}])
def test_a_plan_without_words_owner_or_date_covers_nothing(changes):
    _, gaps = approaching()
    found, _ = approaching(plan=plan_for(gaps, **changes))

    assert found.level == "not_met"
    assert line(found, "approaching.plan").item_ids == tuple(gaps)


def test_a_plan_must_cover_every_gap():
    _, gaps = approaching()

    found, _ = approaching(plan=plan_for(gaps[1:]))

    assert found.level == "not_met"
    assert line(found, "approaching.plan").item_ids == (gaps[0],)
    assert approaching(plan=None)[0].level == "not_met"


def test_approaching_is_not_for_other_types_of_category_3():
    answers = good_answers(CARE, "social-care", "approaching")
    gaps = [item.id for item in CARE.required_items("pharmacy") if item.id not in answers]

    found = everything(CARE, "pharmacy", responses=answers, plan=plan_for(gaps))

    assert found.level == "not_met"
    assert line(found, "approaching.organisation_type").text == "Approaching Standards is meant for: Adult social care provider."
    assert everything(CARE, "pharmacy", responses=good_answers(CARE, "pharmacy")).level == "met"


def test_a_gp_practice_is_never_approaching():
    answers = dict(list(good_answers(GP, "gp").items())[:-1])

    found = everything(GP, "gp", responses=answers, plan=plan_for(item.id for item in GP.items()))

    assert found.level == "not_met"
    assert not [one for one in found.trace if one.rule.startswith("approaching")]
    assert everything(GP, "gp").level == "met"


@pytest.mark.parametrize("organisation_type", ["gp", "trust", "nobody"])
def test_a_type_the_edition_does_not_speak_of_is_refused(organisation_type):
    with pytest.raises(TypeNotInEditionError, match="asks nothing of the type"):
        everything(CARE, organisation_type, responses={})
    with pytest.raises(TypeNotInEditionError):
        progress(CARE, organisation_type, responses={}, on=DAY)
    with pytest.raises(TypeNotInEditionError):
        verdicts(CARE, organisation_type, responses={}, on=DAY)


def test_rules_are_read_from_the_edition():
    text = next(path for path in shipped_editions() if path.name == "category-3.yaml").read_text(encoding="utf-8")
    without_signature = load(text.replace("{assertions: confirmed}, {signoff: senior}]}", "{assertions: confirmed}]}"))
    swapped = load(text.replace("{certificate: cyber_essentials_plus, valid", "{certificate: iso27001, valid"))
    either = load(text.replace("{level: met}, {certificate", "{any: [{level: met}, {level: approaching}]}, {certificate"))

    assert everything(without_signature, signed=False).level == "met"
    assert everything(swapped, certificates=[ISO]).level == "exceeded"
    assert everything(swapped, certificates=[CE_PLUS]).level == "met"
    assert everything(either, certificates=[CE_PLUS], confirmations=()).level == "exceeded"


# --- properties ---

RANK = {"not_met": 0, "approaching": 1, "met": 2, "exceeded": 3}
ANSWERS = st.sampled_from(
    [
        Response("yes"),
        Response("no"),
        Response("words"),
        Response(not_applicable=True, reason="None here."),
        Response("yes", work_state="recheck"),
        Response(),
    ]
)
CARE_IDS = [item.id for item in CARE.items()]


@settings(max_examples=120, deadline=None)
@given(
    data=st.data(),
    changed=st.dictionaries(st.sampled_from(CARE_IDS), ANSWERS, max_size=4),
    certificates=st.lists(st.sampled_from([CE_PLUS, ISO]), max_size=2),
    before=st.sets(st.sampled_from(sorted(RANK)), max_size=2),
    signed=st.booleans(),
    numerator=st.integers(93, 100),
)
def test_taking_something_away_never_raises_the_level(data, changed, certificates, before, signed, numerator):
    answers = {**good_answers(CARE), **changed}
    confirmed = {assertion.id for assertion in CARE.assertions()}
    plan = plan_for(data.draw(st.sets(st.sampled_from(CARE_IDS))) | set(changed))
    facts = {
        "certificates": certificates,
        "previously_published": before,
        "signed": signed,
        "plan": plan,
        "readings": {TRAINING: reading(numerator)},
    }
    whole = everything(responses=answers, confirmations=confirmed, **facts)

    lost = data.draw(st.sampled_from(sorted(answers)))
    fewer = {key: value for key, value in answers.items() if key != lost}
    unconfirmed = confirmed - {data.draw(st.sampled_from(sorted(confirmed)))}

    assert RANK[everything(responses=fewer, confirmations=confirmed, **facts).level] <= RANK[whole.level]
    assert RANK[everything(responses=answers, confirmations=unconfirmed, **facts).level] <= RANK[whole.level]
    assert (
        RANK[everything(responses=answers, confirmations=confirmed, **{**facts, "certificates": ()}).level] <= RANK[whole.level]
    )
    assert RANK[everything(responses=answers, confirmations=confirmed, **{**facts, "plan": None}).level] <= RANK[whole.level]
    assert RANK[everything(responses=answers, confirmations=confirmed, **{**facts, "readings": {}}).level] <= RANK[whole.level]
    assert RANK[everything(responses=answers, confirmations=confirmed, **{**facts, "signed": False}).level] <= RANK[whole.level]
    assert RANK[whole.once_signed] >= RANK[whole.level]


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from(CARE_IDS), ANSWERS), st.sampled_from(sorted(CARE.organisation_types)))
def test_the_level_is_the_first_that_holds_and_unknown_is_never_settled(answers, organisation_type):
    found = everything(CARE, organisation_type, responses=answers)
    holding = [level for level in CARE.rules.order if line(found, level).holds]

    assert found.level == holding[0]
    for item_id, one in verdicts(CARE, organisation_type, responses=answers, on=DAY).items():
        if item_id not in answers or answers[item_id] == Response() or answers[item_id].work_state == "recheck":
            assert one.state == "unanswered"
        assert one.state in STATES
        assert one.reason.strip().endswith(".")


# --- progress ---


def test_progress_of_nothing_is_nothing():
    found = progress(CARE, "social-care", responses={}, on=DAY)

    assert (found.items, found.required, found.optional) == (55, 45, 10)
    assert (found.answered, found.satisfied, found.optional_answered, found.assertions, found.assertions_confirmed) == (
        0,
        0,
        0,
        27,
        0,
    )


def test_progress_counts_a_no_as_answered_and_an_exempt_item_as_satisfied():
    responses = {
        "access.staff-record.roles": Response("no"),
        "data.records.retention": Response("yes"),
        "data.records.disposal-contracts": Response(not_applicable=True, reason="No firm does this."),
        "access.sign-in.multi-factor": Response("yes", work_state="recheck"),
        "access.privileged.activity-logged": Response("yes"),
    }

    found = progress(
        CARE, "social-care", responses=responses, certificates=[CE_PLUS], confirmations={"data.records", "nothing"}, on=DAY
    )

    assert found.exempt == 3  # 4.2.4, 6.2.1 and 9.1.1
    assert (found.answered, found.satisfied, found.not_applicable) == (6, 5, 1)
    assert (found.optional_answered, found.assertions_confirmed) == (2, 1)  # 4.4.1, and 9.2.1 which is exempt


@pytest.mark.parametrize(("edition", "organisation_type"), [(CARE, "social-care"), (CARE, "pharmacy"), (GP, "gp")])
def test_every_way_of_grouping_adds_up_to_the_whole(edition, organisation_type):
    responses = dict(list(good_answers(edition, organisation_type).items())[::2])

    found = progress(edition, organisation_type, responses=responses, readings={TRAINING: reading()}, on=DAY)

    for groups in (found.by_standard, found.by_plain_standard, found.by_section):
        assert sum(group.items for group in groups) == found.items
        assert sum(group.required for group in groups) == found.required
        assert sum(group.answered for group in groups) == found.answered
        assert sum(group.satisfied for group in groups) == found.satisfied
    assert [group.key for group in found.by_plain_standard] == [str(number) for number in range(1, 11)]
    assert [group.key for group in found.by_standard] == [standard.id for standard in edition.standards]
    assert len(found.by_section) == 5
    assert [group.key for group in found.by_care_section] == (
        [] if edition is GP else ["staffing-and-roles", "policies-and-procedures", "data-security", "it-systems-and-devices"]
    )


def test_verdicts_come_in_the_order_of_the_edition_for_what_is_asked():
    assert list(verdicts(GP, "gp", responses={}, on=DAY)) == [item.id for item in GP.items()]


# --- the outcome route ---

CAF = load(
    dedent("""\
    schema: dspt-edition/1
    edition:
      id: caf-2026-27
      framework: dspt
      style: outcome
      year: "2026-27"
      version: 1.0.0
      change_class: structural
      supersedes: null
      status: draft
      provenance: {source_title: "Guidance", source_url: null, verified_by: []}
      calendar: {opens: 2026-09-01, interim: 2026-12-31, final: 2027-06-30, evidence_window: {from: 2026-07-01, to: 2027-07-01}}
    organisation_types:
      trust: {label: "NHS trust", route: outcome, profile: main}
    levels: [not_achieved, partially_achieved, achieved]
    level_rules:
      standard:
        - {when: {any_true: not_achieved}, then: not_achieved}
        - {when: {all_true: achieved}, then: achieved}
        - {when: {all_true: partially_achieved}, then: partially_achieved}
        - {then: not_achieved}
    objectives:
      - id: A
        title: "Managing risk"
        principles:
          - id: A1
            title: "Governance"
            outcomes:
              - id: caf.board
                code: A1.a
                title: "The board leads"
                level_rule: standard
                override: {allowed: true, needs: [reason, reviewer]}
                indicators:
                  not_achieved: [{id: n1, text: "Nobody leads"}]
                  partially_achieved: [{id: p1, text: "Somebody leads"}]
                  achieved: [{id: a1, text: "The board leads"}, {id: a2, text: "It asks"}]
                directives:
                  - {id: d1, text: "Backups?", answers: [compliant, plan, not_compliant], caps: {not_compliant: not_achieved}}
                evidence: {min: 1}
                supporting_statement: {required: final, max_words: 10}
              - id: caf.roles
                code: A1.b
                title: "Roles are clear"
                level_rule: standard
                indicators:
                  not_achieved: [{id: n2, text: "Unclear"}]
                  achieved: [{id: a3, text: "Clear"}]
    profiles:
      main: {caf.board: partially_achieved, caf.roles: achieved}
    rules:
      standards_order: [met, approaching, not_met]
      met: {all: [{outcomes: at_or_above_profile}, {directives: compliant_or_plan}, {signoff: senior}]}
      approaching: {all: [{plan: {covers: outcomes_below_profile, state: accepted}}]}
      not_met: {otherwise: true}
    """)
)
BOARD, ROLES = CAF.outcomes()
STEPS = CAF.level_rules["standard"]


def level_of(outcome, response):
    return outcome_level(outcome, response, steps=STEPS, levels=CAF.levels)


@pytest.mark.parametrize(
    ("indicators", "level"),
    [
        ({"n1": True}, "not_achieved"),
        ({"n1": True, "p1": True, "a1": True, "a2": True}, "not_achieved"),
        ({"n1": False, "p1": True, "a1": True, "a2": True}, "achieved"),
        ({"n1": False, "p1": True, "a1": False, "a2": True}, "partially_achieved"),
        ({"n1": False, "p1": False, "a1": False, "a2": True}, "not_achieved"),
        ({"n1": False, "p1": True, "a1": False}, "partially_achieved"),
        ({"n1": False, "p1": True, "a1": True}, None),
        ({"p1": True, "a1": True, "a2": True}, None),
        ({"n1": False, "a1": False}, None),
        ({}, None),
    ],
)
def test_indicators_give_the_level_and_an_unjudged_one_that_matters_leaves_it_unknown(indicators, level):
    assert level_of(BOARD, OutcomeResponse(indicators)).computed == level


def test_an_outcome_without_half_way_signs_is_never_partly_achieved():
    levels = {level_of(ROLES, OutcomeResponse({"n2": bad, "a3": good})).level for bad in (True, False) for good in (True, False)}

    assert levels == {"not_achieved", "achieved"}


HALF = OutcomeResponse(
    {"n1": False, "p1": True, "a1": False, "a2": False},
    statement="We lead.",
    evidence=(EvidencePiece("e"),),
    directives={"d1": "plan"},
)


@pytest.mark.parametrize(
    ("changes", "level", "words"),
    [
        ({}, "partially_achieved", 'The indicators give "partially achieved".'),
        (
            {"override_level": "achieved", "override_reason": "Another control.", "override_reviewer": "B"},
            "achieved",
            "Another control.",
        ),
        ({"override_level": "achieved", "override_reason": "Another control."}, "partially_achieved", "without a reviewer"),
        ({"override_level": "achieved"}, "partially_achieved", "without a reason and a reviewer"),
        ({"directives": {"d1": "not_compliant"}}, "not_achieved", 'limits it to "not achieved"'),
    ],
)
def test_a_person_or_a_policy_question_can_move_the_level(changes, level, words):
    found = level_of(BOARD, replace(HALF, **changes))

    assert found.level == level
    assert found.computed == "partially_achieved"
    assert words in found.reason


def test_a_level_cannot_be_chosen_where_the_edition_does_not_allow_it():
    response = OutcomeResponse({"n2": True}, override_level="achieved", override_reason="x", override_reviewer="y")

    assert level_of(ROLES, response).level == "not_achieved"


@pytest.mark.parametrize(
    ("response", "state"),
    [
        (None, "unanswered"),
        (replace(HALF, work_state="recheck"), "unanswered"),
        (HALF, "satisfied"),
        (replace(HALF, statement=" "), "insufficient_evidence"),
        (replace(HALF, statement="word " * 11), "not_satisfied"),
        (replace(HALF, evidence=()), "insufficient_evidence"),
        (replace(HALF, evidence=(EvidencePiece("e", unusable="was withdrawn"),)), "insufficient_evidence"),
        (replace(HALF, indicators={"n1": True}), "not_satisfied"),
    ],
)
def test_an_outcome_is_satisfied_at_its_profile_with_words_and_evidence(response, state):
    assert outcome_verdict(BOARD, response, expected="partially_achieved", steps=STEPS, levels=CAF.levels).state == state


GOOD_ROLES = OutcomeResponse({"n2": False, "a3": True})


def trust(**changes):
    return computed_standard(
        CAF,
        "trust",
        **{"responses": {"caf.board": HALF, "caf.roles": GOOD_ROLES}, "signed": True, "on": date(2027, 6, 1), **changes},
    )


def test_a_trust_at_its_profile_is_met_once_signed():
    assert trust().level == "met"
    assert (trust(signed=False).level, trust(signed=False).once_signed) == ("not_met", "met")


def test_an_outcome_below_its_profile_is_named_and_an_accepted_plan_makes_approaching():
    answers = {"caf.board": HALF, "caf.roles": OutcomeResponse({"n2": True})}
    accepted = replace(plan_for(["caf.roles"]), is_accepted=True)

    found = trust(responses=answers)

    assert (found.level, found.missing) == ("not_met", ("caf.roles",))
    assert line(found, "met.outcomes").text == "1 of the 2 outcomes does not reach the profile: A1.b."
    assert trust(responses=answers, plan=plan_for(["caf.roles"])).level == "not_met"
    assert trust(responses=answers, plan=accepted).level == "approaching"


@pytest.mark.parametrize("directives", [{}, {"d1": "not_compliant"}, {"d1": "perhaps"}])
def test_a_policy_question_must_be_answered_with_compliance_or_a_plan(directives):
    found = trust(responses={"caf.board": replace(HALF, directives=directives), "caf.roles": GOOD_ROLES})

    assert found.level == "not_met"
    assert line(found, "met.directives").item_ids == ("caf.board",)


def test_progress_of_outcomes_counts_them_by_objective():
    found = progress(CAF, "trust", responses={"caf.board": HALF}, on=DAY)

    assert (found.items, found.required, found.answered, found.satisfied, found.assertions) == (2, 2, 1, 1, 0)
    assert [(group.key, group.required, group.satisfied) for group in found.by_standard] == [("A", 2, 1)]
