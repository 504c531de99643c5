"""Who looks after the installation: a sign-in of its own, in no organisation."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import Membership, PlatformAdministrator, User
from accounts.policy import RefusedError
from audit.services import record

PLATFORM = ""
"""The chain of events that belong to no organisation."""


@transaction.atomic
def appoint(user: User, *, by: Any, at: datetime) -> PlatformAdministrator:
    """Let somebody look after the installation; a second call returns what is there.

    Raises:
        RefusedError: the sign-in belongs to an organisation.
    """
    if Membership.objects.current().filter(user=user).exists():
        raise RefusedError("This sign-in belongs to an organisation. Whoever looks after the installation has a sign-in apart.")
    appointed, is_new = PlatformAdministrator.objects.get_or_create(
        user=user, ended_at=None, defaults={"granted_at": at, "granted_by": by if isinstance(by, User) else None}
    )
    if is_new:
        summary = {"user": f"user:{user.pk}"}
        record("accounts.platform_administrator_appointed", organisation=PLATFORM, by=by, target=user, summary=summary, at=at)
    return appointed


@transaction.atomic
def relieve(administrator: PlatformAdministrator, *, by: User, at: datetime) -> None:
    """End it, from their next page on. Ending it again does nothing.

    Raises:
        RefusedError: it is oneself; there would be nobody left to notice.
    """
    if administrator.user_id == by.pk:
        raise RefusedError("You cannot end your own: ask another platform administrator to do it.")
    if PlatformAdministrator.objects.current().filter(pk=administrator.pk).update(ended_at=at):
        user = administrator.user
        summary = {"user": f"user:{user.pk}"}
        record("accounts.platform_administrator_ended", organisation=PLATFORM, by=by, target=user, summary=summary, at=at)
