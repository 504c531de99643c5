"""What an auditor asks for and draws, and what both sides make of it."""

from __future__ import annotations

import json
import secrets
from datetime import date, datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from accounts.policy import RefusedError
from assessment import sampling
from assessment.audit_findings import writes_as
from assessment.models import (
    Assessment,
    AuditRequest,
    AuditRequestStep,
    AuditSample,
    LiveReading,
    Response,
    SampleCheck,
    SampledPerson,
    Withholding,
)
from assessment.sampled_records import facts_of
from assessment.services.steps import AssessmentRefusedError, locked, london_day, tell
from evidence import blobs
from evidence.models import Document, DocumentVersion
from jobs.services import enqueue

Kind = AuditRequestStep.Kind
TELL_OF_AUDIT = "assessment.tell_of_audit"
MOST_SAMPLED = 200


def tell_by_letter(news: str, assessment: Assessment, *, row: int, at: datetime) -> None:
    """Have the other side told by e-mail of a request, an answer or a finding (``assessment.audit_letters``)."""
    enqueue(
        TELL_OF_AUDIT,
        title=f"Tell of the audit of the return {assessment.title}",
        organisation=assessment.organisation,
        by=None,
        arguments={"news": news, "row": row},
        at=at,
    )


def _about(request: AuditRequest) -> dict[str, Any]:
    return {"about": f"item {request.response.item.number}" if request.response else "the return"}


@transaction.atomic
def ask_for(
    assessment: Assessment, *, text: str, wanted_by: date, response: Response | None = None, by: User, at: datetime
) -> AuditRequest:
    """Ask the organisation for something: about an item, or about the return as a whole.

    Raises:
        RefusedError: they are not invited to this return today, or have a part in it.
        AssessmentRefusedError: nothing is said, the day is over, or the item is of another return.
    """
    assessment = locked(assessment)
    engagement = writes_as(by, assessment, on=london_day(at))
    if not text.strip() or wanted_by < london_day(at):
        raise AssessmentRefusedError("Say what you ask for, and by which day from today on.")
    if response is not None and response.assessment_id != assessment.pk:
        raise AssessmentRefusedError("This return does not ask that. Choose the item again.")
    asked = AuditRequest.objects.create(
        assessment=assessment,
        engagement=engagement,
        response=response,
        text=text.strip(),
        wanted_by=wanted_by,
        by=by,
        at=at,
    )
    tell("assessment.audit_asked", assessment, by=by, at=at, target=asked, summary=_about(asked))
    tell_by_letter("request", assessment, row=asked.pk, at=at)
    return asked


def _locked_request(request: AuditRequest) -> tuple[AuditRequest, str]:
    """The request with its return locked, and the kind of its last step; empty while nobody has done anything."""
    locked(request.assessment)
    request = AuditRequest.objects.select_related("assessment__organisation", "response__item").get(pk=request.pk)
    return request, request.steps.order_by("-pk").values_list("kind", flat=True).first() or ""


def _is_closed(document: Document) -> bool:
    """Whether it is withheld, and auditors may not open it here either."""
    newest = Withholding.objects.filter(document=document).order_by("-pk").first()
    return newest is not None and newest.is_withheld and not newest.auditors_may_open


@transaction.atomic
def answer_request(
    request: AuditRequest, *, text: str = "", document_version: DocumentVersion | None = None, by: User, at: datetime
) -> AuditRequestStep:
    """Answer what an auditor asked for, with words, with a document of the library in the version it has now, or with both.

    Whoever leads the return may ask this of anybody who answers it; views decide who that is.

    Raises:
        AssessmentRefusedError: neither is given, the document is another organisation's or restricted, or it was accepted already.
    """
    request, last = _locked_request(request)
    if last == Kind.ACCEPTED:
        raise AssessmentRefusedError("The auditor has accepted this request. There is nothing left to answer.")
    if not text.strip() and document_version is None:
        raise AssessmentRefusedError("Answer in words, or choose a document.")
    if document_version is not None:
        document = document_version.document
        if document.organisation_id != request.assessment.organisation_id or document.needs or _is_closed(document):
            raise AssessmentRefusedError("This document cannot be shown to an auditor: it is restricted. Choose another.")
    step = AuditRequestStep.objects.create(
        request=request, kind=Kind.ANSWERED, text=text.strip(), document_version=document_version, by=by, at=at
    )
    tell("assessment.audit_answered", request.assessment, by=by, at=at, target=request, summary=_about(request))
    tell_by_letter("answer", request.assessment, row=step.pk, at=at)
    return step


