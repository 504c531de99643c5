"""A code of four words that lets somebody who gave no name ask later what was done.

The code is worked out from a random key and the installation's secret; only its digest is kept, so nobody can read it back.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from pathlib import Path

from django.conf import settings

WORDS = tuple((Path(__file__).resolve().parent / "data" / "code_words.txt").read_text(encoding="utf-8").split())
"""256 plain words, so that a word is a byte of the code."""

LENGTH = 4


def code_for(key: str) -> str:
    """The code that belongs to a submission: the same key gives the same words again."""
    drawn = hmac.new(settings.SECRET_KEY.encode(), f"registers.word_codes {key}".encode(), hashlib.sha256).digest()
    return "-".join(WORDS[byte] for byte in drawn[:LENGTH])


def digest_of(code: str) -> str:
    """What is kept of a code. Capitals and what stands between the words do not matter."""
    words = re.findall(r"[a-z]+", code.lower())
    return hashlib.sha256(" ".join(words).encode()).hexdigest()
