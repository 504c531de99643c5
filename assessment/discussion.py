"""What was said about items, as the pages show it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch

from accounts.enums import Capability
from accounts.models import Membership, Organisation
from accounts.policy import Access, roles_with
from assessment.models import Assessment, Comment, Response
from staff.enums import KeyPostKind
from staff.models import KeyPost

TO_OWNER = "owner"


@dataclass(frozen=True)
class Thread:
    """A note, or a question with what was said about it."""

    first: Comment
    replies: tuple[Comment, ...]

    @property
    def settled(self) -> Comment | None:
        return next((one for one in self.replies if one.kind == Comment.Kind.SETTLED), None)

    @property
    def state(self) -> str:
        """Of a question: open, answered or settled. Empty for a note."""
        if self.first.kind != Comment.Kind.QUESTION:
            return ""
        return "settled" if self.settled else "answered" if self.replies else "open"


def threads_of(response: Response, access: Access) -> list[Thread]:
    """What the reader may see of what was said about one item, the newest first. Two queries."""
    visible = Comment.objects.visible_to(access)
    rows = visible.filter(response=response, about__isnull=True).select_related("by")
    replies = Prefetch("replies", visible.select_related("by").order_by("pk"))
    return [Thread(first, tuple(first.replies.all())) for first in rows.prefetch_related(replies).order_by("-pk")]


def unsettled_questions(assessment: Assessment, access: Access) -> list[Comment]:
    """Questions about items that nobody has settled, in the order of the items, as far as the reader may see them."""
    rows = Comment.objects.visible_to(access).unsettled().filter(response__assessment=assessment)
    return list(rows.select_related("response__item", "by").order_by("response__item__order", "pk"))


def addressees_of(organisation: Organisation, response: Response, *, on: date) -> list[tuple[str, str]]:
    """Whom something can be meant for: the owner of the item, and the posts whose holder may read it today."""
    roles = list(roles_with(Capability.ASSESSMENT_DISCUSS))
    seeing = Membership.objects.current().filter(organisation=organisation, role__in=roles).values("user")
    posts = KeyPost.objects.filter(organisation=organisation, holder__user__in=seeing).covering(on).select_related("holder")
    choices = [("", "Nobody in particular")]
    if response.owner is not None:
        choices.append((TO_OWNER, f"{response.owner}, who looks after this item"))
    held: dict[str, list[str]] = {}
    for post in posts.order_by("pk"):
        held.setdefault(post.kind, []).append(str(post.holder))
    return [*choices, *((kind, f"{label}: {', '.join(held[kind])}") for kind, label in KeyPostKind.choices if kind in held)]
