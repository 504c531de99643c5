"""The lists of this app as tables that leave the house. Every cell is made harmless to a spreadsheet by whoever writes it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db.models import QuerySet
from import_export import fields, resources

from accounts.models import Organisation
from audit.spreadsheets import csv_lines
from staff.directory import PeopleFilter, matching, posts_looked_at
from staff.models import Post

CHUNK = 2000


class StaffListResource(resources.ModelResource):
    """A row for each post, under headings that the import knows, so that it can come straight back."""

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


def headings_of(resource: resources.ModelResource) -> list[str]:
    return [str(heading) for heading in resource.get_export_headers()]


def rows_of(resource: resources.ModelResource, rows: QuerySet[Any]) -> Iterator[list[Any]]:
    """The rows of a table, read and told some at a time, however many there are."""
    for row in rows.iterator(chunk_size=CHUNK):
        yield resource.export_resource(row)


def posts_of(organisation: Organisation, wanted: PeopleFilter, *, on: date) -> QuerySet[Post]:
    """The posts behind a filtered staff list, by name: those looked at, of the people who fit."""
    people = matching(organisation, wanted, on=on)
    posts = posts_looked_at(wanted, on=on).filter(person__in=people.order_by())
    return posts.select_related("person", "unit", "manager").order_by(
        "person__last_name", "person__first_name", "person_id", "start"
    )


def staff_list_csv(organisation: Organisation, *, on: date) -> str:
    """The posts held on a day as CSV, by name."""
    resource = StaffListResource()
    return "".join(csv_lines(headings_of(resource), rows_of(resource, posts_of(organisation, PeopleFilter(), on=on))))
