"""Publishing: everything frozen and written in one transaction, or nothing."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from accounts.models import Organisation, User
from assessment import figures
from assessment.frozen import rendered_files
from assessment.models import Assessment, OfficialStatus, Publication, PublicationFile, SignOff
from assessment.publishing import EvidenceDamagedError, PackFile, gather_files, publication_document, trace_lines
from assessment.queries import AssessmentReturn, read_return
from assessment.services.confirming import keep_reading
from assessment.services.reviewing import record_lapse
from assessment.services.signing import require_whole_evidence, signer_of
from assessment.services.steps import AssessmentRefusedError, locked, london_day, take_step, tell, user_or_none
from assessment.states import StepRefusedError
from audit.canonical import canonical_json
from audit.services import actor_id
from evidence import blobs


class SignatureLapsedError(AssessmentRefusedError):
    """What was signed is no longer what would be published; the signature has lapsed and nothing was published."""


def publish(assessment: Assessment, *, on: date | None = None, by: User | str, at: datetime, note: str = "") -> Publication:
    """Freeze the signed return: one canonical document, its files, its figures. It submits nothing.

    Published on another day than the one signed for, the figures are taken again; if that changes an answer or the
    standard, the signature lapses and nothing is published.

    Args:
        assessment: a signed return.
        on: the London date of publication; today if not given. Not in the future, not before it was signed.
        by: who publishes.
        at: when.
        note: words kept with the publication.

    Raises:
        SignatureLapsedError: the content, an answer or the standard is no longer what was signed.
        AssessmentRefusedError: the date will not do, or a file among the evidence is lost, changed or not found clean.
        StepRefusedError: the return is not signed.
        BlobDamagedError: what was made of a figure is missing or was changed.
    """
    try:
        with transaction.atomic():
            return _publish(locked(assessment), on=on or london_day(at), by=by, at=at, note=note)
    except SignatureLapsedError as lapsed:
        record_lapse(assessment, reason=str(lapsed), by=by, at=at)
        raise


def _publish(assessment: Assessment, *, on: date, by: User | str, at: datetime, note: str) -> Publication:
    step = take_step(assessment, "publish", by=by, at=at)
    sign_off = _standing_sign_off(assessment)
    _require_possible_day(on, sign_off, today=london_day(at))
    signed = read_return(assessment, on=sign_off.planned_publication_date, strict=True)
    if signed.digest != sign_off.content_digest:
        raise SignatureLapsedError("Something in this return has changed since it was signed. It has to be signed again.")
    require_whole_evidence(signed)
    whole = signed if on == signed.on else _on_another_day(assessment, signed, on, by=by, at=at)
    if whole.level_if_signed != sign_off.computed_standard:
        raise SignatureLapsedError(
            f"On {on.day} {on:%B %Y} this return comes to another standard than the one signed for. It has to be signed again."
        )
    publication = _write(assessment, whole, sign_off, by=by, at=at, note=note)
    Assessment.objects.filter(pk=assessment.pk).update(closed_at=at)
    _supersede_older(publication, by=by, at=at)
    summary = {
        "sequence": publication.sequence,
        "standard": publication.standard_words,
        "published_on": on.isoformat(),
        "document_sha256": publication.document_sha256,
        "files": publication.files.count(),
        "step": step.pk,
    }
    tell("publication.made", assessment, by=by, at=at, target=publication, summary=summary)
    return publication


def _standing_sign_off(assessment: Assessment) -> SignOff:
    return assessment.sign_offs.select_related("key_post", "person").latest("pk")


def _require_possible_day(on: date, sign_off: SignOff, *, today: date) -> None:
    if on > today:
        raise AssessmentRefusedError("A return cannot be published for a day to come. Publish it on the day.")
    if on < london_day(sign_off.at):
        raise AssessmentRefusedError("A return cannot be published for a day before it was signed.")


def _on_another_day(
    assessment: Assessment, signed: AssessmentReturn, on: date, *, by: User | str, at: datetime
) -> AssessmentReturn:
    """The return with its figures taken for the real day, if every item stays what was signed: figures, certificates, evidence."""
    for response in figures.responses_with_figures(assessment):
        keep_reading(assessment, response, as_of=on, by=by, at=at, with_documents=True)
    whole = read_return(assessment, on=on, strict=True)
    for leaf in whole.leaves:
        now = whole.verdict(leaf)
        if now.is_settled != signed.verdicts[leaf.item_id].is_settled:
            raise SignatureLapsedError(
                f"On {on.day} {on:%B %Y} item {leaf.number} comes to another answer than the one signed: "
                f"{now.reason} It has to be signed again."
            )
    return whole


def _write(
    assessment: Assessment,
    whole: AssessmentReturn,
    sign_off: SignOff,
    *,
    by: User | str,
    at: datetime,
    note: str,
) -> Publication:
    organisation = Organisation.objects.select_for_update().get(pk=assessment.organisation_id)
    last = Publication.objects.filter(organisation=organisation).order_by("-sequence").first()
    sequence, previous = (last.sequence + 1, last.document_sha256) if last else (1, "")
    try:
        files, withheld = gather_files(whole)
    except EvidenceDamagedError as damage:
        raise AssessmentRefusedError(str(damage)) from damage
    standard = None if whole.is_interim else whole.standard_if(signed=True)
    document = publication_document(
        whole,
        sign_off=sign_off,
        standard=standard,
        sequence=sequence,
        previous_sha256=previous,
        published_on=whole.on,
        at=at,
        by=actor_id(by),
        files=files,
        withheld=withheld,
    )
    blob = blobs.keep(canonical_json(document), media_type="application/json")
    publication = Publication.objects.create(
        organisation=organisation,
        assessment=assessment,
        sign_off=sign_off,
        sequence=sequence,
        computed_standard=whole.level_if_signed,
        trace=trace_lines(standard) if standard else [],
        document=blob,
        document_sha256=blob.sha256,
        edition_sha256=assessment.edition.content_sha256,
        previous_sha256=previous,
        published_on=whole.on,
        by=user_or_none(by),
        at=at,
        note=note.strip(),
    )
    _write_files(publication, [*files, *rendered_files(assessment, document, blob, sign_off=sign_off, at=at)])
    return publication


def _write_files(publication: Publication, files: list[PackFile]) -> None:
    PublicationFile.objects.bulk_create(
        [
            PublicationFile(
                publication=publication,
                path=file.path,
                blob=file.blob,
                sha256=file.blob.sha256,
                size=file.blob.size,
                media_type=file.blob.media_type,
                title=file.title[:300],
            )
            for file in files
        ]
    )


def _supersede_older(publication: Publication, *, by: User | str, at: datetime) -> None:
    """The publication of the same year and kind that stood until now is replaced; it stays readable."""
    mine = publication.assessment
    older = Publication.objects.before(publication).filter(assessment__year=mine.year, assessment__kind=mine.kind).first()
    if older is None:
        return
    try:
        take_step(older.assessment, "supersede", by=by, at=at)
    except StepRefusedError:
        return
    tell("publication.superseded", older.assessment, by=by, at=at, target=older, summary={"sequence": older.sequence})


@transaction.atomic
def withdraw(publication: Publication, *, reason: str, by: User, at: datetime) -> None:
    """Take back the publication that stands. It stays readable, with the reason, and a corrected return can be opened.

    Only who could sign it may: nobody takes back alone what somebody accountable answered for.

    Raises:
        AssessmentRefusedError: the user neither holds an accountable post today nor deputises for one.
        StepRefusedError: it does not stand any more, or no reason is given.
    """
    assessment = locked(publication.assessment)
    if signer_of(assessment.organisation, by, on=london_day(at)) is None:
        raise AssessmentRefusedError(
            "Only the SIRO, the registered manager or a partner can withdraw a publication, or the deputy recorded for one of them."
        )
    take_step(assessment, "withdraw", by=by, at=at, reason=reason)
    summary = {"sequence": publication.sequence}
    tell("publication.withdrawn", assessment, by=by, at=at, target=publication, summary=summary, reason=reason.strip())


@transaction.atomic
def record_official_status(
    organisation: Organisation, *, year: str, status: str, recorded_on: date, by: User | str, at: datetime, note: str = ""
) -> OfficialStatus:
    """Write down what the national site shows for a year. What we computed stays as it is.

    Raises:
        AssessmentRefusedError: the status is none of the national site's, or the day is still to come.
    """
    if status not in OfficialStatus.Status.values:
        raise AssessmentRefusedError(
            f"“{status}” is not a status the national site shows. Use one of: {', '.join(OfficialStatus.Status.values)}."
        )
    if recorded_on > london_day(at):
        raise AssessmentRefusedError("Give the day on which you saw the status, not one to come.")
    found = OfficialStatus.objects.create(
        organisation=organisation,
        year=year,
        status=status,
        recorded_on=recorded_on,
        note=note.strip(),
        by=user_or_none(by),
        at=at,
    )
    assessment = (
        Assessment.objects.filter(organisation=organisation, year=year).select_related("organisation").order_by("-pk").first()
    )
    if assessment is not None:
        summary = {"year": year, "status": status, "recorded_on": recorded_on.isoformat()}
        tell("assessment.official_status_recorded", assessment, by=by, at=at, target=found, summary=summary)
    return found
