"""Units: adding, renaming, moving in the tree, closing."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Organisation, Site
from audit.services import record
from staff.models import FormerUnitName, Post, Unit


class UnitRefusedError(ValueError):
    """The unit cannot be as asked; ``field`` names the field, the text says why."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@transaction.atomic
def add_unit(
    organisation: Organisation, *, name: str, by: Any, at: datetime, parent: Unit | None = None, site: Site | None = None
) -> Unit:
    """Add a unit.

    Raises:
        UnitRefusedError: the name is empty or taken, or the place is another organisation's.
    """
    name = _free_name(organisation, name)
    _require_ours(organisation, parent, site)
    FormerUnitName.objects.filter(organisation=organisation, name__iexact=name).delete()
    unit = Unit.objects.create(organisation=organisation, name=name, parent=parent, site=site)
    record("staff.unit_added", organisation=organisation, by=by, target=unit, summary={"unit": f"unit:{unit.pk}"}, at=at)
    return unit


@transaction.atomic
def change_unit(unit: Unit, *, name: str, parent: Unit | None, site: Site | None, by: Any, at: datetime) -> Unit:
    """Rename a unit, move it under another, or say at which site it is. HR files may go on using its old name.

    Raises:
        UnitRefusedError: the name is empty or taken, the place is another organisation's, or the unit would stand below itself.
    """
    organisation = unit.organisation
    # Every unit is locked: two moves at once could otherwise close a circle that neither of them sees.
    units = {one.pk: one for one in Unit.objects.select_for_update().filter(organisation=organisation)}
    unit = units[unit.pk]
    _require_ours(organisation, parent, site)
    if parent is not None and parent.pk in Unit.objects.ids_below(organisation.pk, [unit.pk]):
        raise UnitRefusedError("parent", f"{parent} is {unit} itself or stands below it. Choose another unit.")
    changed = []
    if name.strip() != unit.name:
        _rename(unit, _free_name(organisation, name, but=unit), at=at)
        changed.append("name")
    if unit.parent_id != (parent.pk if parent else None):
        unit.parent = parent
        changed.append("place")
    if unit.site_id != (site.pk if site else None):
        unit.site = site
        changed.append("site")
    if changed:
        unit.save(update_fields=["name", "parent", "site"])
        summary = {"unit": f"unit:{unit.pk}", "fields": ", ".join(changed)}
        record("staff.unit_changed", organisation=organisation, by=by, target=unit, summary=summary, at=at)
    return unit


def _rename(unit: Unit, name: str, *, at: datetime) -> None:
    """The name before goes on meaning this unit; the new one no longer means any other."""
    FormerUnitName.objects.filter(organisation=unit.organisation, name__iexact=name).delete()
    if name.casefold() != unit.name.casefold():
        FormerUnitName.objects.create(organisation=unit.organisation, unit=unit, name=unit.name, until=timezone.localdate(at))
    unit.name = name


@transaction.atomic
def close_unit(unit: Unit, *, last_day: date, by: Any, at: datetime) -> Unit:
    """Close a unit after its last day. The same day again does nothing.

    Raises:
        UnitRefusedError: somebody has a post there after that day, or an open unit stands below it.
    """
    unit = Unit.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=unit.pk)
    closed_on = last_day + timedelta(days=1)
    people = Post.objects.filter(unit=unit).not_ended(closed_on).values("person").distinct().count()
    if people:
        who = "1 person has" if people == 1 else f"{people} people have"
        raise UnitRefusedError("last_day", f"{who} a post here after that day. Move them to another unit first.")
    below = unit.children.open_on(closed_on).first()
    if below is not None:
        raise UnitRefusedError("last_day", f"{below} stands below this unit. Move or close it first.")
    if unit.closed_on != closed_on:
        unit.closed_on = closed_on
        unit.save(update_fields=["closed_on"])
        summary = {"unit": f"unit:{unit.pk}", "last_day": last_day.isoformat()}
        record("staff.unit_closed", organisation=unit.organisation, by=by, target=unit, summary=summary, at=at)
    return unit


@transaction.atomic
def reopen_unit(unit: Unit, *, by: Any, at: datetime) -> None:
    """Open a closed unit again."""
    if Unit.objects.filter(pk=unit.pk, closed_on__isnull=False).update(closed_on=None):
        summary = {"unit": f"unit:{unit.pk}"}
        record("staff.unit_reopened", organisation=unit.organisation, by=by, target=unit, summary=summary, at=at)


def _free_name(organisation: Organisation, name: str, *, but: Unit | None = None) -> str:
    name = " ".join(name.split())
    if not name:
        raise UnitRefusedError("name", "Give the unit a name.")
    taken = Unit.objects.filter(organisation=organisation, name__iexact=name)
    if (taken.exclude(pk=but.pk) if but else taken).exists():
        raise UnitRefusedError("name", f"There is already a unit called {name}.")
    return name


def _require_ours(organisation: Organisation, *things: Unit | Site | None) -> None:
    if any(thing is not None and thing.organisation_id != organisation.pk for thing in things):
        raise UnitRefusedError("parent", "Choose a unit and a site of this organisation.")
