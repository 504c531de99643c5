"""Keeping count of what was keyed into the national site, because we cannot send it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import User
from assessment.models import Publication, Response, Transcription
from assessment.services.steps import tell


@transaction.atomic
def mark_entered(
    publication: Publication, response: Response, *, is_entered: bool, by: User, at: datetime, note: str = ""
) -> Transcription:
    """Note that an answer was keyed into the national site, or that it was not after all. The same again changes nothing.

    Args:
        publication: what was published here.
        response: one of its items.
        is_entered: whether it stands there now.
        by: who keyed it.
        at: when it was noted.
        note: what differs there.
    """
    Publication.objects.select_for_update().get(pk=publication.pk)
    newest = Transcription.objects.filter(publication=publication, response=response).order_by("-pk").first()
    if newest is not None and (newest.is_entered, newest.note) == (is_entered, note.strip()):
        return newest
    said = Transcription.objects.create(
        publication=publication, response=response, is_entered=is_entered, note=note.strip(), by=by, at=at
    )
    event = "publication.keyed" if is_entered else "publication.not_keyed"
    summary = {"sequence": publication.sequence, "number": response.item.number}
    tell(event, publication.assessment, by=by, at=at, target=said, summary=summary)
    return said
