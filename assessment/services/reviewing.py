"""Review, and the way back from it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from accounts.models import User
from assessment.models import Assessment, AssessmentTransition, Comment, Response, ReviewPoint
from assessment.queries import current_return, read_return
from assessment.services.steps import AssessmentRefusedError, locked, london_day, state_of, take_step, tell
from assessment.states import State


@transaction.atomic
def submit_for_review(assessment: Assessment, *, by: User | str, at: datetime) -> AssessmentTransition:
    """Hand the return to its reviewer; from now on nobody changes it.

    Raises:
        AssessmentRefusedError: a required item is unanswered and the plan says nothing about it; in an interim return, an
            outcome has no level.
        StepRefusedError: the return is not in progress.
    """
    assessment = locked(assessment)
    step = take_step(assessment, "submit", by=by, at=at)
    whole = read_return(assessment, on=london_day(at))
    waiting = [
        leaf
        for leaf in whole.leaves
        if whole.is_required(leaf)
        and whole.verdict(leaf).state == "unanswered"
        and (leaf.plan_action is None or whole.is_interim)
    ]
    if waiting:
        numbers = ", ".join(leaf.number for leaf in waiting[:12]) + (
            f" and {len(waiting) - 12} more" if len(waiting) > 12 else ""
        )
        if whole.is_interim:
            raise AssessmentRefusedError(f"An interim return needs a level for every outcome. Judge these first: {numbers}.")
        raise AssessmentRefusedError(f"Answer these required items first, or put an action for them in the plan: {numbers}.")
    tell("assessment.submitted", assessment, by=by, at=at, summary={"digest": whole.digest})
    return step


@transaction.atomic
def return_with_points(
    assessment: Assessment, *, points: Iterable[tuple[Response | None, str]], by: User | str, at: datetime
) -> AssessmentTransition:
    """Send the return back with what has to be looked at; a point is about one item, or about the whole.

    Raises:
        AssessmentRefusedError: there is no point.
        StepRefusedError: the return is not in review.
    """
    assessment = locked(assessment)
    said = [(response, text.strip()) for response, text in points if text.strip()]
    if not said:
        raise AssessmentRefusedError("Say what has to be looked at before you send the return back.")
    step = take_step(assessment, "send_back", by=by, at=at, reason=f"{len(said)} points")
    ReviewPoint.objects.bulk_create([ReviewPoint(transition=step, response=response, text=text) for response, text in said])
    tell("assessment.returned", assessment, by=by, at=at, summary={"points": len(said)})
    return step


@transaction.atomic
def ready_to_sign(assessment: Assessment, *, by: User | str, at: datetime) -> AssessmentTransition:
    """The reviewer is content: the accountable post-holder may sign.

    Raises:
        AssessmentRefusedError: a question about an item is not settled.
        StepRefusedError: the return is not in review.
    """
    assessment = locked(assessment)
    step = take_step(assessment, "pass_review", by=by, at=at)
    open_questions = Comment.objects.unsettled().filter(response__assessment=assessment)
    numbers = list(
        dict.fromkeys(open_questions.order_by("response__item__order").values_list("response__item__number", flat=True))
    )
    if numbers:
        raise AssessmentRefusedError(f"Settle the questions about these items first: {', '.join(numbers)}.")
    whole = read_return(assessment, on=london_day(at))
    tell("assessment.review_passed", assessment, by=by, at=at, summary={"digest": whole.digest})
    return step


@transaction.atomic
def unlock(assessment: Assessment, *, reason: str, by: User | str, at: datetime) -> AssessmentTransition:
    """Open the return for work again. A signature under it ends.

    Raises:
        StepRefusedError: the return is not ready to sign or signed, or no reason is given.
    """
    assessment = locked(assessment)
    step = take_step(assessment, "unlock", by=by, at=at, reason=reason)
    tell("assessment.unlocked", assessment, by=by, at=at, reason=reason.strip())
    return step


def note_lapse(assessment: Assessment, *, by: User | str, at: datetime) -> None:
    """Write down that a signature has lapsed, if it has and nobody has written it down yet."""
    if state_of(assessment) == State.SIGNED and current_return(assessment, today=london_day(at)).signature_has_lapsed:
        record_lapse(assessment, reason="What was signed has changed.", by=by, at=at)


@transaction.atomic
def record_lapse(assessment: Assessment, *, reason: str, by: User | str | None, at: datetime) -> AssessmentTransition:
    """Write down that the signature no longer fits; the digest has said so by itself already."""
    assessment = locked(assessment)
    step = take_step(assessment, "lapse", by=by, at=at, reason=reason)
    tell("signoff.lapsed", assessment, by=by or "system", at=at, reason=reason)
    return step
