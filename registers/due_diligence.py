"""How far a supplier has been checked on a date: a pure rule over plain values, with the rules in ``data/suppliers.yaml``."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path

import yaml

from nhsuk.jinja import day
from registers.dates import months_before


@dataclass(frozen=True)
class Clause:
    """Something a contract with a processor has to say."""

    key: str
    words: str
    source: str


@dataclass(frozen=True)
class Rules:
    """What we ask of suppliers."""

    version: str
    seen_within_months: int
    enough_dspt: frozenset[str]
    enough_certificates: frozenset[str]
    days_to_answer: int
    most_days: int
    clauses: tuple[Clause, ...]

    def oldest_sighting(self, on: date) -> date:
        """The last date that no longer counts: a sighting counts when it is dated after it, up to ``on``."""
        return months_before(on, self.seen_within_months)


@cache
def rules() -> Rules:
    """The rules that ship with the product."""
    path = Path(__file__).parent / "data" / "suppliers.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    assurance = content["assurance"]
    return Rules(
        version=content["version"],
        seen_within_months=assurance["seen_within_months"],
        enough_dspt=frozenset(assurance["enough_dspt"]),
        enough_certificates=frozenset(assurance["enough_certificates"]),
        days_to_answer=content["requests"]["days_to_answer"],
        most_days=content["requests"]["most_days"],
        clauses=tuple(Clause(**clause) for clause in content["clauses"]),
    )


@dataclass(frozen=True)
class SeenAssurance:
    """What was seen of a supplier's DSPT or certificate, or told by it. ``valid_until`` is a certificate's last valid day."""

    kind: str
    status: str
    seen_on: date
    valid_until: date | None = None
    was_told: bool = False

    @property
    def how(self) -> str:
        """On whose word, and when."""
        return f"{'told us by them' if self.was_told else 'seen by us'} on {day(self.seen_on)}"


@dataclass(frozen=True)
class SignedAgreement:
    """An agreement with its last day, if it has one, and the clauses that it is known to hold."""

    start: date
    last_day: date | None
    clauses: frozenset[str]

    def in_date(self, on: date) -> bool:
        return self.start <= on and (self.last_day is None or on <= self.last_day)


class Diligence(StrEnum):
    """How far a supplier has been checked."""

    NOT_NEEDED = "not-needed"
    NOT_CHECKED = "not-checked"
    TO_DO = "to-do"
    IN_ORDER = "in-order"

    @property
    def label(self) -> str:
        return {
            "not-needed": "Nothing to check",
            "not-checked": "Not checked yet",
            "to-do": "Something to do",
            "in-order": "In order",
        }[self.value]


@dataclass(frozen=True)
class Point:
    """One thing that was looked at, and what was found."""

    holds: bool
    sentence: str


@dataclass(frozen=True)
class Found:
    """The outcome for one supplier on one date."""

    state: Diligence
    has_agreement: bool
    is_assured: bool
    points: tuple[Point, ...]


def judge(
    *,
    handles_data: bool,
    agreements: Collection[SignedAgreement],
    seen: Collection[SeenAssurance],
    on: date,
    by: Rules,
) -> Found:
    """Judge one supplier on a date. Facts dated after it are ignored.

    Args:
        handles_data: whether the supplier handles personal data for us; if not, nothing needs checking.
        agreements: contracts and the like with this supplier.
        seen: what was ever seen of its assurance.
        on: the date.
        by: the rules.
    """
    if not handles_data:
        return Found(Diligence.NOT_NEEDED, False, False, (Point(True, "It handles no personal data for us."),))
    known = [one for one in seen if one.seen_on <= on]
    agreement, clauses = _agreement(agreements, on, by)
    assurance = _assurance(known, on, by)
    points = (agreement, *((clauses,) if clauses else ()), assurance)
    if not agreements and not known:
        state = Diligence.NOT_CHECKED
    else:
        state = Diligence.IN_ORDER if all(point.holds for point in points) else Diligence.TO_DO
    return Found(state, agreement.holds, assurance.holds, points)


def _agreement(agreements: Collection[SignedAgreement], on: date, by: Rules) -> tuple[Point, Point | None]:
    in_date = [one for one in agreements if one.in_date(on)]
    if not in_date:
        past = [one.last_day for one in agreements if one.last_day and one.last_day < on]
        return Point(False, f"The agreement ended on {day(max(past))}." if past else "No agreement is recorded."), None
    held = frozenset[str]().union(*(one.clauses for one in in_date))
    missing = [clause for clause in by.clauses if clause.key not in held]
    in_force = Point(True, "An agreement is in force.")
    if missing:
        return in_force, Point(False, f"Not found in it yet: {'; '.join(_begun_low(clause.words) for clause in missing)}.")
    return in_force, Point(True, "It holds everything that a contract about personal data needs.")


def _assurance(known: Collection[SeenAssurance], on: date, by: Rules) -> Point:
    newest: dict[str, SeenAssurance] = {}
    for one in sorted(known, key=lambda one: one.seen_on):
        newest[one.kind] = one
    fresh = {kind: one for kind, one in newest.items() if one.seen_on > by.oldest_sighting(on)}
    dspt = fresh.get("dspt")
    if dspt and dspt.status in by.enough_dspt:
        return Point(True, f"Its DSPT is enough: {dspt.how}.")
    for kind in sorted(by.enough_certificates & fresh.keys()):
        until = fresh[kind].valid_until
        if until and on <= until:
            return Point(True, f"It holds a certificate that runs until {day(until)}: {fresh[kind].how}.")
    if dspt:
        return Point(False, f"Its DSPT is not enough by itself: {dspt.how}.")
    if newest:
        last = max(one.seen_on for one in newest.values())
        return Point(False, f"Nothing that counts today was seen of its DSPT or certificates; the last news is of {day(last)}.")
    return Point(False, "Its DSPT or certificates have never been seen.")


def _begun_low(words: str) -> str:
    return words[0].lower() + words[1:]
