"""Keeping the register of certificates held."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction

from accounts.models import Organisation, User
from audit.services import record
from evidence.models import DocumentVersion
from registers.models import HeldCertificate, Scheme

CHANGEABLE = ("scheme", "number", "covers_all", "issued_on", "expires_on", "document")


class CertificateRefusedError(ValueError):
    """The certificate cannot be kept as given; the text is one sentence that says why and what to do."""


@transaction.atomic
def add_certificate(
    organisation: Organisation,
    *,
    scheme: str,
    number: str,
    covers_all: bool,
    issued_on: date,
    expires_on: date,
    document: DocumentVersion | None = None,
    by: User | str,
    at: datetime,
) -> HeldCertificate:
    """Enter a certificate that the organisation holds. ``expires_on`` is its last valid day.

    Raises:
        CertificateRefusedError: the scheme is unknown, the number is empty, the dates are the wrong way round, or the document is not
            the organisation's own.
    """
    certificate = HeldCertificate(
        organisation=organisation,
        scheme=scheme,
        number=number.strip(),
        covers_all=covers_all,
        issued_on=issued_on,
        expires_on=expires_on,
        document=document,
    )
    _check(certificate)
    certificate.save()
    summary = {
        "scheme": certificate.get_scheme_display(),
        "issued_on": issued_on.isoformat(),
        "expires_on": expires_on.isoformat(),
        "covers_all": covers_all,
        "document_version": document.pk if document else None,
    }
    record("registers.certificate_added", organisation=organisation, by=by, target=certificate, summary=summary, at=at)
    return certificate


@transaction.atomic
def change_certificate(certificate: HeldCertificate, *, by: User | str, at: datetime, **values: Any) -> HeldCertificate:
    """Correct an entry. What it said before stays in the audit trail; the same values again change nothing.

    Raises:
        CertificateRefusedError: as for ``add_certificate``.
    """
    certificate = HeldCertificate.objects.select_for_update().get(pk=certificate.pk)
    before = {name: getattr(certificate, name) for name in CHANGEABLE}
    changed = [name for name in CHANGEABLE if name in values and values[name] != before[name]]
    if not changed:
        return certificate
    for name in changed:
        setattr(certificate, name, values[name])
    _check(certificate)
    certificate.save(update_fields=changed)
    summary = {
        "scheme": certificate.get_scheme_display(),
        "changed": ", ".join(name.replace("_", " ") for name in changed),
        "before": {name: _plain(before[name]) for name in changed},
        "after": {name: _plain(values[name]) for name in changed},
    }
    record(
        "registers.certificate_changed", organisation=certificate.organisation, by=by, target=certificate, summary=summary, at=at
    )
    return certificate


def _check(certificate: HeldCertificate) -> None:
    if certificate.scheme not in Scheme.values:
        raise CertificateRefusedError(
            f"“{certificate.scheme}” is not a certificate we know. Use one of: {', '.join(Scheme.values)}."
        )
    if not certificate.number:
        raise CertificateRefusedError("Give the number that is printed on the certificate.")
    if certificate.expires_on < certificate.issued_on:
        raise CertificateRefusedError("The certificate ends before it was issued. Correct one of the two dates.")
    document = certificate.document
    if document and document.document.organisation_id != certificate.organisation_id:
        raise CertificateRefusedError("The document belongs to another organisation. Choose one of your own.")


def _plain(value: Any) -> Any:
    if isinstance(value, DocumentVersion):
        return value.pk
    return value.isoformat() if isinstance(value, date) else value
