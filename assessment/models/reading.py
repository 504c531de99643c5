"""That somebody who leads the return has read what a year asks of the organisation."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from accounts.models import Organisation
from assessment.models.editions import Edition
from audit.models import AppendOnlyModel


class YearAcknowledgement(AppendOnlyModel):
    """A lead's word that they have read what applies in a year, on one version of its list. The newest of a year counts."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="year_acknowledgements")
    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["organisation", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "edition", "by"], name="year_acknowledgement_once_each"),
        ]

    def __str__(self) -> str:
        return f"{self.organisation.ods_code}: {self.edition}"
