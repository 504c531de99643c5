"""What looks like a person's details, and what does not."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registers.breach_grid import current_grid, weigh
from registers.patient_details import find, is_nhs_number

TODAY = date(2026, 11, 22)


def kinds(text: str) -> list[str]:
    return [finding.looks_like for finding in find(text, today=TODAY)]


@pytest.mark.parametrize(
    ("text", "looks_like"),
    [
        ("her number is 943 476 5919 I think", ["an NHS number"]),
        ("9434765919", ["an NHS number"]),
        ("born 3/4/1941", ["a date of birth"]),
        ("DOB: 12 Nov 2025", ["a date of birth"]),
        ("the letter says 03.04.41", ["a date of birth"]),
        ("I gave the chart to resident Mary Smith", ["a name"]),
        ("Mrs Jones rang", ["a name"]),
        ("it went to LS1 4AP", ["a postcode"]),
        ("she rang from 07700 900123", ["a phone number"]),
    ],
)
def test_details_are_noticed(text, looks_like):
    assert kinds(text) == looks_like


@pytest.mark.parametrize(
    "text",
    [
        "943 476 5918",
        "I sent the rota to the wrong list on 20/11/2026.",
        "the patient records were left on the bus",
        "The Resident Care plan was open on the desk",
        "invoice 1234567890, order 0000000000",
        "A resident was given the wrong letter.",
    ],
)
def test_ordinary_words_are_left_alone(text):
    assert kinds(text) == []


@given(st.integers(0, 999_999_999))
def test_exactly_one_last_digit_fits_or_none(nine):
    body = f"{nine:09d}"
    fitting = [digit for digit in range(10) if is_nhs_number(f"{body}{digit}")]
    total = sum(int(digit) * weight for digit, weight in zip(body, range(10, 1, -1), strict=True))
    check = (11 - total % 11) % 11

    assert fitting == ([] if check == 10 or set(body) == {str(check)} else [check])


@given(st.integers(1, 5), st.integers(1, 5), st.booleans())
def test_the_grid_says_one_thing_and_worse_is_never_milder(likelihood, impact, vulnerable):
    grid = current_grid()
    weight = weigh(grid, likelihood=likelihood, impact=impact, vulnerable=vulnerable)
    worse = weigh(grid, likelihood=min(5, likelihood + 1), impact=min(5, impact + 1), vulnerable=vulnerable)

    assert ("Tell the ICO" in weight.sentence) == weight.tell_ico
    assert ("tell the people affected" in weight.sentence) == weight.tell_people
    assert worse.tell_ico >= weight.tell_ico
    assert worse.tell_people >= weight.tell_people
    assert weight.score == weight.likelihood * weight.impact


@pytest.mark.parametrize(
    ("likelihood", "impact", "vulnerable", "tell_ico", "tell_people"),
    [
        (2, 5, False, False, False),
        (3, 1, False, False, False),
        (3, 2, False, True, False),
        (3, 4, False, True, True),
        (3, 1, True, True, False),
        (1, 1, True, False, False),
    ],
)
def test_the_ico_is_told_when_harm_is_likely_and_more_than_nothing(likelihood, impact, vulnerable, tell_ico, tell_people):
    weight = weigh(current_grid(), likelihood=likelihood, impact=impact, vulnerable=vulnerable)

    assert (weight.tell_ico, weight.tell_people) == (tell_ico, tell_people)


def test_a_scale_outside_the_grid_is_refused():
    with pytest.raises(ValueError, match="1 to 5"):
        weigh(current_grid(), likelihood=0, impact=6, vulnerable=False)
