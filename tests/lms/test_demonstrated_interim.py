"""The interim return of the demonstration's trust: opened, some of it judged, published by nobody."""

from datetime import date

import pytest
import time_machine

from assessment.models import Assessment
from lms.demonstration import interim
from lms.demonstration.specifications import TRUST
from tests.assessment import helpers as h
from tests.factories import OrganisationFactory


@pytest.fixture
def trust(db):
    h.shipped_edition(interim.YEAR, "caf")
    return OrganisationFactory(type="trust")


def built(trust, *, today):
    with time_machine.travel(interim._at(today), tick=False):
        return interim.build(trust, TRUST, {"Farah Iqbal": h.lead_of(trust)}, today=today)


def test_each_outcome_that_is_judged_comes_to_the_level_said_and_the_rest_is_to_do(trust):
    assert built(trust, today=date(2026, 11, 20)) == 7

    assessment = Assessment.objects.get(organisation=trust, kind="interim")
    whole = h.whole(assessment)
    levels = {
        code: next(whole.verdicts[leaf.item_id].reason for leaf in whole.leaves if leaf.number == code) for code in interim.JUDGED
    }
    for code, judged in interim.JUDGED.items():
        assert f'The indicators give "{judged.level.replace("_", " ")}".' in levels[code]
    assert sum(verdict.state != "unanswered" for verdict in whole.verdicts.values()) == 7


def test_before_it_would_have_been_begun_there_is_none(trust):
    assert built(trust, today=date(2026, 10, 19)) == 0
    assert not Assessment.objects.exists()
