"""What the training records say of the people in a sample, for the auditor to compare with what they see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from courses.models import Certificate, Completion


def facts_of(people: Sequence[int], *, content: Mapping[str, Any]) -> dict[int, dict[str, Any]]:
    """By person: what the reading's row says, and the record behind its date with its certificate. No name is in it.

    Args:
        people: the numbers of the people.
        content: the reading, as it was kept.
    """
    rows = {row["person"]: row for row in content["rows"]}
    dates = {person: date.fromisoformat(rows[person]["completed_on"]) for person in people if rows[person]["completed_on"]}
    records = (
        Completion.objects.filter(person__in=dates, completed_on__in=set(dates.values()), course__code__in=content["courses"])
        .not_void()
        .select_related("course_version")
        .order_by("pk")
    )
    found: dict[int, Completion] = {}
    for record in records:
        if record.completed_on == dates[record.person_id]:
            found[record.person_id] = record
    issued = Certificate.objects.filter(completion__in=[record.pk for record in found.values()]).order_by("number")
    serials = dict(issued.values_list("completion", "serial"))
    return {person: _facts(rows[person], found.get(person), serials) for person in people}


def _facts(row: Mapping[str, Any], record: Completion | None, serials: Mapping[int, str]) -> dict[str, Any]:
    return {
        "status": row["status"],
        "counted": row["counted"],
        "completed_on": row["completed_on"],
        "source": record.get_source_display() if record else "",
        "version": record.course_version.number if record and record.course_version else None,
        "score_percent": record.score_percent if record else None,
        "certificate": serials.get(record.pk, "") if record else "",
    }
