"""The questions that say whether a plan needs a data protection impact assessment."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml

FILE = Path(__file__).with_name("data") / "dpia_screening.yaml"


@cache
def questions() -> dict[str, str]:
    """Question by code, in the order they are asked."""
    return {row["code"]: row["question"] for row in yaml.safe_load(FILE.read_text(encoding="utf-8"))}


def points_to_assessment(answers: list[str]) -> bool:
    """Whether the questions answered with yes call for an assessment: one is enough."""
    return any(code in questions() for code in answers)
