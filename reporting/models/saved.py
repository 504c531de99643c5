"""Reports that people put together and keep under a name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Organisation
from accounts.policy import Access

if TYPE_CHECKING:
    from typing import Self


class SavedReportQuerySet(models.QuerySet["SavedReport"]):
    def visible_to(self, access: Access) -> Self:
        """One's own, and those that others share in the organisation."""
        kept = self.filter(organisation=access.organisation, removed_at__isnull=True)
        return kept.filter(Q(is_shared=True) | Q(made_by=access.user))


class SavedReport(models.Model):
    """Filters and columns under a name. It keeps what is asked, never an answer."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="saved_reports")
    title = models.CharField(max_length=100)
    is_shared = models.BooleanField(default=False)
    query = models.TextField(help_text="the choices as the words of an address, with a date only where one was chosen")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = SavedReportQuerySet.as_manager()

    class Meta:
        ordering = ["title", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "made_by", "title"], condition=Q(removed_at__isnull=True), name="saved_report_title_once"
            ),
            models.CheckConstraint(name="saved_report_has_title", condition=~Q(title="")),
        ]

    def __str__(self) -> str:
        return self.title
