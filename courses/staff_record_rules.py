"""Who is to have an induction, a contract clause or training for a key post, and what counts: decisions over plain values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from courses.dates import minus_months, window_start
from courses.models import RecordKind

SHIPPED = Path(__file__).resolve().parent / "data" / "staff-records.yaml"
Period = tuple[date, date | None]


class Standing(StrEnum):
    """Where one person stands with one kind of record on a day."""

    MISSING = "missing"
    TOO_SOON = "too-soon"
    RECORDED = "recorded"

    @property
    def label(self) -> str:
        return {"missing": "Missing", "too-soon": "New, not due yet", "recorded": "Recorded"}[self.value]


@dataclass(frozen=True)
class Rules:
    """The numbers of the shipped file, in days and months."""

    version: str
    gap_days: int
    started_within_months: int
    induction_days: int
    induction_days_before: int
    contract_days: int
    contract_days_before: int
    post_months: int
    post_days: int


@cache
def rules() -> Rules:
    """The rules that ship with the product."""
    content: dict[str, Any] = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
    induction, contract, post = content["induction"], content["contract"], content["post_training"]
    return Rules(
        version=content["version"],
        gap_days=content["gap_days"],
        started_within_months=induction["started_within_months"],
        induction_days=induction["days"],
        induction_days_before=induction["days_before"],
        contract_days=contract["days"],
        contract_days_before=contract["days_before"],
        post_months=post["counts_for_months"],
        post_days=post["days"],
    )


def began(posts: Iterable[Period], *, on: date) -> date | None:
    """The first day of the time in which somebody is here on the day; None: they are in no post then.

    Periods are ``[start, end)``. Posts between which few days lie run together.
    """
    start: date | None = None
    until: date | None = None
    gap = timedelta(days=rules().gap_days)
    for begins, ends in sorted((period for period in posts if period[0] <= on), key=lambda period: period[0]):
        if start is None or (until is not None and begins > until + gap):
            start, until = begins, ends
        elif until is not None and (ends is None or ends > until):
            until = ends
    return start if start is not None and (until is None or until > on) else None


def earliest(kind: str, *, since: date, on: date) -> date:
    """The first date of a record that counts on a day for somebody who began, or was appointed, on ``since``."""
    if kind == RecordKind.INDUCTION:
        return since - timedelta(days=rules().induction_days_before)
    if kind == RecordKind.CONTRACT:
        return since - timedelta(days=rules().contract_days_before)
    return window_start(on, rules().post_months) + timedelta(days=1)


def is_asked(kind: str, *, since: date, on: date) -> bool:
    """Whether the record is asked for of somebody who began on ``since``: an induction only of those who began lately."""
    return kind != RecordKind.INDUCTION or since > minus_months(on, rules().started_within_months)


def standing(kind: str, dates: Iterable[date], *, since: date, on: date) -> tuple[Standing, date | None]:
    """Where somebody stands on a day, and the date of the latest record that counts. Records dated later are ignored."""
    first = earliest(kind, since=since, on=on)
    counting = [day for day in dates if first <= day <= on]
    if counting:
        return Standing.RECORDED, max(counting)
    days = {
        RecordKind.INDUCTION: rules().induction_days,
        RecordKind.CONTRACT: rules().contract_days,
        RecordKind.POST_TRAINING: rules().post_days,
    }
    too_soon = on < since + timedelta(days=days[RecordKind(kind)])
    return (Standing.TOO_SOON if too_soon else Standing.MISSING), None
