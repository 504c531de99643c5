"""Sending each person one digest of what is due, at most once a week."""

from __future__ import annotations

import logging
from collections import Counter
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Organisation
from audit.services import SYSTEM, record
from nhsuk import mail
from nhsuk.jinja import day
from registers.models.reminders import ReminderFailure, ReminderSend
from registers.queries.reminders import Digest, digests, step_of
from registers.reminder_sources import counted

logger = logging.getLogger(__name__)


def send_reminders(organisation: Organisation, *, at: datetime) -> int:
    """Remind everybody who has something due within a week or overdue and was not told this week. Returns how many were told.

    Running again sends nothing twice: the row of a person and week is committed before the e-mail is handed over, outside any
    transaction. If the mail server refuses it a failure is written beside the row, and the next run tries again.
    """
    today = timezone.localdate(at)
    told = 0
    for digest in digests(organisation, today):
        if not digest.held_back and (send := _claim(organisation, digest, at=at)) is not None:
            told += _hand_over(send, organisation, digest, at=at)
    if told:
        summary = {"people": told, "week": step_of(today)}
        record("registers.reminders_sent", organisation=organisation, by=SYSTEM, summary=summary, at=at)
    return told


def _claim(organisation: Organisation, digest: Digest, *, at: datetime) -> ReminderSend | None:
    """The row that says this run writes to the person this week; None if another run was quicker."""
    step = step_of(timezone.localdate(at))
    try:
        with transaction.atomic():
            return ReminderSend.objects.create(
                organisation=organisation,
                person=digest.person,
                step=step,
                attempt=ReminderSend.objects.filter(person=digest.person, step=step, failure__isnull=False).count() + 1,
                lines=len(digest.reminders),
                sent_at=at,
            )
    except IntegrityError:
        return None


def _hand_over(send: ReminderSend, organisation: Organisation, digest: Digest, *, at: datetime) -> bool:
    try:
        mail.send(*_letter(organisation, digest, at=at), digest.person.email)
    except mail.NOT_TAKEN:
        logger.exception("No reminder went to person %s", digest.person.pk)
        ReminderFailure.objects.create(send=send, failed_at=timezone.now())
        return False
    return True


def _letter(organisation: Organisation, digest: Digest, *, at: datetime) -> tuple[str, str]:
    """Subject and text. No words that anybody typed are in it: they might name a patient."""
    today = timezone.localdate(at)
    base = settings.BASE_URL.rstrip("/")
    lines = [
        f"- {one.what}, {'overdue since' if one.due_on < today else 'due on'} {day(one.due_on)}: {base}{one.url}"
        for one in digest.reminders
    ]
    kinds = Counter(one.what for one in digest.reminders)
    named = " and ".join(counted(what, number) for what, number in sorted(kinds.items()))
    text = (
        f"Hello {digest.person.first_name},\n\n"
        f"At {organisation.name} you have {named} to see to:\n\n" + "\n".join(lines) + "\n\n"
        "Sign in to read more and to say how it goes. We write at most once a week.\n"
    )
    return f"To do: {named}", text
