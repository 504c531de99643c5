"""How long a lesson takes to read and how hard it is, for whoever writes it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

WORDS_A_MINUTE = 180
"""Slower than the 238 of adults who read silently for research (Brysbaert 2019): tired, on a phone, in a second language."""
SECONDS_A_QUESTION = 40
WANTED_AGE = 11
"""The reading age to aim for; the average adult in England reads at about 9 to 11."""

_TAG = re.compile(r"<[^>]+>")
_END = re.compile(r"</(?:p|li|h2|h3)>")
_WORD = re.compile(r"[A-Za-z0-9][\w'’-]*")
_SENTENCE = re.compile(r"[.!?:]+(?=[\s'’”\"]|$)")
_QUESTIONS = {"scenario": 1, "check": 1}
_NOT_WORDS = {"type", "tone", "url", "level", "file", "captions", "picture", "poster"}


@dataclass(frozen=True)
class Readability:
    """What a text asks of its reader."""

    words: int
    minutes: int
    """Rounded up; the questions in it included."""
    age: int | None
    """The age at which most people read it with ease. None: too short to say."""


def readability_of(blocks: Iterable[Mapping[str, Any]]) -> Readability:
    """Measure the blocks of a lesson, as plain data.

    The age is the Automated Readability Index (Senter and Smith, 1967), which gives a school grade from letters a word
    and words a sentence, and five years to it. It says how hard the words and sentences are, not whether they are true or kind.
    """
    blocks = list(blocks)
    texts = [sentence for block in blocks for sentence in _sentences(block)]
    words = [word for text in texts for word in _WORD.findall(text)]
    questions = sum(len(block["steps"]) if block["type"] == "story" else _QUESTIONS.get(block["type"], 0) for block in blocks)
    minutes = max(1, ceil(len(words) / WORDS_A_MINUTE + questions * SECONDS_A_QUESTION / 60))
    sentences = sum(max(1, len(_SENTENCE.findall(text))) for text in texts if _WORD.search(text))
    if len(words) < 30:
        return Readability(len(words), minutes, None)
    letters = sum(len(word) for word in words)
    grade = 4.71 * letters / len(words) + 0.5 * len(words) / sentences - 21.43
    return Readability(len(words), minutes, max(5, round(grade) + 5))


def _sentences(value: Any) -> Iterator[str]:
    """Every piece of running text in a block; each paragraph and line is a piece of its own."""
    if isinstance(value, str):
        for part in _END.sub("\n", value).splitlines():
            yield _TAG.sub(" ", part)
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            if name not in _NOT_WORDS:
                yield from _sentences(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _sentences(inner)
