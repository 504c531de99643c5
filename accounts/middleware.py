"""Works out who has come, and lets nobody past a view that does not say whom it is for."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth import logout
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control

from accounts import downloads, looking, returning, second_factor, session_limits, shared_device
from accounts.enums import Capability, Role
from accounts.incoming import write_down_viruses
from accounts.models import AccessGrant, PlatformAdministrator
from accounts.policy import Access, Look, PlatformAccess, ViewPolicy
from accounts.standing import of_everybody

LOG = logging.getLogger("tenfold.security")
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
"""What anybody may call us by. TRACE would send a request back with all that proxies added to it."""
READING = ("GET", "HEAD", "OPTIONS")
FROM_OUTSIDE = "is_from_outside"
"""Set on a request that was let through only because its organisation lets somebody look."""

CMS_PREFIX = "cms/"
CMS_POLICY = ViewPolicy(signed_in=True, capabilities=frozenset({Capability.CONTENT_EDIT}))
"""Wagtail's own views cannot carry a mark each; who may edit which page is Wagtail's to say."""


class AccessMiddleware:
    """Sets ``request.access`` and ``request.platform``, and enforces each view's policy."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in METHODS:
            return HttpResponseNotAllowed(METHODS)
        if shared_device.end_if_idle(request):
            return HttpResponseRedirect(reverse("accounts:finished"))
        if request.path != reverse("accounts:still_there"):
            shared_device.note_presence(request)
        request.access, request.platform = _access_that_lasts(request)  # type: ignore[attr-defined]
        proofs = second_factor.proofs(request)
        response = downloads.within_limit(request, self._answer(request), at=timezone.now())
        write_down_viruses(request, request.access, at=timezone.now())  # type: ignore[attr-defined]
        if (request.access or request.platform) and second_factor.proofs(request) > proofs:  # type: ignore[attr-defined]
            session_limits.renew(request)
        if request.user.is_authenticated and not response.has_header("Cache-Control"):
            patch_cache_control(response, no_store=True, private=True)
        return response

    def _answer(self, request: HttpRequest) -> HttpResponse:
        """What the view answers; within a look no file, and then nothing on the trail that says one was taken."""
        access: Access | None = request.access  # type: ignore[attr-defined]
        if access is None or access.look is None or request.method not in READING:
            return self.get_response(request)
        with transaction.atomic():
            response = self.get_response(request)
            is_taken_away = getattr(request, FROM_OUTSIDE, False) and downloads.is_download(response)
            transaction.set_rollback(is_taken_away or transaction.get_rollback())
        if not is_taken_away:
            return response
        return refuse(request, f"Whoever looks from outside takes no files away. Ask {access.organisation.name} for it.")

    def process_view(self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any) -> HttpResponse | None:
        policy = policy_of(request, view)
        access: Access | None = request.access  # type: ignore[attr-defined]
        platform: PlatformAccess | None = request.platform  # type: ignore[attr-defined]
        if policy.allows(access, platform):
            came = access or platform
            if not policy.signed_in or came is None:
                return None
            return self._first_prove_who_you_are(request, policy, came) or _from_outside(request, policy, access, platform)
        if not request.user.is_authenticated:
            if request.method == "POST" and getattr(view, "keeps_post", False):
                returning.keep_post(request)
            return HttpResponseRedirect(f"{reverse('accounts:sign_in')}?{urlencode({'next': request.get_full_path()})}")
        return refuse(request)

    def _first_prove_who_you_are(
        self, request: HttpRequest, policy: ViewPolicy, access: Access | PlatformAccess
    ) -> HttpResponse | None:
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


def _access_that_lasts(request: HttpRequest) -> tuple[Access | None, PlatformAccess | None]:
    """The access of this session; none, and nobody signed in, if its time is over."""
    access = current_access(request)
    platform = platform_access(request) if access is None else None
    if platform is not None:
        access = look_access(request)
    came = access or platform
    if came is not None and session_limits.is_over(request, came, at=timezone.now()):
        logout(request)
        return None, None
    return access, platform


def _from_outside(
    request: HttpRequest, policy: ViewPolicy, access: Access | None, platform: PlatformAccess | None
) -> HttpResponse | None:
    """Who looks into an organisation from outside only reads, opens nothing that asks for a fresh sign-in, and leaves a trace."""
    if access is None or access.look is None or policy.for_account or (platform and platform.can(*policy.capabilities)):
        return None
    if request.method not in READING or policy.fresh:
        return refuse(request)
    setattr(request, FROM_OUTSIDE, True)
    match = request.resolver_match
    page = match.view_name if match is not None else request.path
    looking.note_use(access.look.grant, page, by=access.user, at=timezone.now())
    return None


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


def refuse(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page for somebody who is signed in and may not do this here."""
    note_refusal(request)
    return render(request, "accounts/refused.jinja", {"reason": reason}, status=403)


def note_refusal(request: HttpRequest) -> None:
    """Leave a line in the log: who by number, and where by the name of the address, so that no name of anybody's is in it."""
    match = request.resolver_match
    LOG.warning("refused: user %s, %s %s", request.user.pk, request.method, match.view_name if match else "nowhere")


def current_access(request: HttpRequest) -> Access | None:
    """The signed-in user's roles in the organisation they chose, or in the first they belong to.

    A sign-in by a letter's code opens its organisation only, and one's own training only.
    """
    user: Any = request.user
    if not user.is_authenticated:
        return None
    user.is_superuser = False  # Django's flag would open every page of the CMS; here it opens nothing (docs/adr/0033).
    standing = of_everybody(timezone.localdate()).filter(user=user)
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


def platform_access(request: HttpRequest) -> PlatformAccess | None:
    """Whoever looks after the installation. Asked only about people without an organisation: nobody is both."""
    user: Any = request.user
    if not user.is_authenticated or not PlatformAdministrator.objects.current().filter(user=user).exists():
        return None
    return PlatformAccess(user)


def look_access(request: HttpRequest) -> Access | None:
    """What an organisation lets a platform administrator see, if this session looks into one and it still does."""
    user: Any = request.user
    chosen, now = request.session.get(looking.LOOK_KEY), timezone.now()
    if chosen is None:
        return None
    grant = AccessGrant.objects.live(now).with_steps().filter(pk=chosen, asked_by=user).first()
    until = grant.until if grant is not None else None
    if grant is None or until is None:
        return None
    look = Look(grant, frozenset(Capability(one) for one in grant.capabilities), until)
    return Access(user=user, organisation=grant.organisation, roles=frozenset(), look=look)
