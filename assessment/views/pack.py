"""The evidence pack of a publication, to take away."""

from __future__ import annotations

from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import requires
from accounts.short_links import by_short_link
from assessment.models import Publication
from assessment.pack import PackRefusedError, pack_chunks, pack_of, pack_size
from audit.services import record


def _publication(request: SignedInRequest, publication_id: int) -> Publication:
    visible = Publication.objects.visible_to(request.access).select_related("organisation", "assessment", "document")
    return get_object_or_404(visible, pk=publication_id)


@requires(Capability.ASSESSMENT_VIEW, Capability.ASSESSMENT_INVITED)
@require_safe
@by_short_link(find=_publication, page=lambda publication: reverse("assessment:publication_detail", args=[publication.pk]))
def pack_download(request: SignedInRequest, publication: Publication) -> HttpResponseBase:
    """The pack as an attachment, made as it is sent: one file at a time is in memory, so its size does not matter."""
    try:
        pack = pack_of(publication)
    except PackRefusedError as refusal:
        return render(request, "assessment/pack_refused.jinja", {"publication": publication, "refusal": refusal}, status=500)
    record(
        "publication.pack_downloaded",
        organisation=publication.organisation,
        by=request.user,
        target=publication,
        summary={"sequence": publication.sequence},
        at=timezone.now(),
    )
    return StreamingHttpResponse(
        pack_chunks(pack.head, pack.members),
        content_type="application/zip",
        headers={
            "Content-Disposition": f'attachment; filename="{pack.name}"',
            "Content-Length": str(pack_size(pack.head, pack.members)),
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store, private",
        },
    )
