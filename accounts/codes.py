"""Codes on letters: making them, signing in with one, and slowing down whoever guesses.

A code is fifty random bits, so only its keyed digest is kept and a slow hash would add nothing. It works once, for four weeks.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts import throttle
from accounts.enums import Role
from accounts.keyed_digests import keyed_digest, keyed_digests
from accounts.models import Membership, Organisation, SignInCode, User
from audit.services import record

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without 0, 1, I and O, which people misread."""
LENGTH = 10
LIFETIME = timedelta(days=28)

TRIES = 10
"""So many wrong codes within an hour for one staff number from one network address."""

PLAIN_ROLES = (Role.STAFF, Role.MANAGER)
"""Whoever holds another role signs in another way: HR must not be able to print their way in."""


class CodeRefusedError(ValueError):
    """The code does not open a sign-in; the text says what to do, and not whether the staff number exists."""


def may_use_codes(user: User) -> bool:
    """Whether a letter may be written to a user: they hold no role beyond staff member and manager, anywhere."""
    return not Membership.objects.current().filter(user=user).exclude(role__in=PLAIN_ROLES).exists()


@transaction.atomic
def make_codes(users: Iterable[User], *, organisation: Organisation, by: Any, at: datetime) -> dict[int, str]:
    """A new code for each user, by user id. Codes they had before die. This is the only time the codes are seen."""
    ids = sorted({user.pk for user in users})
    codes = {pk: "".join(secrets.choice(ALPHABET) for _ in range(LENGTH)) for pk in ids}
    before = SignInCode.objects.filter(user__in=ids, organisation=organisation, used_at__isnull=True, withdrawn_at__isnull=True)
    before.update(withdrawn_at=at)
    SignInCode.objects.bulk_create(
        [
            SignInCode(
                user_id=pk,
                organisation=organisation,
                digest=keyed_digest(*_kept_as(pk, code)),
                made_by=by if isinstance(by, User) else None,
                made_at=at,
                expires_at=at + LIFETIME,
            )
            for pk, code in codes.items()
        ]
    )
    return codes


def use_code(
    code: str, *, user: User | None, organisation: Organisation | None, account: str, network: str, at: datetime
) -> User:
    """Use a code up and return whom it signs in.

    Args:
        code: as typed; case, spaces and hyphens do not matter.
        user: who has the staff number that was typed, if anybody.
        organisation: whose staff number it is, if there is such an organisation.
        account: organisation and staff number as typed, by which guessing is counted.
        network: the address the request came from.
        at: now.

    Raises:
        CodeRefusedError: the code is wrong, used, old or withdrawn, or too many were wrong.
    """
    limits = [throttle.limit(TRIES, "letter", account.casefold(), network)]
    waits = throttle.free_at(limits, at=at)
    if waits:
        again = timezone.localtime(waits + timedelta(minutes=1))
        raise CodeRefusedError(f"Too many wrong codes. Wait until {again:%H:%M}, then try again, or ask HR for a new letter.")
    digests = keyed_digests(*_kept_as(user.pk if user else 0, code))
    with transaction.atomic():
        live = SignInCode.objects.live(at).filter(user=user, organisation=organisation, digest__in=digests)
        if live.update(used_at=at) and user is not None and user.is_active:
            summary = {"user": f"user:{user.pk}"}
            record("accounts.signed_in_with_code", organisation=organisation, by=user, target=user, summary=summary, at=at)
            return user
    throttle.note_failure(limits, at=at)
    raise CodeRefusedError(
        "The organisation, the staff number or the code is wrong, or the code was used or is too old. "
        "Check the letter, or ask HR for a new one."
    )


def spaced(code: str) -> str:
    """``7K3Q9-XWMC2``, as it is printed."""
    return f"{code[: LENGTH // 2]}-{code[LENGTH // 2 :]}"


def _kept_as(user_id: int, code: str) -> tuple[str, str]:
    typed = "".join(character for character in code.upper() if character.isalnum())
    return "accounts.sign_in_code", f"{user_id}:{typed}"
