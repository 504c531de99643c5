"""Documents closed to some readers. Apps above register a rule, and the library keeps to it without knowing them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Q, QuerySet

from accounts.policy import Access

Rule = Callable[[Access], "QuerySet[Any] | None"]
"""Given a reader, the numbers of the documents closed to them as a subquery; None where there are none."""

_rules: dict[str, Rule] = {}


def register(name: str, rule: Rule) -> None:
    """Add a reason for which documents are closed."""
    _rules[name] = rule


def open_to(access: Access, field: str) -> Q:
    """The condition that no document is closed to a reader. ``field`` leads to the document's number."""
    closed = Q()
    for rule in _rules.values():
        documents = rule(access)
        if documents is not None:
            closed |= Q(**{f"{field}__in": documents})
    return ~closed


def closed_to(access: Access) -> frozenset[int]:
    """The numbers of the documents closed to a reader. Costs no query for most."""
    found = (rule(access) for rule in _rules.values())
    return frozenset(number for documents in found if documents is not None for (number,) in documents)
