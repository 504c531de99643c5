"""The fact of having finished a course: recorded once, never edited, voided with a reason."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from audit.services import record
from courses import certificates
from courses.certificates import frequency_of
from courses.frequencies import FOR_GOOD
from courses.learning import reading
from courses.models import Completion, CompletionVoid, Course, CourseVersion
from courses.support import suggest_support_if_due
from courses.versions import in_force
from evidence.models import DocumentVersion
from quizzes.grading import score_percent as percent_of
from quizzes.models import Attempt
from quizzes.remarking import standing_of
from quizzes.services import submit_attempt
from staff.models import Person

logger = logging.getLogger(__name__)

RECORDED_SOURCES = (Completion.Source.CLASSROOM, Completion.Source.DISCUSSION, Completion.Source.PRIOR_LEARNING)
"""The ways of learning that somebody else records for a learner."""


class CompletionRefusedError(ValueError):
    """The completion cannot be recorded or voided as asked; the text says why, fit for a person to read."""


def hand_in(attempt: Attempt, *, by: Any, at: datetime) -> Attempt:
    """Hand in a quiz; a pass becomes a completion with its certificate. A second call changes nothing.

    The certificate follows the facts: if it cannot be made now, it is made when it is first asked for.

    Raises:
        AttemptClosedError: the attempt was abandoned or voided.
    """
    with transaction.atomic():
        attempt = submit_attempt(attempt, at=at)
        completion = record_pass(attempt, by=by, at=at) if attempt.passed else None
        if attempt.marked_at == at:
            suggest_support_if_due(attempt, at=at)
    if completion is not None:
        _issue(completion, by=by, at=at)
    return attempt


def hand_in_overdue(*, at: datetime) -> int:
    """Hand in every attempt whose time is up, as it stands. Returns how many there were."""
    overdue = list(Attempt.objects.overdue(at))
    for attempt in overdue:
        hand_in(attempt, by="system", at=at)
    return len(overdue)


@transaction.atomic
def record_pass(attempt: Attempt, *, by: Any, at: datetime) -> Completion:
    """Record a passed attempt as a completion on the London date it was handed in, once.

    Also where it became a pass later, because a question was withdrawn: the person showed what they know on that date.

    Raises:
        CompletionRefusedError: the attempt was not passed, or belongs to no course.
    """
    if attempt.submitted_at is None or not (standing := standing_of(attempt)).passed:
        raise CompletionRefusedError("Only a passed attempt completes a course.")
    existing = Completion.objects.filter(attempt=attempt).first()
    if existing is not None:
        return existing
    taken = version_taken(attempt)
    if taken is None:
        raise CompletionRefusedError("This quiz belongs to no course of this organisation.")
    completion, created = Completion.objects.get_or_create(
        attempt=attempt,
        defaults={
            "person": attempt.person,
            "course": taken.course,
            "course_version": taken,
            "completed_on": timezone.localdate(attempt.submitted_at),
            "source": Completion.Source.QUIZ,
            "score_percent": percent_of(standing.marks, attempt.marks_available),
            "entered_by": by if isinstance(by, User) else None,
            "recorded_at": at,
        },
    )
    if created:
        _tell(completion, by=by, at=at)
    return completion


def finish_reading(person: Person, course: Course, *, by: Any, at: datetime) -> Completion:
    """Record that somebody read a course without a quiz and understood it, with its certificate.

    Once a day: a second call returns what is there.

    Raises:
        CompletionRefusedError: the course is not completed by reading, or some of it is not read yet.
    """
    today = timezone.localdate(at)
    with transaction.atomic():
        Person.objects.select_for_update().get(pk=person.pk)
        key = {"person": person, "course": course, "source": Completion.Source.READING, "completed_on": today, "attempt": None}
        done = Completion.objects.filter(**key).select_related("void").first()
        if done is not None and hasattr(done, "void"):
            raise CompletionRefusedError("What you recorded today was taken back. Ask your manager why, and try again tomorrow.")
        if done is not None:
            return done
        found = reading(person, course, on=today)
        if found is None or not found.version.ends_by_reading:
            raise CompletionRefusedError("This course is not completed by reading it.")
        if not found.is_all_read:
            raise CompletionRefusedError("There is something left to read first.")
        entered_by = by if isinstance(by, User) else None
        done = Completion.objects.create(**key, course_version=found.version, entered_by=entered_by, recorded_at=at)
        _tell(done, by=by, at=at)
    _issue(done, by=by, at=at)
    return done


def record_gained_pass(attempt: Attempt, *, by: Any, at: datetime) -> Completion | None:
    """Record what a withdrawal made a pass, where the quiz still belongs to a course."""
    return record_pass(attempt, by=by, at=at) if version_taken(attempt) else None


@transaction.atomic
def record_completion(
    person: Person,
    course: Course,
    *,
    source: str,
    completed_on: date,
    by: Any,
    at: datetime,
    score_percent: int | None = None,
    reference: str = "",
    evidence: DocumentVersion | None = None,
    version: CourseVersion | None = None,
) -> Completion:
    """Record a classroom session, a discussion or prior learning, once for a day and source.

    Unless a version is named, it is the one in force on the day.

    Raises:
        CompletionRefusedError: the date is in the future, the source is not one that people record, the
            course is another organisation's, somebody records their own, or the same record was voided.
    """
    _check_may_record(person, course, source=source, completed_on=completed_on, by=by, at=at)
    key = {"person": person, "course": course, "completed_on": completed_on, "source": source, "attempt": None}
    values = {
        "course_version": version or in_force(course, completed_on),
        "score_percent": score_percent,
        "reference": reference,
        "evidence": evidence,
        "entered_by": by if isinstance(by, User) else None,
        "recorded_at": at,
    }
    completion, created = Completion.objects.get_or_create(**key, defaults=values)
    if created:
        _tell(completion, by=by, at=at)
    elif CompletionVoid.objects.filter(completion=completion).exists():
        raise CompletionRefusedError(
            "The same record was entered for that date before and then withdrawn. Check the date and how it was learnt."
        )
    return completion


@transaction.atomic
def void_completion(completion: Completion, *, reason: str, by: Any, at: datetime) -> CompletionVoid:
    """Say that a completion does not stand, and why. The first void stands; a second call returns it.

    Raises:
        CompletionRefusedError: no reason is given, or it is one's own.
    """
    if not reason.strip():
        raise CompletionRefusedError("Say why the record does not stand.")
    if isinstance(by, User) and completion.person.user_id == by.pk:
        raise CompletionRefusedError("You cannot withdraw a record about yourself. Ask a colleague.")
    try:
        with transaction.atomic():
            void = CompletionVoid.objects.create(
                completion=completion, reason=reason.strip(), voided_by=by if isinstance(by, User) else None, voided_at=at
            )
    except IntegrityError:
        return CompletionVoid.objects.get(completion=completion)
    summary = {
        "person": f"person:{completion.person_id}",
        "course": completion.course.code,
        "completed_on": str(completion.completed_on),
    }
    record(
        "courses.completion_voided", organisation=completion.person.organisation, by=by, target=completion, summary=summary, at=at
    )
    return void


def version_taken(attempt: Attempt) -> CourseVersion | None:
    """The course version an attempt belongs to: of those with its quiz, the newest in force when it began.

    The content is left unread.
    """
    organisation = attempt.person.organisation_id
    with_quiz = (
        CourseVersion.objects.filter(blueprint_version=attempt.blueprint_version_id)
        .filter(Q(course__organisation__isnull=True) | Q(course__organisation=organisation))
        .select_related("course")
        .defer("content")
    )
    begun_on = timezone.localdate(attempt.started_at)
    in_time = with_quiz.filter(effective_on__lte=begun_on).order_by("-effective_on", "-number").first()
    return in_time or with_quiz.order_by("effective_on", "number").first()


def last_completion(person: Person, course: Course) -> Completion | None:
    """The latest completion of a course by a person that stands."""
    mine = Completion.objects.not_void().filter(person=person, course=course).select_related("person__organisation", "course")
    return mine.order_by("-completed_on", "-pk").first()


def counts_until(completion: Completion) -> date | None:
    """The last day on which a completion counts, by the organisation's own interval and the retakes asked for; None: for good."""
    until = frequency_of(completion).counts_until(completion.completed_on)
    return certificates.counts_until(completion, None if until == FOR_GOOD else until)


