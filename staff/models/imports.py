"""The import of HR files: how a file is read, one file on its way in, and what it changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Organisation
from accounts.policy import Access
from staff.models.people import Person

if TYPE_CHECKING:
    from typing import Self


class ImportProfileQuerySet(models.QuerySet["ImportProfile"]):
    def visible_to(self, access: Access) -> Self:
        return self.filter(organisation=access.organisation)


class ImportProfile(models.Model):
    """How one organisation's HR file is read: which heading is which field."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="import_profiles")
    name = models.CharField(max_length=100)
    mapping = models.JSONField(default=dict, help_text="field name by heading")
    reading = models.JSONField(default=dict, help_text="the fields that an empty cell erases, and those kept here")

    objects = ImportProfileQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["organisation", "name"], name="import_profile_name_unique")]

    def __str__(self) -> str:
        return self.name


class ImportBatchQuerySet(models.QuerySet["ImportBatch"]):
    def visible_to(self, access: Access) -> Self:
        return self.filter(organisation=access.organisation)


class ImportBatch(models.Model):
    """One HR file on its way in: read, mapped, shown, then applied whole or thrown away; perhaps undone later."""

    class State(models.TextChoices):
        UPLOADED = "uploaded", "Columns to be checked"
        PREVIEWED = "previewed", "Waiting for your decision"
        APPLIED = "applied", "Applied"
        UNDONE = "undone", "Undone"
        DISCARDED = "discarded", "Thrown away"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="import_batches")
    file_name = models.CharField(max_length=255)
    file_sha256 = models.CharField(max_length=64)
    stored_as = models.CharField(max_length=64, blank=True, help_text="name of the uploaded file, until the decision")
    mapping = models.JSONField(default=dict, help_text="field name by heading")
    reading = models.JSONField(default=dict, help_text="the fields that an empty cell erases, and those kept here")
    notes = models.JSONField(default=list, help_text="how the file was read, one sentence each")
    headings = models.JSONField(default=list, help_text="of the file, in its order; a mapping keeps none")
    ignored_columns = models.JSONField(default=list)
    is_complete = models.BooleanField("the file lists everybody", default=False)
    as_of = models.DateField()
    state = models.CharField(max_length=12, choices=State, default=State.UPLOADED)
    counts = models.JSONField(default=dict)
    warnings = models.JSONField(default=list, help_text="[{row, column, value, message}]")
    approval_reasons = models.JSONField(default=list, help_text="why a second person must agree, one sentence each")
    doubts = models.JSONField(default=list, help_text="why it may be an older list, one sentence each")
    plan_digest = models.CharField(max_length=64, blank=True)
    units_created = models.JSONField(default=list)
    manager_roles = models.JSONField(default=list, help_text="ids of the memberships it gave, for an undo")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    applied_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True)

    objects = ImportBatchQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="import_batch_applied_at_iff_applied",
                condition=Q(state__in=["applied", "undone"], applied_at__isnull=False)
                | Q(state__in=["uploaded", "previewed", "discarded"], applied_at__isnull=True),
            ),
            models.CheckConstraint(
                name="import_batch_undone_at_iff_undone",
                condition=Q(state="undone", undone_at__isnull=False) | (~Q(state="undone") & Q(undone_at__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file_name} ({self.get_state_display().lower()})"

    @property
    def waits_for_approval(self) -> bool:
        """So much would change that a second person must agree, and nobody has yet."""
        return bool(self.approval_reasons) and self.approved_by_id is None

    @property
    def standing(self) -> str:
        """The state in words, and for whom it waits."""
        return (
            "Needs a second person"
            if self.state == self.State.PREVIEWED and self.waits_for_approval
            else self.get_state_display()
        )

    @property
    def is_waiting(self) -> bool:
        return self.state in (self.State.UPLOADED, self.State.PREVIEWED)


class ImportRow(models.Model):
    """A person for whom a file changes something, or a row that was refused. What changes nothing is only counted."""

    class Action(models.TextChoices):
        CREATE = "create", "Joins"
        UPDATE = "update", "Changes"
        REHIRE = "rehire", "Comes back"
        LEAVE = "leave", "Leaves"
        ERROR = "error", "To mend"

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="rows", db_index=False)  # import_row_by_action
    number = models.PositiveIntegerField(help_text="the row's number in the file, heading included; 0 for a proposed leaver")
    action = models.CharField(max_length=10, choices=Action)
    person = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    staff_number = models.CharField(max_length=40, blank=True)
    name = models.CharField(max_length=200, blank=True)
    parsed = models.JSONField(default=dict, help_text="the mapped cells of a refused row, by heading")
    changes = models.JSONField(default=list, help_text="[{field, before, after, since?}]")
    errors = models.JSONField(default=list, help_text="[{row, column, value, message}]")
    reversal = models.JSONField(default=list, help_text="what was written, so that it can be put back")

    class Meta:
        ordering = ["batch", "number", "pk"]
        indexes = [models.Index(fields=["batch", "action", "number"], name="import_row_by_action")]

    def __str__(self) -> str:
        return f"row {self.number}: {self.get_action_display().lower()}"
