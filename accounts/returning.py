"""What somebody sent after their session had ended: kept in the new session until they have signed in and come back.

It is given to the same address only. There, objects are reached through ``visible_to`` as always, so that on a shared
computer nobody sends another's answers as their own.
"""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, QueryDict

KEY = "kept_post"
MOST_CHARACTERS = 20_000
"""More than a long form of ours; a session is no place for files."""
_NOT_KEPT = {"csrfmiddlewaretoken"}


def keep_post(request: HttpRequest) -> None:
    """Put what was sent into the session, in place of what waits there."""
    sent = urlencode([(name, value) for name in request.POST if name not in _NOT_KEPT for value in request.POST.getlist(name)])
    if len(sent) <= MOST_CHARACTERS:
        request.session[KEY] = {"path": request.path, "sent": sent}


def kept_post(request: HttpRequest) -> QueryDict | None:
    """What was sent to this address before signing in, once."""
    waiting = request.session.get(KEY)
    if not waiting or waiting["path"] != request.path:
        return None
    del request.session[KEY]
    return QueryDict(waiting["sent"])
