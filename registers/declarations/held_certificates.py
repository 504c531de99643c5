"""The register of certificates held, among the others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from django.urls import reverse

from accounts.models import Organisation
from registers.catalogue import Column, Figure, Register, register, share
from registers.intakes.held_certificates import INTAKE
from registers.models import HeldCertificate

SOON = timedelta(days=60)
"""How long before the last valid day a certificate wants renewing: an assessor needs some weeks."""


def _held(organisation: Organisation) -> list[HeldCertificate]:
    return list(HeldCertificate.objects.filter(organisation=organisation).select_related("document__document"))


def _figures(organisation: Organisation, on: date) -> Sequence[Figure]:
    held = HeldCertificate.objects.filter(organisation=organisation)
    schemes = held.order_by().values("scheme").distinct().count()
    valid = held.valid_on(on).order_by().values("scheme").distinct().count()
    return [
        share(
            "certificates.valid",
            valid,
            schemes,
            f"{valid} of the {schemes} kinds of certificate we have held {'is' if valid == 1 else 'are'} valid.",
            definition="Kinds of certificate with at least one that was issued by the date and not past its last valid day.",
            on=on,
            link=reverse("registers:held_certificate_list"),
        )
    ]


def _due(organisation: Organisation, on: date) -> int:
    """Certificates about to run out that no later one of the same scheme follows."""
    lasting = set(
        HeldCertificate.objects.filter(organisation=organisation, expires_on__gt=on + SOON).values_list("scheme", flat=True)
    )
    return HeldCertificate.objects.filter(organisation=organisation).valid_on(on).exclude(scheme__in=lasting).count()


def _valid_within(organisation: Organisation, start: date, end: date) -> bool:
    return HeldCertificate.objects.filter(organisation=organisation, issued_on__lt=end, expires_on__gte=start).exists()


register(
    Register(
        slug="certificates",
        title="Certificates we hold",
        purpose="Cyber Essentials, ISO 27001 and their like: some answer a part of the toolkit for you while they are valid.",
        list_url="registers:held_certificate_list",
        rows=_held,
        columns=(
            Column("Certificate", lambda row: row.get_scheme_display(), "scheme"),
            Column("Number", lambda row: row.number, "number"),
            Column("Issued on", lambda row: row.issued_on, "issued_on"),
            Column("Last valid day", lambda row: row.expires_on, "expires_on"),
            Column("Covers all health and care data", lambda row: row.covers_all, "covers_all"),
            Column("Document", lambda row: str(row.document) if row.document else "", "document"),
        ),
        figures=_figures,
        has_rows=lambda organisation, on: HeldCertificate.objects.filter(organisation=organisation, issued_on__lte=on).exists(),
        due=_due,
        dated_within=_valid_within,
        nil_statement="We held none of these certificates in this period.",
        intake=INTAKE,
        order=80,
    )
)
