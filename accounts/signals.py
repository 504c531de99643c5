"""What happens besides when somebody signs in, or sets up or removes a second factor."""

from __future__ import annotations

from typing import Any

from allauth.account.signals import user_logged_in as signed_in_here
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.signals import social_account_added
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from accounts import session_limits
from accounts.directory_sign_in import note_word
from accounts.models import User
from accounts.services import note_own_act
from accounts.services_directory import name_of

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
        note_own_act("accounts.signed_in", user, {})
    else:
        if hasattr(login, "word"):
            note_word(request, user, login.word)
        note_own_act("accounts.signed_in_by_directory", user, {"directory": name_of(login.account)})


@receiver(social_account_added)
def _note_linked(request: HttpRequest, sociallogin: SocialLogin, **_rest: Any) -> None:
    note_own_act("accounts.directory_linked", sociallogin.user, {"directory": name_of(sociallogin.account)})


@receiver(authenticator_added)
def _note_added(request: HttpRequest, user: User, authenticator: Authenticator, **_rest: Any) -> None:
    note_own_act("accounts.second_factor_added", user, {"kind": KINDS[authenticator.type]})


@receiver(authenticator_removed)
def _note_removed(request: HttpRequest, user: User, authenticator: Authenticator, **_rest: Any) -> None:
    note_own_act("accounts.second_factor_removed", user, {"kind": KINDS[authenticator.type]})


@receiver(authenticator_reset)
def _note_new_codes(request: HttpRequest, user: User, **_rest: Any) -> None:
    note_own_act("accounts.recovery_codes_renewed", user, {})
