"""The store of bytes: content-addressed files under ``BLOB_ROOT``."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from functools import partial
from io import BufferedReader
from pathlib import Path

from django.conf import settings
from django.db import transaction

from accounts.policy import RefusedError
from audit.erasing import is_told, tell_of_bytes
from evidence.models import Blob

PIECE = 256 * 1024
"""How much of a large blob is in memory at a time."""


class BlobDamagedError(Exception):
    """The stored bytes are missing or no longer match their name."""


class BlobForgottenError(BlobDamagedError):
    """The bytes were deleted because the time for keeping them was over. Nothing is wrong."""


class BlobHeldError(BlobDamagedError, RefusedError):
    """The bytes are held apart: a scanner has not called them clean."""


def keep(content: bytes, *, media_type: str) -> Blob:
    """Store the bytes, once, and return their row. Safe to repeat; a crash leaves no half file.

    A stored file that was damaged is put right by keeping the same bytes again.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    path = path_of(sha256)
    if not _holds(path, sha256):
        _write(content, path)
    return _row(sha256, content, media_type)


def hold(content: bytes, *, media_type: str) -> tuple[Blob, bool]:
    """Store the bytes apart, until :func:`release`. Bytes that are stored already stay where they are; the second value says so."""
    sha256 = hashlib.sha256(content).hexdigest()
    is_held = not _holds(path_of(sha256), sha256)
    if is_held:
        _write(content, _held_path(sha256))
    return _row(sha256, content, media_type), is_held


def release(blob: Blob) -> None:
    """Put bytes that were held among the others. A second call does nothing."""
    path, held = path_of(blob.sha256), _held_path(blob.sha256)
    path.parent.mkdir(parents=True, exist_ok=True)
    if held.exists():
        held.replace(path)


class Place(StrEnum):
    """Where the bytes of a blob are."""

    STORED = "stored"
    HELD = "held"
    MISSING = "missing"


def place_of(blob: Blob) -> Place:
    """Where the bytes are; whether they are still what they were, only :func:`read` says. Costs no query."""
    if path_of(blob.sha256).exists():
        return Place.STORED
    return Place.HELD if _held_path(blob.sha256).exists() else Place.MISSING


def is_held(blob: Blob) -> bool:
    """Whether the bytes are held apart. Costs no query."""
    return place_of(blob) == Place.HELD


def has_virus(blob: Blob) -> bool:
    """Whether a scanner found something in the bytes. Costs no query where ``scan_order__scan`` is at hand."""
    order = getattr(blob, "scan_order", None)
    return bool(getattr(getattr(order, "scan", None), "finding", ""))


def read_held(blob: Blob) -> bytes:
    """The bytes of a blob that is held, for the scanner alone; of one that was released, as :func:`read`.

    Raises:
        BlobDamagedError: the file is missing or was changed.
    """
    try:
        content = _held_path(blob.sha256).read_bytes()
    except FileNotFoundError:
        return read(blob)
    if hashlib.sha256(content).hexdigest() != blob.sha256:
        raise _changed(blob)
    return content


def read(blob: Blob) -> bytes:
    """The bytes of a blob, checked against its name.

    Raises:
        BlobDamagedError: the file is missing, was changed, or is held (:class:`BlobHeldError`).
    """
    with _opened(blob) as file:
        content = file.read()
    if hashlib.sha256(content).hexdigest() != blob.sha256:
        raise _changed(blob)
    return content


def check(blob: Blob) -> None:
    """What :func:`read` refuses is refused, with a piece of the bytes in memory at a time.

    Raises:
        BlobDamagedError: as for :func:`read`.
    """
    with _opened(blob) as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != blob.sha256:
            raise _changed(blob)


def _opened(blob: Blob) -> BufferedReader:
    try:
        return path_of(blob.sha256).open("rb")
    except FileNotFoundError as error:
        if is_held(blob):
            raise BlobHeldError(
                "The file is kept apart until it has been found clean of viruses. Try again in some minutes."
            ) from error
        raise _gone(blob) from error


def _changed(blob: Blob) -> BlobDamagedError:
    return BlobDamagedError(f"The stored file {blob.sha256} was changed after it was kept.")


def stream(blob: Blob, start: int, end: int) -> Iterator[bytes]:
    """The bytes ``[start, end)`` of a large blob, piece by piece and unchecked: ``check_invariants`` finds damage.

    Raises:
        BlobDamagedError: the file is missing.
    """
    try:
        file = path_of(blob.sha256).open("rb")
    except FileNotFoundError as error:
        raise _gone(blob) from error

    def pieces() -> Iterator[bytes]:
        with file:
            file.seek(start)
            left = end - start
            while left > 0 and (piece := file.read(min(left, PIECE))):
                left -= len(piece)
                yield piece

    return pieces()


def forget(blob: Blob, *, because: str, at: datetime) -> None:
    """Delete the bytes because the time for keeping them is over, and say so. The row and its digest stay.

    The file goes when the transaction commits.
    """
    tell_of_bytes(Blob, [blob.pk], because=because, at=at)
    for path in (path_of(blob.sha256), _held_path(blob.sha256)):
        transaction.on_commit(partial(path.unlink, missing_ok=True))


def path_of(sha256: str) -> Path:
    """Where the bytes with this digest lie."""
    return Path(settings.BLOB_ROOT) / sha256[:2] / sha256


def _gone(blob: Blob) -> BlobDamagedError:
    if is_told(Blob, blob.pk):
        return BlobForgottenError(f"The file {blob.sha256} was deleted because the time for keeping it was over.")
    return BlobDamagedError(f"The stored file {blob.sha256} is missing.")


def _held_path(sha256: str) -> Path:
    return Path(settings.BLOB_ROOT).parent / "held" / sha256


def _write(content: bytes, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    Path(name).replace(path)


def _row(sha256: str, content: bytes, media_type: str) -> Blob:
    blob, _created = Blob.objects.get_or_create(sha256=sha256, defaults={"size": len(content), "media_type": media_type})
    return blob


def _holds(path: Path, sha256: str) -> bool:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except FileNotFoundError:
        return False
