"""Golden organisations: one of each type and year, with the standard that a person would give it."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from assessment.edition_file import load, shipped_editions
from assessment.judging.case import Plan, PlanAction
from assessment.scoring import (
    Certificate,
    EvidencePiece,
    LiveReading,
    OutcomeResponse,
    Response,
    computed_standard,
)

EDITIONS = [load(path) for path in shipped_editions()]
EVERY_TYPE = pytest.mark.parametrize(
    ("edition", "kind"),
    [(edition, kind) for edition in EDITIONS for kind in edition.organisation_types],
    ids=[f"{edition.header.year}-{kind}" for edition in EDITIONS for kind in edition.organisation_types],
)


def day_of(edition):
    return edition.header.calendar.final - timedelta(days=10)


def answer(item, on, value=None):
    good = {"yes_no": "no" if item.answer.satisfies == "no" else "yes", "date": on - timedelta(days=30), "number": 90}
    piece = EvidencePiece("1", dated_on=on - timedelta(days=60))
    return Response(value if value is not None else good.get(item.answer.kind, "In the office"), evidence=(piece,))


def judged(outcome, *, true):
    """An outcome with its statement and evidence; ``true`` names the levels whose signs are all there."""
    return OutcomeResponse(
        indicators={sign.id: level in true for level, group in outcome.indicators.items() for sign in group},
        directives={directive.id: "compliant" for directive in outcome.directives},
        statement="Board minutes of March",
        evidence=(EvidencePiece("1"),),
    )


def complete(edition, kind):
    on = day_of(edition)
    if edition.style == "outcome":
        return {outcome.id: judged(outcome, true=("partially_achieved", "achieved")) for outcome in edition.outcomes()}
    return {item.id: answer(item, on) for item in edition.items_for(kind)}


def refusing(edition, kind):
    """Answers everything, and every answer is No."""
    if edition.style == "outcome":
        return {outcome.id: judged(outcome, true=("not_achieved",)) for outcome in edition.outcomes()}
    on = day_of(edition)
    return {item.id: answer(item, on, "no" if item.answer.kind == "yes_no" else None) for item in edition.items_for(kind)}


def standard(edition, kind, responses, **facts):
    on = day_of(edition)
    figure = LiveReading("dspt-3.2.1", on, 19, 20, 12)
    live = {item.id: figure for item in edition.items() if item.live}
    confirmed = [assertion.id for assertion in edition.assertions()]
    given = {"confirmations": confirmed, "signed": True, "readings": live} | facts
    return computed_standard(edition, kind, responses=responses, on=on, **given)


@EVERY_TYPE
def test_one_that_has_done_everything_meets_the_standard(edition, kind):
    assert standard(edition, kind, complete(edition, kind)).level == "met"


@EVERY_TYPE
def test_one_that_answers_no_to_everything_does_not(edition, kind):
    found = standard(edition, kind, refusing(edition, kind))

    assert found.level == "not_met"
    assert found.missing


@EVERY_TYPE
def test_one_without_a_signature_does_not(edition, kind):
    found = standard(edition, kind, complete(edition, kind), signed=False)

    assert (found.level, found.once_signed) == ("not_met", "met")


@EVERY_TYPE
def test_cyber_essentials_plus_lifts_it_on_the_assertion_route_only(edition, kind):
    on = day_of(edition)
    plus = Certificate("cyber_essentials_plus", on - timedelta(days=90), on + timedelta(days=90))

    level = standard(edition, kind, complete(edition, kind), certificates=(plus,)).level

    assert level == ("met" if edition.style == "outcome" else "exceeded")


@EVERY_TYPE
def test_one_required_item_left_out_is_enough_to_miss(edition, kind):
    required = [outcome.id for outcome in edition.outcomes()] or [item.id for item in edition.required_items(kind)]
    responses = complete(edition, kind)
    del responses[required[len(required) // 2]]

    assert standard(edition, kind, responses).level == "not_met"


def plan_for(*ids, accepted=False):
    return Plan(tuple(PlanAction(id_, "Mend it", "The manager", date(2027, 9, 1)) for id_ in ids), accepted)


def test_a_care_home_with_the_26_items_and_a_plan_approaches_once():
    edition = next(edition for edition in EDITIONS if edition.id == "dspt-category-3-2025-26")
    smaller = {item.id for item in edition.required_items("social-care", "approaching")}
    missing = [item.id for item in edition.required_items("social-care") if item.id not in smaller]
    responses = {id_: answer for id_, answer in complete(edition, "social-care").items() if id_ in smaller}

    assert len(missing) == 19
    assert standard(edition, "social-care", responses, plan=plan_for(*missing)).level == "approaching"
    assert standard(edition, "social-care", responses, plan=plan_for(*missing[1:])).level == "not_met"
    again = standard(edition, "social-care", responses, plan=plan_for(*missing), previously_published=["approaching"])
    assert again.level == "not_met"


@pytest.mark.parametrize(
    "edition", [edition for edition in EDITIONS if edition.style == "outcome"], ids=lambda edition: edition.id
)
def test_a_trust_exactly_at_its_profile_meets_it_and_one_below_needs_an_agreed_plan(edition):
    profile = edition.profiles["category-1"]
    exact = {
        outcome.id: judged(
            outcome,
            true={"achieved": ("achieved",), "not_achieved": ("not_achieved",)}.get(profile[outcome.id], (profile[outcome.id],)),
        )
        for outcome in edition.outcomes()
    }
    assert standard(edition, "trust", exact).level == "met"

    backups = next(outcome for outcome in edition.outcomes() if outcome.code == "B5.c")
    below = exact | {backups.id: judged(backups, true=("not_achieved",))}
    missed = standard(edition, "trust", below, plan=plan_for(backups.id))
    assert (missed.level, missed.missing) == ("not_met", (backups.id,))
    assert standard(edition, "trust", below, plan=plan_for(backups.id, accepted=True)).level == "approaching"

    policy = next(outcome for outcome in edition.outcomes() if outcome.directives)
    refused = replace(exact[policy.id], directives={policy.directives[0].id: "not_compliant"})
    assert standard(edition, "trust", exact | {policy.id: refused}).level == "not_met"
