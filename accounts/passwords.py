"""Passwords that are refused: what everybody tries, what the place suggests, what is known to be stolen.

Any characters may be used, and none has to be (docs/controls.md, "Passwords").
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError

from accounts.models import Membership

CONTEXT_WORDS = frozenset(
    [
        "admin",
        "administrator",
        "assessment",
        "auditor",
        "board",
        "caldicott",
        "care",
        "carer",
        "clinic",
        "data",
        "doctor",
        "dspt",
        "health",
        "hospital",
        "hscn",
        "incident",
        "learning",
        "manager",
        "medical",
        "nhs",
        "nhsmail",
        "nurse",
        "passphrase",
        "password",
        "patient",
        "policy",
        "practice",
        "protection",
        "safeguarding",
        "secret",
        "secure",
        "security",
        "siro",
        "staff",
        "surgery",
        "toolkit",
        "training",
        "trust",
        "ward",
        "welcome",
    ]
)
"""What somebody who knows where a password is used would try first; the organisation's, the product's and one's own names besides."""

LEFT_AT_LEAST = 8
"""So many letters must be left of a password when such words are taken out of it."""

ROWS = ("abcdefghijklmnopqrstuvwxyz" * 2, "1234567890" * 4, "qwertyuiopasdfghjklzxcvbnm" * 2, "1qaz2wsx3edc4rfv5tgb6yhn7ujm")


class EverydayPasswordValidator(CommonPasswordValidator):
    """Refuses one or two of the 20,000 commonest passwords, with or without figures around them, repetitions and keyboard rows."""

    def validate(self, password: str, user: Any = None) -> None:
        plain = password.casefold().strip()
        core = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", plain)
        common = {plain, core} & self.passwords
        in_two = any({plain[:cut], plain[cut:]} <= self.passwords for cut in range(3, len(plain) - 2))
        repeats = re.fullmatch(r"(.{1,6})\1+.?", plain)
        in_a_row = any(plain in row or plain in row[::-1] for row in ROWS)
        if common or in_two or repeats or in_a_row:
            raise ValidationError("Many people use this password, or one like it. Choose another: three random words work well.")


class ContextWordsValidator:
    """Refuses a password that is little more than the names of the place where it is used."""

    def validate(self, password: str, user: Any = None) -> None:
        left = password.casefold()
        for word in sorted(CONTEXT_WORDS | _names_around(user), key=len, reverse=True):
            left = left.replace(word, " ")
        letters = sum(character.isalpha() for character in left)
        if left != password.casefold() and letters < LEFT_AT_LEAST:
            raise ValidationError(
                "Without the words that anybody here would guess, too little is left. Choose three random words."
            )

    def get_help_text(self) -> str:
        return "Do not build it of names of your organisation or your work."


class BreachedPasswordValidator:
    """Refuses passwords known to be stolen, if the operator has brought a list of them (``BREACHED_PASSWORDS``)."""

    def validate(self, password: str, user: Any = None) -> None:
        if settings.BREACHED_PASSWORDS and is_breached(password, Path(settings.BREACHED_PASSWORDS)):
            raise ValidationError("This password is in a list of stolen ones. Choose another, and change it wherever you use it.")

    def get_help_text(self) -> str:
        return "It must not be one that is known to be stolen."


def is_breached(password: str, listed: Path) -> bool:
    """Whether a password's SHA-1 stands in a file of lines ``DIGEST:count`` sorted by digest. Some forty reads, however long it is."""
    digest = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
    with listed.open("rb") as file:

        def line_from(place: int) -> bytes:
            """The digest of the first line that begins at the place or after it."""
            file.seek(max(place - 1, 0))
            if place:
                file.readline()
            return file.readline()[: len(digest)].upper() or b"~"

        size = file.seek(0, 2)
        return line_from(bisect_left(range(size), digest, key=line_from)) == digest


def _names_around(user: Any) -> set[str]:
    """Names of the product, of the user's organisations and of the user."""
    names = [settings.PRODUCT_NAME]
    if user is not None and user.pk:
        names += [user.username, user.first_name, user.last_name]
        held = Membership.objects.current().filter(user=user).values_list("organisation__name", "organisation__ods_code")
        names += [name for pair in held.distinct() for name in pair]
    return {word for name in names for word in re.split(r"\W+", name.casefold()) if len(word) >= 3}
