"""The staff list as a file: a row for each post, under headings that the import knows, so that it can come straight back."""

from __future__ import annotations

from datetime import date
from typing import Any

from import_export import fields, resources

from accounts.models import Organisation
from audit.spreadsheets import harmless
from staff.models import Post


class StaffListResource(resources.ModelResource):
    """One row a post. Every cell is harmless to a spreadsheet."""

    staff_number = fields.Field(column_name="Staff number", attribute="person__staff_number")
    assignment_number = fields.Field(column_name="Assignment number", attribute="assignment_number")
    first_name = fields.Field(column_name="First name", attribute="person__first_name")
    last_name = fields.Field(column_name="Last name", attribute="person__last_name")
    email = fields.Field(column_name="E-mail address", attribute="person__email")
    unit = fields.Field(column_name="Unit", attribute="unit__name")
    job_title = fields.Field(column_name="Job title", attribute="job_title")
    staff_group = fields.Field(column_name="Staff group", attribute="staff_group")
    employment_type = fields.Field(column_name="Employment type", attribute="employment_type")
    has_access = fields.Field(column_name="Has access to personal data", attribute="has_access")
    manager = fields.Field(column_name="Manager staff number", attribute="manager__staff_number")
    start = fields.Field(column_name="Start date")
    last_day = fields.Field(column_name="Leaving date")

    class Meta:
        model = Post
        fields = (
            "staff_number",
            "assignment_number",
            "first_name",
            "last_name",
            "email",
            "unit",
            "job_title",
            "staff_group",
            "employment_type",
            "has_access",
            "manager",
            "start",
            "last_day",
        )
        export_order = fields

    def dehydrate_start(self, post: Post) -> str:
        return post.start.isoformat()

    def dehydrate_last_day(self, post: Post) -> str:
        return post.last_day.isoformat() if post.last_day else ""

    def export_field(self, field: fields.Field, instance: Any, **kwargs: Any) -> str:
        return harmless(super().export_field(field, instance, **kwargs))


def staff_list_csv(organisation: Organisation, *, on: date) -> str:
    """The posts held on a day as CSV, by name."""
    posts = Post.objects.covering(on).filter(person__organisation=organisation)
    posts = posts.select_related("person", "unit", "manager").order_by(
        "person__last_name", "person__first_name", "person_id", "start"
    )
    return StaffListResource().export(posts).csv
