"""Reading and checking a question bank's file, without a database. Every fault is told, with its place."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from audit.canonical import digest
from quizzes.models import QuestionKind

BANK_KEYS = {"pool", "pass_mark_percent", "draws", "questions"}
DRAW_KEYS = {"module", "count"}
QUESTION_KEYS = {"code", "module", "topic", "standard", "kind", "stem", "options"}
OPTION_KEYS = {"text", "correct", "explanation"}
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
CODE = re.compile(r"[A-Z0-9]+(-[A-Z0-9]+)*")


class BankRefusedError(ValueError):
    """The file is not a question bank that can be used; ``faults`` lists all that is wrong with it."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        super().__init__(f"{faults[0]}{more}")


@dataclass(frozen=True)
class BankQuestion:
    """A question of the file. ``options`` are as ``QuestionVersion`` keeps them."""

    code: str
    section: int
    topic: str
    standard: int
    kind: str
    stem: str
    options: list[dict[str, Any]]

    @property
    def content_hash(self) -> str:
        """Of all that a learner reads and all that decides a mark."""
        return digest({"kind": self.kind, "stem": self.stem, "options": self.options})


@dataclass(frozen=True)
class Bank:
    """A checked bank. ``draws`` are as ``BlueprintVersion`` keeps them."""

    pool: str
    pass_mark_percent: int
    draws: list[dict[str, Any]]
    questions: list[BankQuestion]


def read_bank(path: Path) -> Bank:
    """The bank in a YAML file.

    Raises:
        BankRefusedError: the file cannot be read, or something in it is missing, unknown or contradictory.
    """
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=_StrictLoader)  # noqa: S506  a safe loader
    except (OSError, UnicodeDecodeError) as error:
        raise BankRefusedError([f"{path.name}: the file cannot be read ({error.__class__.__name__})."]) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "this is not YAML"
        raise BankRefusedError([f"{path.name}{place}: {problem}."]) from error
    faults = [f"{path.name}, {fault}" for fault in _bank_faults(data)]
    if faults:
        raise BankRefusedError(faults)
    return Bank(
        pool=data["pool"],
        pass_mark_percent=data["pass_mark_percent"],
        draws=[{"pool": data["pool"], "section": d["module"], "count": d["count"]} for d in data["draws"]],
        questions=[_question(q) for q in data["questions"]],
    )


def option_id(code: str, text: str) -> str:
    """A neutral name for an option: it comes from its words, so neither its place nor its truth shows in it."""
    return hashlib.sha256(f"{code}\n{text}".encode()).hexdigest()[:10]


def _question(raw: dict[str, Any]) -> BankQuestion:
    options = [
        {
            "id": option_id(raw["code"], option["text"].strip()),
            "text": option["text"].strip(),
            "correct": option["correct"],
            "explanation": option["explanation"].strip(),
        }
        for option in raw["options"]
    ]
    return BankQuestion(
        code=raw["code"],
        section=raw["module"],
        topic=raw["topic"],
        standard=raw["standard"],
        kind=raw["kind"],
        stem=raw["stem"].strip(),
        options=options,
    )


class _StrictLoader(yaml.SafeLoader):
    """Refuses a key that stands twice: YAML would silently keep the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Any] = set()
        for key_node, _value in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"“{key}” stands twice", key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


def _bank_faults(data: Any) -> Iterator[str]:
    """What is wrong with the file as a whole; then with each draw and each question."""
    wrong_keys = list(_key_faults("the file", data, BANK_KEYS))
    yield from wrong_keys
    if wrong_keys:
        return
    if not _is_slug(data["pool"]):
        yield "pool: write a short name in small letters, with hyphens between words."
    if not _is_whole(data["pass_mark_percent"], 1, 100):
        yield "pass_mark_percent: write a whole number from 1 to 100."
    for name in ("draws", "questions"):
        if not isinstance(data[name], list) or not data[name]:
            yield f"{name}: list at least one."
            return
    for number, question in enumerate(data["questions"], start=1):
        yield from _question_faults(number, question)
    codes = Counter(q.get("code") for q in data["questions"] if isinstance(q, dict) and isinstance(q.get("code"), str))
    yield from (f"question {code}: the code is used {times} times." for code, times in codes.items() if times > 1)
    yield from _draw_faults(data["draws"], data["questions"])


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


def _question_faults(number: int, question: Any) -> Iterator[str]:
    place = f"question {number}"
    wrong_keys = list(_key_faults(place, question, QUESTION_KEYS))
    yield from wrong_keys
    if wrong_keys:
        return
    code = question["code"]
    if not isinstance(code, str) or not CODE.fullmatch(code) or len(code) > 20:
        yield f"{place}: code: write capital letters and digits with hyphens, 20 characters at most."
        return
    place = f"question {code}"
    if not _is_whole(question["module"], 1, 1000):
        yield f"{place}: module: write a whole number from 1."
    if not _is_slug(question["topic"]):
        yield f"{place}: topic: write a short name in small letters, with hyphens between words."
    if not _is_whole(question["standard"], 1, 10):
        yield f"{place}: standard: write a whole number from 1 to 10."
    if question["kind"] not in QuestionKind.values:
        yield f"{place}: kind: write one of {', '.join(QuestionKind.values)}."
    if not _is_text(question["stem"]):
        yield f"{place}: stem: write the question."
    yield from _option_faults(place, question["kind"], question["options"])


def _option_faults(place: str, kind: Any, options: Any) -> Iterator[str]:
    if not isinstance(options, list) or not 2 <= len(options) <= 10:
        yield f"{place}: options: list 2 to 10."
        return
    wrong = [fault for n, option in enumerate(options, start=1) for fault in _one_option_faults(f"{place}, option {n}", option)]
    yield from wrong
    if wrong:
        return
    texts = Counter(option["text"].strip() for option in options)
    yield from (f"{place}: the option “{text}” stands {times} times." for text, times in texts.items() if times > 1)
    correct = sum(option["correct"] for option in options)
    if kind == QuestionKind.TRUE_FALSE and len(options) != 2:
        yield f"{place}: a true or false question has exactly 2 options."
    if kind in (QuestionKind.SINGLE, QuestionKind.TRUE_FALSE) and correct != 1:
        yield f"{place}: exactly one option is correct, and {correct} are marked so."
    if kind == QuestionKind.MULTIPLE and correct < 2:
        yield f"{place}: a question with several answers has at least 2 correct options, and {correct} are marked so."


def _one_option_faults(place: str, option: Any) -> Iterator[str]:
    wrong_keys = list(_key_faults(place, option, OPTION_KEYS))
    yield from wrong_keys
    if wrong_keys:
        return
    for name in ("text", "explanation"):
        if not _is_text(option[name]):
            yield f"{place}: {name}: write it in words, in quotation marks if it is a word such as True."
    if not isinstance(option["correct"], bool):
        yield f"{place}: correct: write true or false."


def _key_faults(place: str, value: Any, keys: set[str]) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{place}: expected {', '.join(sorted(keys))}."
        return
    yield from (f"{place}: {key} is missing." for key in sorted(keys - value.keys()))
    yield from (f"{place}: {key} is not a known key." for key in sorted(map(str, value.keys() - keys)))


def _is_whole(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_slug(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= 60 and bool(SLUG.fullmatch(value))
