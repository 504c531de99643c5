"""The key this installation signs with, and checking what others signed: Ed25519 in compact JWS (RFC 7515, RFC 8037).

The private half is ``SIGNING_KEY`` from the environment or, without it, derived from ``SECRET_KEY``; it is in no table. The
public half of every key that was ever used is kept, so that what it signed can be checked for good.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse

from audit.canonical import canonical_json
from audit.services import SYSTEM, record
from courses.models import SigningKey

ALGORITHM = "EdDSA"
SEED_BYTES = 32
_DERIVED_FOR = b"tenfold signing key, version 1"


class SignatureRefusedError(ValueError):
    """What was given is not signed as it claims; the text says how, fit for a person to read."""


@dataclass(frozen=True)
class Signed:
    """What a compact JWS holds. Nothing of it is checked yet."""

    header: Mapping[str, Any]
    payload: Any
    signing_input: bytes
    signature: bytes

    @property
    def kid(self) -> str:
        """The thumbprint that the key is named by, without the address it may be served at."""
        return str(self.header.get("kid", "")).rstrip("/").rpartition("/")[2]

    def is_signed_by(self, public_key: str) -> bool:
        """Whether the key, in base64url, made the signature. A key that is none signed nothing."""
        try:
            Ed25519PublicKey.from_public_bytes(unpacked(public_key)).verify(self.signature, self.signing_input)
        except (InvalidSignature, ValueError):
            return False
        return True


def sign(payload: Any, *, media_type: str, at: datetime) -> str:
    """The payload as a compact JWS, signed with the present key. The same payload and key always give the same text."""
    key = _private_key()
    public = _public(key)
    kid = thumbprint(public)
    _keep(kid, public, at=at)
    header = {"alg": ALGORITHM, "typ": media_type, "kid": key_address(kid), "jwk": jwk(public)}
    signing_input = f"{packed(canonical_json(header))}.{packed(canonical_json(payload))}"
    return f"{signing_input}.{packed(key.sign(signing_input.encode('ascii')))}"


def opened(jws: str) -> Signed:
    """The parts of a compact JWS.

    Raises:
        SignatureRefusedError: it is no such thing, or is signed in another way than with Ed25519.
    """
    parts = jws.strip().split(".")
    if len(parts) != 3:
        raise SignatureRefusedError("The signature is not in a form we know.")
    try:
        header, payload = (json.loads(unpacked(part)) for part in parts[:2])
        signature = unpacked(parts[2])
    except (ValueError, binascii.Error, UnicodeError, RecursionError) as error:
        raise SignatureRefusedError("The signed part of the file is damaged.") from error
    if not isinstance(header, dict) or header.get("alg") != ALGORITHM:
        raise SignatureRefusedError("The file is signed in a way that we do not check. We check Ed25519 signatures.")
    return Signed(header, payload, f"{parts[0]}.{parts[1]}".encode(), signature)


def public_keys() -> list[SigningKey]:
    """Every key this installation ever signed with."""
    return list(SigningKey.objects.order_by("first_used_at", "pk"))


def present_key() -> tuple[str, str]:
    """Thumbprint and public half of the key that signs now, used already or not."""
    public = _public(_private_key())
    return thumbprint(public), public


def jwk(public_key: str) -> dict[str, str]:
    """The public key as a JSON Web Key (RFC 8037)."""
    return {"kty": "OKP", "crv": "Ed25519", "x": public_key}


def thumbprint(public_key: str) -> str:
    """The name of a key: its JWK thumbprint (RFC 7638)."""
    return packed(hashlib.sha256(canonical_json(jwk(public_key))).digest())


def key_address(kid: str) -> str:
    """Where the key is served."""
    return settings.BASE_URL.rstrip("/") + reverse("courses:signing_key", args=[kid])


def packed(content: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode("ascii")


def unpacked(text: str) -> bytes:
    """The bytes that base64url stands for.

    Raises:
        ValueError: it is not base64url.
    """
    return base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _private_key() -> Ed25519PrivateKey:
    given = settings.SIGNING_KEY
    if given:
        try:
            return Ed25519PrivateKey.from_private_bytes(unpacked(given))
        except ValueError as error:
            raise ImproperlyConfigured("SIGNING_KEY must be 32 random bytes in base64url.") from error
    seed = HKDF(algorithm=hashes.SHA256(), length=SEED_BYTES, salt=None, info=_DERIVED_FOR).derive(settings.SECRET_KEY.encode())
    return Ed25519PrivateKey.from_private_bytes(seed)


def _public(key: Ed25519PrivateKey) -> str:
    return packed(key.public_key().public_bytes_raw())


def _keep(kid: str, public_key: str, *, at: datetime) -> None:
    _key, is_new = SigningKey.objects.get_or_create(kid=kid, defaults={"public_key": public_key, "first_used_at": at})
    if is_new:
        record("courses.signing_key_first_used", organisation="", by=SYSTEM, summary={"key": kid}, at=at)
