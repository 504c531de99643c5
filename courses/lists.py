"""Training records as tables that HR takes away."""

from __future__ import annotations

from import_export import fields, resources

from accounts.enums import Capability
from courses.models import Completion, RecordImport
from staff.lists import List, register, told


class CompletionResource(resources.ModelResource):
    """Completions, withdrawn ones too: the first columns are those of the template, so that a list can come straight back."""

    staff_number = fields.Field(column_name="staff_number", attribute="person__staff_number")
    name = fields.Field(column_name="name", attribute="person")
    course = fields.Field(column_name="course", attribute="course__code")
    title = fields.Field(column_name="title of the course", attribute="course__title")
    score = fields.Field(column_name="score", attribute="score_percent")
    recorded = fields.Field(column_name="recorded at")
    by = fields.Field(column_name="recorded by", attribute="entered_by")
    withdrawn = fields.Field(column_name="withdrawn because", attribute="void__reason")

    class Meta:
        model = Completion
        fields = (
            *("staff_number", "course", "completed_on", "source", "score", "reference"),
            *("name", "title", "recorded", "by", "withdrawn"),
        )
        export_order = fields

    def dehydrate_recorded(self, completion: Completion) -> str:
        return told(completion.recorded_at)


class RecordImportResource(resources.ModelResource):
    """Every file of training records that came in, with what it did."""

    number = fields.Field(column_name="import", attribute="pk")
    state = fields.Field(column_name="state")
    uploaded = fields.Field(column_name="uploaded at")
    by = fields.Field(column_name="uploaded by", attribute="created_by")
    applied = fields.Field(column_name="recorded at")
    rows = fields.Field(column_name="rows")
    created = fields.Field(column_name="new records")
    duplicates = fields.Field(column_name="known already")
    unmatched = fields.Field(column_name="nobody found")
    errors = fields.Field(column_name="rows to mend")

    class Meta:
        model = RecordImport
        fields = (
            "number",
            "file_name",
            "state",
            "uploaded",
            "by",
            "applied",
            "rows",
            "created",
            "duplicates",
            "unmatched",
            "errors",
        )
        export_order = fields

    def dehydrate_state(self, batch: RecordImport) -> str:
        return str(batch.get_state_display())

    def dehydrate_uploaded(self, batch: RecordImport) -> str:
        return told(batch.created_at)

    def dehydrate_applied(self, batch: RecordImport) -> str:
        return told(batch.applied_at)

    def dehydrate_rows(self, batch: RecordImport) -> int | str:
        return batch.counts.get("rows", "")

    def dehydrate_created(self, batch: RecordImport) -> int | str:
        return batch.counts.get("created", "")

    def dehydrate_duplicates(self, batch: RecordImport) -> int | str:
        return batch.counts.get("duplicates", "")

    def dehydrate_unmatched(self, batch: RecordImport) -> int | str:
        return batch.counts.get("unmatched", "")

    def dehydrate_errors(self, batch: RecordImport) -> int | str:
        return batch.counts.get("errors", "")


def add_to_the_lists() -> None:
    """Show them with the lists of the staff, to whoever may see people's training."""
    register(
        List(
            "training-records",
            "Training records, withdrawn ones too",
            CompletionResource,
            lambda organisation: (
                Completion.objects.filter(person__organisation=organisation)
                .select_related("person", "course", "entered_by", "void")
                .order_by("person__staff_number", "completed_on", "pk")
            ),
            needs=Capability.REPORTS_NAMED,
        )
    )
    register(
        List(
            "training-record-files",
            "Files of training records",
            RecordImportResource,
            lambda organisation: RecordImport.objects.filter(organisation=organisation).select_related("created_by"),
            needs=Capability.RECORDS_IMPORT,
        )
    )
