"""Digests under which one-use codes and tokens are kept: without the installation's key nobody can test a guess."""

from __future__ import annotations

from django.conf import settings
from django.utils.crypto import salted_hmac


def keyed_digest(purpose: str, value: str) -> str:
    """The digest under which a value is kept from now on."""
    return _digest(purpose, value, settings.SECRET_KEY)


def keyed_digests(purpose: str, value: str) -> list[str]:
    """The digests under which a value may have been kept: also by a former key (``SECRET_KEY_FALLBACKS``)."""
    return [_digest(purpose, value, key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]


def _digest(purpose: str, value: str, key: str | bytes) -> str:
    return salted_hmac(purpose, value, secret=key, algorithm="sha256").hexdigest()
