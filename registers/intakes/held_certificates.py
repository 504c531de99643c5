"""Certificates that the organisation holds, from a spreadsheet."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accounts.models import Organisation, User
from accounts.policy import Access
from registers.forms.rows import CertificateRow
from registers.intake import Intake
from registers.models import HeldCertificate
from registers.services.held_certificates import CertificateRefusedError, add_certificate


def _form(data: Mapping[str, Any] | None, /, *, access: Access, there: Any = None) -> CertificateRow:
    return CertificateRow(data, organisation=access.organisation)


def _add(organisation: Organisation, values: Mapping[str, Any], /, *, by: User, at: datetime) -> HeldCertificate:
    given = {name: values[name] for name in ("scheme", "number", "covers_all", "issued_on", "expires_on", "document")}
    return add_certificate(organisation, by=by, at=at, **given)


INTAKE = Intake(
    rows=lambda organisation: HeldCertificate.objects.filter(organisation=organisation).select_related("document__document"),
    form=_form,
    add=_add,
    refused=(CertificateRefusedError,),
    advice="One row for each certificate, past ones too if you have them.",
)
