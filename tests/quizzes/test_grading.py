"""Marking and rounding, by tables."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.grading import is_right, mark_paper, marks_needed, score_percent
from quizzes.parts import Option, Part


def choice(*right: str, part: str = "", marks: int = 1) -> list[Part]:
    """A question, or a part, with options a to d."""
    options = tuple(Option(letter, letter, "Why", correct=letter in right) for letter in "abcd")
    return [Part(part, "multiple", "?", marks, options)]


@pytest.mark.parametrize(
    ("questions", "percent", "needed"),
    [
        (12, 80, 10),  # 9.6
        (14, 80, 12),  # 11.2
        (10, 80, 8),  # exactly 8
        (5, 80, 4),
        (12, 100, 12),
        (12, 1, 1),
        (3, 67, 3),  # 2.01
        (3, 66, 2),  # 1.98
        (1, 80, 1),
        (100, 95, 95),
        (7, 29, 3),  # 2.03: a float says 7 * 0.29 = 2.0299999999999998
        (25, 28, 7),  # exactly 7: a float says 25 * 0.28 = 7.000000000000001
    ],
)
def test_marks_needed_are_rounded_up(questions, percent, needed):
    assert marks_needed(questions, percent) == needed


@given(st.integers(1, 1000), st.integers(1, 100))
def test_marks_needed_are_the_fewest_that_reach_the_pass_mark(questions, percent):
    needed = marks_needed(questions, percent)

    assert needed * 100 >= questions * percent
    assert (needed - 1) * 100 < questions * percent
    assert 1 <= needed <= questions


@pytest.mark.parametrize(("questions", "percent"), [(0, 80), (12, 0), (12, 101), (-1, 80)])
def test_a_quiz_without_questions_or_a_senseless_pass_mark_is_refused(questions, percent):
    with pytest.raises(ValueError):  # noqa: PT011
        marks_needed(questions, percent)


@pytest.mark.parametrize(("marks", "of", "percent"), [(11, 12, 91), (10, 12, 83), (12, 12, 100), (0, 12, 0), (2, 3, 66)])
def test_scores_are_rounded_down(marks, of, percent):
    assert score_percent(marks, of) == percent


@pytest.mark.parametrize(
    ("chosen", "correct", "mark"),
    [
        (["a"], ["a"], 1),
        (["b"], ["a"], 0),
        ([], ["a"], 0),
        (None, ["a"], 0),
        (["a", "b"], ["a", "b"], 1),
        (["b", "a"], ["a", "b"], 1),
        (["a"], ["a", "b"], 0),  # not half a mark
        (["a", "b", "c"], ["a", "b"], 0),
        (["a", "a"], ["a"], 1),
        ([], [], 0),
    ],
)
def test_a_question_is_right_or_it_is_not(chosen, correct, mark):
    assert is_right(chosen, correct) is bool(mark)


@pytest.mark.parametrize(
    ("answers", "needed", "marks", "passed"),
    [
        ({1: ["a"], 2: ["b"], 3: ["c"]}, 3, 3, True),
        ({1: ["a"], 2: ["b"]}, 2, 2, True),  # exactly enough; the third is not answered
        ({1: ["a"], 2: ["b"]}, 3, 2, False),
        ({}, 1, 0, False),
        ({1: ["a"], 4: ["d"]}, 1, 1, True),  # an answer to a question that is not in the paper earns nothing
    ],
)
def test_a_paper_passes_with_the_marks_needed(answers, needed, marks, passed):
    result = mark_paper(answers, {1: choice("a"), 2: choice("b"), 3: choice("c")}, needed=needed)

    assert (result.marks, result.passed) == (marks, passed)
    assert sum(result.by_slot.values()) == marks
    assert set(result.by_slot) == {1, 2, 3}


def test_a_withdrawn_question_gives_its_mark_to_everybody():
    result = mark_paper({1: ["b"]}, {1: choice("a"), 2: choice("b")}, needed=2, given=[1, 2])

    assert (result.marks, result.passed) == (2, True)


ORDER, MATCHES = {"a": 1, "b": 2, "c": 3}, {"a": "x", "b": "x", "c": "y"}


@pytest.mark.parametrize(
    ("answer", "key", "right"),
    [
        ({"a": 1, "b": 2, "c": 3}, ORDER, True),
        ({"c": 3, "a": 1, "b": 2}, ORDER, True),  # however it was sent
        ({"a": 2, "b": 1, "c": 3}, ORDER, False),
        ({"a": 1, "b": 2}, ORDER, False),  # a line left out
        ({"a": 1, "b": 2, "c": 2}, ORDER, False),
        ({"a": "x", "b": "x", "c": "y"}, MATCHES, True),
        ({"a": "x", "b": "y", "c": "y"}, MATCHES, False),
        ({}, MATCHES, False),
        (None, MATCHES, False),
        (["a", "b", "c"], ORDER, False),
        ({"a": 1}, ["a"], False),
    ],
)
def test_an_order_or_a_match_is_right_as_a_whole_or_not_at_all(answer, key, right):
    assert is_right(answer, key) is right


@pytest.mark.parametrize(
    ("response", "marks"),
    [
        ({"p1": ["a"], "p2": ["b"]}, 4),
        ({"p1": ["a"], "p2": ["c"]}, 1),
        ({"p2": ["b"]}, 3),
        ({"p1": ["a", "b"], "p2": ["b"]}, 3),
        ({"p9": ["a"]}, 0),
        (None, 0),
        (["a"], 0),
    ],
)
def test_a_scenario_gives_the_marks_of_each_part_that_is_right(response, marks):
    parts = choice("a", part="p1") + choice("b", part="p2", marks=3)

    result = mark_paper({1: response}, {1: parts, 2: choice("a")}, needed=4)

    assert (result.by_slot, result.passed) == ({1: marks, 2: 0}, marks == 4)
    assert mark_paper({1: response}, {1: parts}, needed=4, given=[1]).marks == 4