@transaction.atomic
def settle_request(
    request: AuditRequest, *, accepts: bool, text: str = "", wanted_by: date | None = None, by: User, at: datetime
) -> AuditRequestStep:
    """Accept what was answered, or ask again by another day and say what is lacking. What they do not need any more they accept.

    Raises:
        RefusedError: it is not their request, or they are not invited to this return today.
        AssessmentRefusedError: it is accepted already, nothing was answered yet, or it is not said what is lacking by when.
    """
    request, last = _locked_request(request)
    writes_as(by, request.assessment, on=london_day(at))
    if request.by_id != by.pk:
        raise RefusedError("Another auditor asked for this. Only they can accept what was answered.")
    if last == Kind.ACCEPTED:
        raise AssessmentRefusedError("You have accepted this already. Make a new request if you need more.")
    if accepts:
        step = AuditRequestStep.objects.create(request=request, kind=Kind.ACCEPTED, text=text.strip(), by=by, at=at)
        tell("assessment.audit_accepted", request.assessment, by=by, at=at, target=request, summary=_about(request))
        return step
    if last != Kind.ANSWERED:
        raise AssessmentRefusedError("Nobody has answered yet, so there is nothing to ask again.")
    if not text.strip() or wanted_by is None or wanted_by < london_day(at):
        raise AssessmentRefusedError("Say what is lacking, and by which day from today on.")
    step = AuditRequestStep.objects.create(request=request, kind=Kind.AGAIN, text=text.strip(), wanted_by=wanted_by, by=by, at=at)
    tell("assessment.audit_asked_again", request.assessment, by=by, at=at, target=request, summary=_about(request))
    tell_by_letter("request", request.assessment, row=request.pk, at=at)
    return step


@transaction.atomic
def draw_sample(
    assessment: Assessment, *, reading: LiveReading, population: str, size: int, seed: str = "", by: User, at: datetime
) -> AuditSample:
    """Draw people from the rows of a kept reading. With the seed anybody draws the same again; without one it is made by chance.

    Raises:
        RefusedError: they are not invited to this return today, or have a part in it.
        AssessmentRefusedError: the reading is of another return, its rows do not add up, or it holds fewer people than asked for.
        BlobDamagedError: the reading's rows are missing or were changed.
    """
    assessment = locked(assessment)
    engagement = writes_as(by, assessment, on=london_day(at))
    if reading.assessment_id != assessment.pk or population not in AuditSample.Population.values:
        raise AssessmentRefusedError("Choose a figure of this return, and whom to draw from.")
    counted_only = population == AuditSample.Population.COUNTED
    content = json.loads(blobs.read(reading.rows))
    people = sampling.population(content["rows"], counted_only=counted_only, is_net=not reading.payload.get("gross", True))
    if len(people) != (reading.numerator if counted_only else reading.denominator):
        raise AssessmentRefusedError("The rows behind this figure do not add up to it, so nothing can be drawn from them.")
    if not 1 <= size <= min(len(people), MOST_SAMPLED):
        raise AssessmentRefusedError(f"Draw between 1 and {min(len(people), MOST_SAMPLED)} people: there are {len(people)}.")
    seed = seed.strip() or secrets.token_hex(16)
    sample = AuditSample.objects.create(
        assessment=assessment,
        engagement=engagement,
        reading=reading,
        population=population,
        population_size=len(people),
        size=size,
        seed=seed,
        algorithm=sampling.ALGORITHM,
        by=by,
        at=at,
    )
    chosen = sampling.drawn(people, seed=seed, size=size)
    facts = facts_of(chosen, content=content)
    SampledPerson.objects.bulk_create(
        SampledPerson(sample=sample, n=n, person=person, facts=facts[person]) for n, person in enumerate(chosen, start=1)
    )
    summary = {"size": size, "population": len(people), "as_of": reading.as_of.isoformat(), "seed": seed}
    tell("assessment.sample_drawn", assessment, by=by, at=at, target=sample, summary=summary)
    return sample


@transaction.atomic
def check_sampled(sampled: SampledPerson, *, agrees: bool, text: str = "", by: User, at: datetime) -> SampleCheck:
    """Write down whether what the auditor saw of one sampled person agrees with the records. A newer check stands before an older.

    Raises:
        RefusedError: it is not their sample, or they are not invited to this return today.
        AssessmentRefusedError: it does not agree and nothing is said of why.
    """
    sample = AuditSample.objects.select_related("assessment__organisation").get(pk=sampled.sample_id)
    locked(sample.assessment)
    writes_as(by, sample.assessment, on=london_day(at))
    if sample.by_id != by.pk:
        raise RefusedError("Another auditor drew this sample.")
    if not agrees and not text.strip():
        raise AssessmentRefusedError("Write what does not agree.")
    check = SampleCheck.objects.create(sampled=sampled, agrees=agrees, text=text.strip(), by=by, at=at)
    summary = {"person": f"person:{sampled.person}", "agrees": "agrees" if agrees else "does not agree"}
    tell("assessment.sample_checked", sample.assessment, by=by, at=at, target=sample, summary=summary)
    return check
