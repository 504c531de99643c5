"""The append-only event log, and the base of every table whose rows are never changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.db import models


class AppendOnlyError(RuntimeError):
    """Somebody tried to change or delete a fact. A correction is a new row."""


class AppendOnlyModel(models.Model):
    """Rows are inserted once and never updated or deleted.

    Python refuses first; triggers (``audit.triggers``) refuse whatever goes round Python. Where the law asks that personal
    values go, a table names the columns; ``audit.erasing`` alone empties them, and the trigger lets it only with an ``Erasure``.
    """

    erasable: ClassVar[tuple[str, ...]] = ()
    """Columns with personal values, which may be replaced when their time is over."""
    may_be_forgotten: ClassVar[bool] = False
    """Whole rows may go when their time is over: logs on which no figure rests."""
    is_locked: ClassVar[bool] = False
    """A row is locked while what follows from it is written; whoever serves needs the right to change something for that."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnlyError(f"{self._meta.label} rows are never changed: write a new one.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise AppendOnlyError(f"{self._meta.label} rows are never deleted.")


class EventQuerySet(models.QuerySet["Event"]):
    def of_organisation(self, ods_code: str) -> EventQuerySet:
        """The chain of one organisation; the empty code is the chain of events of no organisation."""
        return self.filter(organisation=ods_code)

    def of_target(self, target: str) -> EventQuerySet:
        """Events about one thing, ``"staff.person:12"``."""
        return self.filter(target=target)


class Event(AppendOnlyModel):
    """One act, in the chain of its organisation.

    Organisation, actor and target are values and not foreign keys, so that the log outlives what it
    tells of. ``summary`` holds pseudonymous ids and counts, never a name, a secret or a quiz answer.
    """

    organisation = models.CharField(max_length=10, blank=True)
    sequence = models.PositiveBigIntegerField()
    type = models.CharField(max_length=60)
    at = models.DateTimeField()
    actor = models.CharField(max_length=80)
    on_behalf_of = models.CharField(max_length=80, blank=True)
    target = models.CharField(max_length=120, blank=True)
    summary = models.JSONField(default=dict)
    reason = models.TextField(blank=True)
    prev_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    objects = EventQuerySet.as_manager()

    class Meta:
        ordering = ["organisation", "sequence"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "sequence"], name="event_sequence_unique"),
        ]
        indexes = [models.Index(fields=["organisation", "target"], name="event_by_target")]

    def __str__(self) -> str:
        return f"{self.organisation or 'platform'} {self.sequence} {self.type}"

    def payload(self) -> dict[str, Any]:
        """What the hash covers."""
        return event_payload(
            organisation=self.organisation,
            sequence=self.sequence,
            type=self.type,
            at=self.at,
            actor=self.actor,
            on_behalf_of=self.on_behalf_of,
            target=self.target,
            summary=self.summary,
            reason=self.reason,
        )


def event_payload(*, at: datetime, **values: Any) -> dict[str, Any]:
    """The hashed content of an event: its values, with the instant in UTC to the microsecond."""
    return values | {"at": at.isoformat(timespec="microseconds")}


class ChainHead(models.Model):
    """The last link of one chain, so that a removed last event is found too."""

    organisation = models.CharField(max_length=10, blank=True, unique=True)
    sequence = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return f"{self.organisation or 'platform'} at {self.sequence}"


class Erasure(AppendOnlyModel):
    """That personal values of one row went when their time was over. Triggers let nothing go that has no such row.

    ``columns`` is empty when the whole row went, or the stored bytes of a file.
    """

    table = models.CharField(max_length=63)
    row = models.CharField(max_length=64, help_text="its primary key")
    columns = models.CharField(max_length=200, blank=True)
    because = models.CharField(max_length=80, help_text="what decided it, such as privacy.retentionrun:5")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["table", "row"], name="erasure_by_row")]

    def __str__(self) -> str:
        return f"{self.table} {self.row}"
