"""A situation in a lesson: which choice the learner tried. Nothing of it is kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def with_answers(blocks: Iterable[Mapping[str, Any]], given: Mapping[str, str]) -> list[dict[str, Any]]:
    """The blocks of a lesson, each scenario with what the learner tried.

    A scenario gets ``name`` (of its field), ``chosen`` (a choice or None), ``is_unanswered`` (sent with no
    choice) and ``others`` (what was tried in the other situations of the lesson, to send along).

    Args:
        blocks: plain blocks.
        given: what came with the address: ``s1`` is the number of the choice tried in the first situation.
    """
    found: list[dict[str, Any]] = []
    tried: dict[str, str] = {}
    for block in blocks:
        if block["type"] != "scenario":
            found.append(dict(block))
            continue
        name = f"s{len(tried) + 1}"
        tried[name] = value = given.get(name, "")
        number = int(value) if value.isascii() and value.isdigit() and len(value) < 3 else 0
        chosen = block["choices"][number - 1] if 1 <= number <= len(block["choices"]) else None
        found.append({**block, "name": name, "chosen": chosen, "is_unanswered": chosen is None and given.get("try") == name})
    for block in found:
        if block["type"] == "scenario":
            block["others"] = {name: value for name, value in tried.items() if value and name != block["name"]}
    return found
