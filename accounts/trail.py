"""The audit trail of one organisation, for people: filtered, in words, with actors by name where they still exist."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any

from django.apps import apps
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format

from accounts.models import Membership, Organisation, User
from audit.events import in_words
from audit.models import Event

PAGE_SIZE = 50
BATCH = 1000
GONE = "someone who has left"
_USER = re.compile(r"user:(\d{1,18})")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_WORDS = {"system": "Tenfold", "": "", "anonymous": "somebody who gave no name"}


@dataclass(frozen=True)
class TrailFilter:
    """What to show: a type, part of an actor's name, London days (both included). Empty values ask for everything."""

    type: str = ""
    who: str = ""
    first_day: date | None = None
    last_day: date | None = None


@dataclass(frozen=True)
class TrailLine:
    """One event as a person reads it."""

    event: Event
    actor: str
    on_behalf_of: str
    words: str
    target: str


@dataclass(frozen=True)
class TrailPage:
    """Some lines, newest first, and the sequence to continue before."""

    lines: list[TrailLine]
    older: int | None


def matching(organisation: Organisation, wanted: TrailFilter) -> QuerySet[Event]:
    """The organisation's events that fit, newest first."""
    events = Event.objects.of_organisation(organisation.ods_code).order_by("-sequence")
    if wanted.type:
        events = events.filter(type=wanted.type)
    if wanted.first_day:
        events = events.filter(at__gte=_midnight(wanted.first_day))
    if wanted.last_day:
        events = events.filter(at__lt=_midnight(wanted.last_day + timedelta(days=1)))
    if wanted.who:
        events = events.filter(Q(actor__in=_actors_named(organisation, wanted.who)) | Q(actor__icontains=wanted.who))
    return events


def page_of(events: QuerySet[Event], *, before: int | None, size: int = PAGE_SIZE) -> TrailPage:
    """One page by sequence: it costs the same however far back one reads."""
    if before is not None:
        events = events.filter(sequence__lt=before)
    found = list(events[: size + 1])
    shown = found[:size]
    return TrailPage(lines=told(shown), older=shown[-1].sequence if len(found) > size else None)


def every_line(events: QuerySet[Event]) -> Iterator[TrailLine]:
    """All lines, a batch at a time."""
    rows = events.iterator(chunk_size=BATCH)
    while batch := list(islice(rows, BATCH)):
        yield from told(batch)


def told(events: Iterable[Event]) -> list[TrailLine]:
    """Events in words; one query finds every name."""
    events = list(events)
    names = _names(events)
    return [
        TrailLine(
            event=event,
            actor=_named(event.actor, names),
            on_behalf_of=_named(event.on_behalf_of, names),
            words=in_words(event.type, {key: _named(value, names) for key, value in event.summary.items()}),
            target=target_words(event.target, names),
        )
        for event in events
    ]


def target_words(target: str, names: Mapping[str, str]) -> str:
    """``staff.person:12`` as ``person 12``; a user by name."""
    label, _, key = target.partition(":")
    if label == "accounts.user":
        return names.get(f"user:{key}", GONE)
    try:
        return f"{apps.get_model(label)._meta.verbose_name} {key}" if "." in label else target
    except LookupError:
        return target


def type_words(event_type: str) -> str:
    """``evidence.version_added`` as ``Evidence: version added``."""
    app, _, what = event_type.partition(".")
    return f"{app.capitalize()}: {what.replace('_', ' ')}"


def _actors_named(organisation: Organisation, who: str) -> list[str]:
    """The actor ids of everybody who ever belonged here and whose name or user name holds all the words."""
    members = User.objects.filter(pk__in=Membership.objects.filter(organisation=organisation).values("user"))
    for word in who.split():
        members = members.filter(Q(first_name__icontains=word) | Q(last_name__icontains=word) | Q(username__icontains=word))
    return [f"user:{pk}" for pk in members.values_list("pk", flat=True)]


def _names(events: list[Event]) -> dict[str, str]:
    mentioned: set[str] = set()
    for event in events:
        label, _, key = event.target.partition(":")
        mentioned.update(value for value in (event.actor, event.on_behalf_of, *event.summary.values()) if isinstance(value, str))
        if label == "accounts.user":
            mentioned.add(f"user:{key}")
    keys = {int(found[1]) for value in mentioned if (found := _USER.fullmatch(value))}
    return {f"user:{user.pk}": str(user) for user in User.objects.filter(pk__in=keys)} if keys else {}


def _named(value: Any, names: Mapping[str, str]) -> Any:
    if not isinstance(value, str):
        return value
    if _USER.fullmatch(value):
        return names.get(value, GONE)
    if _DATE.fullmatch(value):
        return _day_words(value)
    if value.startswith("directory:"):
        return "a directory, by itself"
    if value.startswith("command:"):
        return f"the command {value.removeprefix('command:')}"
    return _WORDS.get(value, value)


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _day_words(text: str) -> str:
    try:
        return date_format(date.fromisoformat(text), "j F Y")
    except ValueError:
        return text
