"""What managers see of their teams' policies, and who looks after whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from accounts.enums import Capability
from accounts.models import Membership, Organisation
from accounts.policy import roles_with
from registers.models.policies import Audience, PolicyVersion
from registers.queries.policies import ReadFigure, read_figures
from staff.models import Delegation, Person, Post, Unit


@dataclass(frozen=True)
class TeamPolicy:
    """A policy that applies, and how many of a team have confirmed it."""

    version: PolicyVersion
    figure: ReadFigure


def team_policies(manager: Person, *, on: date) -> list[TeamPolicy]:
    """The policies asked of somebody in a manager's team on a date: where most have not read first, then by title."""
    organisation = manager.organisation
    versions = list(
        PolicyVersion.objects.filter(policy__organisation=organisation)
        .exclude(audience=Audience.NOBODY)
        .standing_on(on)
        .select_related("policy", "publication")
        .order_by("policy__title")
    )
    figures = read_figures(organisation, versions, on=on, people=Person.objects.managed_by(manager, on))
    found = [TeamPolicy(version, figures[version.pk]) for version in versions if figures[version.pk].asked]
    return sorted(found, key=lambda one: -one.figure.unread)


def team_leads(organisation: Organisation, on: date) -> dict[int, set[int]]:
    """Who looks after each person on a date, by person: managers and those who act for them, as ``managed_by`` has it.

    Only people whose role shows them their team.
    """
    seeing = Membership.objects.current().filter(organisation=organisation, role__in=roles_with(Capability.TEAM_VIEW))
    leads = set(Person.objects.of(organisation).filter(user__in=seeing.values("user")).values_list("pk", flat=True))
    if not leads:
        return {}
    acting = list(Delegation.objects.filter(organisation=organisation, delegate__in=leads).covering(on))
    for_manager: dict[int, set[int]] = {}
    for one in acting:
        if one.manager_id:
            for_manager.setdefault(one.manager_id, set()).add(one.delegate_id)
    for_unit: dict[int, set[int]] = {}
    for one in acting:
        for unit in Unit.objects.ids_below(organisation.pk, {one.unit_id}) if one.unit_id else ():
            for_unit.setdefault(unit, set()).add(one.delegate_id)
    found: dict[int, set[int]] = {}
    posts = Post.objects.covering(on).filter(person__organisation=organisation)
    for person, manager, unit in posts.values_list("person_id", "manager_id", "unit_id"):
        own = {manager} & leads | for_manager.get(manager or 0, set()) | for_unit.get(unit or 0, set())
        found.setdefault(person, set()).update(own - {person})
    return found
