"""Canonical JSON and its digest: the same content always gives the same bytes."""

import hashlib
import json
from typing import Any


def canonical_json(content: Any) -> bytes:
    """UTF-8 JSON with sorted keys and no needless space.

    Raises:
        TypeError: the content holds something JSON has no word for; floats that are not numbers included.
    """
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode()


def digest(content: Any) -> str:
    """SHA-256 of the canonical JSON, as 64 hexadecimal digits."""
    return hashlib.sha256(canonical_json(content)).hexdigest()
