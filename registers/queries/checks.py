"""Checks as the pages show them."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from django.db.models import Max, Q, QuerySet

from accounts.models import Organisation
from registers.check_kinds import CheckKind, kinds
from registers.models import Check
from staff.models import Person, Post, Unit


@dataclass(frozen=True)
class Turn:
    """One kind of check: when it was last done, and when it is next due by what we suggest; None where it never was done."""

    kind: CheckKind
    last_on: date | None
    due_on: date | None

    def is_due(self, on: date) -> bool:
        return self.due_on is not None and self.due_on <= on


def turns(organisation: Organisation, on: date) -> list[Turn]:
    """Every kind of check with its last and next dates, as known on a date. One query."""
    done = Check.objects.of(organisation).filter(done_on__lte=on).order_by().values("kind").annotate(last=Max("done_on"))
    last = {row["kind"]: row["last"] for row in done}
    return [
        Turn(kind, last.get(slug), plus_months(last[slug], kind.months) if slug in last else None)
        for slug, kind in kinds().items()
    ]


def plus_months(on: date, months: int) -> date:
    """The same day so many months later, or the last day of a shorter month."""
    years, month = divmod(on.month - 1 + months, 12)
    year, month = on.year + years, month + 1
    return date(year, month, min(on.day, monthrange(year, month)[1]))


def units_of(person: Person | None, on: date) -> QuerySet[Unit]:
    """The units somebody works in or manages people of, on a date."""
    if person is None:
        return Unit.objects.none()
    posts = Post.objects.covering(on).filter(Q(person=person) | Q(manager=person), person__organisation=person.organisation)
    return Unit.objects.filter(organisation=person.organisation, posts__in=posts).distinct()
