"""Which memberships still count today. Apps above say, for instance, that a leaver's no longer do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from django.apps import apps

if TYPE_CHECKING:
    from accounts.models import MembershipQuerySet

    Rule = Callable[[MembershipQuerySet, date], MembershipQuerySet]

_rules: list[Rule] = []


def register(rule: Rule) -> None:
    """Add a rule that leaves out memberships. It works within the one query that every request makes."""
    if rule not in _rules:
        _rules.append(rule)
        of_everybody.cache_clear()


def standing(memberships: MembershipQuerySet, on: date) -> MembershipQuerySet:
    """The memberships that no rule leaves out on the date."""
    for rule in _rules:
        memberships = rule(memberships, on)
    return memberships


@lru_cache(maxsize=2)
def of_everybody(on: date) -> MembershipQuerySet:
    """As ``Membership.objects.standing(on)``, put together once a day: that takes longer than to ask it. To be narrowed, not read."""
    found: MembershipQuerySet = apps.get_model("accounts", "Membership").objects.standing(on)
    return found
