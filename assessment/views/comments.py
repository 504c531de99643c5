"""What is said about an item: notes, questions, answers."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import requires
from assessment import services
from assessment.discussion import TO_OWNER, addressees_of, threads_of
from assessment.forms import CommentForm, ReplyForm
from assessment.leaves import Leaf
from assessment.models import Comment
from assessment.queries import AssessmentReturn
from assessment.views.parts import find_leaf, find_return


def said_about(request: SignedInRequest, whole: AssessmentReturn, leaf: Leaf) -> dict[str, Any]:
    """What the item's page shows of what was said, and the forms to say more."""
    found: dict[str, Any] = {"threads": threads_of(leaf.response, request.access)}
    if request.access.can(Capability.ASSESSMENT_DISCUSS):
        choices = addressees_of(whole.assessment.organisation, leaf.response, on=timezone.localdate())
        found |= {"comment_form": CommentForm(addressees=choices), "reply_form": ReplyForm(auto_id=False)}
    return found


@requires(Capability.ASSESSMENT_DISCUSS)
@require_POST
def comment_add(request: SignedInRequest, assessment_id: int, response_id: int) -> HttpResponse:
    """Write a note about an item, or ask a question."""
    whole = find_return(request, assessment_id)
    leaf = find_leaf(whole, response_id)
    choices = addressees_of(whole.assessment.organisation, leaf.response, on=timezone.localdate())
    form = CommentForm(request.POST, addressees=choices)
    if not form.is_valid():
        return _refuse(request, leaf, str(next(iter(form.errors.values()))[0]))
    given = form.cleaned_data
    try:
        services.comment(
            leaf.response,
            text=given["text"],
            is_question=given["kind"] == "question",
            is_internal=not given["for_auditors"],
            to_owner=given["to"] == TO_OWNER,
            to_post="" if given["to"] == TO_OWNER else given["to"],
            by=request.user,
            at=timezone.now(),
        )
    except services.AssessmentRefusedError as refusal:
        return _refuse(request, leaf, str(refusal))
    messages.success(request, "Your question is on the page." if given["kind"] == "question" else "Your note is on the page.")
    return _back(leaf)


@requires(Capability.ASSESSMENT_DISCUSS)
@require_POST
def comment_reply(request: SignedInRequest, assessment_id: int, comment_id: int) -> HttpResponse:
    """Answer a question, or settle it."""
    whole = find_return(request, assessment_id)
    mine = Comment.objects.visible_to(request.access).questions().filter(response__assessment=whole.assessment)
    question = get_object_or_404(mine, pk=comment_id)
    leaf = find_leaf(whole, question.response_id)
    form = ReplyForm(request.POST)
    if not form.is_valid():
        return _refuse(request, leaf, str(next(iter(form.errors.values()))[0]))
    settles = "settle" in request.POST
    try:
        services.reply(question, text=form.cleaned_data["text"], settles=settles, by=request.user, at=timezone.now())
    except services.AssessmentRefusedError as refusal:
        return _refuse(request, leaf, str(refusal))
    messages.success(request, "The question is settled." if settles else "Your answer is on the page.")
    return _back(leaf)


def _refuse(request: SignedInRequest, leaf: Leaf, why: str) -> HttpResponse:
    messages.error(request, why)
    return _back(leaf)


def _back(leaf: Leaf) -> HttpResponse:
    return redirect(f"{leaf.url}#said")
