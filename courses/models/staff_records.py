"""What is recorded of a person beside courses: an induction given, a contract signed, training for a key post."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.policy import Access
from audit.models import AppendOnlyModel
from evidence.models import DocumentVersion
from staff.enums import KeyPostKind
from staff.models import Person

if TYPE_CHECKING:
    from typing import Self


class RecordKind(models.TextChoices):
    """What a record says of a person."""

    INDUCTION = "induction", "Induction"
    CONTRACT = "contract", "Contract clause"
    POST_TRAINING = "post-training", "Training for a key post"


class StaffRecordQuerySet(models.QuerySet["StaffRecord"]):
    def visible_to(self, access: Access) -> Self:
        return self.filter(person__organisation=access.organisation)

    def not_void(self) -> Self:
        """Records that nobody has withdrawn, as known now."""
        return self.filter(~Exists(StaffRecordVoid.objects.filter(record=OuterRef("pk"))))


class StaffRecord(AppendOnlyModel):
    """One such fact, on a London date. A correction is a ``StaffRecordVoid``."""

    erasable = ("detail",)

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="staff_records")
    kind = models.CharField(max_length=15, choices=RecordKind)
    key_post = models.CharField("for which key post", max_length=30, choices=KeyPostKind, blank=True)
    happened_on = models.DateField()
    detail = models.CharField("what was covered or signed", max_length=300)
    document = models.ForeignKey(DocumentVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    objects = StaffRecordQuerySet.as_manager()

    class Meta:
        ordering = ["person", "-happened_on", "-pk"]
        constraints = [
            models.CheckConstraint(name="staff_record_known_kind", condition=Q(kind__in=RecordKind.values)),
            models.CheckConstraint(name="staff_record_says_what", condition=~Q(detail="")),
            models.CheckConstraint(
                name="staff_record_post_iff_for_post",
                condition=Q(kind="post-training", key_post__in=KeyPostKind.values) | (~Q(kind="post-training") & Q(key_post="")),
            ),
        ]
        indexes = [models.Index(fields=["kind", "person", "happened_on"], name="staff_record_by_kind")]

    def __str__(self) -> str:
        return f"{self.get_kind_display().lower()} of person {self.person_id} on {self.happened_on}"


class StaffRecordVoid(AppendOnlyModel):
    """A record that does not stand, and why."""

    erasable = ("reason",)

    record = models.OneToOneField(StaffRecord, on_delete=models.PROTECT, related_name="void")
    reason = models.CharField(max_length=300)
    voided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    voided_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(name="staff_record_void_has_reason", condition=~Q(reason=""))]

    def __str__(self) -> str:
        return f"void of {self.record}"
