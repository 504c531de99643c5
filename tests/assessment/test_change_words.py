"""What an item asks, in words for a page."""

import pytest

from assessment.change_words import in_words

PLAIN = {"options": [], "not_before": None, "not_after": None, "not_after_today": False, "minimum": None, "max_words": None}


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"kind": "yes_no", "satisfies": "yes"}, "Yes or no; only yes is enough"),
        ({"kind": "text", "satisfies": "answered", "max_words": 500}, "Words; any answer is enough; at most 500 words"),
        (
            {"kind": "date", "satisfies": "answered", "not_before": "2026-07-01", "not_after_today": True},
            "A date; any answer is enough; not before 1 July 2026; not in the future",
        ),
        ({"kind": "number", "satisfies": "answered", "minimum": 0}, "A number; any answer is enough; at least 0"),
        (
            {
                "kind": "choice",
                "satisfies": "option",
                "options": [{"value": "all", "satisfies": True}, {"value": "some", "satisfies": False}],
            },
            "A choice; “all” is enough; “some” is not enough",
        ),
    ],
)
def test_the_answer_that_is_asked_for_is_told_without_names_of_fields(value, words):
    assert in_words("answer", PLAIN | value) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"minimum": 0}, "No document has to be attached"),
        (
            {"minimum": 1, "max_age_months": 6, "accept_location": True, "accept_live": False},
            "At least 1 document; dated within 6 months; saying where it is kept will do",
        ),
        (
            {"minimum": 2, "types": ["policy"], "window": {"start": "2026-07-01", "end": "2027-07-01"}, "accept_live": True},
            "At least 2 documents; of these kinds: policy; about the time from 1 July 2026 until before 1 July 2027; "
            "the figure counted here is evidence too",
        ),
    ],
)
def test_the_evidence_that_is_asked_for_is_told_without_names_of_fields(value, words):
    assert in_words("evidence", value) == words


def test_anything_else_is_told_as_it_stands_and_a_missing_side_is_nothing():
    assert in_words("title", "What is asked") == "What is asked"
    assert in_words("evidence", None) == "nothing"
    assert len(in_words("help", "a" * 900)) == 401
