"""The conditions that levels are made of: a closed language of named facts, as values."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class All:
    conditions: tuple["Condition", ...]


@dataclass(frozen=True)
class AnyOf:
    conditions: tuple["Condition", ...]


@dataclass(frozen=True)
class Not:
    condition: "Condition"


@dataclass(frozen=True)
class Otherwise:
    """Always holds: the last level."""


@dataclass(frozen=True)
class LevelHolds:
    level: str


@dataclass(frozen=True)
class CertificateHeld:
    """Valid on the publication date."""

    kind: str


@dataclass(frozen=True)
class ItemsSatisfied:
    """Every item required for ``level`` is satisfied, exempt, or rightly not applicable."""

    level: str


@dataclass(frozen=True)
class AssertionsConfirmed:
    """Every assertion holding an item required for ``level`` is confirmed."""

    level: str


@dataclass(frozen=True)
class SignedOff:
    by: str


@dataclass(frozen=True)
class PlanCovers:
    what: str
    state: str | None = None
    """``accepted``: the plan must also have been agreed."""


@dataclass(frozen=True)
class PublishedBefore:
    levels: tuple[str, ...]


@dataclass(frozen=True)
class TypeIsOneOf:
    organisation_types: tuple[str, ...]


@dataclass(frozen=True)
class OutcomesAtProfile:
    pass


@dataclass(frozen=True)
class DirectivesAnswered:
    """Every directive is answered ``compliant`` or ``plan``."""


Condition = (
    All
    | AnyOf
    | Not
    | Otherwise
    | LevelHolds
    | CertificateHeld
    | ItemsSatisfied
    | AssertionsConfirmed
    | SignedOff
    | PlanCovers
    | PublishedBefore
    | TypeIsOneOf
    | OutcomesAtProfile
    | DirectivesAnswered
)


@dataclass(frozen=True)
class Rules:
    order: tuple[str, ...]
    """Levels in the order they are tried; the first whose condition holds is the standard."""
    conditions: Mapping[str, Condition]
    item_satisfied: tuple[str, ...]

    @property
    def ask_for_an_agreed_plan(self) -> bool:
        return any(_asks_for_an_agreed_plan(condition) for condition in self.conditions.values())


def _asks_for_an_agreed_plan(condition: Condition) -> bool:
    if isinstance(condition, (All, AnyOf)):
        return any(_asks_for_an_agreed_plan(part) for part in condition.conditions)
    return isinstance(condition, PlanCovers) and condition.state == "accepted"


def is_offered(condition: Condition, organisation_type: str) -> bool:
    """Whether a type can ever meet the condition, as far as the condition names types."""
    if isinstance(condition, TypeIsOneOf):
        return organisation_type in condition.organisation_types
    if isinstance(condition, Not) and isinstance(condition.condition, TypeIsOneOf):
        return organisation_type not in condition.condition.organisation_types
    if isinstance(condition, All):
        return all(is_offered(part, organisation_type) for part in condition.conditions)
    if isinstance(condition, AnyOf):
        return any(is_offered(part, organisation_type) for part in condition.conditions)
    return True


def barring_levels(condition: Condition) -> frozenset[str]:
    """The levels that bar a condition once the organisation has published one of them."""
    if isinstance(condition, Not) and isinstance(condition.condition, PublishedBefore):
        return frozenset(condition.condition.levels)
    if isinstance(condition, All):
        return frozenset().union(*(barring_levels(part) for part in condition.conditions))
    return frozenset()
