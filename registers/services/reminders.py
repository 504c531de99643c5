"""Sending each person one digest of what is due, at most once a week."""

from __future__ import annotations

import logging
from collections import Counter
from datetime import datetime

from django.conf import settings
from django.core.mail import send_mail
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Organisation
from audit.services import SYSTEM, record
from nhsuk.jinja import day
from registers.models.reminders import ReminderSend
from registers.queries.reminders import Digest, digests, step_of
from registers.reminder_sources import counted

logger = logging.getLogger(__name__)


def send_reminders(organisation: Organisation, *, at: datetime) -> int:
    """Remind everybody who has something due within a week or overdue and was not told this week. Returns how many were told.

    Running again sends nothing twice: the row of a person and week is written first, and is taken back if the e-mail
    cannot be handed over.
    """
    today = timezone.localdate(at)
    told = 0
    for digest in digests(organisation, today):
        if not digest.held_back:
            told += _send(organisation, digest, at=at)
    if told:
        summary = {"people": told, "week": step_of(today)}
        record("registers.reminders_sent", organisation=organisation, by=SYSTEM, summary=summary, at=at)
    return told


def _send(organisation: Organisation, digest: Digest, *, at: datetime) -> bool:
    try:
        with transaction.atomic():
            ReminderSend.objects.create(
                organisation=organisation,
                person=digest.person,
                step=step_of(timezone.localdate(at)),
                lines=len(digest.reminders),
                sent_at=at,
            )
            send_mail(*_letter(organisation, digest, at=at), settings.DEFAULT_FROM_EMAIL, [digest.person.email])
    except IntegrityError:  # somebody else told them a moment ago
        return False
    except OSError:  # the mail server's errors are of this kind; tomorrow's run tries again
        logger.exception("No reminder went to person %s", digest.person.pk)
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
