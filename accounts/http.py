"""The request as our signed-in views see it."""

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.models import User
from accounts.policy import Access, PlatformAccess


class SignedInRequest(HttpRequest):
    """A request that ``AccessMiddleware`` let through to a view for signed-in people."""

    user: User
    access: Access


class AccountRequest(HttpRequest):
    """A request of anybody with a sign-in: of an organisation, or looking after the installation."""

    user: User
    access: Access | None
    platform: PlatformAccess | None


class PlatformRequest(HttpRequest):
    """A request that ``AccessMiddleware`` let through to a view about the whole installation."""

    user: User
    access: Access | None
    platform: PlatformAccess


def way_back(request: HttpRequest) -> str:
    """The page of ours that somebody came from and goes back to, as ``?back=`` names it; empty without one."""
    wanted = request.GET.get("back", "")
    return wanted if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) else ""
