"""Who needs a second factor, whether this session had one, and whether somebody has shown just now that it is them."""

from __future__ import annotations

import time
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from django.conf import settings
from django.http import HttpRequest

from accounts.models import User
from accounts.policy import Access, PlatformAccess

FRESH_FOR = settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
"""Seconds for which a password or code just given stands for the next act that asks for one."""


def is_needed(access: Access | PlatformAccess) -> bool:
    """Everybody who may do more than learn needs one; all do where the organisation says so. A letter's code only lets one learn."""
    if not settings.SECOND_FACTOR or access.is_by_code:
        return False
    return access.may_do_more_than_learn or (isinstance(access, Access) and access.organisation.everybody_needs_second_factor)


def is_shown(request: HttpRequest, user: User) -> bool:
    """Whether a second factor was shown in this session."""
    return any(record["method"] == "mfa" for record in get_authentication_records(request, user))


def proofs(request: HttpRequest) -> int:
    """How often somebody has shown in this session who they are."""
    return len(get_authentication_records(request, request.user))


def is_fresh(request: HttpRequest, user: User) -> bool:
    """Whether the user gave a password or a code within the last ten minutes."""
    records = [record for record in get_authentication_records(request, user) if not _is_of_a_directory(record)]
    return bool(records) and time.time() - records[-1]["at"] < FRESH_FOR


def _is_of_a_directory(record: dict[str, Any]) -> bool:
    """A directory may let somebody through who showed it hours ago who they are; where it has just asked, another record says so."""
    return record["method"] == "socialaccount" or record.get("type") == "directory"


def was_just_set_up(request: HttpRequest, user: User) -> None:
    """Somebody who has just set up a second factor, and proved that it works, has shown it."""
    record_authentication(request, user, method="mfa", type="set-up")
