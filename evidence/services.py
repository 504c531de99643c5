"""Keeping documents and their versions."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.utils import timezone

from accounts.models import Organisation, User
from audit.services import record
from evidence import blobs
from evidence.models import (
    BlobWords,
    Document,
    DocumentApproval,
    DocumentKind,
    DocumentVersion,
    DocumentWithdrawal,
    WaitingFile,
)
from evidence.owners import OwnerPost
from evidence.quarantine import keep_upload
from evidence.uploads import UploadRefusedError, inspect
from jobs.services import enqueue

READ_WORDS = "evidence.read_words"
CHANGEABLE = ("title", "kind", "owner_post")


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
    owner_post: str = "",
    needs: str = "",
    **version: Any,
) -> DocumentVersion:
    """Keep a new document and return its first version. ``version`` is as for :func:`add_version`.

    ``by`` is the user, or a word such as ``"command:demo"``; ``needs`` the capability without which nobody sees it, if any.

    Raises:
        DocumentRefusedError: the title is empty, the kind is unknown, or as for ``add_version``.
        UploadRefusedError: the file is of a kind we do not keep.
    """
    if not title.strip():
        raise DocumentRefusedError("Give the document a title that says what it is.")
    if kind not in DocumentKind.values:
        raise DocumentRefusedError(f"“{kind}” is not a kind of document. Use one of: {', '.join(DocumentKind.values)}.")
    _check_owner(owner_post)
    document = Document.objects.create(
        organisation=organisation,
        title=title.strip(),
        kind=kind,
        owner_post=owner_post,
        needs=needs,
        created_by=_user(by),
        created_at=at,
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
        DocumentRefusedError: none or several of the three were given, the link is no web address, the period is empty, or the
            review comes before the day it takes effect.
        UploadRefusedError: the file is of a kind we do not keep.
    """
    link, location = link.strip(), location.strip()
    _check(file=file, link=link, location=location, covers_from=covers_from, covers_to=covers_to)
    if review_by and effective_on and review_by < effective_on:
        raise DocumentRefusedError("The review date is before the day the document takes effect. Correct one of the two.")
    blob, file_name = None, ""
    if file is not None:
        content, name = file
        accepted = inspect(content, name)
        blob = keep_upload(content, accepted, organisation=document.organisation, by=by, at=at)
        file_name = accepted.name
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
    if blob is not None and not blobs.is_held(blob) and not BlobWords.objects.filter(blob=blob).exists():
        arguments = {"sha256": blob.sha256}
        enqueue(
            READ_WORDS,
            title="Read a file for the search",
            organisation=document.organisation,
            by=None,
            arguments=arguments,
            at=at,
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


@transaction.atomic
def approve_version(version: DocumentVersion, *, by: User, at: datetime, approved_as: str = "") -> DocumentApproval:
    """Answer for a version. A second call returns the approval that is there.

    Raises:
        DocumentRefusedError: the document is withdrawn, or a newer version is there to approve.
    """
    Document.objects.select_for_update().get(pk=version.document_id)
    existing = DocumentApproval.objects.filter(version=version).first()
    if existing is not None:
        return existing
    if DocumentWithdrawal.objects.filter(document=version.document_id).exists():
        raise DocumentRefusedError("The document is withdrawn. Add it again as a new document if it holds after all.")
    if DocumentVersion.objects.filter(document=version.document_id, number__gt=version.number).exists():
        raise DocumentRefusedError("There is a newer version. Approve that one.")
    approval = DocumentApproval.objects.create(version=version, approved_by=by, approved_as=approved_as, approved_at=at)
    summary = {"document": version.document_id, "number": version.number}
    record("evidence.version_approved", organisation=version.document.organisation, by=by, target=version, summary=summary, at=at)
    return approval


@transaction.atomic
def change_document(document: Document, *, by: User, at: datetime, **values: str) -> Document:
    """Change what a document is called, its kind, or whose post it is to look after it. The same again changes nothing.

    Raises:
        DocumentRefusedError: the title is empty, or the kind or the post is unknown.
    """
    document = Document.objects.select_for_update().get(pk=document.pk)
    changed = [name for name in CHANGEABLE if name in values and values[name] != getattr(document, name)]
    if not changed:
        return document
    for name in changed:
        setattr(document, name, values[name].strip())
    if not document.title:
        raise DocumentRefusedError("Give the document a title that says what it is.")
    if document.kind not in DocumentKind.values:
        raise DocumentRefusedError(f"“{document.kind}” is not a kind of document. Use one of: {', '.join(DocumentKind.values)}.")
    _check_owner(document.owner_post)
    document.save(update_fields=changed)
    summary = {"document": document.pk, "changed": ", ".join(name.replace("_", " ") for name in changed)}
    record("evidence.document_changed", organisation=document.organisation, by=by, target=document, summary=summary, at=at)
    return document


@transaction.atomic
def withdraw_document(document: Document, *, reason: str, by: User, at: datetime) -> DocumentWithdrawal:
    """Say that a document no longer holds. Nothing is deleted; a second call returns the withdrawal that is there.

    Raises:
        DocumentRefusedError: no reason is given.
    """
    Document.objects.select_for_update().get(pk=document.pk)
    existing = DocumentWithdrawal.objects.filter(document=document).first()
    if existing is not None:
        return existing
    if not reason.strip():
        raise DocumentRefusedError("Say why the document is withdrawn.")
    withdrawal = DocumentWithdrawal.objects.create(document=document, reason=reason.strip(), withdrawn_by=by, withdrawn_at=at)
    record(
        "evidence.document_withdrawn",
        organisation=document.organisation,
        by=by,
        target=document,
        summary={"document": document.pk},
        at=at,
    )
    return withdrawal


@transaction.atomic
def keep_waiting(
    organisation: Organisation, files: list[tuple[bytes, str]], *, by: User, at: datetime
) -> tuple[list[WaitingFile], list[str]]:
    """Keep each good file of several until it is named. Returns them, and one sentence for each that was refused."""
    kept, refused = [], []
    for content, name in files:
        try:
            accepted = inspect(content, name)
            blob = keep_upload(content, accepted, organisation=organisation, by=by, at=at)
        except UploadRefusedError as refusal:
            refused.append(f"{name}: {refusal}")
            continue
        waiting, _created = WaitingFile.objects.get_or_create(
            organisation=organisation, uploaded_by=by, blob=blob, defaults={"file_name": accepted.name, "uploaded_at": at}
        )
        kept.append(waiting)
    return kept, refused


@transaction.atomic
def take_in(waiting: WaitingFile, *, title: str, kind: str, owner_post: str = "", by: User, at: datetime) -> DocumentVersion:
    """Make a document of a file that was waiting.

    Raises:
        DocumentRefusedError: as for ``add_document``, or the scanner has not called the file clean.
    """
    if blobs.is_held(waiting.blob):
        raise DocumentRefusedError("This file has not been found clean of viruses. Wait some minutes, then try again.")
    version = add_document(
        waiting.organisation,
        title=title,
        kind=kind,
        owner_post=owner_post,
        file=(blobs.read(waiting.blob), waiting.file_name),
        received_on=timezone.localdate(at),
        by=by,
        at=at,
    )
    waiting.delete()
    return version


def _check_owner(owner_post: str) -> None:
    if owner_post and owner_post not in OwnerPost.values:
        raise DocumentRefusedError(f"“{owner_post}” is not a post we know. Use one of: {', '.join(OwnerPost.values)}.")


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
