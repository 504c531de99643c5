"""Whether a data protection officer is required, and whether the one there is may be. The questions are in ``data/dpo_questions.yaml``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from staff.enums import ACCOUNTABLE_POSTS, KeyPostKind

FILE = Path(__file__).resolve().parent / "data" / "dpo_questions.yaml"


@dataclass(frozen=True)
class Question:
    """One question; a yes makes an officer required, ``because`` says why."""

    key: str
    ask: str
    hint: str
    because: str


@dataclass(frozen=True)
class Need:
    """Whether an officer is required. ``reasons`` is empty when not."""

    is_required: bool
    reasons: tuple[str, ...]

    @property
    def sentence(self) -> str:
        if self.is_required:
            return f"You must have a data protection officer, because {'; and '.join(self.reasons)}."
        return (
            "The law does not require you to have a data protection officer. Somebody must still look after data protection, "
            "and you may appoint one of your own will: then the same rules hold."
        )


@lru_cache(maxsize=1)
def questions() -> tuple[Question, ...]:
    """What is asked, in order."""
    raw = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return tuple(Question(**question) for question in raw["questions"])


def need_for(answers: Mapping[str, bool]) -> Need:
    """What the answers come to. One yes is enough."""
    reasons = tuple(question.because for question in questions() if answers.get(question.key))
    return Need(bool(reasons), reasons)


@dataclass(frozen=True)
class Holding:
    """Who holds a post: a key that is the same for the same holder, and the post."""

    holder: str
    kind: str


def conflicts(holdings: Sequence[Holding]) -> list[str]:
    """The posts that the officer also holds and must not, in words.

    Source: UK GDPR article 38(6): other tasks must not bring a conflict of interests. Who decides why and how information is
    used, or answers for the risk, cannot watch over it.
    """
    officers = {holding.holder for holding in holdings if holding.kind == KeyPostKind.DPO}
    clashing = [holding.kind for holding in holdings if holding.holder in officers and holding.kind in ACCOUNTABLE_POSTS]
    return [KeyPostKind(kind).label for kind in dict.fromkeys(clashing)]
