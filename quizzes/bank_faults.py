"""What is wrong with a question bank as it was written, fault by fault, each with its place."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator
from typing import Any

from quizzes.enums import CHOICE_KINDS, PART_KINDS, QuestionKind

BANK_KEYS = {"pool", "pass_mark_percent", "draws", "questions"}
CONDITIONS = ("minutes", "retake_minutes")
DRAW_KEYS = {"module", "count"}
QUESTION_KEYS = {"code", "module", "topic", "standard", "kind", "stem"}
PART_KEYS = {"kind", "stem", "options"}
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
CODE = re.compile(r"[A-Z0-9]+(-[A-Z0-9]+)*")
MOST_MARKS = 10
"""That one part may give."""


def bank_faults(data: Any) -> Iterator[str]:
    """What is wrong with a bank as a whole; then with each draw and each question."""
    wrong_keys = list(_key_faults("the file", data, BANK_KEYS, CONDITIONS))
    yield from wrong_keys
    if wrong_keys:
        return
    if not is_slug(data["pool"]):
        yield "pool: write a short name in small letters, with hyphens between words."
    if not _is_whole(data["pass_mark_percent"], 1, 100):
        yield "pass_mark_percent: write a whole number from 1 to 100."
    yield from (
        f"{name}: write a whole number of minutes from 1." for name in CONDITIONS if not _is_whole(data.get(name, 1), 1, 10_000)
    )
    for name in ("draws", "questions"):
        if not isinstance(data[name], list) or not data[name]:
            yield f"{name}: list at least one."
            return
    for number, question in enumerate(data["questions"], start=1):
        yield from question_faults(f"question {number}", question)
    yield from code_faults(data["questions"])
    yield from _draw_faults(data["draws"], data["questions"])


def code_faults(questions: Collection[Any]) -> Iterator[str]:
    """Codes that stand for more than one question."""
    codes = Counter(q.get("code") for q in questions if isinstance(q, dict) and isinstance(q.get("code"), str))
    yield from (f"question {code}: the code is used {times} times." for code, times in codes.items() if times > 1)


def question_faults(place: str, question: Any) -> Iterator[str]:
    """What is wrong with one question; ``place`` names it until its code does."""
    kind = question.get("kind") if isinstance(question, dict) else None
    needed = QUESTION_KEYS | ({"parts"} if kind == QuestionKind.SCENARIO else {"options"})
    wrong_keys = list(_key_faults(place, question, needed, _optional(kind) | {"source"}))
    yield from wrong_keys
    if wrong_keys:
        return
    code = question["code"]
    if not isinstance(code, str) or not CODE.fullmatch(code) or len(code) > 20:
        yield f"{place}: code: write capital letters and digits with hyphens, 20 characters at most."
        return
    place = f"question {code}"
    yield from _label_faults(place, question)
    if kind not in QuestionKind.values:
        yield f"{place}: kind: write one of {', '.join(QuestionKind.values)}."
    if not _is_text(question["stem"]):
        yield f"{place}: stem: write the question."
    if kind == QuestionKind.SCENARIO:
        yield from _parts_faults(place, question["parts"])
    else:
        yield from _option_faults(place, kind, question["options"], question.get("other_matches", []))


def is_slug(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= 60 and bool(SLUG.fullmatch(value))


def _label_faults(place: str, question: dict[str, Any]) -> Iterator[str]:
    if not _is_whole(question["module"], 1, 1000):
        yield f"{place}: module: write a whole number from 1."
    if not is_slug(question["topic"]):
        yield f"{place}: topic: write a short name in small letters, with hyphens between words."
    if not _is_whole(question["standard"], 1, 10):
        yield f"{place}: standard: write a whole number from 1 to 10."
    source = question.get("source", "")
    if not isinstance(source, str) or len(source) > 300:
        yield f"{place}: source: write it in words, 300 characters at most."


def _parts_faults(place: str, parts: Any) -> Iterator[str]:
    if not isinstance(parts, list) or not 2 <= len(parts) <= 8:
        yield f"{place}: parts: list 2 to 8."
        return
    for number, part in enumerate(parts, start=1):
        yield from _part_faults(f"{place}, part {number}", part)


def _part_faults(place: str, part: Any) -> Iterator[str]:
    kind = part.get("kind") if isinstance(part, dict) else None
    wrong_keys = list(_key_faults(place, part, PART_KEYS, _optional(kind) | {"marks"}))
    yield from wrong_keys
    if wrong_keys:
        return
    if kind not in PART_KINDS:
        yield f"{place}: kind: write one of {', '.join(PART_KINDS)}."
        return
    if not _is_text(part["stem"]):
        yield f"{place}: stem: write the question."
    if not _is_whole(part.get("marks", 1), 1, MOST_MARKS):
        yield f"{place}: marks: write a whole number from 1 to {MOST_MARKS}."
    yield from _option_faults(place, kind, part["options"], part.get("other_matches", []))


def _option_faults(place: str, kind: Any, options: Any, other_matches: Any) -> Iterator[str]:
    if not isinstance(options, list) or not 2 <= len(options) <= 10:
        yield f"{place}: options: list 2 to 10."
        return
    wrong = [
        fault for n, option in enumerate(options, start=1) for fault in _one_option_faults(f"{place}, option {n}", kind, option)
    ]
    yield from wrong
    if wrong:
        return
    texts = Counter(option["text"].strip() for option in options)
    yield from (f"{place}: the option “{text}” stands {times} times." for text, times in texts.items() if times > 1)
    if kind == QuestionKind.ORDERING:
        if len(options) < 3:
            yield f"{place}: a question to put in order has at least 3 lines."
    elif kind == QuestionKind.MATCHING:
        yield from _match_faults(place, options, other_matches)
    else:
        yield from _key_count_faults(place, kind, sum(option["correct"] for option in options), len(options))


def _key_count_faults(place: str, kind: Any, correct: int, options: int) -> Iterator[str]:
    if kind == QuestionKind.TRUE_FALSE and options != 2:
        yield f"{place}: a true or false question has exactly 2 options."
    if kind in (QuestionKind.SINGLE, QuestionKind.TRUE_FALSE) and correct != 1:
        yield f"{place}: exactly one option is correct, and {correct} are marked so."
    if kind == QuestionKind.MULTIPLE and correct < 2:
        yield f"{place}: a question with several answers has at least 2 correct options, and {correct} are marked so."


def _match_faults(place: str, options: list[Any], other_matches: Any) -> Iterator[str]:
    if not isinstance(other_matches, list) or not all(_is_text(text) for text in other_matches):
        yield f"{place}: other_matches: list words."
        return
    matches = {option["match"].strip() for option in options}
    others = [text.strip() for text in other_matches]
    if len(set(others)) != len(others) or matches & set(others):
        yield f"{place}: other_matches: list each once, and none that an option matches."
    if not 2 <= len(matches | set(others)) <= 10:
        yield f"{place}: there are 2 to 10 different matches to choose from."


def _one_option_faults(place: str, kind: Any, option: Any) -> Iterator[str]:
    texts = ["text", "explanation", *(["match"] if kind == QuestionKind.MATCHING else [])]
    is_choice = kind in CHOICE_KINDS or kind not in QuestionKind.values
    wrong_keys = list(_key_faults(place, option, {*texts, *(["correct"] if is_choice else [])}))
    yield from wrong_keys
    if wrong_keys:
        return
    for name in texts:
        if not _is_text(option[name]):
            yield f"{place}: {name}: write it in words, in quotation marks if it is a word such as True."
    if is_choice and not isinstance(option["correct"], bool):
        yield f"{place}: correct: write true or false."


def _draw_faults(draws: list[Any], questions: list[Any]) -> Iterator[str]:
    there = Counter(q.get("module") for q in questions if isinstance(q, dict) and isinstance(q.get("module"), int))
    drawn: set[int] = set()
    for number, draw in enumerate(draws, start=1):
        place = f"draw {number}"
        wrong_keys = list(_key_faults(place, draw, DRAW_KEYS))
        yield from wrong_keys
        if wrong_keys:
            continue
        module, count = draw["module"], draw["count"]
        if not _is_whole(module, 1, 1000) or not _is_whole(count, 1, 1000):
            yield f"{place}: module and count are whole numbers from 1."
        elif module in drawn:
            yield f"{place}: module {module} is drawn from twice."
        elif there[module] < count:
            yield f"{place}: module {module} has {there[module]} questions and {count} are to be drawn."
        else:
            drawn.add(module)


def _optional(kind: Any) -> set[str]:
    return {"other_matches"} if kind == QuestionKind.MATCHING else set()


def _key_faults(place: str, value: Any, keys: Collection[str], optional: Collection[str] = ()) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{place}: expected {', '.join(sorted(keys))}."
        return
    known = {*keys, *optional}
    yield from (f"{place}: {key} is missing." for key in sorted(set(keys) - value.keys()))
    yield from (f"{place}: {key} is not a known key." for key in sorted(str(key) for key in value if key not in known))


def _is_whole(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())
