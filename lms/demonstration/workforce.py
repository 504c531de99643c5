"""What HR looks after beside people and posts: the tree of units, sites, deputies, and what managers say is wrong."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from accounts.models import Organisation, Site, User
from lms.demonstration.specifications import Specification
from staff.enums import DataAccess, KeyPostKind
from staff.models import Absence, Person, Post, Unit
from staff.services import add_absence, appoint, delegate, flag_missing, flag_not_mine

ABOVE = {
    "North round": "Rounds",
    "South round": "Rounds",
    "Night team": "Rounds",
    "Ward": "Wards",
    "Clinic": "Outpatients",
    "Community team": "Community services",
    "Theatre": "Theatres",
}
"""The unit above each unit, or above each of a numbered group."""

TOP = {"Wards": "Hospital services", "Outpatients": "Hospital services", "Theatres": "Hospital services"}

SITES = {
    "social-care": (("Willow Brook office, Leeds", "home-care", "1-100000001"),),
    "gp": (("Market Street Surgery", "surgery", "1-100000002"),),
    "trust": (("Riverside Hospital", "hospital", "1-100000003"), ("Moors Community Hospital", "hospital", "1-100000004")),
}


def arrange(
    organisation: Organisation,
    specification: Specification,
    people: list[Person],
    users: dict[str, User],
    *,
    today: date,
    at: datetime,
) -> None:
    """Put units in a tree, give them sites, and let a manager have a deputy, somebody away and something to correct."""
    _grow_tree(organisation)
    newest = Post.objects.covering(today).filter(person__organisation=organisation, manager__isnull=False).order_by("-pk")
    Post.objects.filter(pk__in=list(newest.values_list("pk", flat=True)[:3])).update(has_access=DataAccess.UNKNOWN)
    _give_sites(organisation, specification)
    manager = next(p for p, s in zip(people, specification.sign_ins, strict=False) if "manager" in s.roles)
    user = users[specification.sign_ins[people.index(manager)].name]
    team = list(Person.objects.of(organisation).reporting_to(manager, today).order_by("staff_number"))
    colleagues = Post.objects.covering(today).filter(person__in=people, end__isnull=True, manager__isnull=False)
    outside = colleagues.exclude(person__in=[manager, *team]).select_related("person").order_by("person__staff_number").first()
    if outside is not None:
        delegate(
            organisation, to=outside.person, manager=manager, start=today, last_day=today + timedelta(days=13), by=user, at=at
        )
    away = next((person for person in team if not Absence.objects.covering(today).filter(person=person).exists()), None)
    if away is not None and not Absence.objects.filter(person=away).exists():
        add_absence(away, start=today - timedelta(days=40), back_on=today + timedelta(days=60), by=user, at=at)
    if len(team) > 1:
        flag_not_mine(manager, team[-1], words="Moved to the night team in September.", by=user, at=at)
    flag_missing(manager, words="Joan Ibbotson, started this month, number not known", by=user, at=at)
    appoint(
        organisation,
        kind=KeyPostKind.DPO,
        holder_outside="Data Protection People Ltd (outsourced), 0113 496 0150",
        deputy=manager,
        start=today - timedelta(days=300),
        by=user,
        at=at,
    )


def _grow_tree(organisation: Organisation) -> None:
    units = list(Unit.objects.filter(organisation=organisation))
    made: dict[str, Unit] = {}

    def above(name: str) -> Unit:
        if name not in made:
            parent = above(TOP[name]) if name in TOP else None
            made[name] = Unit.objects.create(organisation=organisation, name=name, parent=parent)
        return made[name]

    for unit in units:
        group = ABOVE.get(unit.name) or ABOVE.get(unit.name.rstrip("0123456789 "))
        if group:
            unit.parent = above(group)
    Unit.objects.bulk_update(units, ["parent"])


def _give_sites(organisation: Organisation, specification: Specification) -> None:
    sites = [
        Site.objects.create(organisation=organisation, name=name, type=kind, cqc_id=cqc_id, opened_on=date(2015, 4, 1))
        for name, kind, cqc_id in SITES[specification.type]
    ]
    Unit.objects.filter(organisation=organisation, parent__isnull=True).update(site=sites[0])
