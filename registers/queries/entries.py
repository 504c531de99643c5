"""What the pages of an entry show besides the entry."""

from __future__ import annotations

from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from registers.models import Entry, EntryChange, EntryQuerySet
from staff.models import KeyPost


def history(entry: Entry) -> QuerySet[EntryChange]:
    """Every change of an entry, the newest first."""
    rows = EntryChange.objects.filter(organisation=entry.organisation_id, register=entry.register_slug, entry_id=entry.pk)
    return rows.select_related("by")


def owned_by_user(rows: EntryQuerySet, user_id: int, on: date) -> EntryQuerySet:
    """Entries that a person with this sign-in answers for, or the key post that the person holds on the date."""
    held = KeyPost.objects.covering(on).filter(
        holder__user=user_id, organisation=OuterRef("organisation"), kind=OuterRef("owner_kind")
    )
    return rows.filter(Q(owner_person__user=user_id) | Q(Exists(held)))


def with_words(rows: EntryQuerySet, fields: tuple[str, ...], words: str) -> EntryQuerySet:
    """The entries that have every one of the words in one of the fields."""
    for word in words.split():
        either = Q()
        for name in fields:
            either |= Q(**{f"{name}__icontains": word})
        rows = rows.filter(either)
    return rows
