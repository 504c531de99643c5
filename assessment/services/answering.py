"""Answers, evidence, owners and plan actions: the everyday work on a return."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from assessment import action_source, answers
from assessment.edition_changes import patch_notes
from assessment.edition_format.types import Item, Outcome
from assessment.loading import file_of
from assessment.models import Assessment, EditionMove, EvidenceLink, PlanAction, Response, ResponseVersion
from assessment.queries import TO_CHECK
from assessment.requirements import WORDING
from assessment.services.steps import AssessmentRefusedError, begin_if_waiting, locked_for_work, london_day, tell, user_or_none
from evidence.models import DocumentVersion
from registers.models.actions import Action, ActionUpdate
from registers.services import actions

Origin, Applicability = ResponseVersion.Origin, ResponseVersion.Applicability


class AnswerChangedError(ValueError):
    """Somebody else answered in the meantime. ``current`` is theirs; nothing of either is lost."""

    def __init__(self, current: ResponseVersion) -> None:
        self.current = current
        super().__init__(
            "Somebody changed this answer while you had it open, so yours is not saved yet. Compare the two and save the right one."
        )


@transaction.atomic
def answer(
    response: Response, *, value: Any, comment: str = "", expected_version: int, by: User | str, at: datetime
) -> ResponseVersion:
    """Answer an item. The same answer again adds nothing.

    Args:
        response: the place of the item in the return.
        value: as entered; the edition says which kind it has to be. Empty with a comment keeps only the comment.
        comment: words beside the answer.
        expected_version: the ``n`` the person was looking at, 0 for none.
        by: who answers.
        at: when.

    Raises:
        AnswerRefusedError: the value is not of the item's kind.
        AnswerChangedError: a newer version is there than the person saw.
        StepRefusedError: the return is in review, signed or published.
    """
    assessment = locked_for_work(response)
    stored = _stored(assessment, response, value, at)
    comment = comment.strip()
    if stored is None and not comment:
        raise answers.AnswerRefusedError("Answer the question, or write a comment to come back to.")
    return _write(assessment, response, "assessment.answered", expected_version, by=by, at=at, value=stored, comment=comment)


@transaction.atomic
def mark_not_applicable(
    response: Response, *, reason: str, comment: str = "", expected_version: int, by: User | str, at: datetime
) -> ResponseVersion:
    """Say that an item does not apply, and why.

    Raises:
        AssessmentRefusedError: the item always applies, or no reason is given.
        AnswerChangedError, StepRefusedError: as for :func:`answer`.
    """
    assessment = locked_for_work(response)
    spec = spec_of(assessment, response)
    if not isinstance(spec, Item) or spec.not_applicable != "allowed":
        raise AssessmentRefusedError(
            "This item applies to every organisation of your type, so it cannot be marked as not applying."
        )
    if not reason.strip():
        raise AssessmentRefusedError("Say why this item does not apply to you.")
    return _write(
        assessment,
        response,
        "assessment.marked_not_applicable",
        expected_version,
        by=by,
        at=at,
        comment=comment.strip(),
        applicability=Applicability.NOT_APPLICABLE,
        reason=reason.strip(),
    )


@transaction.atomic
def keep_answer(response: Response, *, expected_version: int, by: User | str, at: datetime) -> ResponseVersion:
    """Say that an answer is still true: one brought over from last year, or one whose question has changed since.

    Raises:
        AssessmentRefusedError: there is no answer waiting to be checked.
        AnswerChangedError, StepRefusedError: as for :func:`answer`.
    """
    assessment = locked_for_work(response)
    newest = _newest(response)
    reworded = newest is not None and _is_reworded(response, newest)
    if newest is None or not (newest.origin in TO_CHECK or reworded):
        raise AssessmentRefusedError("There is no answer waiting to be checked here. Answer the question.")
    return _write(
        assessment,
        response,
        "assessment.answered",
        expected_version,
        by=by,
        at=at,
        value=newest.value,
        comment=newest.comment,
        applicability=newest.applicability,
        reason=newest.reason,
        origin=Origin.REWORDED if reworded else Origin.PERSON,
    )


@transaction.atomic
def assign(response: Response, *, owner: User | None, due_on: date | None, by: User | str, at: datetime) -> None:
    """Say who looks after an item and until when."""
    assessment = locked_for_work(response)
    if owner is not None and not owner.memberships.filter(organisation=assessment.organisation, ended_at__isnull=True).exists():
        raise AssessmentRefusedError("Choose somebody who can sign in to this organisation.")
    response.owner, response.due_on = owner, due_on
    response.save(update_fields=["owner", "due_on"])
    summary = {
        "number": response.item.number,
        "owner": f"user:{owner.pk}" if owner else None,
        "due_on": due_on.isoformat() if due_on else None,
    }
    tell("assessment.assigned", assessment, by=by, at=at, target=response, summary=summary)


@transaction.atomic
def attach_evidence(
    response: Response, document_version: DocumentVersion, *, locator: str = "", note: str = "", by: User | str, at: datetime
) -> EvidenceLink:
    """Pin a document version to an answer; attaching it again returns the link that is there.

    Raises:
        AssessmentRefusedError: the document is another organisation's.
        StepRefusedError: the return is in review, signed or published.
    """
    assessment = locked_for_work(response)
    if document_version.document.organisation_id != assessment.organisation_id:
        raise AssessmentRefusedError("This document belongs to another organisation.")
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
        AssessmentRefusedError: the document is no longer attached here, or has no newer approved version.
        StepRefusedError: the return is in review, signed or published.
    """
    assessment = locked_for_work(link.response)
    pinned = EvidenceLink.objects.with_replacement().filter(pk=link.pk, retired_at__isnull=True)
    old = pinned.select_related("document_version").first()
    if old is None:
        raise AssessmentRefusedError("This document is no longer attached here. Attach it again if it is still the evidence.")
    if old.replacement is None:
        raise AssessmentRefusedError("This document has no newer approved version. Approve the newer version first.")
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
def plan_action(
    response: Response, *, action: str, owner_words: str, due_on: date | None, by: User | str, at: datetime
) -> PlanAction:
    """Put what will be done about an item into the plan, in place of what was planned before.

    Raises:
        AssessmentRefusedError: the action, its owner or its date is missing.
        StepRefusedError: the return is in review, signed or published.
    """
    assessment = locked_for_work(response)
    if not (action.strip() and owner_words.strip() and due_on):
        raise AssessmentRefusedError("An action in the plan needs words, somebody who does it, and a date.")
    before = _planned(assessment, response).select_related("tracked").first()
    tracked = _tracked(response, action, owner_words, due_on, before=before, by=by, at=at)
    _planned(assessment, response).update(withdrawn_at=at)
    planned = PlanAction.objects.create(
        assessment=assessment,
        item=response.item,
        action=action.strip(),
        owner_words=owner_words.strip(),
        due_on=due_on,
        tracked=tracked,
        recorded_by=user_or_none(by),
        recorded_at=at,
    )
    begin_if_waiting(assessment, by=by, at=at)
    summary = {"number": response.item.number, "due_on": due_on.isoformat()}
    tell("assessment.planned", assessment, by=by, at=at, target=response, summary=summary)
    return planned


