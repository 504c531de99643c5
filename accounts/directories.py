"""The directories through which people may sign in, such as NHSmail, as the operator has set them up. None by default."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,29}")
SUBJECT_CLAIMS = ("sub", "oid")
"""What may name a person for good. Entra ID gives each application another ``sub``; its ``oid`` is the object id people can look up."""
LONGEST_UID = 191


@dataclass(frozen=True)
class Directory:
    """One OpenID Connect provider.

    ``second_factor`` holds what its token must say, such as ``amr=mfa``, for its own second factor to count here; then a token
    that does not say so is refused. Empty: Tenfold asks for its own.
    """

    code: str
    name: str
    issuer: str
    client_id: str
    client_secret: str
    subject_claim: str = "sub"
    second_factor: tuple[str, ...] = ()

    def uid(self, subject: str) -> str:
        """What names one person of this directory: the issuer and the subject, and never an e-mail address."""
        return f"{self.issuer} {subject}"


def configured() -> list[Directory]:
    """Every directory of this installation, in the operator's order.

    Raises:
        ImproperlyConfigured: one of them is not fit for use; the text says which and why.
    """
    found = [Directory(**entry) for entry in settings.DIRECTORIES]
    for directory in found:
        _check(directory)
    if len({directory.code for directory in found}) < len(found):
        raise ImproperlyConfigured("OIDC_DIRECTORIES names a directory twice.")
    return found


def directory(code: str) -> Directory | None:
    """The directory of that code, if there is one."""
    return next((found for found in configured() if found.code == code), None)


def is_safe_address(address: str) -> bool:
    """Whether an address may be asked: by TLS, or on this machine."""
    parts = urlsplit(address)
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1"))
    )


def _check(directory: Directory) -> None:
    where = f"The directory “{directory.code}” in OIDC_DIRECTORIES"
    if not CODE.fullmatch(directory.code):
        raise ImproperlyConfigured(f"{where} has a name other than small letters, digits and hyphens.")
    if not is_safe_address(directory.issuer):
        raise ImproperlyConfigured(f"{where} has an issuer that is not an https:// address.")
    if directory.subject_claim not in SUBJECT_CLAIMS:
        raise ImproperlyConfigured(f"{where} may name people by sub or by oid, and by nothing else.")
    if any(not re.fullmatch(r"(amr|acr)=\S+", said) for said in directory.second_factor):
        raise ImproperlyConfigured(f"{where} says its second factor in words other than amr=... or acr=....")
