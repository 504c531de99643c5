"""Risks: scores, reviews, the map."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.enums import Role
from registers import catalogue
from registers.models import RiskAssessment
from registers.queries.risks import heat_map, open_risks
from registers.risk_matrix import matrix
from registers.services.entries import EntryRefusedError, close_entry
from registers.services.risks import change_risk, review_risk
from tests.factories import NOW, TODAY, member
from tests.registers.entries import VALUES, add, posted

SAME = {name: value for name, value in VALUES["risks"].items() if name.startswith(("likelihood", "impact"))}


@pytest.fixture
def lead(organisation):
    return member(organisation, Role.DSPT_LEAD)


@given(st.integers(1, 5), st.integers(1, 5))
def test_a_worse_score_never_has_a_lower_level(likelihood, impact):
    level = matrix().level(likelihood, impact)

    assert level.lowest <= likelihood * impact
    assert all(matrix().level(min(5, likelihood + 1), i).lowest >= level.lowest for i in range(impact, 6))


@pytest.mark.parametrize(
    ("scores", "word"), [((1, 4), "Low"), ((1, 5), "Medium"), ((2, 5), "High"), ((3, 5), "High"), ((4, 4), "Very high")]
)
def test_the_levels_begin_where_we_say(scores, word):
    assert matrix().level(*scores).word == word


@pytest.mark.parametrize("scores", [(0, 3), (6, 1)])
def test_a_score_off_the_matrix_is_refused(scores):
    with pytest.raises(ValueError, match="1 to 5"):
        matrix().level(*scores)


def test_a_review_keeps_the_scores_before_it(organisation, lead):
    risk = add("risks", organisation, lead)

    review_risk(risk, scores=SAME | {"likelihood_after": 1}, note="Wiped remotely", review_by=date(2027, 5, 1), by=lead, at=NOW)
    change_risk(risk, VALUES["risks"] | {"likelihood_after": 1, "review_by": date(2027, 5, 1)}, by=lead, at=NOW)

    scores = list(RiskAssessment.objects.order_by("number").values_list("number", "likelihood_after", "note"))
    assert scores == [(1, 3, "First assessment"), (2, 1, "Wiped remotely")]
    with pytest.raises(EntryRefusedError, match="after today"):
        review_risk(risk, scores=SAME, note="", review_by=TODAY, by=lead, at=NOW)


def test_a_closed_risk_is_not_reviewed_and_a_risk_is_accepted_for_a_reason(organisation, lead):
    risk = add("risks", organisation, lead)
    close_entry(risk, reason="Phones are gone", on=TODAY, by=lead, at=NOW)

    with pytest.raises(EntryRefusedError, match="closed"):
        review_risk(risk, scores=SAME, note="", review_by=date(2028, 1, 1), by=lead, at=NOW)
    with pytest.raises(EntryRefusedError, match="why it is accepted"):
        add("risks", organisation, lead, title="Another", treatment="accept", accepted_by_post="siro")


def test_the_three_highest_risks_lead_the_figures(organisation, other_organisation, lead):
    for title, likelihood in (("A", 1), ("B", 5), ("C", 3), ("D", 4)):
        add("risks", organisation, lead, title=title, likelihood_after=likelihood, impact_after=4)
    add("risks", other_organisation, lead, title="Theirs", likelihood_after=5, impact_after=5)

    figures = catalogue.all_figures(organisation, TODAY)

    assert figures["risks.top_three"].sentence == "Top risks: B (very high); D (very high); C (high)."
    assert (figures["risks.in_review"].numerator, figures["risks.in_review"].denominator) == (4, 4)
    squares = {
        (likelihood, i): len(s.risks)
        for likelihood, row in heat_map(open_risks(organisation, TODAY))
        for i, s in enumerate(row, 1)
    }
    assert {place for place, number in squares.items() if number} == {(1, 4), (5, 4), (3, 4), (4, 4)}


def test_a_risk_is_reviewed_on_its_page_and_stands_on_the_map(organisation, sign_in, lead, time_machine):
    time_machine.move_to(NOW)
    risk = add("risks", organisation, lead)
    client = sign_in(organisation, Role.DSPT_LEAD)
    page = reverse("registers:risk_review", args=[risk.pk])

    silent = client.post(page, posted(SAME | {"review_by": date(2027, 5, 1)})).text
    client.post(page, posted(SAME | {"review_by": date(2027, 5, 1), "note": "As it was"}))
    shown = client.get(reverse("registers:entry_detail", kwargs={"register": "risks", "entry_id": risk.pk})).text

    assert "Say what you found" in silent
    assert "As it was" in shown
    assert "Medium, 3 × 2 = 6" in shown
    assert str(risk) in client.get(reverse("registers:risk_map")).text
