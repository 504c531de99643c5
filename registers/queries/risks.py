"""Risks as the pages show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from accounts.enums import Capability
from accounts.models import Organisation
from accounts.policy import Access
from registers.models import Risk
from registers.queries.entries import owned_by_user
from registers.risk_matrix import SCORES, Level, matrix


@dataclass(frozen=True)
class Square:
    """One square of the heat map: its level, and the risks that stand on it."""

    level: Level
    risks: list[Risk]


def open_risks(organisation: Organisation, on: date) -> list[Risk]:
    """The risks of an organisation on a date, the highest score first."""
    return list(Risk.objects.of(organisation).open_on(on).with_newest())


def may_review(access: Access, risk: Risk, on: date) -> bool:
    """Whether somebody may review a risk: who keeps the registers, and whoever answers for it."""
    if access.can(Capability.REGISTERS_EDIT):
        return True
    return owned_by_user(Risk.objects.of(access.organisation).filter(pk=risk.pk), access.user.pk, on).exists()


def heat_map(risks: list[Risk]) -> list[tuple[int, list[Square]]]:
    """Risks on the matrix, with what is in place: the likeliest row first, impact from left to right."""
    rows = []
    for likelihood in reversed(SCORES):
        squares = [
            Square(
                matrix().level(likelihood, impact),
                [risk for risk in risks if (risk.likelihood_after, risk.impact_after) == (likelihood, impact)],
            )
            for impact in SCORES
        ]
        rows.append((likelihood, squares))
    return rows
