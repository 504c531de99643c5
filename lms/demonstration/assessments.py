"""The demonstration's returns: last year's published by the care provider, this year's half done by everybody on the list route."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from accounts.models import Organisation, User
from assessment import checks
from assessment.loading import file_of
from assessment.models import Assessment, EditionItem, Response
from assessment.queries import read_return
from assessment.services import (
    answer,
    attach_evidence,
    confirm_assertion,
    mark_not_applicable,
    open_year,
    publish,
    ready_to_sign,
    record_official_status,
    sign,
    submit_for_review,
    take_reading,
)
from assessment.services.signing import preview
from evidence.models import DocumentVersion
from evidence.owners import OwnerPost
from evidence.services import add_document
from lms.demonstration.answers import CONTENTS, DOCUMENTS, NOT_APPLICABLE, SHARED_WORDS
from lms.demonstration.specifications import PUBLISHED_ON, Specification

LAST_YEAR, THIS_YEAR = "2025-26", "2026-27"
TAKE_UP = "people.training.take-up"


def build(organisation: Organisation, specification: Specification, users: Mapping[str, User], *, today: date) -> int:
    """Make the returns that an organisation of this kind would have by now. Returns how many."""
    lead = next(users[s.name] for s in specification.sign_ins if "dspt-lead" in s.roles)
    signer = next(users[s.name] for s in specification.sign_ins if "senior-reviewer" in s.roles)
    made = 0
    if specification.type == "social-care" and today > PUBLISHED_ON:
        _publish_last_year(organisation, specification, lead=lead, signer=signer)
        made += 1
    if today > date(2026, 9, 10):
        _half_do_this_year(organisation, specification, lead=lead, today=today)
        made += 1
    return made


def _publish_last_year(organisation: Organisation, specification: Specification, *, lead: User, signer: User) -> None:
    opened = _at(date(2025, 10, 6))
    assessment = open_year(organisation, LAST_YEAR, by=lead, at=opened, lead=lead)
    documents = make_documents(organisation, by=lead, on=date(2026, 2, 10))
    for number, response in enumerate(responses_of(assessment)):
        give_answer(response, specification, documents, by=lead, at=opened + timedelta(days=3 * number, minutes=11 * number))
    finish(assessment, lead=lead, signer=signer, on=PUBLISHED_ON)
    record_official_status(
        organisation,
        year=LAST_YEAR,
        status="Standards Met",
        recorded_on=date(2026, 6, 25),
        by=lead,
        at=_at(date(2026, 6, 25)),
        note="Seen on the public search page (demonstration)",
    )


def finish(assessment: Assessment, *, lead: User, signer: User, on: date) -> None:
    """Take the figure, confirm, review, sign and publish an answered return, in the nine days before a day."""
    counted_on = on - timedelta(days=9)
    figure = assessment.responses.get(item__item_id=TAKE_UP)
    take_reading(figure, as_of=counted_on, by=lead, at=_at(counted_on))
    _confirm_everything(assessment, by=lead, on=counted_on)
    submit_for_review(assessment, by=lead, at=_at(on - timedelta(days=8)))
    ready_to_sign(assessment, by=signer, at=_at(on - timedelta(days=6)))
    signed_on = on - timedelta(days=2)
    warnings = checks.warnings(preview(assessment, planned_on=on), today=signed_on, signer_id=signer.pk)
    codes = [warning.code for warning in warnings]
    sign(assessment, planned_on=on, acknowledged=codes, by=signer, at=_at(signed_on))
    publish(assessment, on=on, by=lead, at=_at(on), note="Demonstration")


def _half_do_this_year(organisation: Organisation, specification: Specification, *, lead: User, today: date) -> None:
    opened = _at(date(2026, 9, 14))
    assessment = open_year(organisation, THIS_YEAR, by=lead, at=opened, lead=lead)
    documents = make_documents(organisation, by=lead, on=date(2026, 9, 21))
    responses = responses_of(assessment)
    for number, response in enumerate(responses[: len(responses) // 2]):
        moment = min(opened + timedelta(days=number, minutes=7 * number), _at(today) - timedelta(days=1))
        if response.item.item_id != TAKE_UP:
            give_answer(response, specification, documents, by=lead, at=moment)
    figure = assessment.responses.get(item__item_id=TAKE_UP)
    yesterday = today - timedelta(days=1)
    take_reading(figure, as_of=yesterday, by=lead, at=_at(yesterday))
    _confirm_everything(assessment, by=lead, on=yesterday)


def responses_of(assessment: Assessment) -> list[Response]:
    return list(assessment.responses.select_related("item", "assessment").order_by("item__order"))


def give_answer(
    response: Response, specification: Specification, documents: Mapping[str, DocumentVersion], *, by: User, at: datetime
) -> None:
    item_id = response.item.item_id
    item = file_of(response.assessment.edition).item(item_id)
    current = response.versions.count()
    if item_id in NOT_APPLICABLE and item.not_applicable == "allowed":
        mark_not_applicable(response, reason=NOT_APPLICABLE[item_id], expected_version=current, by=by, at=at)
        return
    if item_id in documents:
        attach_evidence(response, documents[item_id], by=by, at=at)
    value = _value(item_id, item.answer.kind, specification)
    if value is not None:
        answer(response, value=value, expected_version=current, by=by, at=at)


def _value(item_id: str, kind: str, specification: Specification) -> str | None:
    if item_id == "data.lawful-use.ico-number":
        return specification.ico_number
    if item_id == "data.lawful-use.senior-owner":
        signer = next(s for s in specification.sign_ins if "senior-reviewer" in s.roles)
        return f"The {signer.job_title.lower()}. The job description says so, and the owners appointed the post in writing in July 2024."
    if kind == "yes_no":
        return "yes"
    if kind == "document":
        return "In the evidence library"
    return specification.words.get(item_id) or SHARED_WORDS.get(item_id)


def make_documents(organisation: Organisation, *, by: User, on: date) -> dict[str, DocumentVersion]:
    return {
        item_id: add_document(
            organisation,
            title=f"{title} {on.year}" if on.month < 7 else f"{title} autumn {on.year}",
            kind=kind,
            owner_post=OwnerPost.DSPT_LEAD,
            by=by,
            at=_at(on),
            received_on=on,
            effective_on=on,
            review_by=on + timedelta(days=365),
            file=(CONTENTS[name].encode(), name),
        )
        for item_id, (title, kind, name) in DOCUMENTS.items()
    }


def _confirm_everything(assessment: Assessment, *, by: User, on: date) -> None:
    whole = read_return(assessment, on=on)
    rows = {row.item_id: row for row in EditionItem.objects.filter(edition=assessment.edition, kind=EditionItem.Kind.ASSERTION)}
    for number, assertion in enumerate(whole.assertions()):
        if not whole.unsettled_required(assertion):
            confirm_assertion(assessment, rows[assertion.id], by=by, at=_at(on) + timedelta(minutes=number))


def _at(day: date) -> datetime:
    """Ten in the morning in London."""
    return timezone.make_aware(datetime.combine(day, time(10)))