@transaction.atomic
def withdraw_plan_action(response: Response, *, by: User | str, at: datetime) -> None:
    """Take an item's action out of the plan. Doing it again does nothing."""
    assessment = locked_for_work(response)
    before = _planned(assessment, response).select_related("tracked").first()
    if before is not None:
        _planned(assessment, response).update(withdrawn_at=at)
        _cancel(before, "Taken out of the plan.", by=by, at=at)
        tell("assessment.plan_withdrawn", assessment, by=by, at=at, target=response, summary={"number": response.item.number})


def _planned(assessment: Assessment, response: Response) -> QuerySet[PlanAction]:
    return PlanAction.objects.filter(assessment=assessment, item=response.item, withdrawn_at__isnull=True)


def _tracked(
    response: Response, what: str, owner_words: str, due_on: date, *, before: PlanAction | None, by: User | str, at: datetime
) -> Action:
    """The action on the organisation's list: the one that is there with its new date, or a new one where the words changed."""
    organisation = response.assessment.organisation
    kept = before.tracked if before and before.tracked and before.tracked.newest.state == ActionUpdate.State.OPEN else None
    if before and kept and (before.action, before.owner_words) == (what.strip(), owner_words.strip()):
        if kept.newest.due_on != due_on:
            actions.move_action(kept, note="The plan was changed.", due_on=due_on, by=by, at=at)
        return kept
    if before:
        _cancel(before, "The plan was changed: another action stands in its place.", by=by, at=at)
    why = f"DSPT item {response.item.number}, {response.assessment.year}"
    try:
        owner = actions.owner_named(organisation, owner_words, on=london_day(at))
    except actions.ActionRefusedError as refusal:
        raise AssessmentRefusedError(str(refusal)) from refusal
    source = (action_source.PLAN, response.pk)
    return actions.add_action(organisation, what=what, owner=owner, due_on=due_on, why=why, source=source, by=by, at=at)


