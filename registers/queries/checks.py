"""Checks as the pages show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Max, Q, QuerySet

from accounts.enums import Capability
from accounts.models import Organisation
from accounts.policy import Access
from registers.check_kinds import CheckKind, kinds
from registers.dates import months_after
from registers.models import Check, PlannedCheck
from registers.models.planned_checks import PlannedCheckQuerySet
from registers.queries.entries import owned_by_user
from staff.models import Person, Post, Unit


@dataclass(frozen=True)
class Turn:
    """One kind of check: when it was last done, and when it is next due by the plan, else by what we suggest."""

    kind: CheckKind
    last_on: date | None
    due_on: date | None
    is_planned: bool

    def is_due(self, on: date) -> bool:
        return self.due_on is not None and self.due_on <= on


def turns(organisation: Organisation, on: date) -> list[Turn]:
    """Every kind of check with its last and next dates, as known on a date; without a plan, none where it never was done."""
    done = Check.objects.of(organisation).filter(done_on__lte=on).order_by().values("kind").annotate(last=Max("done_on"))
    last = {row["kind"]: row["last"] for row in done}
    planned: dict[str, list[date]] = {}
    for plan in plans(organisation, on):
        planned.setdefault(plan.kind, []).extend([plan.due_on] if plan.due_on else [])
    return [
        Turn(kind, last.get(slug), min(planned[slug], default=None), is_planned=True)
        if slug in planned
        else Turn(kind, last.get(slug), months_after(last[slug], kind.months) if slug in last else None, is_planned=False)
        for slug, kind in kinds().items()
    ]


def plans(organisation: Organisation, on: date) -> list[PlannedCheck]:
    """The planned checks of a date, each with what was done for it."""
    return list(PlannedCheck.objects.of(organisation).open_on(on).with_last(on).select_related("unit", "owner_person"))


def plans_of_user(access: Access, on: date) -> PlannedCheckQuerySet:
    """The planned checks of a date that somebody does themselves, or by the key post they hold."""
    open_now = PlannedCheck.objects.of(access.organisation).open_on(on)
    mine: PlannedCheckQuerySet = owned_by_user(open_now, access.user.pk, on)  # type: ignore[assignment]
    return mine


def kinds_open_to(access: Access, on: date) -> list[CheckKind]:
    """The checks that somebody may do: all for who keeps the registers, a manager's own, and those planned for them."""
    if access.can(Capability.REGISTERS_EDIT):
        return list(kinds().values())
    planned = set(plans_of_user(access, on).values_list("kind", flat=True))
    manages = access.can(Capability.TEAM_VIEW)
    return [kind for kind in kinds().values() if (manages and kind.by_managers) or kind.slug in planned]


def overdue_plans(organisation: Organisation, on: date) -> list[PlannedCheck]:
    """Planned checks that should have been done before the date."""
    return [plan for plan in plans(organisation, on) if plan.due_on is not None and plan.due_on < on]


def units_of(person: Person | None, on: date) -> QuerySet[Unit]:
    """The units somebody works in or manages people of, on a date."""
    if person is None:
        return Unit.objects.none()
    posts = Post.objects.covering(on).filter(Q(person=person) | Q(manager=person), person__organisation=person.organisation)
    return Unit.objects.filter(organisation=person.organisation, posts__in=posts).distinct()
