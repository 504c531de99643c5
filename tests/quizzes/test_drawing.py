"""The draw: right counts, no repeats, unseen first, the same for the same seed, and no hint in any order."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.drawing import Candidate, Draw, PoolTooSmallError, draw_questions, order_options

START = datetime(2026, 1, 1, tzinfo=UTC)
seeds = st.integers(-(2**63), 2**63 - 1)


@st.composite
def banks(draw):
    """A bank of up to five sections, rules that it can meet, and what the person has had before."""
    sizes = draw(st.lists(st.integers(1, 9), min_size=1, max_size=5))
    bank = [
        Candidate(key=f"Q{section}-{n}", version_id=100 * section + n, pool="p", section=section)
        for section, size in enumerate(sizes, start=1)
        for n in range(size)
    ]
    rules = [Draw("p", section, draw(st.integers(1, size))) for section, size in enumerate(sizes, start=1)]
    keys = [c.key for c in bank]
    seen = draw(st.dictionaries(st.sampled_from(keys), st.integers(0, 5).map(lambda d: START + timedelta(days=d))))
    return bank, rules, seen


@given(banks(), seeds)
def test_each_section_gives_its_count_and_nothing_twice(given_bank, seed):
    bank, rules, seen = given_bank

    paper = draw_questions(bank, rules, last_seen=seen, seed=seed)

    assert [c.section for c in paper] == [rule.section for rule in rules for _ in range(rule.count)]
    assert len({c.key for c in paper}) == len(paper)
    assert set(paper) <= set(bank)


@given(banks(), seeds)
def test_unseen_questions_come_first_and_then_those_longest_ago(given_bank, seed):
    bank, rules, seen = given_bank

    drawn = {c.key for c in draw_questions(bank, rules, last_seen=seen, seed=seed)}

    for taken in (c for c in bank if c.key in drawn):
        for left in (c for c in bank if c.key not in drawn and c.section == taken.section):
            if left.key not in seen:
                assert taken.key not in seen
            elif taken.key in seen:
                assert seen[taken.key] <= seen[left.key]


@given(banks(), seeds, st.randoms(use_true_random=False))
def test_the_seed_alone_decides_whatever_order_the_database_gives(given_bank, seed, random):
    bank, rules, seen = given_bank
    shuffled = bank[:]
    random.shuffle(shuffled)

    assert draw_questions(bank, rules, last_seen=seen, seed=seed) == draw_questions(shuffled, rules, last_seen=seen, seed=seed)


def test_a_section_that_is_too_small_is_refused_with_its_name():
    bank = [Candidate("A", 1, "p", 1)]

    with pytest.raises(PoolTooSmallError, match="Module 1 of p has 1 questions and the quiz needs 2"):
        draw_questions(bank, [Draw("p", 1, 2)], last_seen={}, seed=1)


def test_every_question_of_a_section_is_drawn_about_equally_often():
    bank = [Candidate(f"Q{n}", n, "p", 1) for n in range(12)]

    drawn = Counter(c.key for seed in range(6000) for c in draw_questions(bank, [Draw("p", 1, 2)], last_seen={}, seed=seed))

    assert chi_square([drawn[c.key] for c in bank]) < 31.3  # 11 degrees of freedom, p = 0.001


@given(st.lists(st.text(min_size=1), min_size=2, max_size=10, unique=True), seeds)
def test_options_are_all_there_once(ids, seed):
    assert sorted(order_options(ids, question="Q1", seed=seed, keep=False)) == sorted(ids)
    assert order_options(ids, question="Q1", seed=seed, keep=True) == ids


def test_the_right_option_stands_in_each_place_equally_often_wherever_it_was_written():
    ids = ["right", "one", "two", "three"]
    for authored in range(4):
        written = [*ids[1 : authored + 1], "right", *ids[authored + 1 :]]
        places = Counter(order_options(written, question="Q7", seed=seed, keep=False).index("right") for seed in range(4000))

        assert chi_square([places[place] for place in range(4)]) < 16.3  # 3 degrees of freedom, p = 0.001


def test_the_order_of_one_question_tells_nothing_of_the_next():
    ids = ["a", "b", "c", "d"]
    pairs = Counter(
        (
            order_options(ids, question="Q1", seed=seed, keep=False).index("a"),
            order_options(ids, question="Q2", seed=seed, keep=False).index("a"),
        )
        for seed in range(8000)
    )

    assert chi_square([pairs[first, second] for first in range(4) for second in range(4)]) < 37.7  # 15 degrees, p = 0.001


def chi_square(observed: list[int]) -> float:
    expected = sum(observed) / len(observed)
    return sum((count - expected) ** 2 / expected for count in observed)
