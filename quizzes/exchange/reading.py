"""What a file of another system says, before anything is made of it."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.text import slugify

from quizzes.bank_faults import is_slug, question_faults

MOST_BYTES = 5 * 1024 * 1024
MOST_QUESTIONS = 500
MOST_CHARACTERS = 20_000
"""In one text of a question."""

WEIGHTS = "a question is right as a whole or not at all, so the part marks were left out; every answer with marks counts as right"
ONE_RIGHT = "only the answer worth 100 per cent counts as right; part marks of other answers were left out"
SHARED_FEEDBACK = "answers without feedback of their own got the general feedback as explanation"
UNUSED_FEEDBACK = "the general feedback was left out, because every answer has its own"
GAP = "_____"

_BLOCK = re.compile(r"<br\s*/?>|</(?:p|div|li|h[1-6]|tr|pre|blockquote)\s*>", re.IGNORECASE)
_UNSHOWN = re.compile(r"<(script|style)\b[^>]*>.*?</\1\s*>|<!--.*?-->", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"</?[a-z][^<>]*>", re.IGNORECASE)
_LOST = {
    "img": "a picture",
    "audio": "a sound",
    "video": "a film",
    "iframe": "an embedded page",
    "table": "a table",
    "a": "a link",
}
_LOST_TAG = re.compile(rf"<({'|'.join(_LOST)})\b", re.IGNORECASE)
_UNKEEPABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")


class ExchangeRefusedError(ValueError):
    """The file as a whole cannot be read; the text says why and what to do."""


@dataclass(frozen=True)
class Found:
    """A question as the file has it: ``raw`` is in the words of ``bank_file``, without labels; an explanation may be empty.

    ``topic`` is the category it stands in, if that makes one. ``notes`` say what of it was left out.
    """

    place: str
    raw: dict[str, Any]
    topic: str = ""
    notes: tuple[str, ...] = ()


@dataclass
class Reading:
    """All that a file says: what can be made, what is wrong where, and what kinds there is nothing for."""

    found: list[Found] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def add(self, found: Found) -> None:
        """Keep a question, or what is wrong with it. What stands on one line in a list of answers is one line."""
        for option in found.raw["options"]:
            option |= {name: " ".join(option[name].split()) for name in ("text", "match") if name in option}
        if faults := draft_faults(found.raw):
            self.faults += [f"{found.place}: {fault}" for fault in faults]
        else:
            self.found.append(found)


def draft_faults(raw: Mapping[str, Any]) -> list[str]:
    """What is wrong with a question as a draft. Its explanations may be missing: they are written before it is put in use."""
    labels = {"code": "DRAFT", "module": 1, "topic": "draft", "standard": 1}
    explained = [{**option, "explanation": option["explanation"] or "to be written"} for option in raw["options"]]
    faults = question_faults("the question", {**raw, **labels, "options": explained})
    return [fault.removeprefix("question DRAFT").lstrip(":, ") for fault in faults]


def topic_of(category: str) -> str:
    """The topic that a category's path ends with; empty where the name is one that Moodle gives by itself."""
    name = category.rsplit("/", 1)[-1].strip()
    slug = slugify(name)[:60].strip("-")
    return slug if is_slug(slug) and slug not in ("top", "course") and not slug.startswith("default-for-") else ""


def as_text(written: str, *, is_html: bool, place: str, notes: list[str]) -> str:
    """Words without markup. What cannot be kept as words is told in ``notes``.

    Raises:
        ExchangeRefusedError: the text is longer than any question.
    """
    if len(written) > MOST_CHARACTERS:
        raise ExchangeRefusedError(
            f"{place} has a text of more than {MOST_CHARACTERS:,} characters. Shorten it and upload the file again."
        )
    if is_html:
        for tag in dict.fromkeys(tag.lower() for tag in _LOST_TAG.findall(written)):
            _note(notes, f"{_LOST[tag]} was left out, so check that the question still makes sense")
        written = html.unescape(_TAG.sub("", _BLOCK.sub("\n", _UNSHOWN.sub(" ", written))))
    return tidy(written)


def tidy(text: str) -> str:
    """A text as every format can carry it: no control characters, single spaces, at most one empty line."""
    text = _UNKEEPABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " "))
    lines = [" ".join(line.split()) for line in text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def choices(weighted: list[tuple[str, float, str]], *, is_single: bool, notes: list[str]) -> dict[str, Any]:
    """The kind and the options of ``(text, per cent, feedback)`` answers."""
    if is_single:
        right = [weight >= 99.9 for _text, weight, _feedback in weighted]
        if any(0 < weight < 99.9 for _text, weight, _feedback in weighted):
            _note(notes, ONE_RIGHT)
    else:
        right = [weight > 0 for _text, weight, _feedback in weighted]
        if len({weight for _text, weight, _feedback in weighted if weight > 0}) > 1:
            _note(notes, WEIGHTS)
    options = [
        {"text": text, "correct": is_right, "explanation": feedback}
        for (text, _weight, feedback), is_right in zip(weighted, right, strict=True)
    ]
    return {"kind": "single" if is_single or sum(right) == 1 else "multiple", "options": options}


def pairs(lines: list[tuple[str, str, str]]) -> dict[str, Any]:
    """A matching question of ``(text, match, feedback)``; a match without a text is one that nothing belongs to."""
    options = [{"text": text, "match": match, "explanation": feedback} for text, match, feedback in lines if text]
    matched = {match for text, match, _feedback in lines if text}
    others = dict.fromkeys(match for text, match, _feedback in lines if not text and match and match not in matched)
    return {"kind": "matching", "options": options} | ({"other_matches": list(others)} if others else {})


def explain(raw: dict[str, Any], general: str, notes: list[str]) -> None:
    """Give the general feedback to the options that have none of their own."""
    bare = [option for option in raw["options"] if not option["explanation"]]
    for option in bare:
        option["explanation"] = general
    if general:
        _note(notes, SHARED_FEEDBACK if bare else UNUSED_FEEDBACK)


def _note(notes: list[str], note: str) -> None:
    if note not in notes:
        notes.append(note)
