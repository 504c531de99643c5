"""Signing and withdrawing nil returns."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from accounts.enums import Role
from accounts.models import Membership, Organisation, User
from audit.services import record
from registers.catalogue import Register
from registers.models import NilReturn
from staff.models import KeyPost

SIGNING_ROLES = (Role.SENIOR_REVIEWER, Role.DSPT_LEAD)
"""Roles whose holders may sign for a register; holders of a key post may too."""


class NilReturnRefusedError(ValueError):
    """The nil return cannot be signed or withdrawn; the text says why."""


def signs_as(user: User, organisation: Organisation, *, on: date) -> str:
    """The post, or else the role, in which a user signs for a register on a date; empty if in none."""
    posts = KeyPost.objects.covering(on).filter(organisation=organisation, holder__user=user).order_by("kind")
    if posts:
        return ", ".join(post.get_kind_display() for post in posts)[:100]
    held = set(Membership.objects.filter(user=user, organisation=organisation).values_list("role", flat=True))
    return next((role.label for role in SIGNING_ROLES if role.value in held), "")


@transaction.atomic
def sign_nil_return(
    register: Register, organisation: Organisation, *, start: date, end: date, by: User, at: datetime
) -> NilReturn:
    """Sign that nothing was to be recorded in ``[start, end)``. The same statement that already stands is returned.

    Raises:
        NilReturnRefusedError: the register takes none, the signer holds no post or role for it, the period is the wrong way round,
            is still to come, or has a row.
    """
    on = timezone.localtime(at).date()
    signed_as = signs_as(by, organisation, on=on)
    if register.dated_within is None or not register.takes_nil_returns:
        raise NilReturnRefusedError(f"“{register.title}” takes no nil return.")
    if not signed_as:
        raise NilReturnRefusedError(
            "A nil return is signed by the holder of a key post, the DSPT lead or a senior reviewer. Ask one of them."
        )
    if end <= start:
        raise NilReturnRefusedError("The last day must not be before the first.")
    if start > on:
        raise NilReturnRefusedError("The period has not begun yet: nobody can know that nothing will happen.")
    if register.dated_within(organisation, start, end):
        raise NilReturnRefusedError("Something is recorded for this period. Look at it, or choose another period.")
    same = NilReturn.objects.signed().filter(organisation=organisation, register=register.slug, start=start, end=end).first()
    if same is not None:
        return same
    nil = NilReturn.objects.create(
        organisation=organisation,
        register=register.slug,
        start=start,
        end=end,
        signed_by=by,
        signed_as=signed_as,
        signed_at=at,
    )
    summary = {"register": register.title, "from": start.isoformat(), "to": nil.last_day.isoformat(), "signed_as": signed_as}
    record("registers.nil_return_signed", organisation=organisation, by=by, target=nil, summary=summary, at=at)
    return nil


@transaction.atomic
def withdraw_nil_return(nil_return: NilReturn, *, reason: str, by: User, at: datetime) -> NilReturn:
    """Withdraw a nil return with a reason. Withdrawing it again gives the first withdrawal.

    Raises:
        NilReturnRefusedError: there is no reason.
    """
    before = NilReturn.objects.filter(withdraws=nil_return).first()
    if before is not None:
        return before
    if not reason.strip():
        raise NilReturnRefusedError("Say why the nil return is withdrawn.")
    organisation = nil_return.organisation
    signed_as = signs_as(by, organisation, on=timezone.localtime(at).date()) or "Keeper of the register"
    row = NilReturn.objects.create(
        organisation=organisation,
        register=nil_return.register,
        start=nil_return.start,
        end=nil_return.end,
        signed_by=by,
        signed_as=signed_as,
        signed_at=at,
        withdraws=nil_return,
        reason=reason.strip(),
    )
    summary = {"register": nil_return.register, "from": nil_return.start.isoformat(), "to": nil_return.last_day.isoformat()}
    record("registers.nil_return_withdrawn", organisation=organisation, by=by, target=row, summary=summary, at=at)
    return row
