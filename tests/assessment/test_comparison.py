"""Two frozen documents side by side."""

import pytest

from assessment.comparison import Side, compare


def document(**states):
    """A publication document with an item for each keyword: its state, or its state and the documents behind it."""
    items, verdicts = [], []
    for number, (item_id, given) in enumerate(states.items(), start=1):
        state, evidence = given if isinstance(given, tuple) else (given, ())
        items.append({"id": item_id, "number": f"1.1.{number}", "evidence": [{"document": d, "version": v} for d, v in evidence]})
        verdicts.append({"id": item_id, "state": state, "reason": f"because it is {state}"})
    return {"content": {"items": items}, "verdicts": verdicts}


@pytest.mark.parametrize(
    ("then", "now", "change"),
    [
        ("unanswered", "satisfied", "improved"),
        ("unanswered", "not_satisfied", "improved"),
        ("insufficient_evidence", "satisfied", "improved"),
        ("satisfied", "not_satisfied", "worse"),
        ("exempt", "unanswered", "worse"),
        ("satisfied", "exempt", "same"),
        ("satisfied", "not_applicable", "same"),
        ("not_satisfied", "insufficient_evidence", "open"),
        ("unanswered", "unanswered", "open"),
    ],
)
def test_an_item_is_better_or_worse_by_how_close_it_is_to_settled(then, now, change):
    found = compare(document(a=then), document(a=now))

    assert [item.change for item in found.items] == [change]


@pytest.mark.parametrize(
    ("states", "levels", "change"),
    [
        (("not_satisfied", "not_satisfied"), (0, 1), "improved"),
        (("not_satisfied", "insufficient_evidence"), (1, 2), "improved"),
        (("not_satisfied", "not_satisfied"), (1, 0), "worse"),
        (("satisfied", "satisfied"), (2, 1), "worse"),
        (("not_satisfied", "not_satisfied"), (1, 1), "open"),
        (("satisfied", "not_satisfied"), (1, 2), "worse"),
        (("not_satisfied", "not_satisfied"), (None, 1), "open"),
    ],
)
def test_between_outcomes_as_far_from_settled_the_level_decides(states, levels, change):
    then, now = ({"a": level} if level is not None else {} for level in levels)
    found = compare(document(a=states[0]), document(a=states[1]), levels=(then, now))

    assert [item.change for item in found.items] == [change]


def test_an_outcome_found_under_its_old_name_keeps_the_level_it_had_there():
    found = compare(
        document(old="not_satisfied"), document(a="not_satisfied"), renamed={"a": "old"}, levels=({"old": 0}, {"a": 1})
    )

    assert [(item.item_id, item.change) for item in found.items] == [("a", "improved")]


def test_items_come_in_this_years_order_with_those_no_longer_asked_last():
    found = compare(document(gone="satisfied", kept="satisfied"), document(new="unanswered", kept="satisfied"))

    satisfied = Side("Satisfied", "because it is satisfied")
    assert [(item.item_id, item.change, item.then, item.now) for item in found.items] == [
        ("new", "new", None, Side("Not answered", "because it is unanswered")),
        ("kept", "same", satisfied, satisfied),
        ("gone", "removed", satisfied, None),
    ]
    assert found.counts == {"improved": 0, "worse": 0, "open": 0, "new": 1, "removed": 1, "same": 1}


def test_what_was_open_both_times_is_shown_among_the_changes_and_kinds_that_cannot_be_are_not_counted():
    found = compare(document(a="unanswered", b="satisfied"), document(a="unanswered", b="satisfied"))

    assert [item.item_id for item in found.changed] == ["a"]
    assert found.counts == {"improved": 0, "worse": 0, "open": 1, "same": 1}


def test_a_crosswalk_finds_an_item_under_its_old_name():
    found = compare(document(old="unanswered"), document(new="satisfied"), renamed={"new": "old"})

    assert [(item.item_id, item.change) for item in found.items] == [("new", "improved")]


def test_evidence_is_new_when_a_document_or_version_was_not_there_before():
    before = document(a=("satisfied", [("document:1", 1)]), b=("satisfied", [("document:1", 1)]))
    after = document(a=("satisfied", [("document:1", 2)]), b=("satisfied", [("document:1", 1)]))

    assert [item.is_evidence_fresh for item in compare(before, after).items] == [True, False]
