"""What the demonstration's organisations keep in their common registers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Organisation, User
from lms.demonstration.specifications import Specification
from registers import catalogue
from registers.check_kinds import kinds
from registers.services.actions import Owner
from registers.services.checks import ToDo, record_check
from registers.services.risks import review_risk
from staff.models import Unit

RISKS = (
    (
        "A phone or laptop with care notes is lost or stolen",
        "devices",
        (4, 4, 3, 2),
        "PIN, encryption and remote wipe on every work phone",
        -40,
    ),
    (
        "Somebody clicks a link and our computers are locked up",
        "cyber",
        (4, 5, 2, 4),
        "NHSmail, updates every week, backups kept apart",
        120,
    ),
    (
        "A letter or e-mail goes to the wrong person",
        "people",
        (5, 3, 4, 3),
        "Training, address read back, e-mail delay of a minute",
        60,
    ),
    (
        "The supplier of the care records system fails for a day",
        "suppliers",
        (3, 4, 3, 3),
        "Paper packs printed each morning",
        200,
    ),
    (
        "Old care files in the attic are read or get wet",
        "paper",
        (3, 3, 1, 3),
        "Locked cabinets; the oldest are destroyed each spring",
        150,
    ),
)
ASSETS = (
    ("LAP-01", "Office laptop", "device", "Office manager", "yes", "yes", 700, "important"),
    ("LAP-02", "Manager’s laptop", "device", "Registered manager", "yes", "yes", 700, "important"),
    ("TAB-01", "Tablet for medicines, ground floor", "device", "Senior carer", "yes", "yes", 40, "critical"),
    ("TAB-02", "Tablet for medicines, first floor", "device", "Senior carer", "yes", "unknown", None, "critical"),
    ("PC-01", "Reception computer", "device", "Office manager", "yes", "no", -400, "routine"),
    ("PHN-01", "On-call phone", "device", "Registered manager", "yes", "yes", 300, "important"),
    ("SYS-01", "Care records system", "system", "Registered manager", "yes", "yes", None, "critical"),
    ("SYS-02", "Rota and payroll service", "system", "Office manager", "yes", "yes", None, "important"),
    ("PAP-01", "Archive boxes in the attic", "paper", "Office manager", "yes", "not-applicable", None, "routine"),
)
FLOWS = (
    ("Care records", "To plan and give safe care", "People we support and their relatives", "Care plans, health, contacts",
     "GP practices, hospital, local authority", "legal-obligation", "care", "8 years after care ends", "Access by role, two-step sign-in", 180),
    ("Staff files", "To employ and pay people", "Staff and applicants", "Contacts, checks, pay, sickness", "Payroll provider, HMRC, pension",
     "contract", "employment", "6 years after leaving", "Locked cabinet and restricted folder", 90),
    ("Visitors’ book", "To know who is in the building", "Visitors", "Name, time, whom they see", "Nobody", "legitimate-interests", "none",
     "1 year", "Kept at reception, turned page", -20),
)  # fmt: skip


def build(organisation: Organisation, specification: Specification, users: Mapping[str, User], *, today: date) -> int:
    """Fill the registers that an organisation of this kind would have kept by now. Returns how many entries."""
    lead = next(users[s.name] for s in specification.sign_ins if "dspt-lead" in s.roles)
    unit = Unit.objects.filter(organisation=organisation).order_by("pk").first()
    begun = today - timedelta(days=150)
    entries = [("risks", _risk(row, today)) for row in RISKS]
    entries += [("assets", _asset(row, unit, today)) for row in ASSETS]
    entries += [("processing", _flow(row, today)) for row in FLOWS]
    entries += [("planned-checks", values) for values in _planned(unit, today)]
    entries += [("disposals", values) for values in _disposals(begun)]
    entries += [("dpias", values) for values in _plans(today)]
    for number, (slug, values) in enumerate(entries):
        keeping = catalogue.find(slug).keeping  # type: ignore[union-attr]
        entry = keeping.add_one(organisation, values, by=lead, at=_at(begun, number))  # type: ignore[union-attr]
        if slug == "risks" and number == 1:
            scores = {"likelihood_before": 4, "impact_before": 5, "likelihood_after": 3, "impact_after": 4}
            review_risk(
                entry,  # type: ignore[arg-type]
                scores=scores,
                note="More tries this autumn; one member of staff clicked, no harm done.",
                review_by=today + timedelta(days=90),
                by=lead,
                at=_at(today - timedelta(days=20), 0),
            )
    _checks(organisation, unit, lead, today=today)
    return len(entries)


def _checks(organisation: Organisation, unit: Unit | None, lead: User, *, today: date) -> None:
    for days_ago, wrong in ((230, "screens"), (40, "")):
        kind = kinds()["spot-check"]
        on = today - timedelta(days=days_ago)
        answers = {
            code: ("no", "One screen open at the nurses’ station") if code == wrong else ("yes", "") for code in kind.questions
        }
        to_do = ToDo("Set every screen to lock after two minutes", Owner(post="registered-manager"), on + timedelta(days=14))
        record_check(
            organisation, kind, answers=answers, done_on=on, unit=unit, to_do=to_do if wrong else None, by=lead, at=_at(on, 30)
        )
    restore, on = kinds()["backup-restore"], today - timedelta(days=200)
    answers = dict.fromkeys(restore.questions, ("yes", ""))
    record_check(organisation, restore, answers=answers, done_on=on, by=lead, at=_at(on, 45))


def _planned(unit: Unit | None, today: date) -> list[dict[str, Any]]:
    """The year's plan, made after the first checks were done."""
    rows = (
        ("spot-check", unit, 50, 6, "Registered manager"),
        ("access-review", None, 20, 12, "DSPT lead"),
        ("physical-security", unit, 110, 12, "Registered manager"),
        ("continuity", None, -10, 12, "Registered manager"),
    )
    names = ("kind", "unit", "first_due_on", "every_months", "owner_post")
    return [
        dict(zip(names, (kind, where, today + timedelta(days=days), months, who), strict=True))
        for kind, where, days, months, who in rows
    ]


