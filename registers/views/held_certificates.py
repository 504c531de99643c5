"""The pages of the register of certificates held."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import requires
from evidence.models import DocumentKind, DocumentVersion
from evidence.services import add_document
from registers.forms.held_certificates import HeldCertificateForm, initial_of
from registers.models import HeldCertificate, Scheme
from registers.services import held_certificates as services
from registers.views.home import register_of


@requires(Capability.REGISTERS_VIEW)
@require_safe
def held_certificate_list(request: SignedInRequest) -> HttpResponse:
    """The certificates the organisation holds, and which are valid today."""
    certificates = HeldCertificate.objects.visible_to(request.access).select_related("document__document")
    today = timezone.localdate()
    return render(
        request,
        "registers/held_certificate_list.jinja",
        {
            "certificates": [(certificate, certificate.standing(today)) for certificate in certificates],
            "register": register_of("certificates", request.access),
            "today": today,
            "may_edit": request.access.can(Capability.REGISTERS_EDIT),
            "may_open": request.access.can(Capability.EVIDENCE_VIEW),
        },
    )


@requires(Capability.REGISTERS_EDIT)
@require_http_methods(["GET", "POST"])
def held_certificate_add(request: SignedInRequest) -> HttpResponse:
    """Enter a certificate."""
    form = HeldCertificateForm(request.POST or None, request.FILES or None, access=request.access)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            values = _values(request, form)
            certificate = services.add_certificate(request.access.organisation, by=request.user, at=timezone.now(), **values)
        messages.success(request, f"{certificate.get_scheme_display()} is in the register.")
        return redirect("registers:held_certificate_list")
    return render(request, "registers/held_certificate_add.jinja", {"form": form})


@requires(Capability.REGISTERS_EDIT)
@require_http_methods(["GET", "POST"])
def held_certificate_change(request: SignedInRequest, held_certificate_id: int) -> HttpResponse:
    """Correct an entry; what it said before stays in the audit trail."""
    visible = HeldCertificate.objects.visible_to(request.access).select_related("document__document")
    certificate = get_object_or_404(visible, pk=held_certificate_id)
    form = HeldCertificateForm(
        request.POST or None, request.FILES or None, access=request.access, initial=initial_of(certificate)
    )
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            services.change_certificate(certificate, by=request.user, at=timezone.now(), **_values(request, form))
        messages.success(request, "The register is up to date.")
        return redirect("registers:held_certificate_list")
    return render(request, "registers/held_certificate_change.jinja", {"form": form, "certificate": certificate})


def _values(request: SignedInRequest, form: HeldCertificateForm) -> dict[str, Any]:
    """What the service takes; a file given with the form becomes a document first."""
    values = dict(form.cleaned_data)
    file = values.pop("file")
    if file:
        values["document"] = _keep(request, file, values)
    return values


def _keep(request: SignedInRequest, file: tuple[bytes, str], values: dict[str, Any]) -> DocumentVersion:
    issued: date = values["issued_on"]
    return add_document(
        request.access.organisation,
        title=f"{Scheme(values['scheme']).label} certificate {values['number']}",
        kind=DocumentKind.CERTIFICATE,
        file=file,
        received_on=timezone.localdate(),
        effective_on=issued,
        review_by=values["expires_on"],
        by=request.user,
        at=timezone.now(),
    )
