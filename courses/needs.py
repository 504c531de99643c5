"""Writing the lines of the training needs analysis."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import Organisation
from audit.services import record
from courses.models import Course, TrainingNeed
from nhsuk.jinja import day

DEFAULT_COURSE = "data-security-awareness"
DEFAULT_MONTHS = 12
DEFAULT_STARTER_DAYS = 30
DEFAULT_RATIONALE = (
    "Everyone who can see or hear personal information can lose it, send it to the wrong place or be tricked out of it. "
    "Once a year is often enough to keep the habits fresh, and the Data Security and Protection Toolkit asks about the last 12 months. "
    "Starters learn it in their first weeks, because mistakes happen early."
)


class NeedRefusedError(ValueError):
    """The line cannot be written as asked; the text says why, fit for a person to read."""


@transaction.atomic
def set_need(
    organisation: Organisation,
    *,
    course: Course,
    audience: str,
    months: int,
    starter_days: int,
    rationale: str,
    start: date,
    by: Any,
    at: datetime,
) -> TrainingNeed:
    """Write a line of the training needs analysis from a date on.

    A line that was there for the same course and audience ends where the new one starts, so that
    earlier dates keep the rule they had. The same line again changes nothing.

    Raises:
        NeedRefusedError: no reason is given, the course is not this organisation's, or a later line is there already.
    """
    if not rationale.strip():
        raise NeedRefusedError("Say why they need it: an assessor will ask.")
    if course.organisation_id not in (None, organisation.pk):
        raise NeedRefusedError("This course belongs to another organisation.")
    Organisation.objects.select_for_update().get(pk=organisation.pk)
    values: dict[str, Any] = {
        "months": months,
        "starter_days": starter_days,
        "rationale": rationale.strip(),
    }
    lines = TrainingNeed.objects.filter(organisation=organisation, course=course, audience=audience, start__isnull=False)
    if lines.filter(Q(start__gt=start) | Q(end__gt=start)).exists():
        raise NeedRefusedError(
            f"There is a later line for this course and audience. Choose a date after {day(_last_change(lines))}."
        )
    open_line = lines.filter(end__isnull=True).first()
    if open_line is not None and all(getattr(open_line, name) == value for name, value in values.items()):
        return open_line
    if open_line is not None and open_line.start == start:
        for name, value in values.items():
            setattr(open_line, name, value)
        open_line.save(update_fields=list(values))
        need = open_line
    else:
        lines.filter(end__isnull=True).update(end=start)
        if open_line is not None:
            values["series"] = open_line.series
        need = TrainingNeed.objects.create(organisation=organisation, course=course, audience=audience, start=start, **values)
    record(
        "courses.need_set",
        organisation=organisation,
        by=by,
        target=need,
        summary=_summary(need) | {"months": months, "starter_days": starter_days, "start": start.isoformat()},
        at=at,
    )
    return need


def ensure_default_need(organisation: Organisation, *, by: Any, at: datetime, start: date | None = None) -> TrainingNeed:
    """See that the organisation asks for data security awareness of everyone with access to personal data.

    An open line for that course and audience stays as it is, whoever wrote it.

    Args:
        organisation: who needs it.
        by: who acts.
        at: when.
        start: from when on; the London date of ``at`` when not given.

    Raises:
        NeedRefusedError: the course has not been loaded.
    """
    course = Course.objects.filter(code=DEFAULT_COURSE).first()
    if course is None:
        raise NeedRefusedError(f"There is no course “{DEFAULT_COURSE}” yet: run manage.py load_content first.")
    audience = TrainingNeed.Audience.WITH_ACCESS
    existing = TrainingNeed.objects.filter(organisation=organisation, course=course, audience=audience, end__isnull=True).first()
    if existing is not None:
        return existing
    return set_need(
        organisation,
        course=course,
        audience=audience,
        months=DEFAULT_MONTHS,
        starter_days=DEFAULT_STARTER_DAYS,
        rationale=DEFAULT_RATIONALE,
        start=start or timezone.localdate(at),
        by=by,
        at=at,
    )


def _last_change(lines: Any) -> date:
    return max(max(line.start, line.end or line.start) for line in lines)


def _summary(need: TrainingNeed) -> dict[str, Any]:
    return {"course": need.course.code, "audience": need.get_audience_display().lower()}
