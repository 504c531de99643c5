"""The registry of what must hold whatever happened: named queries that find nothing when all is well.

Each app registers its own in a module named ``invariants``; ``check_invariants`` runs them all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from audit.services import verify_all


@dataclass(frozen=True)
class RowFault:
    """A row that breaks an invariant: ``"courses.completion:12"``, and what is wrong with it."""

    row: str
    message: str


Check = Callable[[], Iterable[RowFault]]


@dataclass(frozen=True)
class Invariant:
    """A sentence that must be true, by name, and the query for rows that make it false."""

    name: str
    sentence: str
    check: Check


_invariants: dict[str, Invariant] = {}


def invariant(name: str, sentence: str) -> Callable[[Check], Check]:
    """Register a function that yields the rows at fault. ``name`` is ``<app>.<what_holds>``."""

    def mark(check: Check) -> Check:
        _invariants[name] = Invariant(name, sentence, check)
        return check

    return mark


def registered() -> list[Invariant]:
    """Every invariant, by name."""
    return [_invariants[name] for name in sorted(_invariants)]


@invariant("audit.chains_hold", "Every recorded event is as it was recorded, and none is missing.")
def chains_hold() -> Iterable[RowFault]:
    for check in verify_all():
        if check.fault:
            yield RowFault(f"audit.chain:{check.organisation or 'platform'}", check.fault)
