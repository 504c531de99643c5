"""What happens besides when somebody signs in, or sets up or removes a second factor."""

from __future__ import annotations

from typing import Any

from allauth.account.signals import user_logged_in as signed_in_here
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.signals import social_account_added
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from accounts import session_limits
from accounts.directory_sign_in import note_word
from accounts.models import Membership, Organisation, PlatformAdministrator, User
from accounts.services_directory import name_of
from audit.services import record

KINDS = {
    Authenticator.Type.TOTP: "an app",
    Authenticator.Type.WEBAUTHN: "a security key or passkey",
    Authenticator.Type.RECOVERY_CODES: "recovery codes",
}


@receiver(user_logged_in)
def _session_begins(request: HttpRequest, **_rest: Any) -> None:
    session_limits.begin(request, at=timezone.now())


@receiver(signed_in_here)
def _note_sign_in(request: HttpRequest, user: User, **rest: Any) -> None:
    login = rest.get("sociallogin")
    if login is None:
        _note("accounts.signed_in", user, {})
    else:
        if hasattr(login, "word"):
            note_word(request, user, login.word)
        _note("accounts.signed_in_by_directory", user, {"directory": name_of(login.account)})


@receiver(social_account_added)
def _note_linked(request: HttpRequest, sociallogin: SocialLogin, **_rest: Any) -> None:
    _note("accounts.directory_linked", sociallogin.user, {"directory": name_of(sociallogin.account)})


@receiver(authenticator_added)
def _note_added(request: HttpRequest, user: User, authenticator: Authenticator, **_rest: Any) -> None:
    _note("accounts.second_factor_added", user, {"kind": KINDS[authenticator.type]})


@receiver(authenticator_removed)
def _note_removed(request: HttpRequest, user: User, authenticator: Authenticator, **_rest: Any) -> None:
    _note("accounts.second_factor_removed", user, {"kind": KINDS[authenticator.type]})


def _note(event: str, user: User, summary: dict[str, str]) -> None:
    """One event for each organisation whose rows the user can reach; in the installation's own chain for who looks after that."""
    now = timezone.now()
    standing = Membership.objects.standing(timezone.localdate(now)).filter(user=user).select_related("organisation")
    organisations: set[Organisation | str] = {membership.organisation for membership in standing}
    if not organisations and PlatformAdministrator.objects.current().filter(user=user).exists():
        organisations = {""}
    for organisation in organisations:
        record(event, organisation=organisation, by=user, target=user, summary=summary, at=now)
