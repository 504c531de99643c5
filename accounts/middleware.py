"""Works out who has come, and lets nobody past a view that does not say whom it is for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth import logout
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control

from accounts import returning, second_factor, session_limits, shared_device
from accounts.enums import Capability, Role
from accounts.models import Membership
from accounts.policy import Access, ViewPolicy

CMS_PREFIX = "cms/"
CMS_POLICY = ViewPolicy(signed_in=True, capabilities=frozenset({Capability.CONTENT_EDIT}))
"""Wagtail's own views cannot carry a mark each; who may edit which page is Wagtail's to say."""


class AccessMiddleware:
    """Sets ``request.access`` and enforces each view's policy."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if shared_device.end_if_idle(request):
            return HttpResponseRedirect(reverse("accounts:finished"))
        if request.path != reverse("accounts:still_there"):
            shared_device.note_presence(request)
        request.access = _access_that_lasts(request)  # type: ignore[attr-defined]
        response = self.get_response(request)
        if request.user.is_authenticated and not response.has_header("Cache-Control"):
            patch_cache_control(response, no_store=True, private=True)
        return response

    def process_view(self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any) -> HttpResponse | None:
        policy = policy_of(request, view)
        access: Access | None = request.access  # type: ignore[attr-defined]
        if policy.allows(access):
            return self._first_prove_who_you_are(request, policy, access) if policy.signed_in and access else None
        if not request.user.is_authenticated:
            if request.method == "POST" and getattr(view, "keeps_post", False):
                returning.keep_post(request)
            return HttpResponseRedirect(f"{reverse('accounts:sign_in')}?{urlencode({'next': request.get_full_path()})}")
        return refuse(request)

    def _first_prove_who_you_are(self, request: HttpRequest, policy: ViewPolicy, access: Access) -> HttpResponse | None:
        """The way to a second factor that is due, or to a fresh sign-in; none if the view may go on.

        What was sent is not kept: the page that holds the form comes back, and the person sends it again.
        """
        if (
            not policy.before_second_factor
            and second_factor.is_needed(access)
            and not second_factor.is_shown(request, access.user)
        ):
            to = "mfa_reauthenticate" if is_mfa_enabled(access.user) else "mfa_index"
        elif policy.fresh and not access.is_by_code and not second_factor.is_fresh(request, access.user):
            to = "account_reauthenticate"
        else:
            return None
        back = request.get_full_path() if request.method in ("GET", "HEAD") else _page_before(request)
        return HttpResponseRedirect(f"{reverse(to)}?{urlencode({'next': back})}")


def _access_that_lasts(request: HttpRequest) -> Access | None:
    """The access of this session; none, and nobody signed in, if its time is over."""
    access = current_access(request)
    if access is not None and session_limits.is_over(request, access, at=timezone.now()):
        logout(request)
        return None
    return access


def _page_before(request: HttpRequest) -> str:
    """The page of ours from which something was sent, or the first page."""
    came_from = urlsplit(request.META.get("HTTP_REFERER", ""))
    return came_from.path if came_from.netloc == request.get_host() and came_from.path else reverse("home")


def policy_of(request: HttpRequest, view: Callable[..., Any]) -> ViewPolicy:
    """The policy a view states.

    Raises:
        ImproperlyConfigured: it states none, so nobody may use it.
    """
    match = request.resolver_match
    policy: ViewPolicy | None = getattr(view, "policy", None)
    if policy is not None:
        return policy
    if match is not None and match.route.startswith(CMS_PREFIX):
        return CMS_POLICY
    raise ImproperlyConfigured(f"The view {view!r} does not say whom it is for (accounts.policy).")


def refuse(request: HttpRequest) -> HttpResponse:
    """The page for somebody who is signed in and may not do this here."""
    return render(request, "accounts/refused.jinja", status=403)


def current_access(request: HttpRequest) -> Access | None:
    """The signed-in user's roles in the organisation they chose, or in the first they belong to.

    A sign-in by a letter's code opens its organisation only, and one's own training only.
    """
    user: Any = request.user
    if not user.is_authenticated:
        return None
    standing = Membership.objects.standing(timezone.localdate()).filter(user=user)
    memberships = list(standing.select_related("organisation").order_by("granted_at", "pk"))
    chosen, by_code = request.session.get(shared_device.ORGANISATION_KEY), shared_device.is_by_code(request)
    if by_code:
        memberships = [m for m in memberships if m.organisation_id == chosen]
    if not memberships:
        return None
    organisation = next((m.organisation for m in memberships if m.organisation_id == chosen), memberships[0].organisation)
    roles = frozenset(Role(m.role) for m in memberships if m.organisation_id == organisation.pk)
    return Access(
        user=user,
        organisation=organisation,
        roles=frozenset({Role.STAFF}) if by_code else roles,
        is_by_code=by_code,
        on_shared_device=shared_device.is_shared(request),
    )