def modules_of(version: CourseVersion, sections: Iterable[int]) -> list[dict[str, Any]]:
    """The modules of a course version by their number from 1, as far as it has them."""
    modules = version.content.get("modules", [])
    return [modules[section - 1] for section in sections if section <= len(modules)]


def _issue(completion: Completion, *, by: Any, at: datetime) -> None:
    """The certificate, if it can be made now; else it is made when it is first asked for."""
    try:
        certificates.issue(completion, at=at, by=by)
    except Exception:
        logger.exception("The certificate of completion %s could not be made yet.", completion.pk)


def _check_may_record(person: Person, course: Course, *, source: str, completed_on: date, by: Any, at: datetime) -> None:
    if source not in RECORDED_SOURCES:
        raise CompletionRefusedError("Choose how it was learnt: a classroom session, a recorded discussion or prior learning.")
    if completed_on > timezone.localdate(at):
        raise CompletionRefusedError("The date is in the future. Enter the day on which the training took place.")
    if course.organisation_id not in (None, person.organisation_id):
        raise CompletionRefusedError("This course belongs to another organisation.")
    if isinstance(by, User) and person.user_id == by.pk:
        raise CompletionRefusedError("You cannot record your own training. Ask your manager or HR to do it.")


def _tell(completion: Completion, *, by: Any, at: datetime) -> None:
    record(
        "courses.completed",
        organisation=completion.person.organisation,
        by=by,
        target=completion,
        summary={
            "person": f"person:{completion.person_id}",
            "course": completion.course.code,
            "completed_on": completion.completed_on.isoformat(),
            "source": completion.get_source_display().lower(),
        },
        at=at,
    )
