"""How long a session lasts: while somebody is there, and never longer than a working day."""

from __future__ import annotations

from datetime import datetime, timedelta

from allauth.usersessions.models import UserSession
from django.http import HttpRequest

from accounts.policy import Access, PlatformAccess

IDLE_LEARNER = timedelta(minutes=60)
IDLE_OTHERS = timedelta(minutes=30)
"""For whoever may do more than learn."""
LONGEST = timedelta(hours=12)
NOTED_EVERY = timedelta(minutes=1)
"""A page within a minute of the last is not worth a write."""

BEGAN_KEY, SEEN_KEY = "session_began", "session_seen"


def begin(request: HttpRequest, *, at: datetime) -> None:
    """Somebody has signed in."""
    request.session[BEGAN_KEY] = request.session[SEEN_KEY] = at.timestamp()


def is_over(request: HttpRequest, access: Access | PlatformAccess, *, at: datetime) -> bool:
    """Whether the session has lasted its time, or nobody was there for too long. If not, somebody is there now."""
    began, seen = request.session.get(BEGAN_KEY), request.session.get(SEEN_KEY)
    now = at.timestamp()
    if began is None or seen is None:
        begin(request, at=at)
        return False
    idle = IDLE_OTHERS if access.may_do_more_than_learn else IDLE_LEARNER
    if now - began >= LONGEST.total_seconds() or now - seen >= idle.total_seconds():
        return True
    if now - seen >= NOTED_EVERY.total_seconds():
        request.session[SEEN_KEY] = now
    return False


def renew(request: HttpRequest) -> None:
    """Give the session another name: whoever knew the one before this proof of who it is, knows nothing now."""
    before = request.session.session_key
    request.session.cycle_key()
    UserSession.objects.filter(session_key=before).update(session_key=request.session.session_key)
