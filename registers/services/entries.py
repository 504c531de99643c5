"""Adding, correcting and closing an entry of a register."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone

from accounts.models import User
from audit.services import record
from registers.models import Entry, EntryChange, OwnedEntry
from registers.services.actions import ActionRefusedError, owner_named

E = TypeVar("E", bound=Entry)


class EntryRefusedError(ValueError):
    """The entry cannot be kept as given; the text is one sentence that says why and what to do."""


@transaction.atomic
def add_entry(entry: E, *, by: User | str, at: datetime) -> E:
    """Put a new entry into its register.

    Raises:
        EntryRefusedError: a value is missing, impossible or another organisation's.
    """
    entry.recorded_on = timezone.localtime(at).date()
    if isinstance(entry, OwnedEntry):
        _find_owner(entry, on=entry.recorded_on)
    _check(entry)
    entry.save()
    summary = {"register": entry.register_slug}
    record("registers.entry_added", organisation=entry.organisation, by=by, target=entry, summary=summary, at=at)
    return entry


@transaction.atomic
def change_entry(entry: E, *, by: User | str, at: datetime, **values: Any) -> E:
    """Correct an entry. What it said before is kept; the same values again change nothing.

    Raises:
        EntryRefusedError: as for ``add_entry``, or the entry is closed.
    """
    entry = type(entry)._default_manager.select_for_update().get(pk=entry.pk)
    changed = [name for name in entry.changeable if name in values and values[name] != getattr(entry, name)]
    if not changed:
        return entry
    if entry.is_closed:
        raise EntryRefusedError("The entry is closed: it can be read and no longer changed.")
    before = {name: in_words(entry, name) for name in changed}
    for name in changed:
        setattr(entry, name, values[name])
    found = []
    if isinstance(entry, OwnedEntry) and "owner_post" in changed:
        found = _find_owner(entry, on=timezone.localtime(at).date())
    _check(entry)
    entry.save(update_fields=[*changed, *found])
    changes = [{"field": label(entry, name), "before": before[name], "after": in_words(entry, name)} for name in changed]
    _keep(entry, changes, by=by, at=at)
    summary = {"register": entry.register_slug, "changed": ", ".join(name.replace("_", " ") for name in changed)}
    record("registers.entry_changed", organisation=entry.organisation, by=by, target=entry, summary=summary, at=at)
    return entry


@transaction.atomic
def close_entry(entry: E, *, reason: str, on: date, by: User | str, at: datetime) -> E:
    """Close an entry from a day on, with a reason. Closing it again changes nothing.

    Raises:
        EntryRefusedError: there is no reason, or the day is still to come or before the entry was made.
    """
    entry = type(entry)._default_manager.select_for_update().get(pk=entry.pk)
    if entry.is_closed:
        return entry
    if not reason.strip():
        raise EntryRefusedError("Say why the entry is closed.")
    if not entry.recorded_on <= on <= timezone.localtime(at).date():
        raise EntryRefusedError("The day must not be before the entry was made, and not still to come.")
    entry.closed_on, entry.closed_reason = on, reason.strip()
    entry.save(update_fields=["closed_on", "closed_reason"])
    _keep(entry, [{"field": "Closed", "before": "", "after": entry.closed_reason}], by=by, at=at)
    summary = {"register": entry.register_slug, "on": on.isoformat()}
    record("registers.entry_closed", organisation=entry.organisation, by=by, target=entry, summary=summary, at=at)
    return entry


def in_words(entry: Entry, name: str) -> str:
    """What a field of an entry says, as a reader would see it."""
    value = getattr(entry, name)
    shown = getattr(entry, f"get_{name}_display", None)
    if shown is not None:
        return str(shown())
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y")
    return "" if value is None else str(value)


def label(entry: Entry, name: str) -> str:
    """What a field is called on the screen."""
    field = entry._meta.get_field(name)
    words = str(getattr(field, "verbose_name", name)).removesuffix(" (optional)")
    return words[:1].upper() + words[1:]


def _keep(entry: Entry, changes: list[dict[str, str]], *, by: User | str, at: datetime) -> None:
    EntryChange.objects.create(
        organisation_id=entry.organisation_id,
        register=entry.register_slug,
        entry_id=entry.pk,
        changes=changes,
        by=by if isinstance(by, User) else None,
        at=at,
    )


def _find_owner(entry: OwnedEntry, *, on: date) -> list[str]:
    """Whom the words mean that say who answers for an entry. Returns the fields that say so."""
    try:
        owner = owner_named(entry.organisation, entry.owner_post, on=on)
    except ActionRefusedError as refusal:
        raise EntryRefusedError(f"{label(entry, 'owner_post')} {refusal}") from refusal
    entry.owner_post, entry.owner_person, entry.owner_kind = str(owner)[:100], owner.person, owner.post
    return ["owner_post", "owner_person", "owner_kind"]


def _check(entry: Entry) -> None:
    relations = [field.name for field in entry._meta.fields if isinstance(field, models.ForeignKey)]
    for name in relations:
        named = getattr(entry, name)
        owner = getattr(named, "organisation_id", None) or getattr(getattr(named, "document", None), "organisation_id", None)
        if owner is not None and owner != entry.organisation_id:
            raise EntryRefusedError(f"“{label(entry, name)}” belongs to another organisation. Choose one of your own.")
    try:
        entry.clean_fields(exclude=relations)
        entry.clean()
    except ValidationError as fault:
        name, messages = next(iter(fault.message_dict.items()))
        raise EntryRefusedError(f"{label(entry, name)}: {messages[0]}") from fault
