"""Counting rules as plain values: who is in scope, how long a completion counts, what is aimed for, and all that in words."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from courses.dates import window_start
from nhsuk.jinja import day
from reporting.enums import Headline
from staff.enums import EmploymentType

SHIPPED = Path(__file__).parent / "data" / "counting-rules.yaml"
TRAINING = "training"
"""The rule of ordinary figures."""
DSPT_TRAINING = "dspt-3.2.1"
"""The rule of the training evidence for the DSPT."""


@dataclass(frozen=True)
class Rule:
    """How a completion rate is counted.

    Attributes:
        months: how long a completion counts, 1 to 120.
        target: per cent asked for, or None.
        employment_types: the types that are counted; None counts every type.
        units: ids of units that are counted, each with all below it; empty counts every unit, and posts of none.
        unit_names: their names, for the words.
        courses: codes of courses of which any one counts; empty when the question names the course.
        source: where the rule comes from, in words.
    """

    key: str
    title: str
    months: int
    target: int | None = None
    employment_types: tuple[str, ...] | None = None
    only_with_access: bool = True
    headline: str = Headline.GROSS
    courses: tuple[str, ...] = ()
    source: str = "shipped with the product"
    units: tuple[int, ...] = ()
    unit_names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= self.months <= 120:
            raise ValueError("A completion counts for 1 to 120 months.")
        if self.target is not None and not 0 <= self.target <= 100:
            raise ValueError("A target is 0 to 100 per cent.")
        unknown = set(self.employment_types or ()) - set(EmploymentType.values)
        if unknown:
            raise ValueError(f"Unknown employment type: {', '.join(sorted(unknown))}.")
        if self.employment_types == ():
            raise ValueError("Name at least one employment type, or count every type.")

    def as_dict(self) -> dict[str, Any]:
        """JSON values, for records that outlive the rule."""
        content = asdict(self)
        content["employment_types"] = "every" if self.employment_types is None else list(self.employment_types)
        units = {"units": list(content.pop("units")), "unit_names": list(content.pop("unit_names"))}
        content |= {"courses": list(self.courses), "headline": str(self.headline)}
        return content | units if self.units else content

    def changed(self, **values: Any) -> Rule:
        """The same rule with other values."""
        return replace(self, **values)


def rule_from(content: dict[str, Any]) -> Rule:
    """The rule that ``as_dict`` or the shipped file wrote down."""
    types = content["employment_types"]
    values = content | {
        "employment_types": None if types == "every" else tuple(types),
        "courses": tuple(content["courses"]),
        "units": tuple(content.get("units", ())),
        "unit_names": tuple(content.get("unit_names", ())),
    }
    return Rule(**values)


@cache
def shipped_rules() -> dict[str, Rule]:
    """The rules that ship with the product, by key."""
    content = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
    source = f"shipped with the product, version {content['version']}"
    return {entry["key"]: rule_from(entry | {"source": source}) for entry in content["rules"]}


def definition_of(rule: Rule, *, on: date, course_titles: list[str]) -> list[str]:
    """What the figure means, one sentence each, for the people who read or audit it."""
    return [
        _who(rule, on),
        "A person counts once, however many posts they hold.",
        _what(rule, on, course_titles),
        "The headline figure keeps people who are away or exempt. The net figure leaves them out."
        if rule.headline == Headline.GROSS
        else "The headline figure is the net one: it leaves out people who are away or exempt. The other keeps them.",
        "Where everybody was asked to do a new version of a course, earlier completions stop counting after the day that was given.",
        f"Facts dated after {day(on)} are ignored. A record marked as wrong since then does not count.",
        "Percentages are rounded down to one decimal place.",
    ]


def _who(rule: Rule, on: date) -> str:
    access = " whose work gives access to personal data" if rule.only_with_access else ""
    if rule.employment_types is None:
        kinds = "of any employment type"
    else:
        kinds = "employed as " + _one_of([str(EmploymentType(kind).label).lower() for kind in rule.employment_types])
    unknown = " Where we do not know about access, the person is counted." if rule.only_with_access else ""
    where = f", in {_and(rule.unit_names)} and below" if rule.units else ""
    return f"In scope: everyone in post on {day(on)}{where}{access}, {kinds}.{unknown}"


def _what(rule: Rule, on: date, course_titles: list[str]) -> str:
    titles = _one_of([f"“{title}”" for title in course_titles]) if course_titles else "the course asked about"
    after = window_start(on, rule.months)
    months = "month" if rule.months == 1 else f"{rule.months} months"
    return f"Trained: finished {titles} in the {months} up to {day(on)}, so after {day(after)} and no later than {day(on)}."


def _and(words: tuple[str, ...]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _one_of(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
