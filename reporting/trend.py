"""The figure over time: as it was recorded each night, beside what is known of those days now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import Organisation
from courses.dates import minus_months
from courses.models import Course, TrainingNeed
from reporting.enums import By
from reporting.models import RateSnapshot
from reporting.queries import completion_rate, headlines_on
from reporting.rates import Question, RateReport, Tally
from reporting.readings import rule_in_force
from reporting.rules import TRAINING

MONTHS_BACK = 13


@dataclass(frozen=True)
class Moment:
    """The headline figure of a day: as it was recorded then, if it was, and as it is known now."""

    on: date
    now: Tally
    recorded: RateSnapshot | None

    @property
    def differs(self) -> bool:
        """Whether later records, voids or corrected posts changed the figure of the day."""
        return self.recorded is not None and (self.recorded.trained, self.recorded.in_scope) != (
            self.now.current,
            self.now.in_scope,
        )


@transaction.atomic
def keep_rate(organisation: Organisation, course: Course, *, on: date, at: datetime) -> RateSnapshot:
    """Record the figure of a finished day, with every unit's share; a second call finds it there."""
    Organisation.objects.select_for_update().get(pk=organisation.pk)
    kept = RateSnapshot.objects.filter(organisation=organisation, course=course, on=on).first()
    if kept is not None:
        return kept
    rule = rule_in_force(organisation, TRAINING, on=on, course=course)
    report = completion_rate(organisation, course, on=on, rule=rule, by=By.UNIT)
    headline = report.headline
    return RateSnapshot.objects.create(
        organisation=organisation,
        course=course,
        on=on,
        rule=rule.as_dict(),
        trained=headline.current,
        in_scope=headline.in_scope,
        figures=report.as_dict() | {"groups": _units(report)},
        taken_at=at,
    )


def _units(report: RateReport) -> list[dict[str, object]]:
    return [group.as_dict() for group in report.groups[By.UNIT]]


def needed_courses(organisation: Organisation, on: date) -> QuerySet[Course]:
    """The courses that somebody needs on a day."""
    needs = TrainingNeed.objects.in_force(organisation, on).values("course")
    return Course.objects.available_to(organisation).filter(pk__in=needs).order_by("pk")


def trend(organisation: Organisation, course: Course, *, today: date) -> list[Moment]:
    """The ends of the last months and today. Two statements and the rule."""
    days = month_ends(today)
    rule = rule_in_force(organisation, TRAINING, on=today, course=course)
    question = Question(organisation, (course,), today, rule)
    tallies = headlines_on([replace(question, on=day) for day in days])
    kept = {
        snapshot.on: snapshot for snapshot in RateSnapshot.objects.filter(organisation=organisation, course=course, on__in=days)
    }
    return [Moment(day, tally, kept.get(day)) for day, tally in zip(days, tallies, strict=True)]


def month_ends(today: date) -> Sequence[date]:
    """The last days of the months before today's, oldest first, and today."""
    first = today.replace(day=1)
    return [minus_months(first, back) - timedelta(days=1) for back in range(MONTHS_BACK - 1, -1, -1)] + [today]
