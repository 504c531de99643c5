"""Freezing a course: what learners read, and what a completion refers to, never changes under them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from audit.canonical import digest
from audit.services import record
from courses.media import keep_files
from courses.models import ChangeClass, Course, CoursePage, CourseVersion, Redo
from courses.retakes import ask_everybody
from quizzes.history import PastQuestion, asked_between
from quizzes.models import Blueprint, BlueprintVersion, Question


@transaction.atomic
def publish_version(
    course: Course, *, change_class: str, by: Any, at: datetime, redo: str = Redo.NOBODY, days: int | None = None
) -> CourseVersion | None:
    """Freeze the live pages of a course and the rules of its quiz as they now are.

    The first version of a course is always material, and nobody does it again.

    Args:
        course: which one.
        change_class: what kind of change it is.
        by: who decided it.
        at: when.
        redo: which of those who completed an earlier version do it again.
        days: how long they have, if that is everyone now.

    Returns:
        The newest version: the one that was there when nothing has changed, and None for a course without
        live modules that was never published.

    Raises:
        UploadRefusedError: a file of a lesson is gone or cannot be kept.
    """
    course = Course.objects.select_for_update().get(pk=course.pk)
    newest = course.versions.order_by("-number").first()
    page = CoursePage.objects.filter(course=course, live=True).first()
    content = page.frozen() if page else None
    if content is None or not content["modules"]:
        return newest
    content = keep_files(course, content)
    _match(course, title=content["title"])
    rules = _rules_of(course)
    content_hash = digest(content)
    if (
        newest is not None
        and newest.content_hash == content_hash
        and newest.blueprint_version_id == (rules.pk if rules else None)
    ):
        return newest
    version = CourseVersion.objects.create(
        course=course,
        number=newest.number + 1 if newest else 1,
        content=content,
        content_hash=content_hash,
        blueprint_version=rules,
        change_class=change_class if newest else ChangeClass.MATERIAL,
        redo=redo if newest else Redo.NOBODY,
        effective_on=timezone.localdate(at),
        created_at=at,
    )
    record(
        "courses.version_published",
        organisation=course.organisation or "",
        by=by,
        target=version,
        summary={"course": course.code, "number": version.number, "change": version.change_class, "content": content_hash},
        at=at,
    )
    if version.redo == Redo.EVERYONE_NOW and days is not None:
        ask_everybody(version, days=days, by=by, at=at)
    return version


def in_force(course: Course, on: date) -> CourseVersion | None:
    """The version of a course that learners read on a date, with the rules of its quiz."""
    return course.versions.in_force(on).select_related("blueprint_version").first()


def asked_with(version: CourseVersion, questions: QuerySet[Question]) -> list[PastQuestion]:
    """The questions that papers of a version had or could have, of those given, for as long as it was the newest."""
    if version.blueprint_version is None:
        return []
    later = CourseVersion.objects.filter(course=version.course_id, number__gt=version.number).order_by("number")
    until = later.values_list("created_at", flat=True).first()
    return asked_between(version.blueprint_version, questions, since=version.created_at, until=until)


def _match(course: Course, *, title: str) -> None:
    """Keep the course's row in step with its page, and with the quiz that has its code."""
    course.title = title
    if course.blueprint_id is None:
        course.blueprint = Blueprint.objects.filter(code=course.code).first()
    course.save(update_fields=["title", "blueprint"])


def _rules_of(course: Course) -> BlueprintVersion | None:
    if course.blueprint_id is None:
        return None
    return BlueprintVersion.objects.filter(blueprint=course.blueprint_id).order_by("-number").first()
