"""Opening a year's return: which list applies, and what comes over from the last one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.db import transaction

from accounts.models import Organisation, User
from assessment.answers import in_words
from assessment.edition_file import CrosswalkFile
from assessment.leaves import TO_CHECK
from assessment.links import PARTLY, SAME, linked
from assessment.loading import asks_interim, crosswalk_between, edition_for, file_of, years_for
from assessment.models import (
    Assessment,
    AssessmentTransition,
    Edition,
    EditionItem,
    EvidenceLink,
    Publication,
    Response,
    ResponseVersion,
    Withholding,
    YearAcknowledgement,
)
from assessment.services.steps import AssessmentRefusedError, tell, user_or_none
from assessment.states import State
from audit.services import record

LEAVES = (EditionItem.Kind.ITEM, EditionItem.Kind.OUTCOME)


@transaction.atomic
def open_year(
    organisation: Organisation,
    year: str,
    *,
    kind: str = Assessment.Kind.FULL,
    by: User | str,
    at: datetime,
    lead: User | None = None,
    due_on: date | None = None,
) -> Assessment:
    """Open a return on the newest edition for the organisation's type.

    Answers of the last published year with the same stable ids come over to be checked; until somebody does, they do
    not count. A year published already opens as a corrected return, with this year's answers and evidence copied. So does an
    annual return beside an interim one of the same year, and the other way round: neither is begun from nothing.

    Raises:
        AssessmentRefusedError: no edition fits, it asks no interim return of this type, or one of the year and kind is open.
    """
    Organisation.objects.select_for_update().get(pk=organisation.pk)
    edition = edition_for(organisation.type, year)
    if edition is None:
        offered = ", ".join(years_for(organisation.type)) or "none yet"
        raise AssessmentRefusedError(
            f"There is no list of requirements for {organisation.get_type_display().lower()} in {year}. Years there are: {offered}."
        )
    checked, is_interim = file_of(edition), kind == Assessment.Kind.INTERIM
    if is_interim and not asks_interim(edition):
        raise AssessmentRefusedError(
            f"No interim return is asked of {organisation.get_type_display().lower()} in {year}. Open the annual return."
        )
    open_ones = Assessment.objects.filter(organisation=organisation, year=year, closed_at__isnull=True)
    if open_ones.filter(kind=kind).exists():
        raise AssessmentRefusedError(
            f"{'An interim return' if is_interim else 'A return'} for {year} is open already. Go on with that one."
        )
    last, source = _beginning(organisation, year, kind, open_ones.first())
    assessment = Assessment.objects.create(
        organisation=organisation,
        edition=edition,
        year=year,
        kind=kind,
        type_snapshot=organisation.type,
        lead=lead or user_or_none(by),
        due_on=due_on or (checked.header.calendar.interim if is_interim else checked.header.calendar.final),
        based_on=last,
        opened_by=user_or_none(by),
        opened_at=at,
    )
    AssessmentTransition.objects.create(assessment=assessment, to_state=State.PREPARING, step="open", by=user_or_none(by), at=at)
    responses = _create_responses(assessment)
    carried = _bring_over(assessment, responses, source, at=at) if source else 0
    _go_on_withholding(assessment, source, at=at)
    tell(
        "assessment.opened_interim" if is_interim else "assessment.opened",
        assessment,
        by=by,
        at=at,
        summary={"year": year, "edition": f"{edition.edition_id} {edition.version}", "items": len(responses), "carried": carried},
    )
    return assessment


@transaction.atomic
def acknowledge_year(organisation: Organisation, edition: Edition, *, by: User, at: datetime) -> YearAcknowledgement:
    """Note that somebody has read what the year's list asks of the organisation. Saying it again changes nothing.

    Raises:
        AssessmentRefusedError: it is not the list that the organisation answers in its year.
    """
    if edition_for(organisation.type, edition.year) != edition:
        raise AssessmentRefusedError("Another list applies to you by now. Read that one.")
    said, is_new = YearAcknowledgement.objects.get_or_create(
        organisation=organisation, edition=edition, by=by, defaults={"at": at}
    )
    if is_new:
        summary = {"year": edition.year, "edition": f"{edition.edition_id} {edition.version}"}
        record("assessment.year_acknowledged", organisation=organisation, by=by, target=said, summary=summary, at=at)
    return said


def _beginning(
    organisation: Organisation, year: str, kind: str, beside: Assessment | None
) -> tuple[Publication | None, Assessment | None]:
    """The last publication of the newest year, and the return whose answers come over: that of this one, or the one open beside it.

    A correction begins with what it corrects; otherwise an open return of the same year is fresher than anything published.
    """
    published = Publication.objects.filter(organisation=organisation, assessment__year__lte=year).order_by(
        "-assessment__year", "-sequence"
    )
    corrected = published.filter(assessment__year=year, assessment__kind=kind).first()
    last = corrected or published.first()
    if corrected is None and beside is not None:
        return last, beside
    return last, last.assessment if last else None


def _create_responses(assessment: Assessment) -> dict[str, Response]:
    """A place for every item asked of this type, by stable id."""
    rows = EditionItem.objects.filter(edition=assessment.edition, kind__in=LEAVES).order_by("order")
    checked = file_of(assessment.edition)
    asked = {item.id for item in checked.items_for(assessment.type_snapshot)} | {outcome.id for outcome in checked.outcomes()}
    made = Response.objects.bulk_create([Response(assessment=assessment, item=row) for row in rows if row.item_id in asked])
    return {response.item.item_id: response for response in made}


def _bring_over(assessment: Assessment, responses: dict[str, Response], before: Assessment, *, at: datetime) -> int:
    """Last year's answers as versions to be checked, or this year's as they stand. Returns how many."""
    same_year = before.year == assessment.year
    old = {
        response.item.item_id: response
        for response in before.responses.select_related("item").prefetch_related("versions", "evidence_links")
    }
    origin = ResponseVersion.Origin.COPIED if same_year else ResponseVersion.Origin.CARRIED
    versions, links = _notes(before, assessment, responses, old, at=at), []
    noted = {version.response_id for version in versions}
    for item_id, old_id in _pairs(before.edition, assessment.edition, responses):
        response, source = responses[item_id], old.get(old_id)
        newest = _newest(source)
        if source is None or newest is None or response.pk in noted or _kind(source.item) != _kind(response.item):
            continue
        versions.append(
            ResponseVersion(
                response=response,
                n=1,
                value=newest.value if same_year else _without_own_level(newest.value),
                comment=newest.comment,
                applicability=newest.applicability,
                reason=newest.reason,
                origin=newest.origin if same_year and newest.origin in TO_CHECK else origin,
                author=newest.author,
                at=at,
            )
        )
        response.owner = source.owner
        if same_year:
            links += [_copy(link, response, at) for link in source.evidence_links.all() if link.retired_at is None]
    ResponseVersion.objects.bulk_create(versions)
    EvidenceLink.objects.bulk_create(links)
    Response.objects.bulk_update(responses.values(), ["owner"])
    return len(versions)


def _go_on_withholding(assessment: Assessment, before: Assessment | None, *, at: datetime) -> None:
    """What the last pack went out without, this one does too, until somebody decides otherwise."""
    newest = {one.document_id: one for one in Withholding.objects.filter(assessment=before).order_by("pk")} if before else {}
    Withholding.objects.bulk_create(
        Withholding(
            assessment=assessment,
            document_id=one.document_id,
            is_withheld=True,
            reason=one.reason,
            auditors_may_open=one.auditors_may_open,
            by=one.by,
            at=at,
        )
        for one in newest.values()
        if one.is_withheld
    )


def _pairs(older: Edition, newer: Edition, responses: dict[str, Response]) -> Iterator[tuple[str, str]]:
    """New item id with the old one whose answer may come over: by crosswalk, else the same stable id."""
    crosswalk = crosswalk_between(older.edition_id, newer.edition_id)
    for item_id in responses:
        old_id = _carried_from(crosswalk, item_id)
        if old_id is not None:
            yield item_id, old_id


def _without_own_level(value: dict[str, Any] | None) -> dict[str, Any] | None:
    """A person's own level is for one year: this year's comes from the indicators until somebody chooses again."""
    if value is None or value["kind"] != "outcome":
        return value
    return value | {"value": value["value"] | dict.fromkeys(("override_level", "override_reason", "override_reviewer"), "")}


def _notes(
    before: Assessment, assessment: Assessment, responses: dict[str, Response], old: dict[str, Response], *, at: datetime
) -> list[ResponseVersion]:
    """Answers that cannot count as answers to the new items, but help whoever answers those: as comments to be checked."""
    crosswalk = crosswalk_between(before.edition.edition_id, assessment.edition.edition_id)
    found = []
    for item_id, response in responses.items():
        told = [_told(old[old_id]) for old_id in _noted_from(crosswalk, item_id, old) if old_id in old]
        words = [text for text in told if text]
        if words:
            comment = f"From the list of {before.year}, to be checked:\n" + "\n".join(words)
            found.append(
                ResponseVersion(response=response, n=1, value=None, comment=comment, origin=ResponseVersion.Origin.CARRIED, at=at)
            )
    return found


def _noted_from(crosswalk: CrosswalkFile | None, item_id: str, old: dict[str, Response]) -> list[str]:
    """The old items whose answers come as notes: by crosswalk, or by links where the lists have none and no id in common."""
    if crosswalk:
        return [old_id for line in crosswalk.into(item_id) if line.carry.get("answer") == "as_note" for old_id in line.from_ids]
    if item_id in old:
        return []
    return [link.item_id for link in linked(item_id, kinds=(SAME, PARTLY))]


def _told(response: Response) -> str:
    newest = _newest(response)
    if newest is None:
        return ""
    said = in_words(newest.value) or (f"does not apply: {newest.reason}" if newest.reason else "")
    return f"{response.item.number} {response.item.title}: " + ". ".join(part for part in (said, newest.comment) if part)


def _carried_from(crosswalk: CrosswalkFile | None, item_id: str) -> str | None:
    lines = crosswalk.into(item_id) if crosswalk else ()
    if not lines:
        return item_id
    carrying = [line for line in lines if line.carry.get("answer") == "yes" and len(line.from_ids) == 1]
    return carrying[0].from_ids[0] if carrying else None


def _newest(response: Response | None) -> ResponseVersion | None:
    versions = sorted(response.versions.all(), key=lambda version: version.n) if response else []
    return versions[-1] if versions else None


def _kind(item: EditionItem) -> str:
    answer = item.spec.get("answer")
    return str(answer["kind"]) if answer else item.kind


def _copy(link: EvidenceLink, response: Response, at: datetime) -> EvidenceLink:
    return EvidenceLink(
        response=response,
        document_version_id=link.document_version_id,
        locator=link.locator,
        note=link.note,
        attached_by_id=link.attached_by_id,
        attached_at=at,
    )
