"""Who acts for whom, and what managers say is wrong with their team."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts import services as accounts
from accounts.enums import Role
from accounts.models import Organisation, User
from audit.services import record
from staff.enums import FlagKind, FlagOutcome
from staff.models import Delegation, Person, Post, TeamFlag, TeamFlagSettlement, Unit


class DelegationRefusedError(ValueError):
    """The delegation cannot be as asked; the text says why."""


class FlagRefusedError(ValueError):
    """The flag cannot be raised or settled as asked; the text says why."""


@transaction.atomic
def delegate(
    organisation: Organisation,
    *,
    to: Person,
    start: date,
    by: User,
    at: datetime,
    manager: Person | None = None,
    unit: Unit | None = None,
    last_day: date | None = None,
) -> Delegation:
    """Let somebody act for a manager, or look after a unit and all below it, for a time.

    Whoever has a sign-in sees the team from the first day. The same again while it holds is refused.

    Raises:
        DelegationRefusedError: not exactly one of manager and unit, dates or people that cannot be, or it is there already.
    """
    if (manager is None) == (unit is None):
        raise DelegationRefusedError("Choose a manager or a unit, not both.")
    if any(one is not None and one.organisation_id != organisation.pk for one in (to, manager, unit)):
        raise DelegationRefusedError("Choose people and units of this organisation.")
    if manager is not None and manager.pk == to.pk:
        raise DelegationRefusedError("Nobody acts for themselves. Choose somebody else.")
    if last_day is not None and last_day < start:
        raise DelegationRefusedError("The last day must not be before the first.")
    end = last_day + timedelta(days=1) if last_day else None
    Person.objects.select_for_update(of=("self",)).get(pk=to.pk)
    if not Post.objects.covering(start).filter(person=to).exists():
        raise DelegationRefusedError(f"{to} is not in post on {start:%d/%m/%Y}. Choose somebody who is.")
    overlapping = Delegation.objects.filter(Q(end__isnull=True) | Q(end__gt=start), delegate=to, manager=manager, unit=unit)
    if (overlapping if end is None else overlapping.filter(start__lt=end)).exists():
        raise DelegationRefusedError(f"{to} does so already for some of these days. End that first.")
    made = Delegation.objects.create(
        organisation=organisation,
        delegate=to,
        manager=manager,
        unit=unit,
        start=start,
        end=end,
        created_by=by if isinstance(by, User) else None,
        created_at=at,
    )
    if to.user is not None:
        accounts.grant_role(to.user, organisation=organisation, role=Role.MANAGER, by=by, at=at)
    whose = f"person:{manager.pk}" if manager else f"unit:{unit.pk}" if unit else ""
    summary = {"delegate": f"person:{to.pk}", "whose": whose, "start": start.isoformat()}
    record("staff.delegated", organisation=organisation, by=by, target=made, summary=summary, at=at)
    return made


@transaction.atomic
def end_delegation(delegation: Delegation, *, last_day: date, by: Any, at: datetime) -> Delegation:
    """End a delegation after its last day. One that has not begun by then is taken back. Again does nothing."""
    delegation = Delegation.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=delegation.pk)
    end = max(last_day + timedelta(days=1), delegation.start)
    if delegation.end is not None and delegation.end <= end:
        return delegation
    summary = {"delegate": f"person:{delegation.delegate_id}", "last_day": last_day.isoformat()}
    record("staff.delegation_ended", organisation=delegation.organisation, by=by, target=delegation, summary=summary, at=at)
    if end == delegation.start:
        delegation.delete()
        return delegation
    delegation.end = end
    delegation.save(update_fields=["end"])
    return delegation


@transaction.atomic
def flag_not_mine(manager: Person, person: Person, *, words: str, by: Any, at: datetime) -> TeamFlag:
    """Tell HR that somebody is not in one's team; a second time returns the flag that waits.

    Raises:
        FlagRefusedError: the person is in nobody's team that the manager looks after.
    """
    on = timezone.localdate(at)
    if not Person.objects.managed_by(manager, on).filter(pk=person.pk).exists():
        raise FlagRefusedError("This person is not in your team.")
    Person.objects.select_for_update(of=("self",)).get(pk=person.pk)
    waiting = TeamFlag.objects.waiting().filter(kind=FlagKind.NOT_MINE, manager=manager, person=person).first()
    if waiting is not None:
        return waiting
    return _raise_flag(manager, FlagKind.NOT_MINE, person, words, by=by, at=at)


@transaction.atomic
def flag_missing(manager: Person, *, words: str, by: Any, at: datetime) -> TeamFlag:
    """Tell HR that somebody is missing from one's team.

    Raises:
        FlagRefusedError: nothing says who.
    """
    if not words.strip():
        raise FlagRefusedError("Say who is missing: a name, and the staff number if you know it.")
    return _raise_flag(manager, FlagKind.MISSING, None, words, by=by, at=at)


def _raise_flag(manager: Person, kind: FlagKind, person: Person | None, words: str, *, by: Any, at: datetime) -> TeamFlag:
    organisation = manager.organisation
    flag = TeamFlag.objects.create(
        organisation=organisation, kind=kind, manager=manager, person=person, words=words.strip(), raised_at=at
    )
    summary = {"kind": kind.label.lower(), "person": f"person:{person.pk}" if person else ""}
    record("staff.team_flagged", organisation=organisation, by=by, target=flag, summary=summary, at=at)
    return flag


@transaction.atomic
def settle_flag(flag: TeamFlag, *, outcome: str, note: str, by: Any, at: datetime) -> TeamFlagSettlement:
    """Write down what HR did about a flag, once.

    Raises:
        FlagRefusedError: somebody settled it already.
    """
    flag = TeamFlag.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=flag.pk)
    if TeamFlagSettlement.objects.filter(flag=flag).exists():
        raise FlagRefusedError("Somebody settled this already.")
    settlement = TeamFlagSettlement.objects.create(
        flag=flag,
        outcome=outcome,
        note=note.strip(),
        settled_by=by if isinstance(by, User) else None,
        settled_at=at,
    )
    summary = {"outcome": FlagOutcome(outcome).label.lower()}
    record("staff.flag_settled", organisation=flag.organisation, by=by, target=flag, summary=summary, at=at)
    return settlement
