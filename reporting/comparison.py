"""A frozen snapshot beside the same question asked again: what changed, row by row, and why."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from evidence import blobs
from reporting.frozen_evaluation import evaluation_facts, lines_of
from reporting.models import EvidenceSnapshot
from reporting.rates import Question
from reporting.readings import Reading, courses_of, read
from reporting.rules import rule_from

WORDS = {
    "scope": "scope",
    "status": "standing",
    "completed_on": "completed on",
    "left_out": "left out of the net figure",
    "counted": "counted as trained",
    "units": "units",
    "staff_groups": "staff groups",
    "employment_types": "employment types",
}


@dataclass(frozen=True)
class Change:
    """One value of one person that is not what it was."""

    field: str
    then: str
    now: str


@dataclass(frozen=True)
class Difference:
    """One person, by internal number, whose row is not what it was."""

    person: int
    what: str
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Comparison:
    """A snapshot and a reading of the same day by the same rule."""

    snapshot: EvidenceSnapshot
    then: dict[str, Any]
    now: Reading
    differences: tuple[Difference, ...]
    evaluation: tuple[Change, ...] = ()
    """What is known otherwise of whether the training works."""

    @property
    def is_same(self) -> bool:
        return self.now.digest == self.snapshot.digest


def compare_with_now(snapshot: EvidenceSnapshot) -> Comparison:
    """Ask the snapshot's question again, of what is known now: late records, voids and corrected posts show.

    Raises:
        BlobDamagedError: the stored reading is missing or was changed.
    """
    then = json.loads(blobs.read(snapshot.reading))
    courses = courses_of(snapshot.organisation, snapshot.courses)
    as_of = date.fromisoformat(then["as_of"])
    now = read(Question(snapshot.organisation, courses, as_of, rule_from(then["rule"])))
    frozen = then.get("evaluation")  # the first snapshots had none
    if frozen is not None:
        now = now.with_evaluation(evaluation_facts(snapshot.organisation, courses, on=as_of, fewest=frozen["fewest"]))
    before = {row["person"]: row for row in then["rows"]}
    after = {row.person: row.as_dict() for row in now.rows}
    differences = [_difference(person, before.get(person), after.get(person)) for person in sorted(before.keys() | after.keys())]
    changed = tuple(found for found in differences if found is not None)
    return Comparison(snapshot, then, now, changed, _evaluation(frozen, now.evaluation))


def _evaluation(then: dict[str, Any] | None, now: dict[str, Any] | None) -> tuple[Change, ...]:
    if then is None or now is None:
        return ()
    before, after = ({(one.heading, one.what): one.came_to for one in lines_of(facts)} for facts in (then, now))
    keys = [*before, *(key for key in after if key not in before)]
    return tuple(
        Change(": ".join(key), before.get(key, "none"), after.get(key, "none"))
        for key in keys
        if before.get(key) != after.get(key)
    )


def _difference(person: int, then: dict[str, Any] | None, now: dict[str, Any] | None) -> Difference | None:
    if then == now:
        return None
    if then is None:
        return Difference(person, "Was not in post then, as far as was known", ())
    if now is None:
        return Difference(person, "Is not in post on that day, as known now", ())
    changed = [key for key in WORDS if then[key] != now[key]]
    changes = tuple(Change(WORDS[key], _in_words(then[key]), _in_words(now[key])) for key in changed)
    return Difference(person, "Changed", changes)


def _in_words(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(value)
    return str(value).replace("_", " ") if value else "none"
