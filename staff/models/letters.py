"""Letters with a code to sign in, for people without an e-mail address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models

from accounts.models import Organisation
from accounts.policy import Access
from staff.models.people import Person, Unit

if TYPE_CHECKING:
    from typing import Self


class LetterRunQuerySet(models.QuerySet["LetterRun"]):
    def visible_to(self, access: Access) -> Self:
        """The letters somebody had made themselves: they hold codes."""
        return self.filter(organisation=access.organisation, created_by=access.user)


class LetterRun(models.Model):
    """Letters made in one go, for one person or for a unit and all below it.

    The codes are in the printed file only, which is deleted when it is fetched, or after an hour.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="letter_runs")
    person = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="letter_runs")
    unit = models.ForeignKey(Unit, null=True, on_delete=models.SET_NULL, related_name="letter_runs")
    letters = models.PositiveIntegerField(default=0)
    stored_as = models.CharField(
        max_length=64, blank=True, help_text="name of the file, until it is fetched or an hour has passed"
    )
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    made_at = models.DateTimeField(null=True)
    fetched_at = models.DateTimeField(null=True)

    objects = LetterRunQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.letters} letters"
