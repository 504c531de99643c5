"""Answers, owners and plan actions: the everyday work on a return."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from assessment import action_source, answers
from assessment.edition_changes import patch_notes
from assessment.edition_format.types import Item, Outcome
from assessment.leaves import TO_CHECK
from assessment.loading import file_of
from assessment.models import Assessment, EditionMove, PlanAction, Response, ResponseVersion
from assessment.requirements import WORDING
from assessment.services.steps import AssessmentRefusedError, begin_if_waiting, locked_for_work, london_day, tell, user_or_none
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
        AssessmentRefusedError: there is no answer waiting to be checked, or what is asked since has no room for it.
        AnswerChangedError, StepRefusedError: as for :func:`answer`.
    """
    assessment = locked_for_work(response)
    newest = _newest(response)
    reworded = newest is not None and _is_reworded(response, newest)
    if newest is None or not (newest.origin in TO_CHECK or reworded):
        raise AssessmentRefusedError("There is no answer waiting to be checked here. Answer the question.")
    if newest.origin == Origin.CHANGED and not _still_says_something(response, newest):
        raise AssessmentRefusedError("What was answered before is no answer to what is asked since. Answer the question.")
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


def _still_says_something(response: Response, newest: ResponseVersion) -> bool:
    edition = file_of(response.assessment.edition)
    asked: list[Item | Outcome] = [*edition.items(), *edition.outcomes()]
    spec = next(one for one in asked if one.id == response.item.item_id)
    has_evidence = response.evidence_links.filter(retired_at=None).exists()
    is_answered = answers.is_answered(spec, newest.value, has_evidence=has_evidence)
    return is_answered or newest.applicability == Applicability.NOT_APPLICABLE


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
