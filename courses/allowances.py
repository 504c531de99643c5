"""More time and exemptions: asking for them, deciding, and taking them back. Nobody decides about themselves."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit.services import record
from courses.models import Course, Exemption, Extension
from courses.obligations import Due, what_is_due
from nhsuk.jinja import day
from staff.models import Person


class AllowanceRefusedError(ValueError):
    """It cannot be asked for or decided so; the text says why, fit for a person to read."""


def ask_more_time(person: Person, course: Course, *, until: date, reason: str, by: User, at: datetime) -> Extension:
    """Ask that a person may do a course later. The same again returns what waits already.

    Raises:
        AllowanceRefusedError: the course is not due, the day is not later than the due date, or no reason is given.
    """
    return _write(Extension.Act.ASKED, person, course, until=until, reason=reason, by=by, at=at)


def give_more_time(person: Person, course: Course, *, until: date, reason: str, by: User, at: datetime) -> Extension:
    """Let a person do a course later. The date it was due without that is kept.

    Raises:
        AllowanceRefusedError: as for ``ask_more_time``, or somebody gives it to themselves or asked for it.
    """
    return _write(Extension.Act.GRANTED, person, course, until=until, reason=reason, by=by, at=at)


def refuse_more_time(person: Person, course: Course, *, reason: str, by: User, at: datetime) -> Extension:
    """Say no to what was asked.

    Raises:
        AllowanceRefusedError: nothing waits, no reason is given, or it is one's own.
    """
    return _write(Extension.Act.REFUSED, person, course, until=None, reason=reason, by=by, at=at)


def take_back_time(person: Person, course: Course, *, reason: str, by: User, at: datetime) -> Extension:
    """Undo an extension: it is due again when it was due without.

    Raises:
        AllowanceRefusedError: there is none, no reason is given, or it is one's own.
    """
    return _write(Extension.Act.WITHDRAWN, person, course, until=None, reason=reason, by=by, at=at)


def acts_on(due: Due, person: Person) -> list[Extension]:
    """What was asked, given, refused and taken back about one due date, the latest first."""
    acts = Extension.objects.filter(person=person, course=due.course, cycle_after=due.status.completed_on)
    return list(acts.select_related("by").order_by("-pk"))


@transaction.atomic
def _write(
    act: Extension.Act, person: Person, course: Course, *, until: date | None, reason: str, by: User, at: datetime
) -> Extension:
    today = timezone.localdate(at)
    person = Person.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=person.pk)
    due = next((one for one in what_is_due(person, on=today) if one.course.pk == course.pk), None)
    if due is None or due.baseline_due_on is None:
        raise AllowanceRefusedError("Nothing is due here that could be due later.")
    if not reason.strip():
        raise AllowanceRefusedError("Say why.")
    if act != Extension.Act.ASKED and person.user_id == by.pk:
        raise AllowanceRefusedError("You cannot decide about your own training. Ask a colleague.")
    acts = acts_on(due, person)
    if act == Extension.Act.ASKED and acts and acts[0].act == act:
        return acts[0]
    _require_sense(act, due, acts, until=until, by=by)
    written = Extension.objects.create(
        person=person,
        course=course,
        cycle_after=due.status.completed_on,
        act=act,
        baseline_due_on=due.baseline_due_on,
        until=until,
        reason=reason.strip(),
        by=by,
        on=today,
        at=at,
    )
    summary = {
        "person": f"person:{person.pk}",
        "course": course.code,
        "until": until.isoformat() if until else None,
        "baseline": due.baseline_due_on.isoformat(),
    }
    record(f"courses.extension_{act}", organisation=person.organisation, by=by, target=written, summary=summary, at=at)
    return written


def _require_sense(act: Extension.Act, due: Due, acts: list[Extension], *, until: date | None, by: User) -> None:
    """What is written fits what was asked and given before, and the due date."""
    waiting = acts[0] if acts and acts[0].act == Extension.Act.ASKED else None
    if act == Extension.Act.REFUSED and waiting is None:
        raise AllowanceRefusedError("Nothing waits for an answer here.")
    if act == Extension.Act.WITHDRAWN and not due.is_extended:
        raise AllowanceRefusedError("No extra time is given here.")
    if act == Extension.Act.GRANTED and waiting is not None and waiting.by == by:
        raise AllowanceRefusedError("You asked for this, so somebody else decides it.")
    baseline = due.baseline_due_on
    if until is not None and baseline is not None and until <= baseline:
        raise AllowanceRefusedError(f"It is due by {day(baseline)} as it is. Choose a later day.")


@transaction.atomic
def ask_exemption(person: Person, *, by: User, at: datetime, last_day: date | None, **values: Any) -> Exemption:
    """Ask that a person need not do a course, or any, for a time. It counts when somebody else has approved it.

    Raises:
        AllowanceRefusedError: the course is another organisation's, or the last day is before the first.
    """
    course = values.get("course")
    if course is not None and course.organisation_id not in (None, person.organisation_id):
        raise AllowanceRefusedError("This course belongs to another organisation.")
    if last_day is not None and last_day < values["start"]:
        raise AllowanceRefusedError("The last day is before the first.")
    exemption = Exemption.objects.create(
        person=person,
        end=last_day + timedelta(days=1) if last_day else None,
        requested_by=by,
        requested_at=at,
        approved_at=None,
        **values,
    )
    _record("courses.exemption_asked", exemption, by=by, at=at)
    return exemption


@transaction.atomic
def decide_exemption(exemption: Exemption, *, approve: bool, by: User, at: datetime) -> Exemption:
    """Approve an exemption or refuse it.

    Raises:
        AllowanceRefusedError: it is decided already, one asked for it oneself, or it is one's own.
    """
    exemption = Exemption.objects.select_for_update(of=("self",)).select_related("person__organisation").get(pk=exemption.pk)
    if exemption.approved_at or exemption.refused_at:
        raise AllowanceRefusedError("This is decided already.")
    if exemption.requested_by_id == by.pk:
        raise AllowanceRefusedError("You asked for this, so somebody else decides it.")
    if exemption.person.user_id == by.pk:
        raise AllowanceRefusedError("You cannot decide about your own training. Ask a colleague.")
    if approve:
        exemption.approved_by, exemption.approved_at = by, at
    else:
        exemption.refused_by, exemption.refused_at = by, at
    exemption.save(update_fields=["approved_by", "approved_at", "refused_by", "refused_at"])
    _record("courses.exemption_approved" if approve else "courses.exemption_refused", exemption, by=by, at=at)
    return exemption


@transaction.atomic
def end_exemption(exemption: Exemption, *, last_day: date, by: User, at: datetime) -> Exemption:
    """Let an exemption end sooner than it says. Ending it before its first day undoes it.

    Raises:
        AllowanceRefusedError: it is not approved, or ends by then already.
    """
    exemption = Exemption.objects.select_for_update(of=("self",)).select_related("person__organisation").get(pk=exemption.pk)
    end = max(last_day + timedelta(days=1), exemption.start)
    if exemption.approved_at is None:
        raise AllowanceRefusedError("This is not approved, so there is nothing to end.")
    if exemption.end is not None and end >= exemption.end:
        raise AllowanceRefusedError(f"It ends on {day(exemption.end - timedelta(days=1))} as it is. Choose an earlier day.")
    exemption.end = end
    exemption.save(update_fields=["end"])
    _record("courses.exemption_ended", exemption, by=by, at=at)
    return exemption


def _record(what: str, exemption: Exemption, *, by: User, at: datetime) -> None:
    summary = {
        "person": f"person:{exemption.person_id}",
        "course": exemption.course.code if exemption.course else None,
        "start": exemption.start.isoformat(),
        "end": exemption.end.isoformat() if exemption.end else None,
        "effect": exemption.effect,
    }
    record(what, organisation=exemption.person.organisation, by=by, target=exemption, summary=summary, at=at)
