"""Keeping documents and their versions."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction

from accounts.models import Organisation, User
from audit.services import record
from evidence import blobs
from evidence.models import Document, DocumentKind, DocumentVersion
from evidence.uploads import inspect


class DocumentRefusedError(ValueError):
    """The document cannot be kept as given; the text is one sentence that says why and what to do."""


@transaction.atomic
def add_document(
    organisation: Organisation,
    *,
    title: str,
    kind: str,
    by: User | str,
    at: datetime,
    received_on: date,
    **version: Any,
) -> DocumentVersion:
    """Keep a new document and return its first version. ``version`` is as for :func:`add_version`.

    ``by`` is the user, or a word such as ``"command:demo"``.

    Raises:
        DocumentRefusedError: the title is empty, the kind is unknown, or as for ``add_version``.
        UploadRefusedError: the file is of a kind we do not keep.
    """
    if not title.strip():
        raise DocumentRefusedError("Give the document a title that says what it is.")
    if kind not in DocumentKind.values:
        raise DocumentRefusedError(f"“{kind}” is not a kind of document. Use one of: {', '.join(DocumentKind.values)}.")
    document = Document.objects.create(
        organisation=organisation, title=title.strip(), kind=kind, created_by=_user(by), created_at=at
    )
    return add_version(document, by=by, at=at, received_on=received_on, **version)


@transaction.atomic
def add_version(
    document: Document,
    *,
    by: User | str,
    at: datetime,
    received_on: date,
    file: tuple[bytes, str] | None = None,
    link: str = "",
    location: str = "",
    effective_on: date | None = None,
    covers_from: date | None = None,
    covers_to: date | None = None,
    review_by: date | None = None,
    change_note: str = "",
) -> DocumentVersion:
    """Add the next version of a document: a file as (content, name), a link, or where a paper is kept - exactly one.

    The period it covers is ``[covers_from, covers_to)``. The same bytes are stored once.

    Raises:
        DocumentRefusedError: none or several of the three were given, the link is no web address, or the period is empty.
        UploadRefusedError: the file is of a kind we do not keep.
    """
    link, location = link.strip(), location.strip()
    _check(file=file, link=link, location=location, covers_from=covers_from, covers_to=covers_to)
    blob, file_name = None, ""
    if file is not None:
        content, name = file
        accepted = inspect(content, name)
        blob, file_name = blobs.keep(content, media_type=accepted.media_type), accepted.name
    Document.objects.select_for_update().get(pk=document.pk)
    newest = DocumentVersion.objects.filter(document=document).order_by("-number").values_list("number", flat=True).first()
    version = DocumentVersion.objects.create(
        document=document,
        number=(newest or 0) + 1,
        blob=blob,
        file_name=file_name,
        link=link,
        location=location,
        received_on=received_on,
        effective_on=effective_on,
        covers_from=covers_from,
        covers_to=covers_to,
        review_by=review_by,
        change_note=change_note.strip(),
        added_by=_user(by),
        added_at=at,
    )
    record(
        "evidence.version_added",
        organisation=document.organisation,
        by=by,
        target=version,
        summary={"document": document.pk, "number": version.number, "sha256": blob.sha256 if blob else ""},
        at=at,
    )
    return version


@transaction.atomic
def read_for(version: DocumentVersion, *, by: User, at: datetime) -> bytes:
    """The bytes of a version for somebody who asked for them, re-hashed; who took them is recorded.

    Raises:
        DocumentRefusedError: the version is not a file.
        BlobDamagedError: the stored bytes are missing or were changed.
    """
    if version.blob is None:
        raise DocumentRefusedError("This version is not a file: it says where the document is kept.")
    content = blobs.read(version.blob)
    record(
        "evidence.downloaded",
        organisation=version.document.organisation,
        by=by,
        target=version,
        summary={"document": version.document_id, "number": version.number},
        at=at,
    )
    return content


def _user(by: User | str) -> User | None:
    return by if isinstance(by, User) else None


def _check(*, file: tuple[bytes, str] | None, link: str, location: str, covers_from: date | None, covers_to: date | None) -> None:
    if sum((file is not None, bool(link), bool(location))) != 1:
        raise DocumentRefusedError("Give one of these: a file, a web address, or where the paper is kept.")
    if link:
        parts = urlsplit(link)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise DocumentRefusedError(f"“{link}” is not a web address: it should begin with https://.")
    if covers_from and covers_to and covers_to <= covers_from:
        raise DocumentRefusedError("The last day the document covers comes before its first day. Correct one of the two.")
