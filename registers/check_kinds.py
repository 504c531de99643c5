"""The kinds of checks and tests, as data."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

FILE = Path(__file__).with_name("data") / "checks.yaml"


@dataclass(frozen=True)
class CheckKind:
    """One kind: its sheet of questions by code, whether managers do it, and every how many months it is suggested."""

    slug: str
    title: str
    says: str
    by_managers: bool
    months: int
    questions: dict[str, str]


@cache
def kinds() -> dict[str, CheckKind]:
    """Every kind by its slug."""
    rows = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return {
        row["kind"]: CheckKind(
            row["kind"],
            row["title"],
            row["says"],
            row["by_managers"],
            row["months"],
            {one["code"]: one["question"] for one in row["questions"]},
        )
        for row in rows
    }


def title_of(slug: str) -> str:
    """What a kind is called; the slug itself for one that is no longer in the data."""
    found = kinds().get(slug)
    return found.title if found else slug