def _cancel(planned: PlanAction, note: str, *, by: User | str, at: datetime) -> None:
    if planned.tracked and planned.tracked.newest.state == ActionUpdate.State.OPEN:
        actions.cancel_action(planned.tracked, note=note, by=by, at=at)


def spec_of(assessment: Assessment, response: Response) -> Item | Outcome:
    """What the edition says of a response's item."""
    checked = file_of(assessment.edition)
    if response.item.kind == "item":
        return checked.item(response.item.item_id)
    return next(outcome for outcome in checked.outcomes() if outcome.id == response.item.item_id)


def _stored(assessment: Assessment, response: Response, value: Any, at: datetime) -> answers.Stored | None:
    spec = spec_of(assessment, response)
    if isinstance(spec, Item):
        return answers.typed(spec.answer, value, today=london_day(at))
    return answers.typed_outcome(spec, value, levels=file_of(assessment.edition).levels)


def _is_reworded(response: Response, newest: ResponseVersion) -> bool:
    """Whether a corrected list changed the words of the question since the answer was given."""
    notes = patch_notes(EditionMove.objects.filter(assessment=response.assessment_id).order_by("pk"))
    return any(note.impact == WORDING and note.seen == newest.n for note in notes.get(response.item.item_id, ()))


def _newest(response: Response) -> ResponseVersion | None:
    return response.versions.order_by("-n").first()


def _write(
    assessment: Assessment,
    response: Response,
    event: str,
    expected_version: int,
    *,
    by: User | str,
    at: datetime,
    value: answers.Stored | None = None,
    comment: str = "",
    applicability: str = Applicability.APPLIES,
    reason: str = "",
    origin: str = Origin.PERSON,
) -> ResponseVersion:
    newest = _newest(response)
    new = {"value": value, "comment": comment, "applicability": applicability, "reason": reason}
    is_same = newest is not None and all(getattr(newest, key) == new[key] for key in new)
    if newest is not None and is_same and newest.origin not in TO_CHECK and not _is_reworded(response, newest):
        return newest
    if newest is not None and newest.n != expected_version:
        raise AnswerChangedError(newest)
    version = ResponseVersion.objects.create(
        response=response, n=(newest.n if newest else 0) + 1, author=user_or_none(by), at=at, origin=origin, **new
    )
    begin_if_waiting(assessment, by=by, at=at)
    tell(event, assessment, by=by, at=at, target=response, summary={"number": response.item.number, "version": version.n})
    return version
