"""One's own certificates and badges, those of a unit in one file, and what anybody may check."""

from __future__ import annotations

import logging
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_http_methods, require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.models import Organisation
from accounts.policy import fresh, public, requires
from courses import badges, certificate_bundles, certificates, signing, tasks
from courses.certificate_pdf import CertificateNotMadeError
from courses.forms_records import UnitCertificatesForm
from courses.models import Certificate, Completion
from evidence.blobs import BlobDamagedError
from jobs.services import enqueue

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
@require_http_methods(["GET", "POST"])
def certificate_make(request: SignedInRequest, completion_id: int) -> HttpResponse:
    """Go to the certificate of one's own completion. One that could not be made, or is in a former name, is made on request."""
    completion = _own_completion(request, completion_id)
    try:
        certificate = certificates.present(completion)
        if certificate is None and request.method == "POST":
            certificate = certificates.issue(completion, at=timezone.now(), by=request.user)
    except certificates.CertificateRefusedError as refusal:
        return _failed(request, str(refusal), status=409)
    except (CertificateNotMadeError, OSError):
        logger.exception("The certificate of completion %s could not be made.", completion.pk)
        return _failed(
            request, "The certificate cannot be made just now. Your training is on record. Try again tomorrow.", status=503
        )
    if certificate is None:
        context = {"completion": completion, "former": certificates.newest_of(completion)}
        return render(request, "courses/certificate_make.jinja", context)
    return redirect("courses:certificate_download", certificate.pk)


@requires(Capability.LEARN)
@require_safe
def badge_download(request: SignedInRequest, completion_id: int) -> HttpResponse:
    """One's own certificate as a signed Open Badge; where there is none in the present name, the way to make it."""
    completion = _own_completion(request, completion_id)
    try:
        certificate = certificates.present(completion)
    except certificates.CertificateRefusedError as refusal:
        return _failed(request, str(refusal), status=409)
    if certificate is None:
        return redirect("courses:certificate_make", completion_id)
    response = HttpResponse(badges.badge_of(certificate, at=timezone.now()), content_type="application/vc+jwt")
    response["Content-Disposition"] = f'attachment; filename="badge-{certificate.serial}.jwt"'
    response["Cache-Control"] = "private, no-store"
    return response


@requires(Capability.RECORDS_IMPORT)
@require_http_methods(["GET", "POST"])
def unit_certificates(request: SignedInRequest) -> HttpResponse:
    """The newest certificates of a unit: how many there are, making those that lack, and the way to all of them in one file."""
    organisation, today = request.access.organisation, timezone.localdate()
    asked = request.POST or (request.GET if "unit" in request.GET else None)
    form = UnitCertificatesForm(asked, organisation=organisation, on=today)
    found = certificate_bundles.of_unit(organisation, form.cleaned_data["unit"], on=today) if form.is_valid() else None
    if request.method == "POST" and found is not None and found.lacking:
        unit = form.cleaned_data["unit"]
        job = enqueue(
            tasks.MAKE_CERTIFICATES,
            title="Making certificates",
            organisation=organisation,
            by=request.user,
            arguments={"organisation_id": organisation.pk, "unit_id": unit.pk if unit else None, "user_id": request.user.pk},
            at=timezone.now(),
        )
        return redirect("jobs:job_detail", job_id=job.pk)
    return render(request, "courses/unit_certificates.jinja", {"form": form, "found": found})


@requires(Capability.RECORDS_IMPORT)
@fresh
@require_safe
def unit_certificates_zip(request: SignedInRequest) -> HttpResponse | StreamingHttpResponse:
    """The newest certificates of a unit as they were issued, with a list of them, in one ZIP file. That it was taken is recorded."""
    organisation, today = request.access.organisation, timezone.localdate()
    form = UnitCertificatesForm(request.GET, organisation=organisation, on=today)
    found = certificate_bundles.of_unit(organisation, form.cleaned_data["unit"], on=today) if form.is_valid() else None
    if found is None or not found.certificates:
        messages.warning(request, "There is no certificate to take yet. Choose a unit, and make those that are missing.")
        return redirect("courses:unit_certificates")
    content = certificate_bundles.take(found, by=request.user, at=timezone.now())
    response = StreamingHttpResponse(content, content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="certificates-{organisation.ods_code}-{today}.zip"'
    response["Cache-Control"] = "private, no-store"
    return response


@public
@require_safe
def issuer_profile(request: HttpRequest, ods_code: str) -> JsonResponse:
    """An organisation as an issuer of badges, for programs that check them."""
    organisation = get_object_or_404(Organisation, ods_code=ods_code)
    return _open(badges.profile_of(organisation))


@public
@require_safe
def signing_key(request: HttpRequest, kid: str) -> JsonResponse:
    """A public key of this installation as a JSON Web Key; there is no other."""
    present, public_key = signing.present_key()
    known = {present: public_key} | {key.kid: key.public_key for key in signing.public_keys()}
    if kid not in known:
        raise Http404
    return _open(signing.jwk(known[kid]) | {"kid": kid, "use": "sig", "alg": signing.ALGORITHM})


@public
@require_safe
def badge_status(request: HttpRequest, token: str) -> JsonResponse:
    """Whether one badge was withdrawn, for programs that check it."""
    return _open(badges.status_of(get_object_or_404(Certificate, token=token)))


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


def _own_completion(request: SignedInRequest, completion_id: int) -> Completion:
    mine = Completion.objects.filter(person__user=request.user, person__organisation=request.access.organisation)
    return get_object_or_404(mine.select_related("person", "course"), pk=completion_id)


def _failed(request: SignedInRequest, reason: str, *, status: int) -> HttpResponse:
    return render(request, "courses/certificate_failed.jinja", {"reason": reason}, status=status)


def _open(content: dict[str, Any]) -> JsonResponse:
    """JSON that any site's program may read."""
    response = JsonResponse(content, json_dumps_params={"ensure_ascii": False})
    response["Access-Control-Allow-Origin"] = "*"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
