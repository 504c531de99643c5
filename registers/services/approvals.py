"""Approving a register as a whole."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import Organisation, User
from audit.services import record
from registers.catalogue import Register
from registers.models import RegisterApproval
from registers.services.nil_returns import signs_as


class ApprovalRefusedError(ValueError):
    """The register cannot be approved; the text says why."""


@transaction.atomic
def approve_register(register: Register, organisation: Organisation, *, note: str, by: User, at: datetime) -> RegisterApproval:
    """Approve a register as it is now. Approving it again on the same day gives the approval that is there.

    Raises:
        ApprovalRefusedError: it is no register that is approved as a whole, it is empty, or the signer holds no post or role for it.
    """
    on = timezone.localtime(at).date()
    if not register.is_approved_whole:
        raise ApprovalRefusedError(f"“{register.title}” is not approved as a whole.")
    if not register.has_rows(organisation, on):
        raise ApprovalRefusedError("There is nothing in the register to approve yet.")
    approved_as = signs_as(by, organisation, on=on)
    if not approved_as:
        raise ApprovalRefusedError(
            "A register is approved by the holder of a key post, the DSPT lead or a senior reviewer. Ask one of them."
        )
    there = RegisterApproval.objects.filter(
        organisation=organisation, register=register.slug, approved_on=on, approved_by=by
    ).first()
    if there is not None:
        return there
    approval = RegisterApproval.objects.create(
        organisation=organisation,
        register=register.slug,
        entries=len(list(register.rows(organisation))),
        approved_on=on,
        approved_by=by,
        approved_as=approved_as,
        note=note.strip(),
        at=at,
    )
    summary = {"register": register.title, "approved_as": approved_as, "entries": approval.entries}
    record("registers.register_approved", organisation=organisation, by=by, target=approval, summary=summary, at=at)
    return approval
