"""Evidence behind answers: attaching it, taking it off, and keeping its bytes out of packs."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import User
from assessment.models import Assessment, EvidenceLink, Response, Withholding
from assessment.services.steps import AssessmentRefusedError, begin_if_waiting, locked_for_work, tell, user_or_none
from evidence import blobs
from evidence.models import Document, DocumentVersion, DocumentWithdrawal


@transaction.atomic
def attach_evidence(
    response: Response, document_version: DocumentVersion, *, locator: str = "", note: str = "", by: User | str, at: datetime
) -> EvidenceLink:
    """Pin a document version to an answer; attaching it again returns the link that is there.

    Raises:
        AssessmentRefusedError: the document is another organisation's, is withdrawn, or its file is kept apart or lost.
        StepRefusedError: the return is in review, signed or published.
    """
    assessment = locked_for_work(response)
    if document_version.document.organisation_id != assessment.organisation_id:
        raise AssessmentRefusedError("This document belongs to another organisation.")
    _require_sound(document_version)
    link, created = EvidenceLink.objects.get_or_create(
        response=response,
        document_version=document_version,
        retired_at=None,
        defaults={"locator": locator.strip(), "note": note.strip(), "attached_by": user_or_none(by), "attached_at": at},
    )
    if created:
        begin_if_waiting(assessment, by=by, at=at)
        summary = {"number": response.item.number, "document_version": document_version.pk}
        tell("assessment.evidence_attached", assessment, by=by, at=at, target=response, summary=summary)
    return link


def _require_sound(version: DocumentVersion) -> None:
    """Refuse what could never count as evidence."""
    if DocumentWithdrawal.objects.filter(document=version.document_id).exists():
        raise AssessmentRefusedError(f"“{version.document}” is withdrawn. Attach a document that still holds.")
    place = blobs.place_of(version.blob) if version.blob else blobs.Place.STORED
    if version.blob and place == blobs.Place.HELD:
        if blobs.has_virus(version.blob):
            raise AssessmentRefusedError(f"The scanner found a virus in “{version.document}”. Bring in a clean copy of it.")
        raise AssessmentRefusedError(
            f"“{version.document}” is in the library, but it is still being checked for viruses. Attach it in some minutes."
        )
    if place == blobs.Place.MISSING:
        raise AssessmentRefusedError(f"The file of “{version.document}” is missing here. Bring it in again.")


@transaction.atomic
def retire_evidence(link: EvidenceLink, *, by: User | str, at: datetime) -> None:
    """Take a document off an answer; that it was attached stays on record. Doing it again does nothing.

    Raises:
        StepRefusedError: the return is in review, signed or published.
    """
    assessment = locked_for_work(link.response)
    changed = EvidenceLink.objects.filter(pk=link.pk, retired_at__isnull=True).update(retired_at=at, retired_by=user_or_none(by))
    if changed:
        summary = {"number": link.response.item.number, "document_version": link.document_version_id}
        tell("assessment.evidence_retired", assessment, by=by, at=at, target=link.response, summary=summary)


@transaction.atomic
def repin_evidence(link: EvidenceLink, *, by: User | str, at: datetime) -> EvidenceLink:
    """Point an answer to the newest approved version of an attached document, with the same locator and note.

    The old link stays on record as taken off. What was confirmed with it lapses by itself.

    Raises:
        AssessmentRefusedError: the document is no longer attached here, or has no newer approved version that can be opened.
        StepRefusedError: the return is in review, signed or published.
    """
    assessment = locked_for_work(link.response)
    pinned = EvidenceLink.objects.with_replacement().filter(pk=link.pk, retired_at__isnull=True)
    old = pinned.select_related("document_version").first()
    if old is None:
        raise AssessmentRefusedError("This document is no longer attached here. Attach it again if it is still the evidence.")
    if old.replacement is None:
        raise AssessmentRefusedError("This document has no newer approved version. Approve the newer version first.")
    _require_sound(DocumentVersion.objects.select_related("document", "blob").get(pk=old.replacement.version_id))
    EvidenceLink.objects.filter(pk=old.pk).update(retired_at=at, retired_by=user_or_none(by))
    new, _created = EvidenceLink.objects.get_or_create(
        response=link.response,
        document_version_id=old.replacement.version_id,
        retired_at=None,
        defaults={"locator": old.locator, "note": old.note, "attached_by": user_or_none(by), "attached_at": at},
    )
    summary = {
        "number": link.response.item.number,
        "document_version": new.document_version_id,
        "before": old.document_version_id,
    }
    tell("assessment.evidence_repinned", assessment, by=by, at=at, target=link.response, summary=summary)
    return new


@transaction.atomic
def withhold_document(link: EvidenceLink, *, reason: str, auditors_may_open: bool, by: User | str, at: datetime) -> Withholding:
    """Have the pack of the return go out without the bytes of an attached document: with its hash, size and the reason instead.

    It holds for every version of the document and every item of the return. The same again changes nothing.

    Args:
        link: where the document is attached.
        reason: why; it is published.
        auditors_may_open: whether auditors may open the document here all the same.
        by: who decides.
        at: when.

    Raises:
        AssessmentRefusedError: no reason is given, or the document is no file, so that no pack carries it anyway.
        StepRefusedError: the return is in review, signed or published.
    """
    assessment = locked_for_work(link.response)
    document = link.document_version.document
    if link.document_version.blob_id is None:
        raise AssessmentRefusedError("This document is not a file here, so no pack carries it. Nothing has to be withheld.")
    if not reason.strip():
        raise AssessmentRefusedError("Say why the pack goes out without this document.")
    standing = _standing(assessment, document)
    if standing and (standing.reason, standing.auditors_may_open) == (reason.strip(), auditors_may_open):
        return standing
    made = Withholding.objects.create(
        assessment=assessment,
        document=document,
        is_withheld=True,
        reason=reason.strip(),
        auditors_may_open=auditors_may_open,
        by=user_or_none(by),
        at=at,
    )
    summary = {"document": document.pk, "auditors_may_open": auditors_may_open}
    tell("assessment.evidence_withheld", assessment, by=by, at=at, target=made, summary=summary)
    return made


@transaction.atomic
def restore_document(link: EvidenceLink, *, by: User | str, at: datetime) -> None:
    """Put a withheld document back into the pack. Doing it again does nothing.

    Raises:
        StepRefusedError: the return is in review, signed or published.
    """
    assessment = locked_for_work(link.response)
    document = link.document_version.document
    if _standing(assessment, document) is not None:
        made = Withholding.objects.create(assessment=assessment, document=document, is_withheld=False, by=user_or_none(by), at=at)
        tell("assessment.evidence_restored", assessment, by=by, at=at, target=made, summary={"document": document.pk})


def _standing(assessment: Assessment, document: Document) -> Withholding | None:
    newest = Withholding.objects.filter(assessment=assessment, document=document).order_by("-pk").first()
    return newest if newest is not None and newest.is_withheld else None