def _risk(row: tuple[Any, ...], today: date) -> dict[str, Any]:
    title, category, scores, controls, review_in = row
    names = ("likelihood_before", "impact_before", "likelihood_after", "impact_after")
    return dict(zip(names, scores, strict=True)) | {
        "title": title,
        "cause": "Hurry, habit, or somebody who means harm",
        "effect": "Private details are seen by others, or care is delayed",
        "category": category,
        "owner_post": "Registered manager",
        "controls": controls,
        "treatment": "reduce",
        "review_by": today + timedelta(days=review_in),
    }


def _asset(row: tuple[Any, ...], unit: Unit | None, today: date) -> dict[str, Any]:
    reference, name, kind, owner, personal, encrypted, support, importance = row
    return {
        "reference": reference,
        "name": name,
        "kind": kind,
        "owner_post": owner,
        "unit": unit,
        "holds_personal_data": personal,
        "encrypted": encrypted,
        "screen_lock": "yes" if kind == "device" else "not-applicable",
        "support_ends_on": None if support is None else today + timedelta(days=support),
        "support_has_no_end": kind == "system",
        "importance": importance,
        "checked_on": today - timedelta(days=60 if encrypted == "yes" else 400),
    }


def _flow(row: tuple[Any, ...], today: date) -> dict[str, Any]:
    name, purpose, people, data, recipients, basis, condition, kept_for, security, review_in = row
    return {
        "name": name,
        "purpose": purpose,
        "lawful_basis": basis,
        "special_condition": condition,
        "people": people,
        "data": data,
        "recipients": recipients,
        "abroad": "No",
        "retention": kept_for,
        "security": security,
        "owner_post": "Registered manager",
        "review_by": today + timedelta(days=review_in),
    }


def _disposals(begun: date) -> list[dict[str, Any]]:
    rule = "Care records, 8 years after care ended, our retention schedule"
    return [
        {"what": "6 boxes of care records, 2014 to 2016", "kind": "paper", "method": "confidential-waste", "done_by": "contractor",
         "contractor": "Cutwell Shredding", "certificate_number": "CW-20881", "retention_rule": rule, "disposed_on": begun - timedelta(days=4)},
        {"what": "2 old laptops", "kind": "equipment", "method": "destroyed", "done_by": "contractor", "contractor": "Greenloop Recycling",
         "disposed_on": begun - timedelta(days=30)},
        {"what": "Rota sheets of last year", "kind": "paper", "method": "shredded", "done_by": "staff", "retention_rule": "Rotas, 1 year",
         "disposed_on": begun - timedelta(days=60)},
    ]  # fmt: skip


def _plans(today: date) -> list[dict[str, Any]]:
    return [
        {"title": "Sensors that notice a fall at night", "description": "Sensors in six bedrooms tell the night staff of a fall. The maker keeps "
         "thirty days of alerts in the UK.", "screening": ["special-data", "vulnerable", "new-technology", "monitoring"], "is_needed": True,
         "needed_reason": "It watches people who live with us, with new technology.", "necessity": "Checks every hour wake people; falls go unseen.",
         "risks_and_measures": "Feeling watched: asked each person, no camera. Alerts seen by others: tablets lock.", "residual_risk": "low"},
        {"title": "A new kettle timer for the kitchen", "description": "A timer with an app, no accounts, no names.", "screening": [],
         "is_needed": False, "needed_reason": "No personal data.", "review_by": today + timedelta(days=300)},
    ]  # fmt: skip


def _at(on: date, minutes: int) -> datetime:
    return timezone.make_aware(datetime.combine(on, time(10))) + timedelta(minutes=minutes)
