"""Which nil returns stand: signed, not withdrawn, and with nothing recorded for their period since."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol

from accounts.models import Organisation
from registers.models import NilReturn


class TakesNilReturns(Protocol):
    """What of a register a nil return needs."""

    @property
    def slug(self) -> str: ...

    @property
    def dated_within(self) -> Callable[[Organisation, date, date], bool] | None: ...


class NilState(StrEnum):
    """What has become of a nil return."""

    STANDS = "stands"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> str:
        return {
            "stands": "Stands",
            "lapsed": "Lapsed: something was recorded for this period",
            "withdrawn": "Withdrawn",
        }[self.value]


@dataclass(frozen=True)
class Signed:
    """A nil return and what has become of it."""

    nil_return: NilReturn
    state: NilState


def signed_nil_returns(register: TakesNilReturns, organisation: Organisation) -> list[Signed]:
    """Every nil return of a register, the newest first."""
    rows = NilReturn.objects.filter(organisation=organisation, register=register.slug, withdraws=None)
    return [Signed(row, _state(register, row)) for row in rows.select_related("withdrawn_by", "organisation", "signed_by")]


def standing_nil_return(register: TakesNilReturns, organisation: Organisation, on: date) -> NilReturn | None:
    """The newest nil return for a period that covers the date or ended within the year before it, if one stands."""
    rows = NilReturn.objects.signed().covering(on).filter(organisation=organisation, register=register.slug)
    return next((row for row in rows.order_by("-end", "-pk") if not _has_rows(register, row)), None)


def _state(register: TakesNilReturns, row: NilReturn) -> NilState:
    if hasattr(row, "withdrawn_by"):
        return NilState.WITHDRAWN
    return NilState.LAPSED if _has_rows(register, row) else NilState.STANDS


def _has_rows(register: TakesNilReturns, row: NilReturn) -> bool:
    return register.dated_within is not None and register.dated_within(row.organisation, row.start, row.end)
