"""Letters by e-mail: plain words, to one address each."""

from __future__ import annotations

import logging
from collections.abc import Collection
from functools import partial
from smtplib import SMTPRecipientsRefused
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction

logger = logging.getLogger(__name__)

NOT_TAKEN = (OSError, ValueError)
"""The mail server's errors are of the first kind, a bad address of the second."""


def letter(subject: str, text: str, address: str, *, connection: Any = None) -> EmailMessage:
    """A letter to be sent. Its subject is one line, whatever the names in it hold: a header has no second one."""
    return EmailMessage(" ".join(subject.split()), text, settings.DEFAULT_FROM_EMAIL, [address], connection=connection)


def send(subject: str, text: str, address: str) -> None:
    """Hand a letter to the mail server.

    Raises:
        OSError: it did not take it.
        ValueError: the address cannot be one.
    """
    letter(subject, text, address).send()


def send_on_commit(subject: str, text: str, address: str) -> None:
    """Hand a letter over when what it tells of stands."""
    transaction.on_commit(partial(send, subject, text, address))


def send_each(subject: str, text: str, addresses: Collection[str]) -> int:
    """The same letter to each apart; a bad address keeps nobody else from theirs. Returns how many went.

    Raises:
        OSError: the mail server takes none.
    """
    sent = 0
    for address in addresses:
        try:
            send(subject, text, address)
        except (ValueError, SMTPRecipientsRefused) as error:
            logger.warning("A letter went to one person less: %s", type(error).__name__)
        else:
            sent += 1
    return sent
