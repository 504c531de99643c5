"""Signing in through a directory: django-allauth's OpenID Connect, made strict.

Who comes is known by issuer and subject alone. A sign-in is linked by the person who is signed in, by an invitation, or by an
administrator who has written the subject down; an e-mail address links nothing, and nobody gets an account by coming.
"""

from __future__ import annotations

import logging
from functools import cached_property
from typing import Any

import requests
from allauth.account.internal.flows.login import record_authentication
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin
from allauth.socialaccount.providers.base import AuthProcess, ProviderException
from allauth.socialaccount.providers.oauth2.client import OAuth2Client
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.contrib.auth.views import INTERNAL_RESET_SESSION_TOKEN
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts import directories, id_tokens
from accounts.directories import Directory
from accounts.id_tokens import TokenRefusedError, Word
from accounts.models import Membership, User

_log = logging.getLogger(__name__)

UNKNOWN = (
    "{name} knows you, but {product} does not know this {name} sign-in yet. Ask your manager or HR for an invitation; "
    "or, if you have a password here, sign in with it and add {name} under your name."
)
LEFT = "This sign-in no longer belongs to an organisation here. If you still work there, ask HR."
TAKEN = "This {name} sign-in belongs to somebody else here already. Ask your organisation's administrator."
FAILED = "{name} did not sign you in. Go back and try again; if it happens again, tell whoever looks after {product}."
NOT_AGAIN = "{name} did not ask you again who you are, so this cannot go on. Sign out of {name}, then try again."


class DirectoryClient(OAuth2Client):
    """Sends along a nonce that only the answer to this very sign-in carries back."""

    def get_redirect_url(self, authorization_url: str, scope: list[str], extra_params: dict[str, str]) -> str:
        return super().get_redirect_url(authorization_url, scope, extra_params | {"nonce": nonce_for(self.state)})


class DirectoryAdapter(OpenIDConnectOAuth2Adapter):
    """Believes an ID token only when it is right in everything, and asks for nothing besides."""

    client_class = DirectoryClient

    @cached_property
    def directory(self) -> Directory:
        found = directories.directory(self.provider_id)
        if found is None:
            raise SocialApp.DoesNotExist
        return found

    @property
    def openid_config(self) -> dict[str, Any]:
        config: dict[str, Any] = super().openid_config
        addresses = [config.get(name, "") for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
        if config.get("issuer") != self.directory.issuer or not all(map(directories.is_safe_address, addresses)):
            raise ProviderException("the directory describes itself as something else")
        return config

    def get_provider(self) -> OpenIDConnectProvider:
        provider: OpenIDConnectProvider = super().get_provider()
        provider.oauth2_adapter_class = type(self)
        return provider

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        """From our own settings: what a request says of the host is not believed."""
        return settings.BASE_URL.rstrip("/") + reverse("openid_connect_callback", args=[self.provider_id])

    def complete_login(self, request: HttpRequest, app: SocialApp, token: Any, **kwargs: Any) -> SocialLogin:
        id_token, nonce = str(kwargs["response"].get("id_token", "")), nonce_for(request.GET.get("state", ""))
        with SocialAdapter(request).get_requests_session() as session:
            answer = session.get(self.openid_config["jwks_uri"])
            answer.raise_for_status()
        try:
            word = id_tokens.believe(id_token, keys=answer.json(), directory=self.directory, nonce=nonce)
        except TokenRefusedError as refusal:
            _log.warning("A token of the directory %s was refused: %s", self.directory.code, refusal)
            raise ProviderException(str(refusal)) from refusal
        account = SocialAccount(provider=self.directory.code, uid=self.directory.uid(word.subject), extra_data={})
        login = SocialLogin(user=User(), account=account, provider=self.get_provider())
        login.word = word
        return login


class SocialAdapter(DefaultSocialAccountAdapter):
    """Who may come in through a directory, and how a sign-in there is linked to one here."""

    def list_apps(self, request: HttpRequest, provider: str | None = None, client_id: str | None = None) -> list[SocialApp]:
        """The operator's directories. What stands in the database counts for nothing."""
        return [_app(found) for found in directories.configured() if provider in (None, found.code, OpenIDConnectProvider.id)]

    def get_requests_session(self) -> requests.Session:
        """A directory answers where it said it would, and sends us nowhere else."""
        session: requests.Session = super().get_requests_session()
        session.max_redirects = 0
        return session

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def get_connect_redirect_url(self, request: HttpRequest, socialaccount: SocialAccount) -> str:
        return reverse("mfa_index")

    def on_authentication_error(self, request: HttpRequest, provider: Any, **_rest: Any) -> None:
        refuse(request, FAILED, directory=directories.directory(provider.sub_id), status=401)

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        directory, process = directories.directory(sociallogin.account.provider), sociallogin.state.get("process")
        data = sociallogin.state.get("data") or {}
        if not sociallogin.is_existing and "invited" in data:
            self._link_the_invited(request, sociallogin, data["invited"])
        user = sociallogin.user if sociallogin.is_existing else None
        if process == AuthProcess.CONNECT:
            if user is not None and user != request.user:
                refuse(request, TAKEN, directory=directory)
        elif user is None:
            refuse(request, UNKNOWN, directory=directory)
        elif not (user.is_active and Membership.objects.standing(timezone.localdate()).filter(user=user).exists()):
            refuse(request, LEFT, directory=directory)
        elif process == AuthProcess.REDIRECT:
            if user != request.user or not sociallogin.word.asked_just_now:
                refuse(request, NOT_AGAIN, directory=directory)
            note_word(request, user, sociallogin.word)

    def _link_the_invited(self, request: HttpRequest, login: SocialLogin, user_id: int) -> None:
        """Whoever holds an invitation could have chosen a password: they may come through a directory instead."""
        user = invited_user(request, user_id)
        if user is not None:
            login.connect(request, user)


def invited_user(request: HttpRequest, user_id: Any) -> User | None:
    """Whose invitation this browser has opened, if it still works."""
    user = User.objects.filter(pk=user_id, is_active=True).first() if str(user_id).isdigit() else None
    token = request.session.get(INTERNAL_RESET_SESSION_TOKEN, "")
    return user if user is not None and default_token_generator.check_token(user, token) else None


def note_word(request: HttpRequest, user: User, word: Word) -> None:
    """What the directory's word stands for: a fresh sign-in if it has just asked, a second factor if the operator counts it."""
    if word.by_second_factor:
        record_authentication(request, user, method="mfa", type="directory")
    if word.asked_just_now:
        record_authentication(request, user, method="directory")


def nonce_for(state: str) -> str:
    """The nonce that goes with a state. A state is random, kept in the session, and good for one answer."""
    return salted_hmac("accounts.directory_nonce", state, algorithm="sha256").hexdigest()


def refuse(request: HttpRequest, words: str, *, directory: Directory | None, status: int = 403) -> None:
    """Answer with one sentence instead of a sign-in.

    Raises:
        ImmediateHttpResponse: always.
    """
    names = {"name": directory.name if directory else "The directory", "product": settings.PRODUCT_NAME}
    response: HttpResponse = render(request, "accounts/directory_refused.jinja", {"reason": words.format(**names)}, status=status)
    raise ImmediateHttpResponse(response)


def _app(directory: Directory) -> SocialApp:
    return SocialApp(
        provider=OpenIDConnectProvider.id,
        provider_id=directory.code,
        name=directory.name,
        client_id=directory.client_id,
        secret=directory.client_secret,
        settings={"server_url": directory.issuer, "oauth_pkce_enabled": True, "scope": ["openid"]},
    )
