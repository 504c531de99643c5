"""Keeping the register of suppliers and partners: who they are, what was seen of them, what was agreed with them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Organisation, User
from audit.services import record
from evidence.models import DocumentVersion
from registers.due_diligence import rules
from registers.models.suppliers import Agreement, Sighting, Supplier

SUPPLIER_FIELDS = (
    "name",
    "category",
    "does",
    "handles",
    "criticality",
    "contact_name",
    "contact_email",
    "ods_code",
    "place",
    "transfers",
    "sub_processors",
    "since",
    "last_day",
)
AGREEMENT_FIELDS = ("kind", "title", "start", "last_day", "review_by", "clauses", "document")


class SupplierRefusedError(ValueError):
    """The entry cannot be kept as given; the text is one sentence that says why and what to do."""


@transaction.atomic
def add_supplier(organisation: Organisation, *, by: User | str, at: datetime, **values: Any) -> Supplier:
    """Enter a supplier or partner. ``values`` are those of ``SUPPLIER_FIELDS``.

    Raises:
        SupplierRefusedError: the name is taken or empty, nothing is said of what they do, or the dates are the wrong way round.
    """
    supplier = Supplier(organisation=organisation, **_tidy(values))
    _check_supplier(supplier)
    supplier.save()
    summary = {"category": supplier.get_category_display(), "handles": supplier.handles}
    record("registers.supplier_added", organisation=organisation, by=by, target=supplier, summary=summary, at=at)
    return supplier


@transaction.atomic
def change_supplier(supplier: Supplier, *, by: User | str, at: datetime, **values: Any) -> Supplier:
    """Correct what is known of a supplier. The same values again change nothing.

    Raises:
        SupplierRefusedError: as for :func:`add_supplier`.
    """
    supplier = Supplier.objects.select_for_update().select_related("organisation").get(pk=supplier.pk)
    changed = _apply(supplier, SUPPLIER_FIELDS, _tidy(values))
    if not changed:
        return supplier
    _check_supplier(supplier)
    supplier.save(update_fields=changed)
    summary = {"changed": ", ".join(name.replace("_", " ") for name in changed)}
    record("registers.supplier_changed", organisation=supplier.organisation, by=by, target=supplier, summary=summary, at=at)
    return supplier


@transaction.atomic
def record_sighting(
    supplier: Supplier,
    *,
    kind: str,
    status: str = Sighting.Status.HELD,
    seen_on: date,
    valid_until: date | None = None,
    basis: str = Sighting.Basis.SEEN,
    note: str = "",
    document: DocumentVersion | None = None,
    by: User | str,
    at: datetime,
) -> Sighting:
    """Keep what was seen of a supplier's DSPT status, or of a certificate with its last valid day.

    Raises:
        SupplierRefusedError: it lies in the future, a certificate has no last valid day, or the document is not the organisation's own.
    """
    if seen_on > timezone.localdate(at):
        raise SupplierRefusedError("The day on which you saw it has not come yet.")
    is_dspt = kind == Sighting.Kind.DSPT
    if is_dspt and (status == Sighting.Status.HELD or valid_until):
        raise SupplierRefusedError("A DSPT status is one of the words the national site uses, without a last valid day.")
    if not is_dspt and (status != Sighting.Status.HELD or valid_until is None):
        raise SupplierRefusedError("Give the last day on which the certificate is valid.")
    _check_document(supplier, document)
    sighting = Sighting.objects.create(
        supplier=supplier,
        kind=kind,
        status=status,
        basis=basis,
        seen_on=seen_on,
        valid_until=valid_until,
        note=note.strip(),
        document=document,
        by=by if isinstance(by, User) else None,
        at=at,
    )
    summary = {"what": str(sighting), "seen_on": seen_on.isoformat(), "basis": basis}
    record("registers.supplier_seen", organisation=supplier.organisation, by=by, target=supplier, summary=summary, at=at)
    return sighting


@transaction.atomic
def add_agreement(supplier: Supplier, *, by: User | str, at: datetime, **values: Any) -> Agreement:
    """Enter an agreement with a supplier. ``values`` are those of ``AGREEMENT_FIELDS``.

    Raises:
        SupplierRefusedError: the dates are the wrong way round, a clause is unknown, or the document is not the organisation's own.
    """
    agreement = Agreement(supplier=supplier, **values)
    _check_agreement(agreement)
    agreement.save()
    record(
        "registers.agreement_added",
        organisation=supplier.organisation,
        by=by,
        target=agreement,
        summary=_agreement_summary(agreement),
        at=at,
    )
    return agreement


@transaction.atomic
def change_agreement(agreement: Agreement, *, by: User | str, at: datetime, **values: Any) -> Agreement:
    """Correct an agreement, or say that it ended. The same values again change nothing.

    Raises:
        SupplierRefusedError: as for :func:`add_agreement`.
    """
    agreement = Agreement.objects.select_for_update().get(pk=agreement.pk)
    changed = _apply(agreement, AGREEMENT_FIELDS, values)
    if not changed:
        return agreement
    _check_agreement(agreement)
    agreement.save(update_fields=changed)
    summary = _agreement_summary(agreement) | {"changed": ", ".join(name.replace("_", " ") for name in changed)}
    organisation = agreement.supplier.organisation
    record("registers.agreement_changed", organisation=organisation, by=by, target=agreement, summary=summary, at=at)
    return agreement


def _apply(row: Supplier | Agreement, names: tuple[str, ...], values: dict[str, Any]) -> list[str]:
    changed = [name for name in names if name in values and values[name] != getattr(row, name)]
    for name in changed:
        setattr(row, name, values[name])
    return changed


def _tidy(values: dict[str, Any]) -> dict[str, Any]:
    tidy = {name: value.strip() if isinstance(value, str) else value for name, value in values.items()}
    if "ods_code" in tidy:
        tidy["ods_code"] = tidy["ods_code"].upper()
    return tidy


def _check_supplier(supplier: Supplier) -> None:
    if not supplier.name or not supplier.does:
        raise SupplierRefusedError("Give the supplier’s name and say what they do for you.")
    twins = Supplier.objects.filter(organisation=supplier.organisation, name__iexact=supplier.name).exclude(pk=supplier.pk)
    if twins.exists():
        raise SupplierRefusedError(f"“{supplier.name}” is in the register already. Open that entry instead.")
    if supplier.last_day and supplier.last_day < supplier.since:
        raise SupplierRefusedError("The last day comes before the first. Correct one of the two dates.")


def _check_agreement(agreement: Agreement) -> None:
    if not agreement.title.strip():
        raise SupplierRefusedError("Give the agreement a title.")
    if agreement.last_day and agreement.last_day < agreement.start:
        raise SupplierRefusedError("The agreement ends before it starts. Correct one of the two dates.")
    if agreement.review_by and agreement.review_by < agreement.start:
        raise SupplierRefusedError("The review date comes before the agreement starts. Correct one of the two dates.")
    unknown = set(agreement.clauses) - {clause.key for clause in rules().clauses}
    if unknown:
        raise SupplierRefusedError(f"These are not clauses we know: {', '.join(sorted(unknown))}.")
    _check_document(agreement.supplier, agreement.document)


def _check_document(supplier: Supplier, document: DocumentVersion | None) -> None:
    if document and document.document.organisation_id != supplier.organisation_id:
        raise SupplierRefusedError("The document belongs to another organisation. Choose one of your own.")


def _agreement_summary(agreement: Agreement) -> dict[str, Any]:
    return {
        "kind": agreement.get_kind_display().lower(),
        "supplier": f"supplier:{agreement.supplier_id}",
        "start": agreement.start.isoformat(),
        "last_day": agreement.last_day.isoformat() if agreement.last_day else None,
        "clauses": sorted(agreement.clauses),
    }
