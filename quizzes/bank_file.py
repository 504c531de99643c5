"""Reading a question bank's file, without a database. Every fault is told, with its place.

A bank is YAML with ``pool``, ``pass_mark_percent``, ``draws`` (``{module, count}``) and ``questions``, and if wanted
``minutes`` (the time limit) and ``retake_minutes`` (the pause after a fail). Every question has

``code``, ``module``, ``topic``, ``standard`` (1 to 10), ``kind`` and ``stem``, and it may have a ``source``. By kind:

- ``single``, ``multiple``, ``true_false``: ``options`` of ``{text, correct, explanation}``;
- ``ordering``: ``options`` of ``{text, explanation}``, written in the right order;
- ``matching``: ``options`` of ``{text, match, explanation}``; several may have the same ``match``, and
  ``other_matches`` lists those that nothing belongs to;
- ``scenario``: ``stem`` is the case, and ``parts`` lists 2 to 8 questions with a ``kind`` (any but scenario), a ``stem``,
  ``options`` as above, and ``marks`` if the part is worth more than 1.

Every option is explained. A question, or a part, is right as a whole or not at all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Hashable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from audit.canonical import digest
from quizzes.bank_faults import CONDITIONS, bank_faults
from quizzes.enums import QuestionKind


class BankRefusedError(ValueError):
    """The file is not a question bank that can be used; ``faults`` lists all that is wrong with it."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        super().__init__(f"{faults[0]}{more}")


@dataclass(frozen=True)
class BankQuestion:
    """A question as it was written. ``options``, ``targets`` and ``parts`` are as ``QuestionVersion`` keeps them."""

    code: str
    section: int
    topic: str
    standard: int
    kind: str
    stem: str
    options: list[dict[str, Any]]
    targets: list[dict[str, Any]] = field(default_factory=list)
    parts: list[dict[str, Any]] = field(default_factory=list)
    source: str = ""

    @property
    def content(self) -> dict[str, Any]:
        """All that a learner reads and all that decides a mark."""
        written = {"kind": self.kind, "stem": self.stem, "options": self.options}
        return written | {name: value for name in ("targets", "parts") if (value := getattr(self, name))}

    @property
    def content_hash(self) -> str:
        return digest(self.content)

    @property
    def marks(self) -> int:
        return sum(part["marks"] for part in self.parts) or 1


@dataclass(frozen=True)
class Bank:
    """A checked bank. ``draws`` are as ``BlueprintVersion`` keeps them."""

    pool: str
    pass_mark_percent: int
    draws: list[dict[str, Any]]
    questions: list[BankQuestion]
    conditions: dict[str, Any] = field(default_factory=dict)


def read_bank(path: Path) -> Bank:
    """The bank in a YAML file.

    Raises:
        BankRefusedError: the file cannot be read, or something in it is missing, unknown or contradictory.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BankRefusedError([f"{path.name}: the file cannot be read ({error.__class__.__name__})."]) from error
    data = parse(text, name=path.name)
    faults = [f"{path.name}, {fault}" for fault in bank_faults(data)]
    if faults:
        raise BankRefusedError(faults)
    return Bank(
        pool=data["pool"],
        pass_mark_percent=data["pass_mark_percent"],
        draws=[{"pool": data["pool"], "section": d["module"], "count": d["count"]} for d in data["draws"]],
        questions=[question_of(q) for q in data["questions"]],
        conditions={name: data[name] for name in CONDITIONS if name in data},
    )


def parse(text: str, *, name: str) -> Any:
    """What a YAML text says. ``name`` begins a fault.

    Raises:
        BankRefusedError: it is no YAML, or a key stands twice.
    """
    try:
        return yaml.load(text, Loader=_StrictLoader)  # noqa: S506  a safe loader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "this is not YAML"
        raise BankRefusedError([f"{name}{place}: {problem}."]) from error


def option_id(code: str, text: str) -> str:
    """A neutral name for an option: it comes from its words, so neither its place nor its truth shows in it."""
    return hashlib.sha256(f"{code}\n{text}".encode()).hexdigest()[:10]


def question_of(raw: dict[str, Any]) -> BankQuestion:
    """A question that has no faults, ready to be kept."""
    code = raw["code"]
    is_scenario = raw["kind"] == QuestionKind.SCENARIO
    parts = [
        {"id": f"p{n}", "kind": p["kind"], "stem": p["stem"].strip(), "marks": p.get("marks", 1)} | _choices(f"{code} p{n}", p)
        for n, p in enumerate(raw.get("parts", []), start=1)
    ]
    return BankQuestion(
        code=code,
        section=raw["module"],
        topic=raw["topic"],
        standard=raw["standard"],
        kind=raw["kind"],
        stem=raw["stem"].strip(),
        parts=parts,
        source=raw.get("source", "").strip(),
        **({"options": []} if is_scenario else _choices(code, raw)),
    )


def _choices(code: str, raw: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The options of a question or a part, and what they may be matched with."""
    options, matches = [], [text.strip() for text in raw.get("other_matches", [])]
    for written in raw["options"]:
        text = written["text"].strip()
        option = {"id": option_id(code, text), "text": text}
        if raw["kind"] == QuestionKind.MATCHING:
            matches.append(written["match"].strip())
            option["match"] = _target_id(code, matches[-1])
        elif raw["kind"] != QuestionKind.ORDERING:
            option["correct"] = written["correct"]
        options.append(option | {"explanation": written["explanation"].strip()})
    # In the order of the alphabet, so that the kept order tells nothing either.
    return {"options": options, "targets": [{"id": _target_id(code, text), "text": text} for text in sorted(set(matches))]}


def _target_id(code: str, text: str) -> str:
    return option_id(f"{code} match", text)


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
