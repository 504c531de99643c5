"""Questions inside a lesson: which choice the learner tried. Nothing of it is kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Tries:
    """What came with the address: ``s1=2`` tried the second choice of the first question of the lesson.

    Args:
        given: the values by name, as ``QueryDict.lists()`` has them.
    """

    given: Mapping[str, Sequence[str]]
    kept: dict[str, list[str]] = field(default_factory=dict)
    """Every question of the lesson met so far, with what was tried."""

    def of(self, choices: Sequence[Any]) -> dict[str, Any]:
        """The next question of the lesson: the name of its field, the choices tried, and whether it was sent empty."""
        name = f"s{len(self.kept) + 1}"
        numbers = sorted({number for value in self.given.get(name, ()) if (number := _number(value)) <= len(choices)} - {0})
        self.kept[name] = [str(number) for number in numbers]
        tried = [choices[number - 1] for number in numbers]
        return {"name": name, "tried": tried, "is_unanswered": not tried and name in self.given.get("try", ())}

    def besides(self, name: str) -> list[tuple[str, str]]:
        """What was tried in the other questions, to send along."""
        return [(other, value) for other, values in self.kept.items() if other != name for value in values]


def with_answers(blocks: Iterable[Mapping[str, Any]], given: Mapping[str, Sequence[str]]) -> list[dict[str, Any]]:
    """The blocks of a lesson, each question with what the learner tried.

    A question (a scenario, a check, a step of a story) gets ``name``, ``tried``, ``is_unanswered`` and ``others``.
    A story gets ``name`` and ``open_steps``: the steps up to the first that was not tried; ``is_over`` when all were.
    """
    tries = Tries(given)
    found = [_with_tries(block, tries) for block in blocks]
    for question in _questions(found):
        question["others"] = tries.besides(question["name"])
    return found


def _with_tries(block: Mapping[str, Any], tries: Tries) -> dict[str, Any]:
    if block["type"] == "scenario":
        return {**block, **tries.of(block["choices"])}
    if block["type"] == "check":
        return {**block, **tries.of(block["options"])}
    if block["type"] == "story":
        steps = [{**step, **tries.of(step["choices"])} for step in block["steps"]]
        done = next((number for number, step in enumerate(steps) if not step["tried"]), len(steps))
        story = {"steps": steps, "open_steps": steps[: done + 1], "is_over": done == len(steps), "name": steps[0]["name"]}
        return {**block, **story}
    return dict(block)


def _questions(blocks: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for block in blocks:
        if block["type"] in ("scenario", "check"):
            yield block
        elif block["type"] == "story":
            yield from block["steps"]


def _number(value: str) -> int:
    """A number of one or two digits, or 0."""
    return int(value) if value.isascii() and value.isdigit() and len(value) < 3 else 0
