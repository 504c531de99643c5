"""What the entries of most registers have in common: an organisation, an end with its reason, and a history of changes."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.db import models

from accounts.models import Organisation
from accounts.policy import Access
from audit.models import AppendOnlyModel
from staff.enums import KeyPostKind
from staff.models import Person

if TYPE_CHECKING:
    from typing import Self


class EntryQuerySet(models.QuerySet[Any]):
    """The questions that every kind of entry answers."""

    def visible_to(self, access: Access) -> Self:
        return self.filter(organisation=access.organisation)

    def of(self, organisation: Organisation) -> Self:
        return self.filter(organisation=organisation)

    def recorded_by(self, on: date) -> Self:
        """Entries that were in the register at the end of the date, closed since or not."""
        return self.filter(recorded_on__lte=on)

    def open_on(self, on: date) -> Self:
        """Entries recorded by the date and not closed by it."""
        return self.recorded_by(on).exclude(closed_on__lte=on)


class Entry(models.Model):
    """One entry of a register. What it describes may be corrected, and each correction is kept (:class:`EntryChange`).

    ``recorded_on`` is the London day on which it came into the register; ``closed_on`` the first day on which it no longer counts.
    """

    register_slug: ClassVar[str]
    changeable: ClassVar[tuple[str, ...]]

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    recorded_on = models.DateField()
    closed_on = models.DateField(null=True, blank=True)
    closed_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        abstract = True

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        """Not asked of the database, one query a constraint: ``clean`` says in a sentence what the constraints hold."""

    @property
    def is_closed(self) -> bool:
        return self.closed_on is not None


class OwnedEntry(Entry):
    """An entry that somebody answers for: in words, and whom these mean. Whoever is meant is reminded.

    ``owner_person`` or ``owner_kind`` follow from the words when they are written (``registers.services.entries``); for
    somebody outside both are empty.
    """

    owner_post = models.CharField(
        "Who answers for it?",
        max_length=100,
        help_text="A post such as “Registered manager”, or the name or staff number of a person on the staff list.",
    )
    owner_person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    owner_kind = models.CharField(max_length=30, choices=KeyPostKind, blank=True)

    class Meta:
        abstract = True


class EntryChange(AppendOnlyModel):
    """What an entry said before and after a change. The audit trail names the fields; the words are here."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    register = models.CharField(max_length=40)
    entry_id = models.PositiveBigIntegerField()
    changes = models.JSONField(help_text="[{field, before, after}], in words")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["register", "entry_id"], name="entry_change_by_entry")]

    def __str__(self) -> str:
        return f"{self.register} {self.entry_id}: {len(self.changes)} changed"
