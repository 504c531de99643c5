"""A return that took up a corrected version of its list."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from assessment.models.editions import Edition
from assessment.models.returns import Assessment
from audit.models import AppendOnlyModel


class EditionMove(AppendOnlyModel):
    """That a return went over to a corrected version of its list, and what that changed for it.

    ``changes`` holds, for each item that differs, ``{id, number, impact, fields: [{field, before, after}], seen}``:
    ``seen`` is the number of the answer as it stood then, 0 for none.
    """

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="edition_moves")
    from_edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="+")
    to_edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="+")
    changes = models.JSONField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["assessment", "pk"]
        constraints = [
            models.CheckConstraint(name="edition_move_goes_somewhere", condition=~Q(from_edition=F("to_edition"))),
        ]

    def __str__(self) -> str:
        return f"{self.assessment_id}: {self.from_edition_id} → {self.to_edition_id}"
