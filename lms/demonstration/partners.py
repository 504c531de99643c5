"""The demonstration's suppliers and partners, and its list of actions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from accounts.models import Organisation, User
from lms.demonstration.specifications import Specification
from registers.due_diligence import rules
from registers.models import Supplier
from registers.services.actions import (
    Owner,
    add_action,
    finish_action,
    move_action,
    report_progress,
)
from registers.services.supplier_requests import ask_supplier, review_answer, take_answer
from registers.services.suppliers import add_agreement, add_supplier, record_sighting
from staff.enums import KeyPostKind
from staff.models import Person


def build(organisation: Organisation, specification: Specification, users: Mapping[str, User], *, today: date) -> int:
    """Give a care provider its suppliers and a list of actions at every stage. Returns how many suppliers."""
    if specification.type != "social-care":
        return 0
    lead = next(users[s.name] for s in specification.sign_ins if "dspt-lead" in s.roles)
    suppliers = _suppliers(organisation, by=lead, today=today)
    _actions(organisation, users, suppliers, by=lead, today=today)
    return len(suppliers)


SUPPLIERS: tuple[tuple[str, dict[str, str]], ...] = (
    (
        "care plans",
        {
            "name": "Daybook Care Planning",
            "category": Supplier.Category.CARE_SYSTEM,
            "does": "Keeps care plans and daily notes; care workers read and write them on their phones.",
            "handles": Supplier.Data.HEALTH,
            "criticality": Supplier.Criticality.HIGH,
            "contact_name": "Support desk",
            "contact_email": "support@daybook.example",
            "ods_code": "8XZ01",
            "place": Supplier.Place.UK,
        },
    ),
    (
        "medicines",
        {
            "name": "Mortar and Pestle Systems",
            "category": Supplier.Category.CARE_SYSTEM,
            "does": "Brings medicine records from the pharmacy to our care plans.",
            "handles": Supplier.Data.HEALTH,
            "criticality": Supplier.Criticality.HIGH,
            "contact_name": "Leena Shah",
            "contact_email": "leena@mortarpestle.example",
            "ods_code": "8XZ02",
            "place": Supplier.Place.UK,
        },
    ),
    (
        "payroll",
        {
            "name": "Pennine Payroll",
            "category": Supplier.Category.PAYROLL_HR,
            "does": "Pays our staff; holds their addresses, bank details and pay.",
            "handles": Supplier.Data.PERSONAL,
            "criticality": Supplier.Criticality.MEDIUM,
            "contact_name": "Accounts team",
            "contact_email": "help@pennine.example",
            "place": Supplier.Place.EEA,
            "transfers": "Backups in Ireland, under the UK decision that the EEA protects data well enough.",
            "sub_processors": "Emerald Hosting, Dublin: backups.",
        },
    ),
    (
        "it",
        {
            "name": "Bright Spark IT",
            "category": Supplier.Category.IT_SUPPORT,
            "does": "Looks after laptops, phones and the office network; can reach all of them from afar.",
            "handles": Supplier.Data.HEALTH,
            "criticality": Supplier.Criticality.HIGH,
            "contact_name": "Callum Reid",
            "contact_email": "callum@brightspark.example",
            "place": Supplier.Place.UK,
        },
    ),
    (
        "shredding",
        {
            "name": "Yorkshire Shred and Recycle",
            "category": Supplier.Category.DISPOSAL,
            "does": "Collects and shreds paper from the locked bins once a month.",
            "handles": Supplier.Data.HEALTH,
            "criticality": Supplier.Criticality.LOW,
            "place": Supplier.Place.UK,
        },
    ),
)


def _suppliers(organisation: Organisation, *, by: User, today: date) -> dict[str, Supplier]:
    """Five at different stages: in order, asked and answered, seen too long ago, without an agreement, and not checked."""
    begun = _at(today - timedelta(days=330))
    since = date(2024, 4, 1)
    made = {key: add_supplier(organisation, since=since, last_day=None, by=by, at=begun, **values) for key, values in SUPPLIERS}
    every = [clause.key for clause in rules().clauses]
    some = [key for key in every if key not in ("sub_processors", "dspt")]
    for key, title, clauses in (
        ("care plans", "Service agreement with data processing terms", every),
        ("medicines", "Connection and data processing agreement", every),
        ("payroll", "Payroll contract", some),
    ):
        add_agreement(
            made[key],
            kind="processing" if clauses is every else "contract",
            title=title,
            start=since,
            last_day=None,
            review_by=today + timedelta(days=40 if key == "payroll" else 200),
            clauses=clauses,
            document=None,
            by=by,
            at=begun,
        )
    add_agreement(
        made["it"], kind="contract", title="Support contract", start=since, last_day=today - timedelta(days=20), by=by, at=begun
    )
    for key, status, days in (("care plans", "met", 70), ("payroll", "not-published", 400), ("it", "approaching", 45)):
        seen_on = today - timedelta(days=days)
        note = "Public search page of the national site"
        record_sighting(made[key], kind="dspt", status=status, seen_on=seen_on, note=note, by=by, at=_at(seen_on))
    _ask_and_accept(made["medicines"], by=by, today=today)
    waiting = _at(today - timedelta(days=4))
    ask_supplier(made["payroll"], last_day=today + timedelta(days=17), by=by, at=waiting)
    return made


def _ask_and_accept(supplier: Supplier, *, by: User, today: date) -> None:
    asked, _link = ask_supplier(supplier, last_day=today + timedelta(days=5), by=by, at=_at(today - timedelta(days=16)))
    values = {
        "dspt_status": "exceeded",
        "ods_code": "8XZ02",
        "cyber_essentials": "cyber_essentials_plus",
        "cyber_essentials_until": (today + timedelta(days=190)).isoformat(),
        "iso27001_until": None,
        "incidents": "no",
        "incident_words": "",
        "sub_processors": "Two data centres in England, run by Northern Racks.",
        "contact_name": "Leena Shah",
        "contact_email": "leena@mortarpestle.example",
    }
    at = _at(today - timedelta(days=9))
    answer = take_answer(asked, values=values, answered_by="Leena Shah, head of information security", at=at)
    review_answer(answer, verdict="accepted", note="Agrees with the national site.", by=by, at=_at(today - timedelta(days=8)))


def _actions(
    organisation: Organisation, users: Mapping[str, User], suppliers: Mapping[str, Supplier], *, by: User, today: date
) -> None:
    def person(name: str) -> Owner:
        return Owner(person=Person.objects.get(organisation=organisation, user=users[name]))

    manager, lead = Owner(post=KeyPostKind.REGISTERED_MANAGER), Owner(post=KeyPostKind.DSPT_LEAD)
    planned = [
        ("Ask every supplier who handles care records for their DSPT status", "Two were last seen over a year ago.", lead, -60, 20),
        ("Fit a lock to the filing cabinet in the office", "Found open on the September walk round.", manager, -55, -12),
        ("Take the old tablet out of use and have it wiped", "Its updates ended in October.", person("Ruth Bailey"), -40, -5),
        ("Read the phone rules aloud at the team meeting", "A photo of a rota was sent to a group chat.", person("Denise Walker"), -30, 9),
        ("Put the new clause about sub-processors into the payroll contract", "", Owner(words="Our solicitor"), -25, 45),
        ("Show two colleagues how to report a lost phone", "From the learning after the lost phone in August.", person("Maria Santos"), -14, 6),
    ]  # fmt: skip
    made = []
    for what, why, owner, added, due in planned:
        source = ("supplier", suppliers["payroll"].pk) if "payroll" in what else None
        at, due_on = _at(today + timedelta(days=added)), today + timedelta(days=due)
        made.append(add_action(organisation, what=what, why=why, owner=owner, due_on=due_on, source=source, by=by, at=at))
    finish_action(made[1], note="A locksmith fitted it; the keys are in the key safe.", by=by, at=_at(today - timedelta(days=15)))
    move_action(
        made[4],
        note="The payroll company asked for two more weeks to read it.",
        due_on=today + timedelta(days=59),
        by=by,
        at=_at(today - timedelta(days=7)),
    )
    report_progress(made[0], note="Three of five have answered.", by=by, at=_at(today - timedelta(days=3)))


def _at(day: date) -> datetime:
    """Half past eleven in London."""
    return timezone.make_aware(datetime.combine(day, time(11, 30)))
