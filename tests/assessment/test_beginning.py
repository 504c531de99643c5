"""What a return begins with: which publication it is based on, and whose answers come over."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import yaml

from assessment import services
from assessment.edition_file import EDITIONS_DIRECTORY
from assessment.loading import load_edition
from assessment.models import Publication, ResponseVersion
from tests.assessment import helpers as h
from tests.assessment.test_patches import another_kind
from tests.factories import NOW

NEXT_YEAR = "2026-27"
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def lead(organisation):
    h.train(organisation, trained=19, of=20)
    return h.lead_of(organisation)


@pytest.fixture
def manager(organisation):
    return h.registered_manager(organisation)


def published(organisation, lead, manager, *, number, year=h.YEAR) -> Publication:
    """A publication that gives this as the number of the registration."""
    assessment = h.opened(organisation, lead, year=year)
    h.answer_everything(assessment, lead, but=("1.1.1",))
    place = h.response(assessment, "1.1.1")
    seen = h.whole(assessment).leaf(place.pk).version_number
    services.answer(place, value=number, expected_version=seen, by=lead, at=NOW)
    h.confirm_everything(assessment, lead)
    services.submit_for_review(assessment, by=lead, at=NOW)
    services.ready_to_sign(assessment, by=manager, at=NOW)
    h.sign(assessment, manager)
    return services.publish(assessment, by=lead, at=NOW)


def test_a_later_year_is_no_basis_for_an_earlier_one(organisation, lead, manager):
    h.shipped_edition()
    h.shipped_edition(NEXT_YEAR)
    published(organisation, lead, manager, number="ZA1", year=NEXT_YEAR)

    earlier = h.opened(organisation, lead, at=LATER)

    assert earlier.based_on is None
    assert not ResponseVersion.objects.filter(response__assessment=earlier).exists()


def test_a_year_begins_with_the_last_publication_before_it(organisation, lead, manager):
    h.shipped_edition()
    h.shipped_edition(NEXT_YEAR)
    published(organisation, lead, manager, number="ZA1")
    corrected = published(organisation, lead, manager, number="ZA2")

    following = h.opened(organisation, lead, year=NEXT_YEAR, at=LATER)

    assert following.based_on == corrected
    came = h.response(following, "1.1.1").versions.get()
    assert (came.value, came.origin) == ({"kind": "text", "value": "ZA2"}, "carried")


def test_a_late_correction_of_an_older_year_is_not_what_the_next_year_begins_with(organisation, lead, manager, tmp_path):
    for year in (h.YEAR, NEXT_YEAR):
        h.shipped_edition(year)
        last = published(organisation, lead, manager, number=f"ZA{year}", year=year)
    published(organisation, lead, manager, number="ZA1")
    path = tmp_path / "category-3.yaml"
    text = (EDITIONS_DIRECTORY / NEXT_YEAR / "category-3.yaml").read_text("utf-8")
    path.write_text(
        re.sub(r"\b(2026|2027)\b", lambda found: str(int(found[0]) + 1), text).replace("2027-27", "2027-28"), encoding="utf-8"
    )
    load_edition(path, at=NOW)

    assert h.opened(organisation, lead, year="2027-28", at=LATER).based_on == last


def test_an_answer_does_not_come_over_to_an_item_that_asks_for_another_kind(organisation, lead, manager, tmp_path):
    h.shipped_edition()
    published(organisation, lead, manager, number="ZA1")
    content = yaml.safe_load((EDITIONS_DIRECTORY / NEXT_YEAR / "category-3.yaml").read_text())
    another_kind(content)
    path = tmp_path / "category-3.yaml"
    path.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True))
    load_edition(path, at=NOW)

    following = h.opened(organisation, lead, year=NEXT_YEAR, at=LATER)

    whole = h.whole(following)
    asks_anew, as_before = (whole.leaf(h.response(following, number).pk) for number in ("1.1.1", "1.1.3"))
    assert (asks_anew.item_id, asks_anew.spec.answer.kind) == ("data.lawful-use.ico-number", "yes_no")
    assert (asks_anew.versions, whole.work_state(asks_anew)) == ((), "not_started")
    assert (as_before.current.origin, whole.work_state(as_before)) == ("carried", "recheck")
