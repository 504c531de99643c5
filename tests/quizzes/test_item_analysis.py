"""Item statistics, against cases worked out by hand and against what must hold of any answers."""

from __future__ import annotations

from dataclasses import replace
from math import sqrt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quizzes.grading import mark_question
from quizzes.item_analysis import (
    FEWEST_TO_SHOW,
    Answered,
    Asked,
    analyse,
    by_standard,
    by_topic,
    by_unit,
    too_few,
    wilson,
)
from quizzes.parts import Option, Part


def choice(*, key: str = "a", kind: str = "single", part_id: str = "", marks: int = 1) -> Part:
    options = tuple(Option(letter, letter.upper(), "", correct=letter in key) for letter in "abc")
    return Part(part_id, kind, "Which?", marks, options)


def asked(version: int, *parts: Part, topic: str = "passwords", standard: int = 4, is_withdrawn: bool = False) -> Asked:
    return Asked(version, parts or (choice(),), topic, standard, is_withdrawn)


QUESTIONS = {1: asked(1), 2: asked(2), 3: asked(3, topic="scams", standard=9)}


def papers(*rows: str, questions: dict[int, Asked] = QUESTIONS, needed: int = 2) -> list[Answered]:
    """A person for each row, with one letter for each question; a dot is no answer."""
    found = []
    for person, row in enumerate(rows, start=1):
        given_answers = {version: [] if letter == "." else [letter] for version, letter in enumerate(row, start=1)}
        marks = {version: mark_question(questions[version].parts, answer) for version, answer in given_answers.items()}
        passed = sum(marks.values()) >= needed
        found += [Answered(person, version, marks[version], answer, passed) for version, answer in given_answers.items()]
    return found


def test_a_small_case_worked_out_by_hand():
    # Marks: 111, 110, 100, 001 and 000. On question 1 that is 1 1 1 0 0, and on the rest 2 1 0 1 0.
    answers = papers("aaa", "aab", "abc", "bba", "cc.")

    first, second, third = analyse(answers, QUESTIONS)

    assert [item.people for item in (first, second, third)] == [5, 5, 5]
    assert [item.facility.value for item in (first, second, third)] == pytest.approx([0.6, 0.4, 0.4])
    # cov = 3 - 5(.6)(.8) = .6; variances 1.2 and 2.8, times 4 as is cov
    assert first.discrimination == pytest.approx(0.6 / sqrt(1.2 * 2.8))
    # question 2: 1 1 0 0 0 against 2 1 1 1 0, so cov = 3 - 5(.4)(1) = 1; 1.2 and 2
    assert second.discrimination == pytest.approx(1 / sqrt(1.2 * 2))
    assert [item.b_index for item in (first, second, third)] == pytest.approx([1 - 1 / 3, 1.0, 0.5 - 1 / 3])
    options = {option.text: option.share.part for option in third.parts[0].options}
    assert options == {"A": 2, "B": 1, "C": 1}
    assert third.parts[0].unanswered.part == 1


@pytest.mark.parametrize(
    ("share", "n", "low", "high"),
    [(0.5, 10, 0.2366, 0.7634), (0.9, 10, 0.5958, 0.9821), (0.0, 10, 0.0, 0.2775), (1.0, 30, 0.8865, 1.0), (0.0, 0, 0.0, 1.0)],
)
def test_intervals_after_wilson(share, n, low, high):
    assert wilson(share, n) == pytest.approx((low, high), abs=0.00005)


def test_without_any_difference_there_is_no_discrimination_and_no_b_index():
    item = analyse(papers("aaa", "aaa"), QUESTIONS)[0]

    assert (item.facility.value, item.discrimination, item.b_index) == (1.0, None, None)


def test_a_question_in_parts_counts_by_its_share_of_marks():
    questions = {1: asked(1, choice(part_id="x", marks=3), choice(part_id="y", key="b", marks=1))}
    responses = [{"x": ["a"], "y": ["b"]}, {"x": ["a"], "y": ["c"]}, {"x": ["b"]}]
    answers = [Answered(n, 1, mark_question(questions[1].parts, given), given, True) for n, given in enumerate(responses)]

    item = analyse(answers, questions)[0]

    assert item.facility.value == pytest.approx((1 + 0.75 + 0) / 3)
    assert item.discrimination is None  # there is no rest of the paper
    assert [[option.share.part for option in part.options] for part in item.parts] == [[2, 1, 0], [0, 1, 1]]
    assert [part.unanswered.part for part in item.parts] == [0, 1]


