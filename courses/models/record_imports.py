"""A file of training records on its way in: read, mapped, shown, recorded; perhaps withdrawn again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Organisation
from accounts.policy import Access
from courses.models.courses import Course
from courses.models.facts import Completion
from staff.models import Person

if TYPE_CHECKING:
    from typing import Self


class RecordImportQuerySet(models.QuerySet["RecordImport"]):
    def visible_to(self, access: Access) -> Self:
        return self.filter(organisation=access.organisation)


class RecordImport(models.Model):
    """One file of training records."""

    class State(models.TextChoices):
        UPLOADED = "uploaded", "Columns to be checked"
        PREVIEWED = "previewed", "Waiting for your decision"
        APPLIED = "applied", "Recorded"
        UNDONE = "undone", "Withdrawn"
        DISCARDED = "discarded", "Thrown away"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="record_imports")
    file_name = models.CharField(max_length=255)
    file_sha256 = models.CharField(max_length=64)
    stored_as = models.CharField(max_length=64, blank=True, help_text="name of the uploaded file, until the decision")
    headings = models.JSONField(default=list, help_text="of the file, in its order; a mapping keeps none")
    mapping = models.JSONField(default=dict, help_text="field name by heading")
    course = models.ForeignKey(
        Course,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="of every row, if no column says which",
    )
    matches = models.JSONField(default=dict, help_text="ids of the people somebody chose, by the number of the row")
    state = models.CharField(max_length=12, choices=State, default=State.UPLOADED)
    counts = models.JSONField(default=dict)
    plan_digest = models.CharField(max_length=64, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True)

    objects = RecordImportQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="record_import_applied_at_iff_applied",
                condition=Q(state__in=["applied", "undone"], applied_at__isnull=False)
                | Q(state__in=["uploaded", "previewed", "discarded"], applied_at__isnull=True),
            ),
            models.CheckConstraint(
                name="record_import_undone_at_iff_undone",
                condition=Q(state="undone", undone_at__isnull=False) | (~Q(state="undone") & Q(undone_at__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file_name} ({self.get_state_display().lower()})"

    @property
    def is_waiting(self) -> bool:
        return self.state in (self.State.UPLOADED, self.State.PREVIEWED)


class RecordImportRow(models.Model):
    """A row that adds a record, is refused, or is worth a look. Rows known already are only counted."""

    class Kind(models.TextChoices):
        UNMATCHED = "unmatched", "Nobody found"
        ERROR = "error", "To mend"
        WARNING = "warning", "Worth a look"
        NEW = "new", "New records"

    batch = models.ForeignKey(RecordImport, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField(help_text="the row's number in the file, heading included")
    kind = models.CharField(max_length=10, choices=Kind)
    person = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    course = models.ForeignKey(Course, null=True, on_delete=models.PROTECT, related_name="+")
    completed_on = models.DateField(null=True)
    completion = models.ForeignKey(Completion, null=True, on_delete=models.PROTECT, related_name="+")
    parsed = models.JSONField(default=dict, help_text="the mapped cells of a refused row, by heading")
    errors = models.JSONField(default=list, help_text="[{row, column, value, message}]")
    near = models.JSONField(default=list, help_text="ids of people whom an unmatched row may mean")

    class Meta:
        ordering = ["batch", "number", "pk"]
        indexes = [models.Index(fields=["batch", "kind", "number"], name="record_import_row_by_kind")]

    def __str__(self) -> str:
        return f"row {self.number}: {self.get_kind_display().lower()}"
