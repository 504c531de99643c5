"""Pictures and files as the CMS has them: for editors only. Learners get what was kept with the version they read."""

from __future__ import annotations

from django.core.files.storage import default_storage
from django.db.models import Q
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe
from wagtail.documents.models import Document
from wagtail.images.models import Image
from wagtail.models import CollectionMember
from wagtail.permissions import policy_registry

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import requires

_PLAYED = {"mp4": "video/mp4", "webm": "video/webm", "vtt": "text/vtt"}


@requires(Capability.CONTENT_EDIT)
@require_safe
def draft_picture(request: SignedInRequest, path: str) -> FileResponse:
    """A picture of the CMS in one of its sizes."""
    picture = Image.objects.filter(Q(file=path) | Q(renditions__file=path)).distinct().first()
    if picture is None or not _may_use(request, picture):
        raise Http404
    return _sent(path, as_attachment=False)


@requires(Capability.CONTENT_EDIT)
@require_safe
def draft_file(request: SignedInRequest, draft_file_id: int, draft_name: str) -> FileResponse:
    """A file of the CMS: videos and captions are played, everything else is saved."""
    document = get_object_or_404(Document, pk=draft_file_id)
    if not _may_use(request, document):
        raise Http404
    media_type = _PLAYED.get(document.file_extension.lower(), "")
    response = _sent(document.file.name, as_attachment=not media_type)
    if media_type:
        response["Content-Type"] = media_type
    return response


def _may_use(request: SignedInRequest, item: CollectionMember) -> bool:
    policy = policy_registry.get_by_type(type(item))
    return bool(policy.user_has_any_permission_for_instance(request.user, ["choose", "change", "delete"], item))


def _sent(path: str, *, as_attachment: bool) -> FileResponse:
    try:
        file = default_storage.open(path)
    except FileNotFoundError as error:
        raise Http404 from error
    return FileResponse(file, as_attachment=as_attachment, headers={"Cache-Control": "private, max-age=300"})
