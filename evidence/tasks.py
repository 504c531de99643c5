"""Background work of this app."""

from __future__ import annotations

from typing import Any

from evidence import blobs
from evidence.models import Blob, BlobWords
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
