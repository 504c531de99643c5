"""How django-allauth signs people in here: guessing is slowed down, nobody signs themselves up, and our words are used."""

from __future__ import annotations

import base64
import hmac
from datetime import timedelta
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from accounts import directories, second_factor, throttle

KNOWN_FOR = timedelta(days=365)
_SALT = "accounts.known_device"

ACCOUNT_AND_NETWORK, NETWORK, ACCOUNT = 10, 100, 100
"""Wrong passwords within an hour: for one account from one network, from one network, for one account from everywhere.

The last does not hold back a device on which the account has signed in before: a crowd that guesses locks nobody out.
"""


class SignInAdapter(DefaultAccountAdapter):
    """See the module."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": "The user name or the password is wrong. Check both and try again.",
        "incorrect_password": "The password is wrong. Try again.",
        "too_many_login_attempts": "Too many wrong tries. Wait an hour, or use a device on which you have signed in before.",
    }

    def is_safe_url(self, url: str | None) -> bool:
        """Only addresses of this site, and what is no address at all is none."""
        return url_has_allowed_host_and_scheme(url, allowed_hosts=None)

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        username = str(credentials.get("username", "")).casefold()
        network = network_from(request)
        limits = [
            throttle.limit(ACCOUNT_AND_NETWORK, "password", username, network),
            throttle.limit(NETWORK, "passwords from", network),
        ]
        if username not in known_accounts(request):
            limits.append(throttle.limit(ACCOUNT, "passwords of", username))
        self._limits = limits
        free_at = throttle.free_at(limits, at=timezone.now())
        if free_at:
            again = timezone.localtime(free_at + timedelta(minutes=1))
            raise ValidationError(
                f"Too many wrong tries. Wait until {again:%H:%M}, or use a device on which you have signed in before."
            )

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        throttle.note_failure(self._limits, at=timezone.now())

    def is_reauthentication_required(self, app: str) -> bool:
        return not second_factor.is_fresh(self.request, self.request.user)

    def post_login(self, request: HttpRequest, user: AbstractBaseUser, **options: Any) -> HttpResponse:
        response = super().post_login(request, user, **options)
        accounts = [name for name in known_accounts(request) if name != user.get_username().casefold()][-4:]
        response.set_cookie(
            settings.KNOWN_DEVICE_COOKIE_NAME,
            signing.dumps([*accounts, user.get_username().casefold()], salt=_SALT, compress=True),
            max_age=KNOWN_FOR,
            httponly=True,
            secure=request.is_secure(),
            samesite="Lax",
        )
        return response

    def get_reauthentication_methods(self, user: AbstractBaseUser) -> list[dict[str, Any]]:
        ways: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        codes = [directory.code for directory in directories.configured()]
        if codes and SocialAccount.objects.filter(user_id=user.pk, provider__in=codes).exists():
            ways.append({"id": "directory", "url": reverse("accounts:directory_again")})
        return ways

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Our pages say what happened themselves."""

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return resolve_url("home")

    def respond_user_inactive(self, request: HttpRequest, user: AbstractBaseUser) -> HttpResponse:
        return redirect("account_login")


class SecondFactorAdapter(DefaultMFAAdapter):
    """Our words, and secrets that a copy of the database does not give away."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "cannot_delete_authenticator": "Your role needs a second way to sign in: set up another before you remove this one.",
        "cannot_generate_recovery_codes": "Set up an authenticator app or a security key first.",
        "incorrect_code": "That code is not right, or was used already. Wait for the next one and try again.",
    }

    def encrypt(self, text: str) -> str:
        return _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _box().decrypt(encrypted_text.encode()).decode()

    def get_totp_label(self, user: AbstractBaseUser) -> str:
        return str(user.get_username())

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Any) -> str:
        return f"Key {Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1}"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return super().get_public_key_credential_rp_entity() | {"name": self.get_totp_issuer()}


def network_from(request: HttpRequest) -> str:
    """The network somebody came from, as guessing is counted: of ``X-Forwarded-For`` only what trusted proxies added."""
    return throttle.network_of(SignInAdapter(request).get_client_ip(request))


def _box() -> MultiFernet:
    """Encrypts with the installation's key; a key that was changed still opens what it closed (``SECRET_KEY_FALLBACKS``)."""
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = [hmac.digest(str(secret).encode(), b"accounts.second_factor", "sha256") for secret in secrets]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])


def known_accounts(request: HttpRequest) -> list[str]:
    """The user names that have signed in on this device, as its signed cookie says."""
    try:
        names = signing.loads(request.COOKIES.get(settings.KNOWN_DEVICE_COOKIE_NAME, ""), salt=_SALT, max_age=KNOWN_FOR)
    except signing.BadSignature:
        return []
    return [str(name) for name in names]
