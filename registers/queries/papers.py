"""The documents of an incident or a request, and which of them a reader may open."""

from __future__ import annotations

from accounts.enums import Capability
from accounts.policy import Access
from evidence.models import DocumentVersion
from registers.models import Incident, Matter


def shown_papers(of: Incident | Matter, access: Access) -> list[tuple[DocumentVersion, bool]]:
    """Each document with whether the reader may open it. One that is not theirs to see is left out."""
    may_open = access.can(Capability.EVIDENCE_VIEW)
    seen = DocumentVersion.objects.visible_to(access).filter(pk__in=list(of.papers.values_list("document_id", flat=True)))
    return [(version, may_open) for version in seen.select_related("document").order_by("pk")]
