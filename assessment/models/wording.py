"""The official wording of a list, as it was loaded for this installation or by one organisation for itself."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from accounts.models import Organisation
from audit.models import AppendOnlyModel


class OfficialWording(AppendOnlyModel):
    """The texts of one official workbook for one edition, by number. The last of an edition counts; without texts: removed.

    Without an organisation it is for everybody here; an organisation's own goes before that. Official wording is Crown
    copyright: it stays in this installation and goes into no document made for others.
    """

    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="+")
    edition_id = models.CharField(max_length=80)
    source_title = models.CharField(max_length=200)
    dated_on = models.DateField("date of the official workbook")
    file_sha256 = models.CharField(max_length=64, blank=True)
    texts = models.JSONField(default=dict, help_text="number as displayed -> text")
    imported_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    imported_at = models.DateTimeField()

    class Meta:
        ordering = ["edition_id", "-pk"]
        verbose_name_plural = "official wording"

    def __str__(self) -> str:
        return f"{self.source_title}: {len(self.texts)} texts for {self.edition_id}"
