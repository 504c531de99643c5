"""The files of frozen lessons, for those who may read the course."""

from __future__ import annotations

import re

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import requires
from courses.models import Course, LessonFile
from evidence import blobs
from evidence.models import Blob

SHOWN = {"image/png", "image/jpeg", "video/mp4", "video/webm", "text/vtt"}
"""What a browser may show inside a lesson; everything else it saves."""
MOST_AT_ONCE = 1024 * 1024
"""So much of a video in one answer, so that a slow connection does not hold a process for minutes: players ask for more."""
_RANGE = re.compile(r"bytes=(\d{0,12})-(\d{0,12})")


@requires(Capability.LEARN, Capability.NEEDS_VIEW, Capability.CONTENT_EDIT)
@require_safe
def lesson_file(request: SignedInRequest, course_code: str, sha256: str) -> HttpResponseBase:
    """A picture, a video, its captions or a file to save, by the digest that the frozen lesson names."""
    course = get_object_or_404(Course.objects.available_to(request.access.organisation), code=course_code)
    file = get_object_or_404(LessonFile.objects.select_related("blob"), course=course, blob=sha256)
    try:
        response = _answer(request, file.blob)
    except blobs.BlobDamagedError as error:
        raise Http404 from error
    media_type = file.blob.media_type
    response["Content-Type"] = f"{media_type}; charset=utf-8" if media_type == "text/vtt" else media_type
    response["Content-Disposition"] = content_disposition_header(media_type not in SHOWN, file.name) or "inline"
    response["Cache-Control"] = "private, max-age=31536000, immutable"
    response["ETag"] = f'"{sha256}"'
    return response


def _answer(request: SignedInRequest, blob: Blob) -> HttpResponseBase:
    if request.headers.get("If-None-Match") == f'"{blob.sha256}"':
        return HttpResponse(status=304)
    if not blob.media_type.startswith("video/"):
        return HttpResponse(blobs.read(blob))
    asked = _RANGE.fullmatch(request.headers.get("Range", ""))
    response: HttpResponseBase
    if asked is None:
        response = StreamingHttpResponse(blobs.stream(blob, 0, blob.size))
        response["Content-Length"] = str(blob.size)
    elif (part := _part(asked[1], asked[2], blob.size)) is None:
        response = HttpResponse(status=416, headers={"Content-Range": f"bytes */{blob.size}"})
    else:
        start, end = part
        response = StreamingHttpResponse(blobs.stream(blob, start, end), status=206)
        response["Content-Length"] = str(end - start)
        response["Content-Range"] = f"bytes {start}-{end - 1}/{blob.size}"
    response["Accept-Ranges"] = "bytes"
    return response


def _part(first: str, last: str, size: int) -> tuple[int, int] | None:
    """The bytes ``[start, end)`` that a range asks for, at most ``MOST_AT_ONCE``; None: there are no such bytes."""
    if first:
        start, end = int(first), int(last) + 1 if last else size
    elif last:
        start, end = max(0, size - int(last)), size
    else:
        return None
    end = min(end, size, start + MOST_AT_ONCE)
    return (start, end) if start < end else None
