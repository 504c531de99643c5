"""What the library is asked across documents."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from accounts.models import Organisation
from evidence.models import Document, DocumentVersion

AHEAD = timedelta(days=90)


@dataclass(frozen=True)
class Reviews:
    """The documents in use whose review is overdue, and those that come up: by month."""

    overdue: list[Document]
    coming: dict[date, list[Document]]
    """By the first day of the month."""
    without: int
    """Documents in use that have no review date at all."""


def reviews(organisation: Organisation, *, on: date) -> Reviews:
    """What is to be reviewed by a date and in the 90 days after it."""
    documents = Document.objects.filter(organisation=organisation, needs="").with_newest()
    due = sorted(documents.to_review(until=on + AHEAD + timedelta(days=1)), key=_review_by)
    coming: dict[date, list[Document]] = {}
    for document in due:
        if _review_by(document) >= on:
            coming.setdefault(_review_by(document).replace(day=1), []).append(document)
    newest = DocumentVersion.objects.newest().filter(
        document__organisation=organisation, document__needs="", document__withdrawal__isnull=True
    )
    return Reviews([d for d in due if _review_by(d) < on], coming, newest.filter(review_by__isnull=True).count())


def by_same_bytes(sha256s: Iterable[str | None], *, of: int, but: int | None = None) -> dict[str, Document]:
    """The documents of an organisation that already have a file with one of these digests, by digest; restricted ones are not told."""
    versions = DocumentVersion.objects.filter(
        document__organisation=of, document__needs="", blob__in=[one for one in sha256s if one]
    )
    if but is not None:
        versions = versions.exclude(pk=but)
    found = versions.select_related("document").order_by("-added_at")
    return {str(version.blob_id): version.document for version in found}


def _review_by(document: Document) -> date:
    assert document.newest is not None  # noqa: S101  asked for by its review date
    assert document.newest.review_by is not None  # noqa: S101
    return document.newest.review_by
