"""The words a course explains, gathered from its lessons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def words_of(content: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Each word and its meaning, once, in the order of the alphabet. Where lessons differ, the first stands.

    Args:
        content: a frozen version's.
    """
    found: dict[str, tuple[str, str]] = {}
    for module in content["modules"]:
        for lesson in module["lessons"]:
            for block in lesson["blocks"]:
                terms = [block] if block["type"] == "term" else block["items"] if block["type"] == "terms" else []
                for term in terms:
                    found.setdefault(term["term"].casefold(), (term["term"], term["meaning"]))
    return [found[key] for key in sorted(found)]
