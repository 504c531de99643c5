"""How long each kind of thing is kept: the rules that ship, and what an organisation chose instead."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import yaml

from accounts.models import Organisation
from privacy.models import KeepingChoice

FILE = Path(__file__).with_name("data") / "retention.yaml"
LEAVERS, IMPORT_ROWS, EMAIL_LOG, SIGN_IN, JOBS, COPIES = "leavers", "import-rows", "email-log", "sign-in", "jobs", "copies"


@dataclass(frozen=True)
class Rule:
    """One kind of thing and how long it is kept, as it ships. Days count from the clock."""

    key: str
    title: str
    holds: str
    clock: str
    does: str
    days: int
    least: int
    most: int
    why: str
    source: str
    verified: bool


@dataclass(frozen=True)
class RuleInForce:
    """A rule as one organisation keeps it."""

    rule: Rule
    days: int
    choice: KeepingChoice | None

    def cut_off(self, on: date) -> date:
        """What happened before this day is over on ``on``."""
        return on - timedelta(days=self.days)

    @property
    def words(self) -> str:
        """The time, as people say it."""
        return days_words(self.days)


def days_words(days: int) -> str:
    """``2192`` as about 6 years; short times in days."""
    if days >= 730:
        years = round(days / 365.25, 1)
        return f"about {years:g} years ({days} days)"
    return f"{days} days" if days != 1 else "1 day"


@cache
def shipped() -> dict[str, Rule]:
    """The rules by their key, in the order of the file."""
    return {said["key"]: Rule(**said) for said in yaml.safe_load(FILE.read_text(encoding="utf-8"))}


def in_force(organisation: Organisation) -> dict[str, RuleInForce]:
    """Every rule as the organisation keeps it. One query."""
    chosen: dict[str, KeepingChoice] = {}
    for choice in KeepingChoice.objects.filter(organisation=organisation).select_related("made_by").order_by("pk"):
        chosen[choice.rule] = choice
    return {
        key: RuleInForce(rule, chosen[key].days if key in chosen else rule.days, chosen.get(key))
        for key, rule in shipped().items()
    }
