"""One's own certificates, and the page on which anybody checks one."""

from __future__ import annotations

import logging

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import public, requires
from courses import certificates
from courses.certificate_pdf import CertificateNotMadeError
from courses.models import Certificate, Completion
from evidence.blobs import BlobDamagedError

logger = logging.getLogger(__name__)


@requires(Capability.LEARN)
@require_safe
def certificate_download(request: SignedInRequest, certificate_id: int) -> HttpResponse:
    """The PDF of one's own certificate, byte for byte as issued."""
    mine = Certificate.objects.visible_to(request.access).select_related("pdf")
    certificate = get_object_or_404(mine, pk=certificate_id)
    try:
        content = certificates.pdf_of(certificate)
    except BlobDamagedError:
        logger.exception("The file of certificate %s is damaged.", certificate.serial)
        reason = (
            f"The stored file is damaged. Your training is on record. Tell your training lead this number: {certificate.serial}."
        )
        return _failed(request, reason, status=503)
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="certificate-{certificate.serial}.pdf"'
    response["Cache-Control"] = "private, no-store"
    return response


@requires(Capability.LEARN)
@require_safe
def certificate_make(request: SignedInRequest, completion_id: int) -> HttpResponse:
    """Go to the certificate of one's own completion; it is made now if it could not be made before."""
    mine = Completion.objects.filter(person__user=request.user, person__organisation=request.access.organisation)
    completion = get_object_or_404(mine, pk=completion_id)
    try:
        certificate = certificates.issue(completion, at=timezone.now(), by=request.user)
    except certificates.CertificateRefusedError as refusal:
        return _failed(request, str(refusal), status=409)
    except (CertificateNotMadeError, OSError):
        logger.exception("The certificate of completion %s could not be made.", completion.pk)
        return _failed(
            request, "The certificate cannot be made just now. Your training is on record. Try again tomorrow.", status=503
        )
    return redirect("courses:certificate_download", certificate.pk)


@public
@require_safe
def certificate_verify(request: HttpRequest, token: str) -> HttpResponse:
    """Whether a certificate is genuine and what it is worth today. For everybody."""
    found = certificates.verify(token, on=timezone.localdate())
    if found is None:
        response = render(request, "courses/certificate_unknown.jinja", status=404)
    else:
        response = render(request, "courses/certificate_verify.jinja", {"found": found, "today": timezone.localdate()})
    add_never_cache_headers(response)
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _failed(request: SignedInRequest, reason: str, *, status: int) -> HttpResponse:
    return render(request, "courses/certificate_failed.jinja", {"reason": reason}, status=status)
