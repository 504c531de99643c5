"""Two frozen documents side by side."""

import pytest

from assessment.comparison import compare


def document(**states):
    """A publication document with an item for each keyword: its state, or its state and the documents behind it."""
    items, verdicts = [], []
    for number, (item_id, given) in enumerate(states.items(), start=1):
        state, evidence = given if isinstance(given, tuple) else (given, ())
        items.append({"id": item_id, "number": f"1.1.{number}", "evidence": [{"document": d, "version": v} for d, v in evidence]})
        verdicts.append({"id": item_id, "state": state, "reason": ""})
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
        ("not_satisfied", "insufficient_evidence", "same"),
    ],
)
def test_an_item_is_better_or_worse_by_how_close_it_is_to_settled(then, now, change):
    found = compare(document(a=then), document(a=now))

    assert [item.change for item in found.items] == [change]


def test_items_come_in_this_years_order_with_those_no_longer_asked_last():
    found = compare(document(gone="satisfied", kept="satisfied"), document(new="unanswered", kept="satisfied"))

    assert [(item.item_id, item.change, item.then, item.now) for item in found.items] == [
        ("new", "new", "", "Not answered"),
        ("kept", "same", "Satisfied", "Satisfied"),
        ("gone", "removed", "Satisfied", ""),
    ]
    assert [found.count(change) for change in ("improved", "worse", "same", "new", "removed")] == [0, 0, 1, 1, 1]


def test_a_crosswalk_finds_an_item_under_its_old_name():
    found = compare(document(old="unanswered"), document(new="satisfied"), renamed={"new": "old"})

    assert [(item.item_id, item.change) for item in found.items] == [("new", "improved")]


def test_evidence_is_new_when_a_document_or_version_was_not_there_before():
    before = document(a=("satisfied", [("document:1", 1)]), b=("satisfied", [("document:1", 1)]))
    after = document(a=("satisfied", [("document:1", 2)]), b=("satisfied", [("document:1", 1)]))

    assert [item.is_evidence_fresh for item in compare(before, after).items] == [True, False]
