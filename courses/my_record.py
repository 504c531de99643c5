"""Everything that is kept about one person's learning, for that person to take away."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.db.models import Prefetch
from django.utils import timezone

from courses.models import Certificate, Completion, Progress
from quizzes.models import Attempt
from staff.models import Person

SCHEMA = "tenfold-my-learning/1"
HEADINGS = ("course", "course code", "completed on", "how", "score in per cent", "withdrawn on", "certificate")


def whole_record(person: Person, *, at: datetime) -> dict[str, Any]:
    """Completions with their certificates, quiz attempts with marks, and lessons read, in plain data.

    Attempts carry results and no questions: the bank stays fair for the next paper.
    """
    return {
        "schema": SCHEMA,
        "made_at": at.isoformat(),
        "person": {
            "staff_number": person.staff_number,
            "name": f"{person.first_name} {person.last_name}",
            "organisation": person.organisation.name,
        },
        "completions": [_completion(completion) for completion in _completions(person)],
        "quiz_attempts": [_attempt(attempt) for attempt in _attempts(person)],
        "lessons_read": [_progress(progress) for progress in _progress_of(person)],
    }


def completion_rows(person: Person) -> Iterator[tuple[Any, ...]]:
    """A row for each completion, as ``HEADINGS`` names its cells, newest first."""
    for completion in _completions(person):
        found = _completion(completion)
        certificate = found["certificate"]
        yield (
            found["course"],
            found["course_code"],
            found["completed_on"],
            found["how"],
            found["score_percent"],
            found["withdrawn_on"],
            certificate["serial"] if certificate else "",
        )


def _completions(person: Person) -> Any:
    certificates = Prefetch("certificates", Certificate.objects.newest(), to_attr="newest_certificates")
    done = Completion.objects.filter(person=person).select_related("course", "void").prefetch_related(certificates)
    return done.order_by("-completed_on", "-pk")


def _attempts(person: Person) -> Any:
    return Attempt.objects.filter(person=person).select_related("blueprint").order_by("-started_at")


def _progress_of(person: Person) -> Any:
    rows = Progress.objects.filter(person=person).select_related("course_version__course")
    return rows.defer("course_version__content").order_by("-started_on", "pk")


def _completion(completion: Any) -> dict[str, Any]:
    void = getattr(completion, "void", None)
    certificate = next(iter(completion.newest_certificates), None)
    return {
        "course": completion.course.title,
        "course_code": completion.course.code,
        "completed_on": completion.completed_on.isoformat(),
        "how": completion.get_source_display(),
        "score_percent": completion.score_percent,
        "reference": completion.reference,
        "recorded_at": completion.recorded_at.isoformat(),
        "withdrawn_on": _day(void.voided_at) if void else None,
        "withdrawn_because": void.reason if void else None,
        "certificate": {"serial": certificate.serial, "issued_on": _day(certificate.issued_at)} if certificate else None,
    }


def _attempt(attempt: Attempt) -> dict[str, Any]:
    return {
        "quiz": attempt.blueprint.title,
        "state": attempt.get_state_display(),
        "started_at": attempt.started_at.isoformat(),
        "handed_in_at": attempt.submitted_at.isoformat() if attempt.submitted_at else None,
        "marks": attempt.marks,
        "marks_available": attempt.marks_available,
        "marks_needed": attempt.marks_needed,
        "passed": attempt.passed,
    }


def _progress(progress: Progress) -> dict[str, Any]:
    return {
        "course": progress.course_version.course.title,
        "version": progress.course_version.number,
        "started_on": progress.started_on.isoformat(),
        "last_read_at": progress.updated_at.isoformat(),
        "lessons": sorted(progress.seen),
    }


def _day(moment: datetime | date) -> str:
    return (timezone.localdate(moment) if isinstance(moment, datetime) else moment).isoformat()
