"""Deciding how long things are kept, holding them back, and letting go what is over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import Organisation, User
from audit.services import record, target_id
from jobs.registry import Progress
from jobs.services import enqueue
from privacy import keeping
from privacy.enums import HoldScope, RunState
from privacy.forgetting import FORGETTERS
from privacy.models import KeepingChoice, LegalHold, RetentionRun
from privacy.plan import Due, what_is_over
from registers.models import Incident
from staff.models import Person

FORGET = "privacy.forget"
BATCH = 500


class KeepingRefusedError(ValueError):
    """It cannot be done; the text says why, fit for a person to read."""


@transaction.atomic
def choose_days(organisation: Organisation, key: str, *, days: int, reason: str, by: User, at: datetime) -> KeepingChoice:
    """Keep one kind of thing for other days than ship.

    Raises:
        KeepingRefusedError: the days are outside the limits of the rule, or there is no such rule.
    """
    rule = keeping.shipped().get(key)
    if rule is None:
        raise KeepingRefusedError("There is no such rule.")
    if not rule.least <= days <= rule.most:
        raise KeepingRefusedError(f"Choose from {rule.least} to {rule.most} days.")
    if not reason.strip():
        raise KeepingRefusedError("Say why.")
    choice = KeepingChoice.objects.create(
        organisation=organisation, rule=key, days=days, reason=reason.strip(), made_by=by, made_at=at
    )
    record(
        "privacy.days_chosen", organisation=organisation, by=by, target=choice, summary={"rule": rule.title, "days": days}, at=at
    )
    return choice


@transaction.atomic
def hold(
    organisation: Organisation,
    *,
    scope: str,
    reason: str,
    last_day: date | None,
    by: User,
    at: datetime,
    person: Person | None = None,
    incident: Incident | None = None,
    year: str = "",
) -> LegalHold:
    """Let nothing go that the hold covers, from now on.

    Raises:
        KeepingRefusedError: its last day is past.
    """
    if last_day is not None and last_day < timezone.localdate(at):
        raise KeepingRefusedError("The last day is past: choose today or a later day, or leave it empty.")
    made = LegalHold.objects.create(
        organisation=organisation,
        scope=scope,
        person=person if scope == HoldScope.PERSON else None,
        incident=incident if scope == HoldScope.INCIDENT else None,
        year=year if scope == HoldScope.YEAR else "",
        reason=reason.strip(),
        last_day=last_day,
        set_by=by,
        set_at=at,
    )
    summary = {"what": _held_words(made), "until": last_day.isoformat() if last_day else "it is lifted"}
    record("privacy.held", organisation=organisation, by=by, target=made, summary=summary, at=at)
    return made


@transaction.atomic
def lift(held: LegalHold, *, because: str, by: User, at: datetime) -> None:
    """End a hold. Lifting it again changes nothing."""
    changed = LegalHold.objects.filter(pk=held.pk, lifted_at__isnull=True).update(
        lifted_by=by, lifted_at=at, lifted_because=because.strip()
    )
    if changed:
        summary = {"what": _held_words(held)}
        record("privacy.hold_lifted", organisation=held.organisation, by=by, target=held, summary=summary, at=at)


def _held_words(held: LegalHold) -> str:
    if held.scope == HoldScope.PERSON:
        return f"person:{held.person_id}"
    return f"incident:{held.incident_id}" if held.scope == HoldScope.INCIDENT else held.words.lower()


@transaction.atomic
def ask_to_let_go(organisation: Organisation, *, by: User, at: datetime) -> RetentionRun:
    """Ask that what is over today goes. Another person approves it.

    Raises:
        KeepingRefusedError: nothing is over, or something else waits already.
    """
    Organisation.objects.select_for_update().get(pk=organisation.pk)
    if RetentionRun.objects.filter(organisation=organisation).open().exists():
        raise KeepingRefusedError("Something waits for approval already: decide about that first.")
    plan = what_is_over(organisation, timezone.localdate(at))
    if not plan.total:
        raise KeepingRefusedError("Nothing is over today.")
    run = RetentionRun.objects.create(
        organisation=organisation, on=plan.on, digest=plan.digest, counts=plan.counts, asked_by=by, asked_at=at
    )
    record("privacy.letting_go_asked", organisation=organisation, by=by, target=run, summary={"things": plan.total}, at=at)
    return run


@transaction.atomic
def decide(run: RetentionRun, *, approve: bool, by: User, at: datetime) -> RetentionRun:
    """Approve a run, which starts its job, or refuse it.

    Raises:
        KeepingRefusedError: the same person asked for it, it was decided already, or other things are over than were shown.
    """
    run = RetentionRun.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=run.pk)
    if run.state != RunState.ASKED:
        raise KeepingRefusedError("Somebody has decided about this already.")
    if approve and run.asked_by_id == by.pk:
        raise KeepingRefusedError("You asked for it yourself: somebody else has to approve it.")
    if approve and what_is_over(run.organisation, run.on).digest != run.digest:
        raise KeepingRefusedError("Other things are over now than when it was asked for. Refuse it and ask again.")
    run.state, run.decided_at = RunState.APPROVED if approve else RunState.REFUSED, at
    run.decided_by = by if by.pk != run.asked_by_id else None
    run.save(update_fields=["state", "decided_by", "decided_at"])
    event = "privacy.letting_go_approved" if approve else "privacy.letting_go_refused"
    record(event, organisation=run.organisation, by=by, target=run, summary={"things": sum(run.counts.values())}, at=at)
    if approve:
        title = "Letting go what is over"
        enqueue(FORGET, title=title, organisation=run.organisation, by=by, arguments={"run_id": run.pk}, at=at)
    return run


def let_go(run: RetentionRun, *, at: datetime, progress: Progress) -> RetentionRun:
    """Let go what an approved run covers and nothing holds back now, in one transaction. A second call changes nothing.

    Raises:
        KeepingRefusedError: nobody approved it, or what is over has changed since.
    """
    with transaction.atomic():
        run = RetentionRun.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=run.pk)
        if run.state == RunState.DONE:
            return run
        if run.state != RunState.APPROVED:
            raise KeepingRefusedError("Nobody has approved this.")
        plan = what_is_over(run.organisation, run.on)
        if plan.digest != run.digest:
            raise KeepingRefusedError("Something is held back now, or has changed, since this was approved. Ask again.")
        done, went = {}, 0
        for part in plan.parts:
            for start in range(0, len(part.going), BATCH):
                _forget(part.going[start : start + BATCH], because=target_id(run), at=at)
                went += len(part.going[start : start + BATCH])
                progress(went, plan.total, part.rule.rule.title)
            done[part.rule.rule.key] = len(part.going)
        run.state, run.done, run.done_at = RunState.DONE, done, at
        run.save(update_fields=["state", "done", "done_at"])
        summary = {"things": plan.total, "people": done[keeping.LEAVERS], "digest": plan.digest}
        record("privacy.let_go", organisation=run.organisation, by="system", target=run, summary=summary, at=at)
    return run


@transaction.atomic
def give_up(run: RetentionRun, *, at: datetime) -> None:
    """An approved run that could not be done waits for nothing any more."""
    if RetentionRun.objects.filter(pk=run.pk, state=RunState.APPROVED).update(state=RunState.REFUSED):
        summary = {"things": sum(run.counts.values())}
        record("privacy.letting_go_stopped", organisation=run.organisation, by="system", target=run, summary=summary, at=at)


def _forget(things: Sequence[Due], *, because: str, at: datetime) -> None:
    by_kind: dict[str, list[int]] = {}
    for due in things:
        by_kind.setdefault(due.kind, []).append(due.pk)
    for kind, keys in by_kind.items():
        FORGETTERS[kind](keys, because=because, at=at)
