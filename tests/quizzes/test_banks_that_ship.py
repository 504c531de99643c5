"""What holds for every question that ships with us, whoever wrote it."""

from __future__ import annotations

import re
from collections import Counter
from itertools import combinations
from pathlib import Path

import pytest

from quizzes.bank_file import Bank, read_bank
from quizzes.models import QuestionKind

BANKS = [read_bank(path) for path in sorted(Path("quizzes/data").glob("*.yaml"))]
EACH_BANK = pytest.mark.parametrize("bank", BANKS, ids=lambda bank: bank.pool)


def test_there_are_at_least_250_questions_and_no_code_is_used_twice():
    codes = Counter(question.code for bank in BANKS for question in bank.questions)

    assert len(codes) >= 250
    assert max(codes.values()) == 1


@EACH_BANK
def test_a_bank_holds_at_least_three_times_the_questions_that_a_paper_shows(bank: Bank):
    there = Counter(question.section for question in bank.questions)

    short = [draw for draw in bank.draws if there[draw["section"]] < 3 * draw["count"]]

    assert short == []


@EACH_BANK
def test_the_right_option_is_not_usually_the_longest_and_has_no_favourite_place(bank: Bank):
    singles = [question.options for question in bank.questions if question.kind == QuestionKind.SINGLE]
    longest = [options for options in singles if max(options, key=lambda option: len(option["text"]))["correct"]]
    places = Counter([option["correct"] for option in options].index(True) for options in singles)

    assert len(longest) <= len(singles) / 3
    assert max(places.values()) <= len(singles) / 2


@EACH_BANK
def test_a_guess_by_the_shape_of_an_option_is_hardly_better_than_chance(bank: Bank):
    """Four options make chance 25 in 100. The guesser takes a two-part option that does not say 'never' or the like."""
    singles = [question.options for question in bank.questions if question.kind == QuestionKind.SINGLE]
    guessed = [[option for option in options if _looks_careful(option["text"])] or options for options in singles]
    hits = sum(sum(option["correct"] for option in options) / len(options) for options in guessed)

    assert hits < 0.4 * len(singles)


def test_true_is_right_as_often_as_false():
    truths = [
        next(option["correct"] for option in question.options if option["text"] == "True")
        for bank in BANKS
        for question in bank.questions
        if question.kind == QuestionKind.TRUE_FALSE
    ]

    assert abs(2 * sum(truths) - len(truths)) <= 3


def test_no_two_stems_are_nearly_the_same():
    stems = [(question.code, _words(question.stem)) for bank in BANKS for question in bank.questions]

    alike = [(a, b) for (a, one), (b, other) in combinations(stems, 2) if len(one & other) > 0.6 * len(one | other)]

    assert alike == []


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[a-z0-9]+", text.lower()))


def _looks_careful(text: str) -> bool:
    absolute = re.search(r"\b(never|always|only|all|every|everyone|everything|anything|nothing|nobody)\b", text, re.IGNORECASE)
    return not absolute and (" and " in text or re.search("[,:;]", text) is not None)
