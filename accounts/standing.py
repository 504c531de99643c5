"""Which memberships still count today. Apps above say, for instance, that a leaver's no longer do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from accounts.models import MembershipQuerySet

    Rule = Callable[[MembershipQuerySet, date], MembershipQuerySet]

_rules: list[Rule] = []


def register(rule: Rule) -> None:
    """Add a rule that leaves out memberships. It works within the one query that every request makes."""
    if rule not in _rules:
        _rules.append(rule)


def standing(memberships: MembershipQuerySet, on: date) -> MembershipQuerySet:
    """The memberships that no rule leaves out on the date."""
    for rule in _rules:
        memberships = rule(memberships, on)
    return memberships
