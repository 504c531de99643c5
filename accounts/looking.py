"""A platform administrator looks into an organisation: asked for with a reason, given for hours, read only, on the trail, ended at once.

What everybody may see of it, the organisation reads on its own page. See docs/adr/0033.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Capability
from accounts.models import AccessGrant, AccessGrantStep, AccessGrantUse, Membership, Organisation, User
from accounts.policy import LENDABLE, RefusedError, roles_with
from accounts.row_security import every_organisation
from audit.services import record
from nhsuk import mail

Kind = AccessGrantStep.Kind
LOOK_KEY = "access_grant_id"
"""Where the session of a platform administrator keeps into which organisation they look."""
LONGEST_HOURS = 8
LONGEST_HOURS_UNASKED = 2


@transaction.atomic
def ask(
    organisation: Organisation, *, reason: str, capabilities: Collection[Capability], hours: int, by: User, at: datetime
) -> AccessGrant:
    """Ask the organisation to let one look. Its administrators and its senior reviewer get a letter."""
    grant = _write(organisation, reason=reason, capabilities=capabilities, hours=hours, by=by, at=at)
    text = (
        f"{by} looks after {settings.PRODUCT_NAME} and asks to look into what {organisation.name} keeps there, for {hours} hours.\n\n"
        f"Why: {grant.reason}\n\nNothing is seen before one of you says yes: {_page()}\n"
    )
    transaction.on_commit(partial(_send, organisation, "Somebody from outside asks to look into your organisation", text))
    return grant


@transaction.atomic
def take(
    organisation: Organisation, *, reason: str, capabilities: Collection[Capability], hours: int, by: User, at: datetime
) -> AccessGrant:
    """Look without waiting for an answer, because waiting would do harm. The letters go first: without them nothing is seen.

    Raises:
        RefusedError: it is for too long, or there is nobody whom a letter would reach.
    """
    if hours > LONGEST_HOURS_UNASKED:
        raise RefusedError(f"Without an answer you may look for {LONGEST_HOURS_UNASKED} hours at most.")
    grant = _write(organisation, reason=reason, capabilities=capabilities, hours=hours, by=by, at=at)
    until = _begin(grant, Kind.TAKEN, by=by, at=at)
    text = (
        f"{by} looks after {settings.PRODUCT_NAME} and has begun to look into what {organisation.name} keeps there, "
        f"without waiting for you, until {timezone.localtime(until):%H:%M}.\n\n"
        f"Why: {grant.reason}\n\nRead what is looked at, and end it: {_page()}\n"
    )
    try:
        sent = _send(organisation, "Somebody from outside is looking into your organisation", text)
    except OSError as error:
        raise RefusedError("The letters to the organisation could not be sent, so nothing is opened.") from error
    if not sent:
        raise RefusedError("Nobody in the organisation would get a letter about it, so nothing is opened.")
    return grant


@transaction.atomic
def answer(grant: AccessGrant, *, yes: bool, by: User, at: datetime) -> None:
    """The organisation lets somebody look from now on, or does not.

    Raises:
        RefusedError: it is answered, withdrawn or too old, or whoever answers asked for it.
    """
    if grant.asked_by_id == by.pk:
        raise RefusedError("Somebody else must answer what you asked for.")
    if grant.state(at) != AccessGrant.State.ASKED:
        raise RefusedError("This is no longer waiting for an answer.")
    if yes:
        _begin(grant, Kind.GIVEN, by=by, at=at)
    else:
        _step(grant, Kind.REFUSED, by=by, at=at)
        _record("accounts.look_refused", grant, by=by, at=at, user=f"user:{grant.asked_by_id}")


@transaction.atomic
def end(grant: AccessGrant, *, by: User, at: datetime) -> None:
    """End it, from the next page on, or withdraw what was asked. What is over stays as it is."""
    if grant.state(at) in (AccessGrant.State.ASKED, AccessGrant.State.LIVE):
        _step(grant, Kind.ENDED, by=by, at=at)
        _record("accounts.look_ended", grant, by=by, at=at, user=f"user:{grant.asked_by_id}")


@transaction.atomic
def note_use(grant: AccessGrant, page: str, *, by: User, at: datetime) -> None:
    """Write down that a kind of page was opened: once a day in the organisation's chain."""
    _use, is_first = AccessGrantUse.objects.get_or_create(grant=grant, on=timezone.localdate(at), page=page, defaults={"at": at})
    if is_first:
        _record("accounts.look_used", grant, by=by, at=at, page=page)


def _write(
    organisation: Organisation, *, reason: str, capabilities: Collection[Capability], hours: int, by: User, at: datetime
) -> AccessGrant:
    reason = reason.strip()
    if not reason:
        raise RefusedError("Say why you need to look.")
    if not capabilities or not set(capabilities) <= set(LENDABLE):
        raise RefusedError("Choose what you need to see.")
    if not 1 <= hours <= LONGEST_HOURS:
        raise RefusedError(f"Choose between 1 and {LONGEST_HOURS} hours.")
    with every_organisation():
        grant = AccessGrant.objects.create(
            organisation=organisation,
            reason=reason,
            capabilities=sorted(Capability(one).value for one in capabilities),
            hours=hours,
            asked_by=by,
            asked_at=at,
        )
    _record("accounts.look_asked", grant, by=by, at=at, reason=reason, hours=hours, capabilities=", ".join(grant.capabilities))
    return grant


def _begin(grant: AccessGrant, kind: str, *, by: User, at: datetime) -> datetime:
    until = at + timedelta(hours=grant.hours)
    _step(grant, kind, by=by, at=at, until=until)
    event = "accounts.look_given" if kind == Kind.GIVEN else "accounts.look_taken"
    _record(event, grant, by=by, at=at, user=f"user:{grant.asked_by_id}", until=f"{timezone.localtime(until):%d %m %Y %H:%M}")
    return until


def _step(grant: AccessGrant, kind: str, *, by: User, at: datetime, until: datetime | None = None) -> None:
    """A constraint lets only one of two who answer at once."""
    try:
        with every_organisation(), transaction.atomic():
            AccessGrantStep.objects.create(grant=grant, kind=kind, by=by, at=at, until=until)
    except IntegrityError as error:
        raise RefusedError("Somebody else was quicker. Look at the page again.") from error


def _record(event: str, grant: AccessGrant, *, by: User, at: datetime, reason: str = "", **summary: Any) -> None:
    record(event, organisation=grant.organisation, by=by, target=grant, summary=summary, reason=reason, at=at)


def _page() -> str:
    return settings.BASE_URL.rstrip("/") + reverse("accounts:outside_list")


def _send(organisation: Organisation, subject: str, text: str) -> int:
    """One letter each to whoever may answer and end it. Returns how many went."""
    standing = Membership.objects.standing(timezone.localdate()).filter(
        organisation=organisation, role__in=list(roles_with(Capability.OUTSIDE_MANAGE))
    )
    receivers = User.objects.filter(pk__in=standing.values("user"), is_active=True).exclude(email="").order_by("pk")
    return mail.send_each(subject, text, list(receivers.values_list("email", flat=True)))
