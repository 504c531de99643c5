"""HEAD: what a GET of the same address would answer, without its body and without a trace."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from accounts.policy import ViewPolicy


class HeadMiddleware:
    """Lets every view answer a HEAD as a GET, and takes back what it wrote: nobody has read a page or taken a file.

    What a look from outside opened is written down all the same, and so are guesses at public addresses.
    Stands after ``AccessMiddleware``.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method != "HEAD":
            return self.get_response(request)
        access, platform = getattr(request, "access", None), getattr(request, "platform", None)
        request.method = "GET"
        with transaction.atomic() if access or platform else nullcontext():
            response = self.get_response(request)
            if (access or platform) and _is_for_the_signed_in(request) and not (access and access.look):
                transaction.set_rollback(True)
        request.method = "HEAD"
        return _without_body(response)


def _is_for_the_signed_in(request: HttpRequest) -> bool:
    match = request.resolver_match
    policy: ViewPolicy | None = getattr(match.func, "policy", None) if match else None
    return policy is None or policy.signed_in


def _without_body(response: HttpResponseBase) -> HttpResponseBase:
    """Not left to the server: not every one leaves the body of an answer to a HEAD out."""
    if isinstance(response, HttpResponse):
        response.setdefault("Content-Length", str(len(response.content)))
        response.content = b""
    else:
        response.streaming_content = ()  # type: ignore[attr-defined]
    return response
