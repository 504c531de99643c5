"""Sign-ins by a letter's code, and devices that several people use one after another.

Such a sign-in opens one's own training and nothing else, whatever roles one has. On a shared device it ends by itself:
after three minutes the page asks whether somebody is still there, and a minute later the server signs them out.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.auth import logout
from django.http import HttpRequest
from django.utils import timezone

ORGANISATION_KEY = "organisation_id"
"""Where the session keeps the organisation somebody works in."""
BY_CODE_KEY = "signed_in_by_code"
LAST_SEEN_KEY = "shared_device_last_seen"
"""Only sessions on a shared device have it."""

ASK_AFTER = timedelta(minutes=3)
END_AFTER = ASK_AFTER + timedelta(minutes=1)


def begin(request: HttpRequest, *, organisation_id: int, shared: bool, at: datetime) -> None:
    """Mark a session that a code opened. On a shared device the browser forgets it when it is closed."""
    request.session[ORGANISATION_KEY] = organisation_id
    request.session[BY_CODE_KEY] = True
    if shared:
        request.session[LAST_SEEN_KEY] = at.timestamp()
        request.session.set_expiry(0)


def is_by_code(request: HttpRequest) -> bool:
    return bool(request.session.get(BY_CODE_KEY))


def is_shared(request: HttpRequest) -> bool:
    return LAST_SEEN_KEY in request.session


def end_if_idle(request: HttpRequest) -> bool:
    """Sign out whoever left a shared device alone for too long."""
    if not is_shared(request) or timezone.now().timestamp() - request.session[LAST_SEEN_KEY] <= END_AFTER.total_seconds():
        return False
    logout(request)
    return True


def note_presence(request: HttpRequest) -> None:
    """Somebody is there."""
    if is_shared(request):
        request.session[LAST_SEEN_KEY] = timezone.now().timestamp()
