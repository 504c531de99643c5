"""Drawn files kept by what they show, so that a page seldom waits for a drawing and a large organisation's never does."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from accounts.models import Organisation
from audit.canonical import canonical_json
from reporting.models import Drawing

AT_ONCE = 1000
"""People in scope up to whom a page draws for itself; for more it is drawn in the background."""
KEPT_FOR = timedelta(days=14)


def digest_of(*facts: object) -> str:
    """Of everything a drawing shows, as JSON values or text."""
    return hashlib.sha256(canonical_json(list(facts))).hexdigest()


def kept(organisation: Organisation, digest: str) -> Drawing | None:
    """The drawing of a digest, if it was made lately."""
    return Drawing.objects.filter(organisation=organisation, digest=digest).first()


def keep(organisation: Organisation, digest: str, content: bytes, *, media_type: str, at: datetime) -> Drawing:
    """Keep a drawing; the second of two that were made at once finds the first."""
    values = {"content": content, "media_type": media_type, "made_at": at}
    drawing, _is_new = Drawing.objects.get_or_create(organisation=organisation, digest=digest, defaults=values)
    return drawing


def forget_old(*, at: datetime) -> int:
    """Delete what was drawn long ago. Returns how many."""
    _rows, deleted = Drawing.objects.filter(made_at__lt=at - KEPT_FOR).delete()
    return deleted.get("reporting.Drawing", 0)
