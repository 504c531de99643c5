"""Asking everybody to do a course again: when it ends what they completed, and how many people that is."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Organisation
from audit.services import record
from courses.audiences import posts_asked, rule_of
from courses.frequencies import Frequency
from courses.models import Completion, Course, CourseVersion, RetakeDemand, TrainingNeed

LONGEST_DAYS = 60
"""How many days people may be given at most, so that they see it as due as soon as they are asked."""


@dataclass(frozen=True)
class Reach:
    """Whom a new version of a course touches on a day."""

    organisations: int
    """How many ask for the course."""
    people: int
    """How many people in post they ask it of."""
    up_to_date: int
    """How many of those have done it, so that it counts today."""


def reach_of(course: Course, *, on: date) -> Reach:
    """How many people a decision about a course is about on a day, each counted once."""
    alike: dict[tuple[object, ...], list[TrainingNeed]] = defaultdict(list)
    for line in TrainingNeed.objects.filter(course=course).covering(on):
        alike[Frequency.of(line), rule_of(line)].append(line)
    asked: set[int] = set()
    done: set[int] = set()
    for lines in alike.values():
        organisations = {line.organisation_id for line in lines}
        people = set(posts_asked(lines[0], on=on, organisations=organisations).order_by().values_list("person", flat=True))
        counting = Completion.objects.counting_after(Frequency.of(lines[0]).cutoff(on), on).filter(course=course)
        done |= people & set(counting.filter(person__organisation__in=organisations).values_list("person", flat=True))
        asked |= people
    return Reach(len({line.organisation_id for lines in alike.values() for line in lines}), len(asked), len(done))


def ask_everybody(version: CourseVersion, *, days: int, by: Any, at: datetime) -> RetakeDemand:
    """Ask everybody who completed an earlier version to do the course again within some days. A second call changes nothing.

    Raises:
        ValueError: fewer than 1 day or more than ``LONGEST_DAYS``.
    """
    if not 1 <= days <= LONGEST_DAYS:
        raise ValueError(f"Give people between 1 and {LONGEST_DAYS} days.")
    today = timezone.localdate(at)
    demand, created = RetakeDemand.objects.get_or_create(
        version=version, defaults={"course": version.course, "asked_on": today, "last_day": today + timedelta(days=days)}
    )
    if created:
        owner: Organisation | None = version.course.organisation
        record(
            "courses.retake_demanded",
            organisation=owner or "",
            by=by,
            target=version,
            summary={"course": version.course.code, "number": version.number, "last_day": demand.last_day.isoformat()},
            at=at,
        )
    return demand
