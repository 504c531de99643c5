"""A plain entry of every register."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from accounts.enums import Role
from accounts.models import Organisation, User
from registers import catalogue
from registers.check_kinds import kinds
from registers.models import Entry, StepKind
from registers.services import actions, dpo, held_certificates, incidents, policies, rights, suppliers
from registers.services.checks import record_check
from tests.factories import NOW, TODAY, member

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
    "planned-checks": {
        "owner_post": "DSPT lead",
        "kind": "spot-check",
        "first_due_on": date(2026, 9, 1),
        "every_months": 6,
        "note": "The office too",
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


def _action(organisation: Organisation, by: User) -> None:
    action = actions.add_action(
        organisation,
        what="Lock the cabinet",
        why="It stood open",
        owner=actions.Owner(post="dspt-lead"),
        due_on=TODAY,
        by=by,
        at=NOW,
    )
    actions.finish_action(action, note="Done:\na new lock", by=by, at=NOW)


def _advice(organisation: Organisation, by: User) -> None:
    given = {"asked_on": date(2026, 4, 1), "given_on": date(2026, 4, 2), "question": "May we film?", "advice": "Not in bedrooms."}
    dpo.give_advice(organisation, by=by, at=NOW, **given)


def _certificate(organisation: Organisation, by: User) -> None:
    given = {"scheme": "iso27001", "number": "IS 1", "issued_on": date(2025, 9, 1), "expires_on": date(2027, 8, 31)}
    held_certificates.add_certificate(organisation, covers_all=True, by=by, at=NOW, **given)


def _check(organisation: Organisation, by: User) -> None:
    kind = kinds()["spot-check"]
    answers = dict.fromkeys(kind.questions, ("yes", "")) | {
        "paper": ("no", "On the desk. In reception"),
        "keys": ("not-seen", ""),
    }
    record_check(organisation, kind, answers=answers, done_on=date(2026, 4, 1), note="At night", by=by, at=NOW)


def _incident(organisation: Organisation, by: User) -> None:
    report = incidents.Report(
        "incident", "lost", "A phone was lost.\nOn a bus.", NOW, what_was_done="Wiped it", people_affected=3
    )
    incidents.report_incident(organisation, report, key=UUID(int=1), by=by, at=NOW)


def _matter(organisation: Organisation, by: User) -> None:
    given = {"kind": "complaint", "received_on": date(2026, 4, 1), "way": "letter", "about": "A letter that went astray"}
    matter = rights.add_matter(organisation, initials="ab", by=by, at=NOW, **given)
    rights.take_step(matter, kind=StepKind.ACKNOWLEDGED, on=date(2026, 4, 3), by=by, at=NOW)
    answer = {"text": "We said sorry", "outcome": "upheld"}
    rights.take_step(matter, kind=StepKind.ANSWERED, on=date(2026, 4, 9), by=by, at=NOW, **answer)


def _policy(organisation: Organisation, by: User) -> None:
    dates = {"effective_on": date(2026, 4, 1), "review_by": date(2027, 4, 1)}
    version = policies.create_policy(organisation, title="Data protection policy", body="Keep it safe.", by=by, at=NOW, **dates)
    reviewer = member(organisation, Role.SENIOR_REVIEWER)
    policies.approve(version, approved_as="Registered manager", by=reviewer, at=NOW)
    policies.publish(version, by=by, at=NOW)


def _supplier(organisation: Organisation, by: User) -> None:
    supplier = suppliers.add_supplier(
        organisation,
        name="Acorn Care Records",
        category="care-system",
        does="Keeps care plans\nand daily notes",
        handles="health",
        criticality="high",
        ods_code="ab123",
        since=date(2024, 1, 1),
        by=by,
        at=NOW,
    )
    suppliers.record_sighting(supplier, kind="dspt", status="met", seen_on=date(2026, 4, 1), by=by, at=NOW)
    agreed = {"kind": "processing", "title": "Processing agreement", "start": date(2025, 1, 1), "last_day": date(2027, 12, 31)}
    suppliers.add_agreement(supplier, by=by, at=NOW, review_by=date(2026, 12, 1), **agreed)


OWN_PAGES: dict[str, Callable[[Organisation, User], None]] = {
    "actions": _action,
    "advice": _advice,
    "certificates": _certificate,
    "checks": _check,
    "incidents": _incident,
    "policies": _policy,
    "rights": _matter,
    "suppliers": _supplier,
}
"""What puts a plain row into a register with pages of its own."""


def fill(register: str, organisation: Organisation, by: User) -> None:
    """Put a plain row into any register."""
    if register in VALUES:
        add(register, organisation, by)
    else:
        OWN_PAGES[register](organisation, by)
