"""Charts and papers that were drawn, kept until their figures change. All of it can be thrown away and drawn again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from accounts.models import Organisation
from accounts.policy import Access

if TYPE_CHECKING:
    from typing import Self


class DrawingQuerySet(models.QuerySet["Drawing"]):
    def visible_to(self, access: Access) -> Self:
        return self.filter(organisation=access.organisation)


class Drawing(models.Model):
    """One drawn file. ``digest`` is that of every figure and word it shows, so that new figures are drawn anew."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64)
    media_type = models.CharField(max_length=40)
    content = models.BinaryField()
    made_at = models.DateTimeField()

    objects = DrawingQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "digest"], name="drawing_once"),
            models.CheckConstraint(name="drawing_digest_is_sha256", condition=Q(digest__regex=r"^[0-9a-f]{64}$")),
        ]
        indexes = [models.Index(fields=["made_at"], name="drawing_by_age")]

    def __str__(self) -> str:
        return f"drawing {self.digest[:12]}"
