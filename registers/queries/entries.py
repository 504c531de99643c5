"""What the pages of an entry show besides the entry."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from registers.models import Entry, EntryChange, EntryQuerySet


def history(entry: Entry) -> QuerySet[EntryChange]:
    """Every change of an entry, the newest first."""
    rows = EntryChange.objects.filter(organisation=entry.organisation_id, register=entry.register_slug, entry_id=entry.pk)
    return rows.select_related("by")


def with_words(rows: EntryQuerySet, fields: tuple[str, ...], words: str) -> EntryQuerySet:
    """The entries that have every one of the words in one of the fields."""
    for word in words.split():
        either = Q()
        for name in fields:
            either |= Q(**{f"{name}__icontains": word})
        rows = rows.filter(either)
    return rows
