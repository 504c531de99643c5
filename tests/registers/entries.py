"""A plain entry of every register that is kept on the common pages."""

from __future__ import annotations

from datetime import date
from typing import Any

from accounts.models import Organisation, User
from registers import catalogue
from registers.models import Entry
from tests.factories import NOW

VALUES: dict[str, dict[str, Any]] = {
    "assets": {
        "reference": "LAP-1",
        "name": "Office laptop",
        "kind": "device",
        "ownership": "organisation",
        "owner_post": "Office manager",
        "holds_personal_data": "yes",
        "encrypted": "yes",
        "screen_lock": "yes",
        "support_ends_on": date(2027, 10, 14),
        "importance": "important",
        "checked_on": date(2026, 4, 1),
    },
    "disposals": {
        "what": "Two boxes of care records",
        "kind": "paper",
        "method": "shredded",
        "disposed_on": date(2026, 3, 3),
        "done_by": "staff",
        "retention_rule": "Care records, 8 years",
    },
    "processing": {
        "name": "Care records",
        "purpose": "To care safely",
        "role": "controller",
        "lawful_basis": "public-task",
        "special_condition": "care",
        "people": "People we support",
        "data": "Care plans",
        "recipients": "GP practice",
        "abroad": "No",
        "retention": "8 years",
        "security": "Access by role",
        "owner_post": "Registered manager",
        "review_by": date(2027, 4, 1),
    },
    "risks": {
        "title": "A phone with care notes is lost",
        "cause": "Left on a bus",
        "effect": "Private notes are read by others",
        "category": "devices",
        "owner_post": "Registered manager",
        "likelihood_before": 4,
        "impact_before": 4,
        "controls": "PIN and remote wipe",
        "likelihood_after": 3,
        "impact_after": 2,
        "treatment": "reduce",
        "review_by": date(2027, 4, 1),
    },
    "dpias": {
        "title": "Falls sensors",
        "description": "Sensors in bedrooms",
        "screening": ["special-data", "monitoring"],
        "is_needed": True,
        "needed_reason": "They watch people at home",
        "residual_risk": "not-assessed",
        "decision": "undecided",
        "review_by": date(2027, 4, 1),
    },
}
"""The values of the forms, by register."""


def posted(values: dict[str, Any]) -> dict[str, Any]:
    """The values as a browser sends them."""
    sent: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, date):
            sent |= {f"{name}_day": value.day, f"{name}_month": value.month, f"{name}_year": value.year}
        elif value is True:
            sent[name] = "on"
        elif value is not False:
            sent[name] = value
    return sent


def add(register: str, organisation: Organisation, by: User | str, **values: Any) -> Entry:
    """Put the plain entry into a register, or one that differs in some values."""
    keeping = catalogue.find(register).keeping
    return keeping.add_one(organisation, VALUES[register] | values, by=by, at=NOW)
