"""Uploaded HR files, kept in a private folder until somebody decides. They hold more than we take from them."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

WAITS_FOR = timedelta(days=7)
"""How long an uploaded file waits for a decision before it is thrown away."""

ROWS_KEPT_FOR = timedelta(days=90)
"""How long the rows of an import stay readable: what it changed, which an undo needs, and what it refused."""


class UploadGoneError(Exception):
    """The uploaded file is no longer there."""


def folder() -> Path:
    """Beside the blobs, so that every web process and worker reaches it."""
    return Path(settings.BLOB_ROOT).parent / "uploads"


def keep(content: bytes) -> str:
    """Store the bytes under a name nobody can guess, readable by us only, and return the name."""
    folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    name = secrets.token_hex(16)
    path = folder() / name
    path.touch(mode=0o600)
    path.write_bytes(content)
    return name


def content_of(name: str) -> bytes:
    """The bytes.

    Raises:
        UploadGoneError: they were removed.
    """
    try:
        return (folder() / name).read_bytes()
    except (FileNotFoundError, IsADirectoryError) as error:
        raise UploadGoneError("The uploaded file is no longer here: choose it again.") from error


def remove(name: str) -> None:
    """Delete the bytes; what is gone already stays gone."""
    if name:
        (folder() / name).unlink(missing_ok=True)


def remove_older_than(instant: datetime) -> int:
    """Delete what a crash or a forgotten page left. Returns how many files went."""
    old = [path for path in folder().glob("*") if path.stat().st_mtime < instant.timestamp()] if folder().is_dir() else []
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)
