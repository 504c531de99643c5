"""Which reminders were sent."""

from __future__ import annotations

from django.db import models

from accounts.models import Organisation
from audit.models import AppendOnlyModel
from staff.models import Person


class ReminderSend(AppendOnlyModel):
    """One digest to one person. ``step`` is the week it was for, such as “2026-W47”: a person gets one a week at most."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="reminder_sends")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    step = models.CharField(max_length=8)
    lines = models.PositiveIntegerField(help_text="how many things it told of")
    sent_at = models.DateTimeField()

    class Meta:
        ordering = ["-sent_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["person", "step"], name="reminder_send_one_a_week")]

    def __str__(self) -> str:
        return f"reminder to person {self.person_id} in {self.step}"