def test_lines_in_order_count_where_they_stand_right():
    part = Part("", "ordering", "Order", 1, (Option("a", "First", ""), Option("b", "Second", ""), Option("c", "Third", "")))
    answers = [Answered(1, 1, 1, {"a": 1, "b": 2, "c": 3}, True), Answered(2, 1, 0, {"a": 1, "b": 3, "c": 2}, False)]

    shares = analyse(answers, {1: asked(1, part)})[0].parts[0]

    assert [option.share.part for option in shares.options] == [2, 1, 1]


def test_a_withdrawn_question_is_marked_as_it_was_answered_and_left_out_elsewhere():
    questions = QUESTIONS | {1: replace(QUESTIONS[1], is_withdrawn=True)}
    answers = papers("baa", "abb", "aab", "bba")
    given_to_all = [replace(answer, marks=1) if answer.version == 1 else answer for answer in answers]

    figures = analyse(given_to_all, questions)

    assert figures[0].facility.value == 0.5
    # question 2 against question 3 alone: 1 0 1 0 and 1 0 0 1
    assert figures[1].discrimination == pytest.approx(0.0)
    assert by_topic(given_to_all, questions)["passwords"].facility.value == 0.5


@pytest.mark.parametrize(
    ("rows", "flags"),
    [
        (["aaa"] * 30 + ["baa"], {"too easy", "an option nobody takes"}),
        (["baa"] * 22 + ["caa"] * 2 + ["aab"] * 7, {"too hard", "negative discrimination", "a wrong option beats the right one"}),
        (["aaa"] * 20 + ["bbb"] * 5 + ["cbb"] * 5, set()),
    ],
)
def test_flags_are_raised_by_their_rules(rows, flags):
    item = analyse(papers(*rows), QUESTIONS)[0]

    assert item.can_be_judged
    assert set(item.flags) == flags


def test_nothing_is_flagged_with_fewer_than_thirty_people():
    item = analyse(papers(*["aaa"] * 29), QUESTIONS)[0]

    assert not item.can_be_judged
    assert item.flags == ()


def test_topics_standards_and_units_share_out_the_marks():
    answers = papers("aaa", "aab", "abc")
    units = {1: {"north"}, 2: {"north", "south"}, 3: {"south"}}

    topics = by_topic(answers, QUESTIONS)
    in_units = by_unit(answers, QUESTIONS, units, topic="passwords")

    assert topics["passwords"].facility.value == pytest.approx(5 / 6)
    assert by_standard(answers, QUESTIONS)[9].facility.value == pytest.approx(1 / 3)
    assert (in_units["north"].people, in_units["north"].facility.value) == (2, 1.0)
    assert (in_units["south"].people, in_units["south"].facility.value) == (2, pytest.approx(3 / 4))


@pytest.mark.parametrize(
    ("people", "hidden"),
    [
        ({"a": 40, "b": 12}, ""),
        ({"a": 40, "b": 12, "c": 9}, "bc"),
        ({"a": 40, "b": 12, "c": 3, "d": 4}, "bcd"),
        ({"a": 40, "b": 12, "c": 6, "d": 4}, "cd"),
        ({"a": 40, "b": 0}, ""),
        ({"a": 9}, "a"),
    ],
)
def test_small_groups_are_hidden_and_what_would_give_them_away(people, hidden):
    assert too_few(people) == set(hidden)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.integers(0, 20), st.integers(0, 40), max_size=8))
def test_what_is_hidden_cannot_be_had_from_the_total(people):
    hidden = too_few(people)

    assert all(n >= FEWEST_TO_SHOW or n == 0 for key, n in people.items() if key not in hidden)
    everybody = {key for key, n in people.items() if n}
    if hidden and hidden != everybody:
        assert len(hidden) > 1
        assert sum(people[key] for key in hidden) >= FEWEST_TO_SHOW


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=st.lists(st.text("abc.", min_size=3, max_size=3), min_size=1, max_size=40), data=st.data())
def test_whatever_is_answered_the_figures_hold_together(rows, data):
    figures = analyse(papers(*rows), QUESTIONS)

    for item in figures:
        shares = [*(option.share for option in item.parts[0].options), item.parts[0].unanswered, item.facility]
        assert all(0 <= share.interval[0] <= share.value <= share.interval[1] <= 1 for share in shares)
        assert sum(share.part for share in shares[:-1]) == item.people == len(rows)
        assert item.discrimination is None or -1.0000001 <= item.discrimination <= 1.0000001
    for item, same in zip(figures, analyse(papers(*data.draw(st.permutations(rows))), QUESTIONS), strict=True):
        assert (item.parts, item.flags, item.facility) == (same.parts, same.flags, same.facility)
        assert item.discrimination == pytest.approx(same.discrimination)
        assert item.b_index == pytest.approx(same.b_index)
