"""Addresses of kept files that hold for a minute, in one session. See docs/adr/0039."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

HOLDS_FOR = 60
"""Seconds."""
OVER = "That link was good for one minute, and only where it was made. Choose the file again."


def by_short_link(
    *, find: Callable[..., Any], page: Callable[[Any], str]
) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """The view answers by a link alone that its own address has just given, to the same session.

    Args:
        find: what the request may see by these parts of the address, or ``Http404``; asked each time, so whoever
            may no longer see it has no link either. The view gets what it found.
        page: the address of the page where the file is chosen.
    """

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def answer(request: HttpRequest, **parts: Any) -> HttpResponseBase:
            found = find(request, **parts)
            given = request.GET.get("link")
            if given is None:
                return redirect(f"{request.path}?link={_signer(request).sign(request.path).removeprefix(request.path + ':')}")
            try:
                _signer(request).unsign(f"{request.path}:{given}", max_age=HOLDS_FOR)
            except signing.BadSignature:
                messages.warning(request, OVER)
                return redirect(page(found))
            return view(request, found)

        return answer

    return decorate


def _signer(request: HttpRequest) -> signing.TimestampSigner:
    return signing.TimestampSigner(salt=f"accounts.short_links:{request.session.session_key}")
