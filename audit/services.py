"""Recording an event, and checking that no recorded event has moved."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from audit import events
from audit.canonical import canonical_json
from audit.models import ChainHead, Event, event_payload

GENESIS = "0" * 64
SYSTEM = "system"


@transaction.atomic
def record(
    event_type: str,
    *,
    organisation: Any,
    by: Any,
    target: models.Model | str = "",
    summary: Mapping[str, Any] | None = None,
    reason: str = "",
    on_behalf_of: Any = "",
    at: datetime | None = None,
) -> Event:
    """Append one event to its organisation's chain, in the caller's transaction.

    Call it last in a service: it locks the head of the chain until the transaction ends.

    Args:
        event_type: a registered name such as ``staff.imported``.
        organisation: an organisation, its ODS code, or ``""`` for the platform's own chain.
        by: the user who acted, or a word such as ``"system"`` or ``"command:demo"``.
        target: what it is about; a saved row becomes ``"app.model:pk"``.
        summary: counts and pseudonymous ids, JSON values only.
        reason: why, in the actor's words, where they were asked.
        on_behalf_of: for whom a delegate acted.
        at: an aware instant; now when not given.

    Raises:
        UnknownEventTypeError: nobody registered a sentence for the type.
    """
    events.require(event_type)
    ods_code = organisation if isinstance(organisation, str) else organisation.ods_code
    ChainHead.objects.get_or_create(organisation=ods_code)
    head = ChainHead.objects.select_for_update().get(organisation=ods_code)
    values: dict[str, Any] = {
        "organisation": ods_code,
        "sequence": head.sequence + 1,
        "type": event_type,
        "at": (at or timezone.now()).astimezone(UTC),
        "actor": actor_id(by),
        "on_behalf_of": actor_id(on_behalf_of),
        "target": target_id(target),
        "summary": dict(summary or {}),
        "reason": reason,
    }
    prev_hash = head.hash or GENESIS
    event = Event.objects.create(**values, prev_hash=prev_hash, hash=link_hash(prev_hash, event_payload(**values)))
    head.sequence, head.hash = event.sequence, event.hash
    head.save(update_fields=["sequence", "hash"])
    return event


def actor_id(by: Any) -> str:
    """``"user:12"`` for a user; a word stays as it is."""
    return by if isinstance(by, str) else f"user:{by.pk}"


def target_id(target: models.Model | str) -> str:
    """``"staff.person:12"`` for a row; a string stays as it is."""
    return target if isinstance(target, str) else f"{target._meta.label_lower}:{target.pk}"


def link_hash(prev_hash: str, payload: Mapping[str, Any]) -> str:
    """SHA-256 over the hash before and the canonical payload."""
    return hashlib.sha256(prev_hash.encode("ascii") + canonical_json(payload)).hexdigest()


@dataclass(frozen=True)
class ChainCheck:
    """What checking one chain found. ``fault`` is empty when every link holds."""

    organisation: str
    events: int
    broken_at: int | None
    fault: str


def verify_chain(ods_code: str) -> ChainCheck:
    """Walk one chain from its first event to its head and name the first link that does not hold."""
    prev_hash, count = GENESIS, 0
    for values, told_prev, told_hash in _links_in_order(ods_code):
        expected = count + 1
        if values["sequence"] != expected:
            return ChainCheck(ods_code, count, expected, f"Event {expected} is missing.")
        if told_prev != prev_hash or told_hash != link_hash(prev_hash, event_payload(**values)):
            return ChainCheck(ods_code, count, expected, f"Event {expected} was changed after it was recorded.")
        prev_hash, count = told_hash, expected
    head = ChainHead.objects.filter(organisation=ods_code).first()
    if head is None:
        fault = "The head of the chain is missing." if count else ""
    elif (head.sequence, head.hash or GENESIS) != (count, prev_hash):
        fault = f"The chain should end at event {head.sequence} and ends at event {count}."
    else:
        fault = ""
    return ChainCheck(ods_code, count, count + 1 if fault else None, fault)


@dataclass(frozen=True)
class HeadFound:
    """An entry whose hash was the head of its chain from ``since`` until ``until``; it still is if that is None."""

    sequence: int
    since: datetime
    until: datetime | None


def head_with_hash(ods_code: str, hash_: str) -> HeadFound | None:
    """When a hash was the head of a chain; None: it never was. Whether the chain holds is for ``verify_chain`` to say."""
    events = Event.objects.of_organisation(ods_code)
    found = events.filter(hash=hash_.strip().lower()).values_list("sequence", "at").first()
    if found is None:
        return None
    until = events.filter(sequence=found[0] + 1).values_list("at", flat=True).first()
    return HeadFound(found[0], found[1], until)


def verify_all() -> list[ChainCheck]:
    """Check every chain there is, by head or by event."""
    codes = set(ChainHead.objects.values_list("organisation", flat=True))
    codes |= set(Event.objects.order_by().values_list("organisation", flat=True).distinct())
    return [verify_chain(code) for code in sorted(codes)]


_HASHED = ("organisation", "sequence", "type", "at", "actor", "on_behalf_of", "target", "summary", "reason")


def _links_in_order(ods_code: str) -> Iterator[tuple[dict[str, Any], str, str]]:
    """What each hash covers, the hash before it and its own. Plain values: making a model of each takes a quarter longer."""
    rows = Event.objects.of_organisation(ods_code).order_by("sequence").values_list(*_HASHED, "prev_hash", "hash")
    for row in rows.iterator(chunk_size=2000):
        yield dict(zip(_HASHED, row, strict=False)), row[-2], row[-1]
