from __future__ import annotations

import pytest

from courses.readability import readability_of

EASY = "The cat sat on the mat. It was a red mat. The cat had a nap in the sun all day. "
HARD = (
    "Organisations demonstrating institutional accountability necessarily operationalise comprehensive governance "
    "documentation, notwithstanding considerable administrative proportionality considerations. "
)


def text(words):
    return {"type": "text", "html": f"<p>{words}</p>"}


def test_short_words_and_sentences_are_easier():
    easy, hard = (readability_of([text(words * 4)]).age for words in (EASY, HARD))

    assert easy <= 7
    assert hard >= 20


@pytest.mark.parametrize(
    ("blocks", "words", "minutes"),
    [
        ([], 0, 1),
        ([text("one two three")], 3, 1),
        ([text("word " * 180)], 180, 1),
        ([text("word " * 181)], 181, 2),
        ([text("word " * 180), {"type": "check", "question": "Why?", "options": []}], 181, 2),
    ],
)
def test_words_and_minutes_are_counted_with_the_questions(blocks, words, minutes):
    found = readability_of(blocks)

    assert (found.words, found.minutes) == (words, minutes)


def test_too_few_words_have_no_age_and_lines_end_a_sentence():
    assert readability_of([text("Too short.")]).age is None
    lines = {"type": "checklist", "title": "", "items": ["I know who to tell"] * 10}
    assert readability_of([lines]).age <= readability_of([text("I know who to tell " * 10)]).age


def test_tags_and_addresses_are_not_words():
    assert readability_of([text('See <a href="https://example.org/a/very/long/path">this</a>')]).words == 2
