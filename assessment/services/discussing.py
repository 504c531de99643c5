"""What people say to each other about an item. None of it changes the return, so it goes on while the return is in review."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from assessment.models import Comment, Response
from assessment.services.steps import AssessmentRefusedError, london_day, tell
from jobs.services import enqueue
from staff.enums import KeyPostKind
from staff.models import KeyPost

Kind = Comment.Kind
TELL_ADDRESSEE = "assessment.tell_addressee"
_EVENTS = {
    Kind.NOTE: "assessment.noted",
    Kind.QUESTION: "assessment.asked",
    Kind.ANSWER: "assessment.question_answered",
    Kind.SETTLED: "assessment.question_settled",
}


@transaction.atomic
def comment(
    response: Response,
    *,
    text: str,
    is_question: bool,
    by: User,
    at: datetime,
    is_internal: bool = True,
    to_owner: bool = False,
    to_post: str = "",
) -> Comment:
    """Write a note about an item, or ask a question that stays open until somebody settles it.

    Whoever it is meant for hears of it by e-mail, without its words.

    Args:
        response: the item.
        text: what is said.
        is_question: whether it waits for an answer.
        by: who says it.
        at: when.
        is_internal: hidden from auditors.
        to_owner: meant for whoever looks after the item.
        to_post: meant for the holder of a key post.

    Raises:
        AssessmentRefusedError: nothing is said, nobody looks after the item, or the post has no holder today.
    """
    if to_owner and response.owner_id is None:
        raise AssessmentRefusedError("Nobody looks after this item yet. Say first who does, or choose a post.")
    if to_post and (to_owner or not _holds_somebody(response, to_post, at=at)):
        raise AssessmentRefusedError("Choose one person: whoever looks after the item, or a post that somebody holds today.")
    kind = Kind.QUESTION if is_question else Kind.NOTE
    return _say(response, kind, text, is_internal=is_internal, to_owner=to_owner, to_post=to_post, by=by, at=at)


@transaction.atomic
def reply(question: Comment, *, text: str, settles: bool, by: User, at: datetime) -> Comment:
    """Answer a question, or settle it. A settled question takes no more words.

    Raises:
        AssessmentRefusedError: nothing is said, it is no question, or it is settled already.
    """
    question = Comment.objects.select_related("response__item", "response__assessment__organisation").get(pk=question.pk)
    Response.objects.select_for_update().get(pk=question.response_id)
    if question.kind != Kind.QUESTION:
        raise AssessmentRefusedError("Only a question can be answered or settled.")
    if question.replies.filter(kind=Kind.SETTLED).exists():
        raise AssessmentRefusedError("This question is settled. Ask a new one.")
    kind = Kind.SETTLED if settles else Kind.ANSWER
    return _say(question.response, kind, text, is_internal=question.is_internal, about=question, by=by, at=at)


def _say(response: Response, kind: str, text: str, *, by: User, at: datetime, **more: Any) -> Comment:
    if not text.strip():
        raise AssessmentRefusedError("Write what you want to say.")
    said = Comment.objects.create(response=response, kind=kind, text=text.strip(), by=by, at=at, **more)
    assessment, number = response.assessment, response.item.number
    tell(_EVENTS[Kind(kind)], assessment, by=by, at=at, target=said, summary={"number": number, "response": response.pk})
    if said.to_owner or said.to_post or said.about_id:
        enqueue(
            TELL_ADDRESSEE,
            title=f"Tell of what was said about item {number}",
            organisation=assessment.organisation,
            by=None,
            arguments={"comment_id": said.pk},
            at=at,
        )
    return said


def _holds_somebody(response: Response, post: str, *, at: datetime) -> bool:
    if post not in KeyPostKind.values:
        return False
    held = KeyPost.objects.filter(organisation=response.assessment.organisation, kind=post, holder__user__isnull=False)
    return held.covering(london_day(at)).exists()
