"""What the organisation's registers and its records of each person say that bears on an item, and the dated readings kept of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from accounts.models import Organisation
from accounts.policy import Access
from audit.canonical import digest
from registers import catalogue
from registers.catalogue import Figure
from reporting import staff_records

SHIPPED = Path(__file__).parent / "data" / "register-figures.yaml"


@cache
def figures_by_item() -> Mapping[str, tuple[str, ...]]:
    """The keys of the figures that bear on each item, by the item's stable id."""
    content = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
    return {item: tuple(keys) for item, keys in content["items"].items()}


def figures_for(organisation: Organisation, item_id: str, *, on: date, access: Access | None = None) -> list[Figure]:
    """What the registers say on a date about one item.

    Where a register has nothing to count from, the figure that says so stands once for all of that register. Registers
    that ``access`` may not see are left out.
    """
    found: list[Figure] = []
    by_register: dict[str, list[str]] = {}
    for key in figures_by_item().get(item_id, ()):
        by_register.setdefault(key.partition(".")[0], []).append(key)
    for slug, keys in by_register.items():
        if slug == staff_records.SLUG:
            if access is None or staff_records.may_view(access):
                found += [figure for figure in staff_records.figures_on(organisation, on) if figure.key in keys]
            continue
        register = catalogue.find(slug)
        if register is None or (access is not None and not register.may_view(access)):
            continue
        figures = catalogue.figures_of(register, organisation, on)
        wanted = [figure for figure in figures if figure.key in keys]
        found += wanted or [figure for figure in figures if not figure.is_recorded]
    return found


def stated(figure: Figure) -> dict[str, Any]:
    """A figure as plain values: what a kept reading says, and what its digest covers."""
    return {
        "key": figure.key,
        "as_of": figure.as_of.isoformat(),
        "sentence": figure.sentence,
        "definition": figure.definition,
        "footing": figure.footing.value,
        "numerator": figure.numerator,
        "denominator": figure.denominator,
    }


def digest_of(said: Mapping[str, Any]) -> str:
    """The digest of a reading's plain values."""
    return digest(dict(said))


def in_words(readings: Sequence[Mapping[str, Any]]) -> list[str]:
    """Published readings as sentences with their dates."""
    return [f"{reading['sentence']} (as at {reading['as_of']}, {FOOTINGS[reading['footing']]})" for reading in readings]


FOOTINGS = {"rows": "from the register", "nil-return": "nil return", "nothing": "nothing recorded"}
