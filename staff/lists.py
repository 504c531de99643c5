"""Every list of this app as a table that HR and administrators can take away: django-import-export says what is in a row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from import_export import fields, resources

from accounts.enums import Capability
from accounts.models import Organisation, Site
from accounts.policy import Access
from staff.exporter import StaffListResource
from staff.models import Absence, Delegation, ImportBatch, KeyPost, Person, Post, TeamFlag, Unit


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


class SiteResource(resources.ModelResource):
    """Places where the organisation works, closed ones too."""

    kind = fields.Field(column_name="type")

    class Meta:
        model = Site
        fields = ("name", "ods_code", "cqc_id", "kind", "opened_on", "closed_on")
        export_order = fields

    def dehydrate_kind(self, site: Site) -> str:
        return str(site.get_type_display())


def told(moment: datetime | None) -> str:
    """A moment as the clock in London showed it, to the minute."""
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}" if moment else ""


class CorrectionResource(resources.ModelResource):
    """What managers said of their teams, and what HR did about it."""

    kind = fields.Field(column_name="what")
    manager = fields.Field(column_name="manager", attribute="manager")
    staff_number = fields.Field(column_name="staff number", attribute="person__staff_number")
    person = fields.Field(column_name="person", attribute="person")
    raised = fields.Field(column_name="said at")
    outcome = fields.Field(column_name="what HR did")
    note = fields.Field(column_name="note", attribute="settlement__note")
    settled = fields.Field(column_name="done at")

    class Meta:
        model = TeamFlag
        fields = ("kind", "manager", "staff_number", "person", "words", "raised", "outcome", "note", "settled")
        export_order = fields

    def dehydrate_kind(self, flag: TeamFlag) -> str:
        return str(flag.get_kind_display())

    def dehydrate_raised(self, flag: TeamFlag) -> str:
        return told(flag.raised_at)

    def dehydrate_outcome(self, flag: TeamFlag) -> str:
        return str(flag.settlement.get_outcome_display()) if hasattr(flag, "settlement") else "Waiting"

    def dehydrate_settled(self, flag: TeamFlag) -> str:
        return told(flag.settlement.settled_at) if hasattr(flag, "settlement") else ""


class ImportResource(resources.ModelResource):
    """Every file that came in, with what it did. Of an import that waits, what it would do."""

    number = fields.Field(column_name="import", attribute="pk")
    state = fields.Field(column_name="state")
    uploaded = fields.Field(column_name="uploaded at")
    by = fields.Field(column_name="uploaded by", attribute="created_by")
    approved = fields.Field(column_name="approved by", attribute="approved_by")
    applied = fields.Field(column_name="applied at")
    undone = fields.Field(column_name="undone at")
    rows = fields.Field(column_name="rows")
    created = fields.Field(column_name="joined")
    updated = fields.Field(column_name="changed")
    rehired = fields.Field(column_name="came back")
    left = fields.Field(column_name="left")
    errors = fields.Field(column_name="cells to mend")

    class Meta:
        model = ImportBatch
        fields = (
            *("number", "file_name", "as_of", "is_complete", "state", "uploaded", "by", "approved", "applied", "undone"),
            *("rows", "created", "updated", "rehired", "left", "errors"),
        )
        export_order = fields

    def dehydrate_state(self, batch: ImportBatch) -> str:
        return batch.standing

    def dehydrate_uploaded(self, batch: ImportBatch) -> str:
        return told(batch.created_at)

    def dehydrate_applied(self, batch: ImportBatch) -> str:
        return told(batch.applied_at)

    def dehydrate_undone(self, batch: ImportBatch) -> str:
        return told(batch.undone_at)

    def dehydrate_rows(self, batch: ImportBatch) -> int | str:
        return batch.counts.get("rows", "")

    def dehydrate_created(self, batch: ImportBatch) -> int | str:
        return batch.counts.get("created", "")

    def dehydrate_updated(self, batch: ImportBatch) -> int | str:
        return batch.counts.get("updated", "")

    def dehydrate_rehired(self, batch: ImportBatch) -> int | str:
        return batch.counts.get("rehired", "")

    def dehydrate_left(self, batch: ImportBatch) -> int | str:
        return batch.counts.get("left", "")

    def dehydrate_errors(self, batch: ImportBatch) -> int | str:
        return batch.counts.get("errors", "")


@dataclass(frozen=True)
class List:
    """A list: its name in addresses, what people call it, what a row holds, and the rows of one organisation.

    ``needs`` is what a reader must be allowed beside taking lists away at all.
    """

    name: str
    label: str
    resource: type[resources.ModelResource]
    rows: Callable[[Organisation], QuerySet[Any]]
    needs: Capability | None = None


def register(one: List) -> None:
    """Add a list of another app. Call it in ``AppConfig.ready``."""
    LISTS[one.name] = one


def lists_for(access: Access) -> dict[str, List]:
    """The lists that somebody may take away, by name."""
    return {name: one for name, one in LISTS.items() if one.needs is None or access.can(one.needs)}


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
        List("sites", "Sites", SiteResource, lambda o: Site.objects.filter(organisation=o)),
        List(
            "team-corrections",
            "Team corrections from managers",
            CorrectionResource,
            lambda o: TeamFlag.objects.filter(organisation=o).select_related("manager", "person", "settlement"),
        ),
        List(
            "imports",
            "Imports of staff lists",
            ImportResource,
            lambda o: ImportBatch.objects.filter(organisation=o).select_related("created_by", "approved_by"),
        ),
    )
}
