"""What the data protection officer's desk shows on a date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from accounts.models import Organisation
from registers.dpo_rules import Holding, Need, conflicts, need_for
from registers.models.dpo import DpoReview
from staff.enums import KeyPostKind
from staff.models import KeyPost


@dataclass(frozen=True)
class Desk:
    """Who is the officer, whether one is required, and what stands in the way.

    ``need`` and ``contact`` are empty while nobody has answered the questions.
    """

    officers: tuple[KeyPost, ...]
    conflicts: tuple[str, ...]
    review: DpoReview | None
    need: Need | None

    @property
    def is_missing(self) -> bool:
        """One is required and nobody is appointed."""
        return bool(self.need and self.need.is_required and not self.officers)

    @property
    def contact(self) -> str:
        return self.review.contact if self.review else ""


def desk_of(organisation: Organisation, *, on: date) -> Desk:
    """The desk of one organisation on a date."""
    posts = list(KeyPost.objects.filter(organisation=organisation).covering(on).select_related("holder"))
    holdings = [Holding(_holder(post), post.kind) for post in posts]
    review = DpoReview.objects.filter(organisation=organisation, at__date__lte=on).order_by("-pk").first()
    return Desk(
        officers=tuple(post for post in posts if post.kind == KeyPostKind.DPO),
        conflicts=tuple(conflicts(holdings)),
        review=review,
        need=need_for(review.answers) if review else None,
    )


def _holder(post: KeyPost) -> str:
    """The same for the same person; somebody outside by their name as it is written."""
    return f"person:{post.holder_id}" if post.holder_id else " ".join(post.holder_outside.casefold().split())
