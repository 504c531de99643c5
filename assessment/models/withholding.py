"""Documents of a return whose bytes no pack carries."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from assessment.models.returns import Assessment
from audit.models import AppendOnlyModel
from evidence.models import Document


class Withholding(AppendOnlyModel):
    """Whether the pack of a return goes out without the bytes of a document, in every version. The newest row of a document stands."""

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="withholdings")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="withholdings")
    is_withheld = models.BooleanField()
    reason = models.CharField("why the pack goes out without it", max_length=300, blank=True)
    auditors_may_open = models.BooleanField("auditors may open it here", default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["assessment", "pk"]
        constraints = [
            models.CheckConstraint(
                name="withholding_has_a_reason", condition=Q(is_withheld=False, reason="") | (Q(is_withheld=True) & ~Q(reason=""))
            )
        ]

    def __str__(self) -> str:
        return f"document {self.document_id} {'withheld' if self.is_withheld else 'not withheld'}"
