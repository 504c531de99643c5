"""What a lesson says of the learner's own organisation: whom to tell, how, and who holds the posts that matter.

It is read at the moment a page is shown and is never part of a frozen version: a version is the same for every
organisation and for good, a phone number is neither.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.urls import Resolver404, resolve
from django.utils import timezone

from accounts.models import Organisation, OrganisationProfile, User
from audit.services import record
from courses.models import LocalDetails
from staff.enums import KeyPostKind
from staff.models import KeyPost

POSTS = (
    KeyPostKind.REGISTERED_MANAGER,
    KeyPostKind.SIRO,
    KeyPostKind.CALDICOTT_GUARDIAN,
    KeyPostKind.DPO,
    KeyPostKind.IG_LEAD,
)
"""The posts a learner may need by name, in the order they are shown."""
POLICIES = "/policies/"


@dataclass(frozen=True)
class Here:
    """What an organisation says on a day."""

    organisation: Organisation
    details: LocalDetails | None
    tell: str
    """Whom to tell: from the details, or from the profile while nobody has written details. Empty: nobody has said."""
    posts: tuple[tuple[str, str], ...]
    """The posts that are filled, each with its holder."""
    policies: str
    """The address of the organisation's policies, if they are kept here."""


def here_in(organisation: Organisation, *, on: date, with_posts: bool = True) -> Here:
    """What an organisation says on a day, in three queries at most.

    Args:
        organisation: the learner's.
        on: the day.
        with_posts: whether to look the key posts up.
    """
    details = LocalDetails.objects.in_force(organisation, on)
    profile = None if details else OrganisationProfile.objects.in_force(organisation, on)
    tell = details.tell if details else profile.report_to if profile else ""
    return Here(organisation, details, tell, _posts(organisation, on) if with_posts else (), _policies())


@transaction.atomic
def record_local_details(
    organisation: Organisation,
    *,
    tell: str,
    effective_on: date,
    by: Any,
    at: datetime,
    phone: str = "",
    email: str = "",
    out_of_hours: str = "",
    how: str = "",
) -> LocalDetails:
    """Write down whom staff tell from a date on. The same words again change nothing.

    Raises:
        ValueError: nobody is named, or the date is in the future.
    """
    if not tell.strip():
        raise ValueError("Say whom staff tell first.")
    if effective_on > timezone.localdate(at):
        raise ValueError("Give today or a day before: staff read what is right now.")
    words = {"tell": tell, "phone": phone, "email": email, "out_of_hours": out_of_hours, "how": how}
    words = {name: value.strip() for name, value in words.items()}
    known = LocalDetails.objects.in_force(organisation, effective_on)
    if known is not None and all(getattr(known, name) == value for name, value in words.items()):
        return known
    details = LocalDetails.objects.create(
        organisation=organisation,
        effective_on=effective_on,
        recorded_by=by if isinstance(by, User) else None,
        recorded_at=at,
        **words,
    )
    record(
        "courses.local_details_recorded",
        organisation=organisation,
        by=by,
        target=details,
        summary={"effective_on": effective_on.isoformat()},
        at=at,
    )
    return details


def _posts(organisation: Organisation, on: date) -> tuple[tuple[str, str], ...]:
    held = KeyPost.objects.covering(on).filter(organisation=organisation, kind__in=POSTS).select_related("holder")
    by_kind = {post.kind: str(post.holder or post.holder_outside) for post in held.order_by("-start")}
    return tuple((kind.label, by_kind[kind]) for kind in POSTS if kind in by_kind)


def _policies() -> str:
    """The address of the policies, where something other than the site's pages answers it."""
    try:
        return POLICIES if resolve(POLICIES).url_name != "wagtail_serve" else ""
    except Resolver404:
        return ""
