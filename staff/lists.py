"""Every list of this app as a table that HR and administrators can take away: django-import-export says what is in a row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from import_export import fields, resources

from accounts.models import Organisation
from staff.exporter import StaffListResource
from staff.models import Absence, Delegation, KeyPost, Person, Post, Unit


class PersonResource(resources.ModelResource):
    """People, whether they have a post or not."""

    sign_in = fields.Field(column_name="sign-in", attribute="user__username")

    class Meta:
        model = Person
        fields = ("staff_number", "first_name", "last_name", "email", "source", "sign_in")
        export_order = fields


class UnitResource(resources.ModelResource):
    """Units with what stands above them."""

    parent = fields.Field(column_name="part of", attribute="parent__name")
    site = fields.Field(column_name="site", attribute="site__name")

    class Meta:
        model = Unit
        fields = ("name", "parent", "site", "closed_on")
        export_order = fields


class AbsenceResource(resources.ModelResource):
    """When people are away, never why. ``back on`` is the first day they are back."""

    staff_number = fields.Field(column_name="staff number", attribute="person__staff_number")
    person = fields.Field(column_name="person", attribute="person")
    start = fields.Field(column_name="first day away", attribute="start")
    end = fields.Field(column_name="back on", attribute="end")

    class Meta:
        model = Absence
        fields = ("staff_number", "person", "start", "end")
        export_order = fields


class KeyPostResource(resources.ModelResource):
    """Appointments, past ones too."""

    kind = fields.Field(column_name="post")
    holder = fields.Field(column_name="holder", attribute="holder")
    holder_outside = fields.Field(column_name="holder outside", attribute="holder_outside")
    deputy = fields.Field(column_name="deputy", attribute="deputy")

    class Meta:
        model = KeyPost
        fields = ("kind", "holder", "holder_outside", "deputy", "start", "end")
        export_order = fields

    def dehydrate_kind(self, post: KeyPost) -> str:
        return str(post.get_kind_display())


class DelegationResource(resources.ModelResource):
    """Who acts for whom, past and to come."""

    delegate = fields.Field(column_name="who acts", attribute="delegate")
    manager = fields.Field(column_name="for the manager", attribute="manager")
    unit = fields.Field(column_name="for the unit", attribute="unit")

    class Meta:
        model = Delegation
        fields = ("delegate", "manager", "unit", "start", "end")
        export_order = fields


@dataclass(frozen=True)
class List:
    """A list: its name in addresses, what people call it, what a row holds, and the rows of one organisation."""

    name: str
    label: str
    resource: type[resources.ModelResource]
    rows: Callable[[Organisation], QuerySet[Any]]


LISTS = {
    one.name: one
    for one in (
        List("people", "People", PersonResource, lambda o: Person.objects.of(o).select_related("user").order_by("staff_number")),
        List(
            "posts",
            "Posts, past ones too",
            StaffListResource,
            lambda o: (
                Post.objects.filter(person__organisation=o)
                .select_related("person", "unit", "manager")
                .order_by("person__staff_number", "start")
            ),
        ),
        List("units", "Units", UnitResource, lambda o: Unit.objects.filter(organisation=o).select_related("parent", "site")),
        List(
            "absences",
            "Absences",
            AbsenceResource,
            lambda o: Absence.objects.filter(person__organisation=o).select_related("person").order_by("-start", "pk"),
        ),
        List(
            "key-posts",
            "Key posts",
            KeyPostResource,
            lambda o: KeyPost.objects.filter(organisation=o).select_related("holder", "deputy"),
        ),
        List(
            "deputies",
            "Deputies",
            DelegationResource,
            lambda o: Delegation.objects.filter(organisation=o).select_related("delegate", "manager", "unit"),
        ),
    )
}
