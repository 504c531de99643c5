"""Tells somebody by e-mail that a note or question about an item is meant for them. The letter holds none of its words."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Capability
from accounts.models import Membership, User
from accounts.policy import roles_with
from assessment.models import Comment
from assessment.services.discussing import TELL_ADDRESSEE
from jobs.registry import Progress, handles
from nhsuk import mail
from staff.models import KeyPost

LETTER = """There is {what} for you about item {number} of the DSPT assessment {year} of {organisation}.

Sign in to read it and to answer: {address}
"""
WHAT = {
    Comment.Kind.NOTE: "a note",
    Comment.Kind.QUESTION: "a question",
    Comment.Kind.ANSWER: "an answer",
    Comment.Kind.SETTLED: "an answer that settles your question",
}


@handles(TELL_ADDRESSEE)
def tell_addressee(progress: Progress, *, comment_id: int) -> dict[str, Any]:
    """Write to everybody a comment is meant for, each apart; never to who wrote it, nor to somebody who may not open it."""
    said = Comment.objects.select_related(
        "response__item", "response__assessment__organisation", "response__owner", "about__by", "by"
    ).get(pk=comment_id)
    assessment = said.response.assessment
    seeing = set(
        Membership.objects.current()
        .filter(organisation=assessment.organisation, role__in=list(roles_with(Capability.ASSESSMENT_DISCUSS)))
        .values_list("user", flat=True)
    )
    people = [user for user in addressees(said) if user.pk in seeing and user.pk != said.by_id and user.email]
    text = LETTER.format(
        what=WHAT[Comment.Kind(said.kind)],
        number=said.response.item.number,
        year=assessment.year,
        organisation=assessment.organisation.name,
        address=settings.BASE_URL.rstrip("/")
        + reverse("assessment:response_detail", args=[assessment.pk, said.response_id])
        + "#said",
    )
    subject = f"DSPT item {said.response.item.number}: {WHAT[Comment.Kind(said.kind)]} for you"
    progress(0, len(people), "Writing to whom it is meant for")
    return {"told": mail.send_each(subject, text, [user.email for user in people])}


def addressees(said: Comment) -> list[User]:
    """Whom a comment is meant for: the owner, the holders of the post today, or who asked the question it is about."""
    if said.about is not None:
        return [said.about.by]
    if said.to_owner:
        return [said.response.owner] if said.response.owner else []
    today = timezone.localdate()
    posts = KeyPost.objects.filter(
        organisation=said.response.assessment.organisation, kind=said.to_post, holder__user__isnull=False
    ).covering(today)
    return [user for post in posts.select_related("holder__user") if post.holder and (user := post.holder.user)]
