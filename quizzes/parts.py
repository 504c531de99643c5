"""What a question asks, kind by kind, as plain values. A question that is no scenario is a single part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from quizzes.enums import CHOICE_KINDS, QuestionKind

Answer = Sequence[str] | Mapping[str, Any] | None
"""To one part: chosen option ids; ordering: place from 1 by option id; matching: target id by option id."""


class Written(Protocol):
    """A question as it is kept: ``QuestionVersion`` or what a file says of one."""

    kind: Any
    stem: Any
    options: Any
    targets: Any
    parts: Any


@dataclass(frozen=True)
class Target:
    """Something that a line of a matching question may belong to."""

    id: str
    text: str


@dataclass(frozen=True)
class Option:
    """An option, or a line to be put in order or matched. ``match``: the id of its target."""

    id: str
    text: str
    explanation: str
    correct: bool = False
    match: str = ""


@dataclass(frozen=True)
class Part:
    """One thing to answer, worth all of ``marks`` or none. The options of an ordering stand in the right order.

    ``id`` is empty where the question has no parts.
    """

    id: str
    kind: str
    stem: str
    marks: int
    options: tuple[Option, ...]
    targets: tuple[Target, ...] = ()

    @property
    def key(self) -> frozenset[str] | dict[str, Any]:
        """The one right answer, in the form answers have (a choice as a set)."""
        if self.kind == QuestionKind.ORDERING:
            return {option.id: place for place, option in enumerate(self.options, start=1)}
        if self.kind == QuestionKind.MATCHING:
            return {option.id: option.match for option in self.options}
        return frozenset(option.id for option in self.options if option.correct)

    @property
    def is_choice(self) -> bool:
        return self.kind in CHOICE_KINDS

    def is_complete(self, answer: Answer) -> bool:
        """Whether nothing of the part is left to answer."""
        if not answer:
            return False
        return self.is_choice or all(option.id in answer for option in self.options)


def parts_of(written: Written) -> tuple[Part, ...]:
    """The parts of a question version, in authored order."""
    if written.kind != QuestionKind.SCENARIO:
        return (_part("", written.kind, written.stem, 1, written.options, written.targets),)
    return tuple(_part(p["id"], p["kind"], p["stem"], p["marks"], p["options"], p["targets"]) for p in written.parts)


def unexplained(written: Written) -> list[str]:
    """The options without an explanation. Only a draft that came from another system may have any."""
    return [option.text for part in parts_of(written) for option in part.options if not option.explanation]


def answer_to(part: Part, response: Any) -> Answer:
    """The answer to one part within the response to its question."""
    if not part.id:
        return response
    return response.get(part.id) if isinstance(response, Mapping) else None


def _part(
    part_id: str, kind: str, stem: str, marks: int, options: Sequence[Mapping[str, Any]], targets: Sequence[Mapping[str, Any]]
) -> Part:
    return Part(
        id=part_id,
        kind=kind,
        stem=stem,
        marks=marks,
        options=tuple(
            Option(
                id=option["id"],
                text=option["text"],
                explanation=option["explanation"],
                correct=option.get("correct", False),
                match=option.get("match", ""),
            )
            for option in options
        ),
        targets=tuple(Target(id=target["id"], text=target["text"]) for target in targets),
    )
