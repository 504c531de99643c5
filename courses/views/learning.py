"""The learner's own pages: what is due and why, a course, and one lesson a page."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import requires, signed_in
from audit.spreadsheets import CSV_TYPE, csv_lines
from content.plain import headed
from courses.certificates import CERTIFIED_SOURCES
from courses.completions import CompletionRefusedError, finish_reading
from courses.learning import completed_by, mark_read, reading, readings
from courses.local_details import here_in
from courses.media import with_addresses
from courses.models import Course, CourseVersion
from courses.my_record import HEADINGS, completion_rows, whole_record
from courses.obligations import what_is_due
from courses.scenarios import with_answers
from courses.views.companions import on_paper
from staff.models import Person


@signed_in
@require_safe
def my_training(request: SignedInRequest) -> HttpResponse:
    """What is due and why, where to go on, and what was completed."""
    today = timezone.localdate()
    person = _person(request)
    if person is None:
        return render(request, "courses/no_staff_record.jinja", {"may_browse": request.access.can(Capability.LEARN)})
    due = what_is_due(person, on=today)
    to_do = [item for item in due if item.is_to_do]
    done = completed_by(person, today)
    return render(
        request,
        "courses/my_training.jinja",
        {
            "person": person,
            "to_do": to_do,
            "up_to_date": [item for item in due if not item.is_to_do],
            "readings": readings(person, [item.course for item in to_do], on=today, done=done),
            "completions": done,
            "certified_sources": CERTIFIED_SOURCES,
        },
    )


@requires(Capability.LEARN)
@require_safe
def my_record(request: SignedInRequest) -> HttpResponse:
    """Everything kept about one's own learning, as a file that any program reads."""
    person = get_object_or_404(Person, user=request.user, organisation=request.access.organisation)
    record = json.dumps(whole_record(person, at=timezone.now()), indent=2, ensure_ascii=False)
    return _attached(record, "my-learning.json", "application/json")


@requires(Capability.LEARN)
@require_safe
def my_record_csv(request: SignedInRequest) -> HttpResponse:
    """One's own completions as a table."""
    person = get_object_or_404(Person, user=request.user, organisation=request.access.organisation)
    return _attached("".join(csv_lines(HEADINGS, completion_rows(person))), "my-completions.csv", CSV_TYPE)


@requires(Capability.LEARN)
@require_safe
def course_detail(request: SignedInRequest, course_code: str) -> HttpResponse:
    """A course: its modules, how far one is, and the quiz."""
    today = timezone.localdate()
    course = _course(request, course_code)
    person = _person(request)
    found = reading(person, course, on=today)
    due = next((item for item in what_is_due(person, on=today) if item.course.pk == course.pk), None) if person else None
    context = {
        "course": course,
        "reading": found,
        "due": due,
        "person": person,
        "today": today,
        "on_paper": on_paper(course),
        "may_lead": request.access.can(Capability.TEAM_VIEW, Capability.NEEDS_VIEW, Capability.CONTENT_EDIT),
    }
    return render(request, "courses/course_detail.jinja", context)


@requires(Capability.LEARN)
@require_POST
def course_read(request: SignedInRequest, course_code: str) -> HttpResponse:
    """Somebody says that they have read a course without a quiz and understood it."""
    course = _course(request, course_code)
    person = get_object_or_404(Person, user=request.user, organisation=request.access.organisation)
    if not request.POST.get("understood"):
        messages.error(
            request, "Tick the box if you have read and understood the course. If something is not clear, ask your manager."
        )
        return redirect("courses:course_detail", course.code)
    try:
        finish_reading(person, course, by=request.user, at=timezone.now())
    except CompletionRefusedError as refusal:
        messages.error(request, str(refusal))
        return redirect("courses:course_detail", course.code)
    messages.success(request, f"You have completed “{course.title}”. Your certificate is below.")
    return redirect("courses:my_training")


@requires(Capability.LEARN)
@require_http_methods(["GET", "POST"])
def lesson_detail(request: SignedInRequest, course_code: str, module: str, lesson: int) -> HttpResponse:
    """One lesson: read it, try its situations, then save it as read and go on."""
    course = _course(request, course_code)
    today = timezone.localdate()
    version = CourseVersion.objects.filter(course=course).in_force(today).select_related("blueprint_version").first()
    place = _place(version.content, module, lesson) if version else None
    if request.method == "POST":
        return _lesson_read(request, course, version, module=module, lesson=lesson)
    if version is None or place is None:
        raise Http404
    asked = any(block["type"] == "local_details" for block in place["lesson"]["blocks"])
    context = {
        "course": course,
        "version": version,
        "person": _person(request),
        "here": here_in(request.access.organisation, on=today, with_posts=asked),
        "says_here": asked,
        "blocks": with_answers(with_addresses(headed(place["lesson"]["blocks"]), course), dict(request.GET.lists())),
    }
    return render(request, "courses/lesson_detail.jinja", context | place)


def _lesson_read(
    request: SignedInRequest, course: Course, version: CourseVersion | None, *, module: str, lesson: int
) -> HttpResponse:
    person = _person(request)
    place = _place(version.content, module, lesson) if version else None
    if version is None or place is None:
        messages.warning(request, "This course changed while you were reading. Go on from here.")
        return redirect("courses:course_detail", course.code)
    if person is not None:
        mark_read(person, version, module=module, lesson=lesson, at=timezone.now())
    if place["following"]:
        return redirect("courses:lesson_detail", course.code, module, lesson + 1)
    found = reading(person, course, on=timezone.localdate())
    if person is not None and found is not None:
        left = found.modules_left
        more = "You have read all of it." if not left else "1 module to go." if left == 1 else f"{left} modules to go."
        messages.success(request, f"You have read “{place['module']['title']}”. {more}")
    return redirect("courses:course_detail", course.code)


def _place(content: dict[str, Any], module: str, lesson: int) -> dict[str, Any] | None:
    """A lesson and what is around it, or None if the content has no such lesson."""
    found = next((item for item in content["modules"] if item["slug"] == module), None)
    if found is None or not 1 <= lesson <= len(found["lessons"]):
        return None
    lessons = found["lessons"]
    return {
        "module": found,
        "lesson": lessons[lesson - 1],
        "number": lesson,
        "previous": lessons[lesson - 2] if lesson > 1 else None,
        "following": lessons[lesson] if lesson < len(lessons) else None,
    }


def _attached(content: str, name: str, media_type: str) -> HttpResponse:
    disposition = f'attachment; filename="{name}"'
    return HttpResponse(content, content_type=media_type, headers={"Content-Disposition": disposition})


def _course(request: SignedInRequest, code: str) -> Course:
    return get_object_or_404(Course.objects.available_to(request.access.organisation).published(), code=code)


def _person(request: SignedInRequest) -> Person | None:
    """The staff record of whoever has come, in the organisation they work in now."""
    return Person.objects.filter(user=request.user, organisation=request.access.organisation).first()
