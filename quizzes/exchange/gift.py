r"""GIFT, the text format of Moodle: reading the questions of a file, and writing ours.

``~ = # { } : \`` have a meaning of their own and are written with ``\`` before them; ``\n`` is a new line. A question
ends at an empty line. GIFT has no question to put in order.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from typing import Any

from quizzes.exchange.reading import (
    GAP,
    MOST_QUESTIONS,
    ExchangeRefusedError,
    Found,
    Reading,
    as_text,
    choices,
    explain,
    pairs,
    topic_of,
)
from quizzes.exchange.writing import WrittenQuestion, general_explanation, share_of

_SPECIAL = "\\~=#{}:"
_STANDS_FOR = {chr(0xE000 + n): char for n, char in enumerate(_SPECIAL)} | {chr(0xE000 + len(_SPECIAL)): "\n"}
"""While a file is taken apart, an escaped character is one of private use, so that it cannot be taken for a mark."""
_HIDDEN = {char: stand_in for stand_in, char in _STANDS_FOR.items()}
_HEAD = re.compile(r"\s*(?:::(?P<title>.*?)::)?\s*(?:\[(?P<format>html|plain|moodle|markdown)\])?(?P<rest>.*)", re.DOTALL)
_ANSWER = re.compile(r"(?P<sign>[=~])(?P<words>[^=~]*)")
_WEIGHT = re.compile(r"%(-?\d{1,3}(?:\.\d{1,7})?)%")
_TRUTH = re.compile(r"(?P<truth>T|TRUE|F|FALSE)\s*(?:#(?P<wrong>[^#]*))?(?:#(?P<right>[^#]*))?", re.IGNORECASE)


def read_gift(content: bytes) -> Reading:
    """The questions of a GIFT file.

    Raises:
        ExchangeRefusedError: it is no text, it has no question, or too many.
    """
    reading, topic, number = Reading(), "", 0
    for line, block in _blocks(_decoded(content)):
        place = f"Line {line}"
        if block.lstrip().upper().startswith("$CATEGORY:"):
            topic = topic_of(_shown(block.split(":", 1)[1]))
            continue
        number += 1
        if number > MOST_QUESTIONS:
            raise ExchangeRefusedError(f"The file has more than {MOST_QUESTIONS} questions. Split it and upload the parts.")
        _read(reading, place, block, topic)
    if not number:
        raise ExchangeRefusedError("There is no question in the file. In Moodle, export the question bank as “GIFT format”.")
    return reading


def write_gift(pool_code: str, questions: Iterable[WrittenQuestion]) -> bytes:
    """Questions as Moodle imports them; a comment names those that GIFT has no words for."""
    lines: list[str] = []
    left_out: list[str] = []
    category = ""
    for question in questions:
        if not _can_say(question):
            left_out.append(question.name)
            continue
        if question.topic != category:
            category = question.topic
            lines += [f"$CATEGORY: $course$/top/{pool_code}/{category}", ""]
        lines += [*_written(question), ""]
    if left_out:
        lines = [f"// Not in this file, because GIFT cannot say them: {', '.join(left_out)}", "", *lines]
    return "\n".join(lines).encode()


def _decoded(content: bytes) -> str:
    is_utf_16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if is_utf_16 else ("utf-8-sig", "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text.replace("\r\n", "\n").replace("\r", "\n")
    raise ExchangeRefusedError("The file is not a text file. Save it as plain text in UTF-8 and upload that.")


def _blocks(text: str) -> Iterator[tuple[int, str]]:
    """Each question with the number of its first line; escaped characters are hidden, comments are gone."""
    text = "".join("" if char in _STANDS_FOR else char for char in text)
    text = re.sub(r"\\([\\~=#{}:n])", lambda m: _HIDDEN["\n" if m[1] == "n" else m[1]], text)
    start, block = 0, list[str]()
    for number, line in enumerate([*text.split("\n"), ""], start=1):
        if line.lstrip().startswith("//"):
            continue
        if line.lstrip().upper().startswith("$CATEGORY:"):
            if block:
                yield start, "\n".join(block)
                block = []
            yield number, line
        elif line.strip():
            start = start if block else number
            block.append(line)
        elif block:
            yield start, "\n".join(block)
            block = []


def _read(reading: Reading, place: str, block: str, topic: str) -> None:
    head = _HEAD.fullmatch(block)
    title, text_format, rest = (head["title"], head["format"], head["rest"]) if head else (None, None, block)
    if title and (name := " ".join(_shown(title).split())[:60]):
        place = f"{place}, “{name}”"
    opened, closed = rest.count("{"), rest.count("}")
    if not opened and not closed:
        reading.left_out.append(f"{place} is a text without a question, which there is no kind for here.")
        return
    if (opened, closed) != (1, 1) or rest.index("{") > rest.index("}"):
        reading.faults.append(
            f"{place}: the answers stand between one {{ and one }}. Put \\ before every other brace, and no empty line between them."
        )
        return
    before, after = rest.split("{")
    answers, after = after.split("}")
    texts = _Texts(place, text_format not in ("plain", "markdown"))
    answers, _mark, general = answers.partition("####")
    raw = _answers(answers.strip(), texts)
    if isinstance(raw, str):
        reading.left_out.append(f"{place} is {raw}, which there is no kind for here. Write it anew if you need it.")
        return
    stem = f"{before.rstrip()} {GAP} {after.lstrip()}" if after.strip() else before
    raw["stem"] = texts.of(stem)
    explain(raw, texts.of(general), texts.notes)
    reading.add(Found(place, raw, topic, tuple(texts.notes)))


class _Texts:
    """The texts of one question; what was left out of them is in ``notes``."""

    def __init__(self, place: str, is_html: bool) -> None:
        self.place = place
        self.is_html = is_html
        self.notes: list[str] = []

    def of(self, hidden: str) -> str:
        is_html = self.is_html
        if found := re.match(r"\s*\[(html|plain|moodle|markdown)\]", hidden):
            is_html, hidden = found[1] not in ("plain", "markdown"), hidden[found.end() :]
        return as_text(_shown(hidden), is_html=is_html, place=self.place, notes=self.notes)


def _answers(answers: str, texts: _Texts) -> dict[str, Any] | str:
    """The kind and the options; or, in words, the kind that there is nothing for."""
    if not answers:
        return "an essay"
    if answers.startswith("#"):
        return "a number to type"
    if truth := _TRUTH.fullmatch(answers):
        return _true_or_false(truth, texts)
    found = [(m["sign"], *m["words"].partition("#")[::2]) for m in _ANSWER.finditer(answers)]
    if found and all(sign == "=" and "->" in words for sign, words, _feedback in found):
        halves = [(*words.split("->", 1), feedback) for _sign, words, feedback in found]
        return pairs([(texts.of(text), texts.of(match), texts.of(feedback)) for text, match, feedback in halves])
    if not any(sign == "~" for sign, _words, _feedback in found):
        return "a short answer to type"
    return _choices(found, texts)


def _choices(found: list[tuple[str, str, str]], texts: _Texts) -> dict[str, Any]:
    weighted = []
    for sign, words, feedback in found:
        words = words.strip()
        weight = 100.0 if sign == "=" else 0.0
        if sign == "~" and (given := _WEIGHT.match(words)):
            weight, words = float(given[1]), words[given.end() :]
        weighted.append((texts.of(words), weight, texts.of(feedback)))
    return choices(weighted, is_single=any(sign == "=" for sign, _words, _feedback in found), notes=texts.notes)


def _true_or_false(truth: re.Match[str], texts: _Texts) -> dict[str, Any]:
    is_true = truth["truth"].upper().startswith("T")
    told = {True: texts.of(truth["right"] or ""), False: texts.of(truth["wrong"] or "")}
    options = [
        {"text": word, "correct": says == is_true, "explanation": told[says == is_true]}
        for word, says in (("True", True), ("False", False))
    ]
    return {"kind": "true_false", "options": options}


def _shown(hidden: str) -> str:
    """The words, with the characters that were escaped."""
    return "".join(_STANDS_FOR.get(char, char) for char in hidden)


def _can_say(question: WrittenQuestion) -> bool:
    """GIFT has no ordering, and no way to write an arrow or an empty text within a match."""
    if question.raw["kind"] == "matching":
        matches = [o["match"] for o in question.raw["options"]] + question.raw.get("other_matches", [])
        return not any("->" in text for text in [*matches, *(o["text"] for o in question.raw["options"])])
    return bool(question.raw["kind"] != "ordering")


def _written(question: WrittenQuestion) -> list[str]:
    raw, options = question.raw, question.raw["options"]
    head = f"::{_escaped(question.name)}::[plain]{_escaped(raw['stem'])} {{"
    if question.is_true_or_false:
        right = next(o for o in options if o["correct"])
        wrong = next(o for o in options if not o["correct"])
        told = f"#{_escaped(wrong['explanation'])}#{_escaped(right['explanation'])}"
        return [f"{head}{right['text'].upper()}{told}}}"]
    if raw["kind"] == "matching":
        lines = [f"={_escaped(o['text'])} -> {_escaped(o['match'])}" for o in options]
        lines += [f"= -> {_escaped(match)}" for match in raw.get("other_matches", [])]
        general = general_explanation(raw)
        return [head, *lines, *([f"####{_escaped(general)}"] if general else []), "}"]
    return [head, *(_choice(option, raw) for option in options), "}"]


def _choice(option: dict[str, Any], raw: dict[str, Any]) -> str:
    share = f"%{share_of(option, raw['options'])}%"
    sign = "=" if option["correct"] and raw["kind"] != "multiple" else f"~{share}"
    told = f"#{_escaped(option['explanation'])}" if option["explanation"] else ""
    return f"{sign}{_escaped(option['text'])}{told}"


def _escaped(text: str) -> str:
    return re.sub(r"([\\~=#{}:])", r"\\\1", text).replace("\n", "\\n")
