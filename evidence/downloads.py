"""Sends the file of a version to somebody who may have it."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import content_disposition_header

from accounts.http import SignedInRequest
from evidence import services
from evidence.blobs import BlobDamagedError, BlobHeldError
from evidence.models import DocumentVersion, ScanOrder


def sent(request: SignedInRequest, version: DocumentVersion) -> HttpResponse:
    """The file as an attachment, after checking that nobody changed it; who took it is recorded. Ask only for a version with a file."""
    try:
        content = services.read_for(version, by=request.user, at=timezone.now())
    except BlobHeldError:
        order = ScanOrder.objects.filter(blob=version.blob).select_related("scan").first()
        return render(request, "evidence/file_held.jinja", {"version": version, "scan": getattr(order, "scan", None)}, status=409)
    except BlobDamagedError:
        return render(request, "evidence/file_damaged.jinja", {"version": version}, status=500)
    assert version.blob is not None  # noqa: S101  the query asked for versions with a file
    return HttpResponse(
        content,
        content_type=version.blob.media_type,
        headers={
            "Content-Disposition": content_disposition_header(True, version.file_name) or "attachment",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store, private",
        },
    )
