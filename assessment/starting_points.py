"""What somebody can start from: templates where an item asks for something in writing, and what the profile says already."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

from assessment.answers import plain
from assessment.edition_format.types import Item
from assessment.leaves import Leaf
from assessment.queries import AssessmentReturn
from registers.writing import library

SHIPPED = Path(__file__).parent / "data" / "templates.yaml"
PROFILE_ANSWERS = Path(__file__).parent / "data" / "profile-answers.yaml"


@cache
def codes_by_item() -> Mapping[str, tuple[str, ...]]:
    """Codes of templates by the item's stable id."""
    content = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
    return {item: tuple(codes) for item, codes in content["items"].items()}


def templates_for(item_id: str) -> list[library.Template]:
    """The templates that fit an item, the closest first."""
    return [library.templates()[code] for code in codes_by_item().get(item_id, ())]


@cache
def profile_fields() -> Mapping[str, str]:
    """The field of the profile that answers an item, by the item's stable id."""
    content = yaml.safe_load(PROFILE_ANSWERS.read_text(encoding="utf-8"))
    return dict(content["items"])


def said_in_profile(whole: AssessmentReturn, leaf: Leaf) -> str:
    """The answer to an item of text that the profile has and the return has not; else nothing."""
    field = profile_fields().get(leaf.item_id)
    if field is None or whole.profile is None or not isinstance(leaf.spec, Item) or leaf.spec.answer.kind != "text":
        return ""
    said = str(getattr(whole.profile, field)).strip()
    given = str(plain(leaf.current.value) or "").strip() if leaf.current else ""
    return said if said != given else ""
