"""Moodle XML: reading the questions of a file, and writing ours."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from xml.etree import ElementTree as Tree

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from quizzes.exchange.reading import (
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

UNSUPPORTED = {
    "essay": "an essay",
    "shortanswer": "a short answer to type",
    "numerical": "a number to type",
    "cloze": "a text with gaps",
    "multianswer": "a text with gaps",
    "calculated": "a calculation",
    "calculatedsimple": "a calculation",
    "calculatedmulti": "a calculation",
    "description": "a text without a question",
    "gapselect": "a text with gaps",
    "ddwtos": "a text with gaps to drag words into",
    "ddimageortext": "a picture to drag onto",
    "ddmarker": "a picture to mark",
    "randomsamatch": "drawn from others",
    "random": "drawn from others",
}


def read_moodle_xml(content: bytes) -> Reading:
    """The questions of a Moodle XML file.

    Raises:
        ExchangeRefusedError: it is no such file, or too much.
    """
    root = _root(content)
    reading, topic, number = Reading(), "", 0
    for question in root.findall("question"):
        kind = (question.get("type") or "").strip()
        if kind == "category":
            topic = topic_of(_plain(question.find("category")))
            continue
        number += 1
        if number > MOST_QUESTIONS:
            raise ExchangeRefusedError(f"The file has more than {MOST_QUESTIONS} questions. Export fewer at a time.")
        name = " ".join(_plain(question.find("name")).split())[:60]
        place = f"Question {number}, “{name}”" if name else f"Question {number}"
        read = _KINDS.get(kind)
        if read is None:
            what = UNSUPPORTED.get(kind, f"of the kind “{kind[:30]}”")
            reading.left_out.append(f"{place} is {what}, which there is no kind for here. Write it anew if you need it.")
            continue
        texts = _Texts(place)
        raw = {"stem": texts.of(question.find("questiontext"), "html")} | read(question, texts)
        explain(raw, texts.of(question.find("generalfeedback"), "html"), texts.notes)
        reading.add(Found(place, raw, topic, tuple(texts.notes)))
    if not number:
        raise ExchangeRefusedError(
            "There is no question in the file. In Moodle, export the question bank as “Moodle XML format”."
        )
    return reading


def write_moodle_xml(pool_code: str, questions: Iterable[WrittenQuestion]) -> bytes:
    """Questions as Moodle imports them. All texts are plain text, so no word of them can be taken for markup."""
    quiz, category = Tree.Element("quiz"), ""
    for question in questions:
        if question.topic != category:
            category = question.topic
            element = Tree.SubElement(quiz, "question", type="category")
            _text(element, "category", f"$course$/top/{pool_code}/{category}")
        _write(quiz, question)
    Tree.indent(quiz, " ")
    return bytes(Tree.tostring(quiz, encoding="utf-8", xml_declaration=True))


class _Texts:
    """The texts of one question; what was left out of them is in ``notes``."""

    def __init__(self, place: str) -> None:
        self.place = place
        self.notes: list[str] = []

    def of(self, element: Tree.Element | None, otherwise: str) -> str:
        if element is None:
            return ""
        text_format = element.get("format") or otherwise
        is_html = text_format not in ("plain_text", "markdown")
        return as_text(_plain(element), is_html=is_html, place=self.place, notes=self.notes)

    def answer(self, element: Tree.Element, otherwise: str) -> tuple[str, str]:
        """An answer and its feedback."""
        return self.of(element, otherwise), self.of(element.find("feedback"), "html")


def _root(content: bytes) -> Tree.Element:
    try:
        root: Tree.Element = fromstring(content, forbid_dtd=True)
    except DefusedXmlException as error:
        raise ExchangeRefusedError(
            "The file defines entities of its own, which no Moodle export does. Export it again."
        ) from error
    except Tree.ParseError as error:
        line = f"Line {error.position[0]}: " if error.position[0] else ""
        raise ExchangeRefusedError(
            f"{line}the file is not well-formed XML. Export it again from Moodle as “Moodle XML format”."
        ) from error
    except (ValueError, LookupError) as error:
        raise ExchangeRefusedError("The encoding of the file is not known. Save it as UTF-8 and upload that.") from error
    if root.tag != "quiz":
        raise ExchangeRefusedError("This is XML, but not of Moodle questions. In Moodle, export as “Moodle XML format”.")
    return root


def _plain(element: Tree.Element | None) -> str:
    """The words of an element: of its ``text`` child, as Moodle writes them, or its own."""
    if element is None:
        return ""
    text = element.find("text")
    return "".join((text if text is not None else element).itertext())


def _multichoice(question: Tree.Element, texts: _Texts) -> dict[str, Any]:
    weighted = []
    for answer in question.findall("answer"):
        text, feedback = texts.answer(answer, "html")
        weighted.append((text, _fraction(answer), feedback))
    is_single = (question.findtext("single") or "true").strip().lower() in ("true", "1")
    return choices(weighted, is_single=is_single, notes=texts.notes)


def _truefalse(question: Tree.Element, texts: _Texts) -> dict[str, Any]:
    options = []
    for answer in question.findall("answer"):
        text, feedback = texts.answer(answer, "plain_text")
        options.append({"text": text.capitalize(), "correct": _fraction(answer) > 0, "explanation": feedback})
    return {"kind": "true_false", "options": options}


def _matching(question: Tree.Element, texts: _Texts) -> dict[str, Any]:
    lines = []
    for line in question.findall("subquestion"):
        text, feedback = texts.answer(line, "html")
        lines.append((text, texts.of(line.find("answer"), "plain_text"), feedback))
    return pairs(lines)


def _ordering(question: Tree.Element, texts: _Texts) -> dict[str, Any]:
    answers = question.findall("answer")
    places = [_fraction(answer) for answer in answers]
    if len(set(places)) == len(places):
        answers = [answer for _place, answer in sorted(zip(places, answers, strict=True), key=lambda pair: pair[0])]
    lines = [texts.answer(answer, "html") for answer in answers]
    return {"kind": "ordering", "options": [{"text": text, "explanation": feedback} for text, feedback in lines]}


_KINDS = {
    "multichoice": _multichoice,
    "truefalse": _truefalse,
    "matching": _matching,
    "match": _matching,
    "ordering": _ordering,
}


def _fraction(answer: Tree.Element) -> float:
    try:
        return float(answer.get("fraction") or 0)
    except ValueError:
        return 0.0


def _write(quiz: Tree.Element, question: WrittenQuestion) -> None:
    raw = question.raw
    options = raw["options"]
    kind = {"matching": "matching", "ordering": "ordering"}.get(raw["kind"], "multichoice")
    if question.is_true_or_false:
        kind = "truefalse"
    element = Tree.SubElement(quiz, "question", type=kind)
    _text(element, "name", question.name)
    _text(element, "questiontext", raw["stem"], format="plain_text")
    _text(element, "generalfeedback", general_explanation(raw), format="plain_text")
    _plain_child(element, "defaultgrade", str(question.marks))
    if kind == "multichoice":
        _plain_child(element, "single", "false" if raw["kind"] == "multiple" else "true")
    if kind in ("multichoice", "matching"):
        _plain_child(element, "shuffleanswers", "true")
    if kind == "multichoice":
        _plain_child(element, "answernumbering", "none")
    for place, option in enumerate(options, start=1):
        if kind == "matching":
            line = _text(element, "subquestion", option["text"], format="plain_text")
            _text(line, "answer", option["match"])
        else:
            weight = str(place) if kind == "ordering" else share_of(option, options)
            text = option["text"].lower() if kind == "truefalse" else option["text"]
            line = _text(element, "answer", text, fraction=weight, format="plain_text")
        _text(line, "feedback", option["explanation"], format="plain_text")
    for match in raw.get("other_matches", []):
        _text(_text(element, "subquestion", "", format="plain_text"), "answer", match)


def _text(parent: Tree.Element, tag: str, words: str, **attributes: str) -> Tree.Element:
    element = Tree.SubElement(parent, tag, attributes)
    _plain_child(element, "text", words)
    return element


def _plain_child(parent: Tree.Element, tag: str, words: str) -> None:
    Tree.SubElement(parent, tag).text = words
