"""Which reminders were sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from accounts.models import Organisation
from audit.models import AppendOnlyModel
from staff.models import Person

if TYPE_CHECKING:
    from typing import Self


class ReminderSendQuerySet(models.QuerySet["ReminderSend"]):
    def standing(self) -> Self:
        """Digests that nothing says were refused by the mail server."""
        return self.filter(failure__isnull=True)


class ReminderSend(AppendOnlyModel):
    """One digest that was handed over to one person, or is about to be: written first, so that nothing goes twice.

    ``step`` is the week it was for, such as “2026-W47”: a person gets one a week at most. ``attempt`` counts from 1; there is
    another only where the one before has a failure.
    """

    may_be_forgotten = True

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="reminder_sends")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    step = models.CharField(max_length=8)
    attempt = models.PositiveSmallIntegerField(default=1)
    lines = models.PositiveIntegerField(help_text="how many things it told of")
    sent_at = models.DateTimeField()

    objects = ReminderSendQuerySet.as_manager()

    class Meta:
        ordering = ["-sent_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["person", "step", "attempt"], name="reminder_send_one_a_week")]

    def __str__(self) -> str:
        return f"reminder to person {self.person_id} in {self.step}"

    @property
    def has_failed(self) -> bool:
        """The mail server refused it."""
        return getattr(self, "failure", None) is not None


class ReminderFailure(AppendOnlyModel):
    """The mail server would not take a digest; the next run may try again."""

    may_be_forgotten = True

    send = models.OneToOneField(ReminderSend, on_delete=models.PROTECT, related_name="failure")
    failed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.send} failed"
