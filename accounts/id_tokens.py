"""What a directory says of somebody who comes from it, believed only when everything about it is right.

django-allauth leaves out the signature when the token came straight from the directory, and asks for no nonce. We check both.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jwt
from django.utils.crypto import constant_time_compare

from accounts.directories import LONGEST_UID, Directory

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""Signed with a key of which we hold the public half. Never ``none``, and never a shared secret."""
LEEWAY = 60
"""Seconds by which clocks may differ."""
OLDEST = 10 * 60
"""Seconds: a token is fetched the moment it is made, so an older one is somebody's copy."""
JUST_NOW = 2 * 60
"""Seconds since the person was last asked, for the directory's word to be a fresh sign-in."""


class TokenRefusedError(ValueError):
    """The directory's word is not believed. The text is for the log: it names no person."""


@dataclass(frozen=True)
class Word:
    """What a directory said of somebody, checked."""

    subject: str
    by_second_factor: bool
    asked_just_now: bool


def believe(token: str, *, keys: Mapping[str, Any], directory: Directory, nonce: str) -> Word:
    """The word of a directory in an ID token.

    Args:
        token: as it came.
        keys: the directory's JSON Web Key Set.
        directory: whose word it must be.
        nonce: what was sent along when the person left for the directory.

    Raises:
        TokenRefusedError: anything about it is wrong.
    """
    try:
        header = jwt.get_unverified_header(token)
        if header.get("alg") not in ALGORITHMS:
            raise TokenRefusedError("signed in a way that we do not accept")
        claims: dict[str, Any] = jwt.decode(
            token,
            key=_key(keys, header),
            algorithms=[header["alg"]],
            issuer=directory.issuer,
            audience=directory.client_id,
            leeway=LEEWAY,
            options={"require": ["iss", "aud", "exp", "iat", "sub", "nonce"]},
        )
    except jwt.PyJWTError as error:
        raise TokenRefusedError(type(error).__name__) from error
    audiences = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    if (len(audiences) > 1 or "azp" in claims) and claims.get("azp") != directory.client_id:
        raise TokenRefusedError("made for another application too")
    if time.time() - claims["iat"] > OLDEST:
        raise TokenRefusedError("made too long ago")
    if not constant_time_compare(str(claims["nonce"]), nonce):
        raise TokenRefusedError("made for another sign-in")
    return Word(_subject(claims, directory), _by_second_factor(claims, directory), _asked_just_now(claims))


def _key(keys: Mapping[str, Any], header: Mapping[str, Any]) -> Any:
    """The key that signed the token.

    Raises:
        TokenRefusedError: the directory has no such key.
    """
    held = keys.get("keys")
    usable = [key for key in held if isinstance(key, dict) and key.get("use", "sig") == "sig"] if isinstance(held, list) else []
    named = [key for key in usable if key.get("kid") == header["kid"]] if "kid" in header else usable
    if len(named) != 1 or named[0].get("kty") not in ("RSA", "EC"):
        raise TokenRefusedError("signed with a key that the directory does not have")
    return jwt.PyJWK.from_json(json.dumps(named[0]), algorithm=header["alg"]).key


def _subject(claims: Mapping[str, Any], directory: Directory) -> str:
    subject = claims.get(directory.subject_claim)
    if not isinstance(subject, str) or not subject.strip() or len(directory.uid(subject)) > LONGEST_UID:
        raise TokenRefusedError("names nobody")
    return subject


def _by_second_factor(claims: Mapping[str, Any], directory: Directory) -> bool:
    """Whether the directory says that a second factor was shown; false where the operator does not count it.

    Raises:
        TokenRefusedError: the operator says that the directory always asks for one, and the token does not say so.
    """
    if not directory.second_factor:
        return False
    amr = claims.get("amr")
    said = {f"amr={method}" for method in amr} if isinstance(amr, list) else set()
    said |= {f"acr={claims['acr']}"} if isinstance(claims.get("acr"), str) else set()
    if said.isdisjoint(directory.second_factor):
        raise TokenRefusedError("does not say that a second factor was shown")
    return True


def _asked_just_now(claims: Mapping[str, Any]) -> bool:
    asked = claims.get("auth_time")
    return isinstance(asked, int | float) and -LEEWAY <= time.time() - asked <= JUST_NOW
