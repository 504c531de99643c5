"""Changing when people are reminded, and stopping reminders for a while."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Organisation
from audit.services import record
from courses.models.reminders import ReminderPause, ReminderPlan
from courses.reminders.reach import pause_of
from courses.reminders.rules import LONGEST_BEFORE


class ReminderRefusedError(ValueError):
    """It cannot be done; the text says why and what to do, fit for a person to read."""


@transaction.atomic
def set_plan(
    organisation: Organisation,
    *,
    days_before: Iterable[int],
    overdue_every_days: int,
    digest_weekday: int | None,
    escalate_after_weeks: int | None,
    note: str,
    by: Any,
    at: datetime,
) -> ReminderPlan:
    """Write a version of the rules that holds from tomorrow. Two on one day: the later one holds.

    Raises:
        ReminderRefusedError: a day is out of range, or nobody would ever be reminded of anything.
    """
    days = sorted(set(days_before), reverse=True)
    if any(not 0 <= day <= LONGEST_BEFORE for day in days):
        raise ReminderRefusedError(
            f"Give days between 0 and {LONGEST_BEFORE}: training is offered again {LONGEST_BEFORE} days before."
        )
    if overdue_every_days < 0 or (escalate_after_weeks is not None and escalate_after_weeks < 1):
        raise ReminderRefusedError("Give whole numbers above nought, or leave the field empty.")
    if not days and not overdue_every_days and digest_weekday is None:
        raise ReminderRefusedError(
            "By these rules nobody would hear anything. If that is what you want, pause reminders instead."
        )
    plan = ReminderPlan.objects.create(
        organisation=organisation,
        days_before=days,
        overdue_every_days=overdue_every_days,
        digest_weekday=digest_weekday,
        escalate_after_weeks=escalate_after_weeks,
        starts_on=timezone.localdate(at) + timedelta(days=1),
        note=note.strip(),
        made_by=by,
        made_at=at,
    )
    summary = {
        "starts_on": plan.starts_on.isoformat(),
        "days_before": ", ".join(str(day) for day in days) or "no",
        "every": overdue_every_days,
        "digest_weekday": digest_weekday,
        "escalate_after_weeks": escalate_after_weeks,
    }
    record(
        "courses.reminder_plan_set", organisation=organisation, by=by, target=plan, summary=summary, reason=note.strip(), at=at
    )
    return plan


@transaction.atomic
def pause(organisation: Organisation, *, reason: str, by: Any, at: datetime) -> None:
    """Stop an organisation's reminders until somebody lets them go on. Those decided upon and not sent wait.

    Raises:
        ReminderRefusedError: no reason is given, or they are stopped already.
    """
    _turn(organisation, is_paused=True, reason=reason, by=by, at=at)


@transaction.atomic
def resume(organisation: Organisation, *, reason: str, by: Any, at: datetime) -> None:
    """Let reminders go on: of the steps missed only the last is sent.

    Raises:
        ReminderRefusedError: no reason is given, or they are not stopped.
    """
    _turn(organisation, is_paused=False, reason=reason, by=by, at=at)


def _turn(organisation: Organisation, *, is_paused: bool, reason: str, by: Any, at: datetime) -> None:
    Organisation.objects.select_for_update().get(pk=organisation.pk)
    if not reason.strip():
        raise ReminderRefusedError("Say why: people will ask.")
    if (pause_of(organisation) is not None) == is_paused:
        raise ReminderRefusedError("Reminders are stopped already." if is_paused else "Reminders are not stopped.")
    ReminderPause.objects.create(organisation=organisation, is_paused=is_paused, reason=reason.strip(), by=by, at=at)
    act = "courses.reminders_paused" if is_paused else "courses.reminders_resumed"
    record(act, organisation=organisation, by=by, summary={}, reason=reason.strip(), at=at)
