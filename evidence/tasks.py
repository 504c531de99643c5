"""Background work of this app."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from django.utils import timezone

from accounts.scanner import ScannerAwayError
from evidence import blobs, quarantine
from evidence.models import Blob, BlobWords, ScanOrder
from evidence.quarantine import SCAN
from evidence.reading import words_of
from evidence.services import READ_WORDS
from jobs.registry import Progress, handles


@handles(READ_WORDS)
def read_words(progress: Progress, *, sha256: str) -> dict[str, Any]:
    """Read the words out of one stored file; a second run finds them there."""
    blob = Blob.objects.get(pk=sha256)
    if not BlobWords.objects.filter(blob=blob).exists():
        BlobWords.objects.get_or_create(blob=blob, defaults={"words": words_of(blobs.read(blob), blob.media_type)})
    progress(1, 1)
    return {}


@handles(SCAN)
def scan_file(progress: Progress, *, sha256: str) -> dict[str, Any]:
    """Ask the scanner about one held file. If it is away, the file waits for :func:`scan_waiting`."""
    order = ScanOrder.objects.select_related("blob", "organisation", "uploaded_by").get(blob=sha256)
    try:
        is_clean = quarantine.scan(order, at=timezone.now())
    except ScannerAwayError:
        return {"waits": True}
    return read_words(progress, sha256=sha256) if is_clean else {}


@shared_task(name="evidence.scan_waiting")
def scan_waiting() -> None:
    """Ask again about files that wait for the scanner."""
    quarantine.scan_waiting(at=timezone.now())
