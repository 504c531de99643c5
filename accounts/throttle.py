"""Slowing down whoever guesses passwords or codes, without a lock-out that somebody else can cause.

Wrong tries are rows, counted by what was tried from where; a right one counts for nothing and clears nothing.
"""

from __future__ import annotations

import ipaddress
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.crypto import salted_hmac

from accounts.models import FailedSignIn

WINDOW = timedelta(hours=1)
LOG = logging.getLogger("tenfold.security")


@dataclass(frozen=True)
class Limit:
    """So many wrong tries of one thing within an hour; then it waits until the oldest is an hour old."""

    key: str
    tries: int
    what: str
    """In words, for the log."""


def limit(tries: int, what: str, *parts: str) -> Limit:
    """A limit on what the parts name together. What is kept is a keyed digest: no name and no address."""
    key = salted_hmac("accounts.failed_sign_in", "|".join((what, *parts)), algorithm="sha256").hexdigest()
    return Limit(key, tries, what)


def network_of(address: str) -> str:
    """The network a request came from: the address itself, or for IPv6 the 64 bits that one household has."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((found, 64), strict=False)) if found.version == 6 else str(found)


def free_at(limits: list[Limit], *, at: datetime) -> datetime | None:
    """When the next try may be made, if one of the limits is reached now."""
    keys = {limit.key: limit.tries for limit in limits}
    failures: dict[str, list[datetime]] = {key: [] for key in keys}
    recent = FailedSignIn.objects.filter(key__in=keys, at__gt=at - WINDOW).order_by("-at")
    for key, when in recent.values_list("key", "at"):
        if len(failures[key]) < keys[key]:
            failures[key].append(when)
    full = [found[-1] for key, found in failures.items() if len(found) >= keys[key]]
    if not full:
        return None
    LOG.warning("held back after too many tries: %s", _in_log(limits))
    return max(full) + WINDOW


def note_failure(limits: list[Limit], *, at: datetime) -> None:
    """Count a wrong try. What is older than an hour is forgotten."""
    FailedSignIn.objects.filter(at__lt=at - WINDOW).delete()
    FailedSignIn.objects.bulk_create([FailedSignIn(key=limit.key, at=at) for limit in limits])
    LOG.warning("wrong try: %s", _in_log(limits))


def _in_log(limits: list[Limit]) -> str:
    """What was tried, with the beginning of the digest that stands for account or network: the same again is seen to be so."""
    return ", ".join(f"{limit.what} {limit.key[:12]}" for limit in limits)
