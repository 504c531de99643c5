"""Suppliers from a spreadsheet, with the newest look at their DSPT and the newest agreement."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accounts.models import Organisation, User
from accounts.policy import Access
from registers.forms.rows import SupplierRow
from registers.intake import Intake
from registers.models.suppliers import Agreement, Sighting, Supplier
from registers.services.suppliers import (
    SUPPLIER_FIELDS,
    SupplierRefusedError,
    add_agreement,
    add_supplier,
    change_agreement,
    change_supplier,
    record_sighting,
)

AGREEMENT = {
    "agreement": "title",
    "agreement_kind": "kind",
    "agreement_start": "start",
    "agreement_last_day": "last_day",
    "agreement_review_by": "review_by",
}


def newest_dspt(supplier: Supplier) -> Sighting | None:
    """The last look at its DSPT; costs no query after ``with_facts``."""
    seen = [sighting for sighting in supplier.sightings.all() if sighting.kind == Sighting.Kind.DSPT]
    return max(seen, key=lambda sighting: (sighting.seen_on, sighting.pk), default=None)


def newest_agreement(supplier: Supplier) -> Agreement | None:
    """The agreement that began last; costs no query after ``with_facts``."""
    return max(supplier.agreements.all(), key=lambda agreement: (agreement.start, agreement.pk), default=None)


def said(supplier: Supplier, name: str) -> Any:
    """What is known of a supplier for a field of its row."""
    if name in ("dspt_status", "dspt_seen_on"):
        return getattr(newest_dspt(supplier), name.removeprefix("dspt_"), None) or ""
    if name in AGREEMENT:
        return getattr(newest_agreement(supplier), AGREEMENT[name], None) or ""
    return getattr(supplier, name)


def _form(data: Mapping[str, Any] | None, /, *, access: Access, there: Any = None) -> SupplierRow:
    return SupplierRow(data)


def _add(organisation: Organisation, values: Mapping[str, Any], /, *, by: User, at: datetime) -> Supplier:
    supplier = add_supplier(organisation, by=by, at=at, **{name: values[name] for name in SUPPLIER_FIELDS})
    _keep_facts(supplier, values, by=by, at=at)
    return supplier


def _change(there: Supplier, values: Mapping[str, Any], /, *, by: User, at: datetime) -> Supplier:
    supplier = change_supplier(there, by=by, at=at, **{name: values[name] for name in SUPPLIER_FIELDS})
    _keep_facts(supplier, values, by=by, at=at)
    return supplier


def _keep_facts(supplier: Supplier, values: Mapping[str, Any], *, by: User, at: datetime) -> None:
    """A look at the DSPT or an agreement that is not known yet is added; an agreement of the same title is corrected."""
    status, seen_on = values["dspt_status"], values["dspt_seen_on"]
    if status and (said(supplier, "dspt_status"), said(supplier, "dspt_seen_on")) != (status, seen_on):
        record_sighting(supplier, kind=Sighting.Kind.DSPT, status=status, seen_on=seen_on, by=by, at=at)
    if not values["agreement"]:
        return
    agreed = {field: values[name] for name, field in AGREEMENT.items()}
    there = next((one for one in supplier.agreements.all() if one.title.casefold() == agreed["title"].casefold()), None)
    if there is None:
        add_agreement(supplier, by=by, at=at, **agreed)
    else:
        change_agreement(there, by=by, at=at, **agreed)


INTAKE = Intake(
    rows=lambda organisation: Supplier.objects.of(organisation).with_facts(),
    form=_form,
    add=_add,
    change=_change,
    key="name",
    said=said,
    refused=(SupplierRefusedError,),
    advice="One row for each supplier or partner. Give the DSPT status you saw on the public search page, with the day.",
)
