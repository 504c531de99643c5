"""The addresses that a directory calls by SCIM. It comes with a token and never with a session."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from accounts import throttle
from accounts.policy import public
from accounts.sign_in import network_from
from staff import scim
from staff.models import Joiner, JoinerToken
from staff.scim import ScimError
from staff.services import joiners

WRONG_TOKENS = 50
"""Wrong tokens within an hour from one network; then it waits."""

Answer = Callable[..., HttpResponse]


def _for_a_directory(*methods: str) -> Callable[[Answer], Answer]:
    """The view answers a directory that has a live token, in SCIM's words, by the methods named."""

    def decorate(view: Answer) -> Answer:
        @wraps(view)
        def wrapped(request: HttpRequest, **parts: Any) -> HttpResponse:
            try:
                token = _token(request, methods)
                response = view(request, token, **parts)
            except ScimError as error:
                response = _answer(scim.error_of(error), status=error.status)
                if error.status == 401:
                    response["WWW-Authenticate"] = 'Bearer realm="SCIM"'
                if error.status == 405:
                    response["Allow"] = ", ".join(methods)
            response["Cache-Control"] = "no-store, private"
            return response

        return public(csrf_exempt(wrapped))

    return decorate


@_for_a_directory("GET", "POST")
def scim_users(request: HttpRequest, token: JoinerToken) -> HttpResponse:
    """Find users, or make one."""
    if request.method == "POST":
        joiner = joiners.join(token, scim.read_user(_body(request)), at=timezone.now())
        response = _answer(_resource(joiner), status=201)
        response["Location"] = _address(joiner)
        return response
    found = _wanted(_users_of(token), scim.read_filter(request.GET.get("filter", "")))
    start, count = scim.read_page(request.GET.get("startIndex", ""), request.GET.get("count", ""))
    resources = [_resource(joiner) for joiner in found[start - 1 : start - 1 + count]]
    return _answer(scim.list_of(resources, total=found.count(), start=start))


@_for_a_directory("GET", "PUT", "PATCH", "DELETE")
def scim_user(request: HttpRequest, token: JoinerToken, joiner_uuid: str) -> HttpResponse:
    """One user: see, replace, change or shut."""
    joiner = _users_of(token).filter(pk=_uuid(joiner_uuid)).select_related("user").first()
    if joiner is None:
        raise ScimError("There is no such user.", status=404)
    now = timezone.now()
    if request.method == "DELETE":
        joiners.delete(token, joiner, at=now)
        return HttpResponse(status=204, content_type=scim.CONTENT_TYPE)
    if request.method == "PUT":
        joiner = joiners.change(token, joiner, dict.fromkeys(joiners.KEPT, "") | scim.read_user(_body(request)), at=now)
    elif request.method == "PATCH":
        joiner = joiners.change(token, joiner, scim.read_patch(_body(request)), at=now)
    return _answer(_resource(joiner))


@_for_a_directory("GET")
def scim_configuration(request: HttpRequest, token: JoinerToken) -> HttpResponse:
    return _answer(scim.CONFIGURATION)


@_for_a_directory("GET")
def scim_resource_types(request: HttpRequest, token: JoinerToken) -> HttpResponse:
    return _answer(scim.list_of(scim.RESOURCE_TYPES, total=len(scim.RESOURCE_TYPES)))


@_for_a_directory("GET")
def scim_schemas(request: HttpRequest, token: JoinerToken) -> HttpResponse:
    return _answer(scim.list_of(scim.SCHEMAS, total=len(scim.SCHEMAS)))


def _token(request: HttpRequest, methods: tuple[str, ...]) -> JoinerToken:
    """The token that came along.

    Raises:
        ScimError: there is none, it is wrong or ended, too many from that network were wrong, or the method is not one of these.
    """
    if settings.SECURE_SSL_REDIRECT and not request.is_secure():
        raise ScimError(
            "Call this address by HTTPS, and make another token: this one went over the network in the open.", status=403
        )
    now = timezone.now()
    limits = [throttle.limit(WRONG_TOKENS, "scim", network_from(request))]
    if throttle.free_at(limits, at=now):
        raise ScimError("Too many wrong tokens came from your network. Wait an hour.", status=429)
    sent = re.fullmatch(r"Bearer +(\S{1,200})", request.headers.get("Authorization", ""), re.IGNORECASE)
    token = joiners.token_of(sent[1], at=now) if sent else None
    if token is None:
        if sent:
            throttle.note_failure(limits, at=now)
        raise ScimError("Send a token that an administrator of the organisation has made.", status=401)
    if request.method not in methods:
        raise ScimError("This address does not do that.", status=405)
    return token


def _users_of(token: JoinerToken) -> QuerySet[Joiner]:
    return Joiner.objects.present().filter(organisation=token.organisation)


def _wanted(users: QuerySet[Joiner], wanted: scim.Wanted) -> QuerySet[Joiner]:
    if wanted.field == "id":
        return users.filter(pk=_uuid(wanted.value))
    if wanted.field == "user_name":
        return users.filter(user_name__iexact=wanted.value)
    return users.filter(external_id=wanted.value) if wanted.field else users


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)


def _body(request: HttpRequest) -> Any:
    try:
        return json.loads(request.body)
    except (ValueError, RecursionError, RequestDataTooBig):
        raise ScimError("What you sent is not JSON, or too much.", kind="invalidSyntax") from None


def _resource(joiner: Joiner) -> dict[str, Any]:
    values = {name: getattr(joiner, name) for name in joiners.KEPT} | {
        "id": str(joiner.pk),
        "active": joiner.is_active,
        "created": joiner.created_at.isoformat(),
        "changed": joiner.changed_at.isoformat(),
    }
    return scim.user_resource(values, address=_address(joiner))


def _address(joiner: Joiner) -> str:
    return settings.BASE_URL.rstrip("/") + reverse("staff:scim_user", args=[joiner.pk])


def _answer(body: dict[str, Any], *, status: int = 200) -> HttpResponse:
    return JsonResponse(body, status=status, content_type=scim.CONTENT_TYPE)
