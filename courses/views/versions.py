"""What people read and completed, as it was: a frozen version at an address of its own, and the words it explains."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import requires, signed_in
from audit.spreadsheets import CSV_TYPE, XLSX_TYPE, csv_lines, workbook
from content.plain import headed
from courses.glossary import words_of
from courses.media import with_addresses
from courses.models import Completion, Course, CourseVersion
from courses.scenarios import with_answers
from courses.versions import asked_with, in_force
from quizzes.history import HEADINGS, question_rows
from quizzes.models import Question


@requires(Capability.LEARN)
@require_safe
def word_list(request: SignedInRequest, course_code: str) -> HttpResponse:
    """The words of a course and their meanings, to read and to print."""
    course = _course(request, course_code)
    version = in_force(course, timezone.localdate())
    if version is None:
        raise Http404
    return render(request, "courses/word_list.jinja", {"course": course, "words": words_of(version.content)})


@requires(Capability.NEEDS_VIEW, Capability.CONTENT_EDIT)
@require_safe
def version_list(request: SignedInRequest, course_code: str) -> HttpResponse:
    """Every version of a course, the newest first: what changed, for whom, and how many here completed it."""
    course = _course(request, course_code)
    versions = list(course.versions.defer("content").select_related("blueprint_version", "retake_demand").order_by("-number"))
    here = Completion.objects.not_void().filter(course=course, person__organisation=request.access.organisation)
    done: dict[int | None, int] = {}
    for number in here.values_list("course_version__number", flat=True):
        done[number] = done.get(number, 0) + 1
    return render(request, "courses/version_list.jinja", {"course": course, "versions": versions, "done": done})


@requires(Capability.NEEDS_VIEW, Capability.CONTENT_EDIT)
@require_safe
def version_detail(request: SignedInRequest, course_code: str, number: int) -> HttpResponse:
    """One version as it was, however long ago."""
    course = _course(request, course_code)
    version = get_object_or_404(course.versions.select_related("course", "blueprint_version"), number=number)
    return _version(request, version, completion=None)


@signed_in
@require_safe
def completed_version(request: SignedInRequest, completion_id: int) -> HttpResponse:
    """What somebody completed, as it was when they did: for themselves."""
    mine = Completion.objects.filter(person__user=request.user, person__organisation=request.access.organisation)
    known = mine.select_related("course_version__course", "course_version__blueprint_version", "attempt")
    completion = get_object_or_404(known, pk=completion_id, course_version__isnull=False)
    return _version(request, completion.course_version, completion=completion)


@requires(Capability.CONTENT_EDIT)
@require_safe
def version_questions(request: SignedInRequest, course_code: str, number: int) -> HttpResponse:
    """The questions that papers of a version had, with their keys and explanations, a module at a time."""
    version = _numbered(request, course_code, number)
    asked = asked_with(version, Question.objects.visible_to(request.access))
    titles = {module["order"]: module["title"] for module in version.content["modules"]}
    sections = sorted({one.question.section for one in asked})
    wanted = request.GET.get("module", "")
    section = int(wanted) if wanted.isascii() and wanted.isdigit() and int(wanted) in sections else next(iter(sections), 0)
    context = {
        "version": version,
        "section": section,
        "sections": [(one, titles.get(one, ""), sum(q.question.section == one for q in asked)) for one in sections],
        "asked": [one for one in asked if one.question.section == section],
        "total": len(asked),
    }
    return render(request, "courses/version_questions.jinja", context)


@requires(Capability.CONTENT_EDIT)
@require_safe
def version_questions_file(request: SignedInRequest, course_code: str, number: int, file_format: str) -> HttpResponse:
    """All of them as CSV or a workbook, a row for each option."""
    if file_format not in ("csv", "xlsx"):
        raise Http404
    version = _numbered(request, course_code, number)
    rows = question_rows(asked_with(version, Question.objects.visible_to(request.access)))
    is_csv = file_format == "csv"
    content = "".join(csv_lines(HEADINGS, rows)) if is_csv else workbook("Questions", HEADINGS, rows)
    response = HttpResponse(content, content_type=CSV_TYPE if is_csv else XLSX_TYPE)
    name = f"{version.course.code}-version-{version.number}-questions.{file_format}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


def _numbered(request: SignedInRequest, course_code: str, number: int) -> CourseVersion:
    versions = _course(request, course_code).versions.select_related("course", "blueprint_version__blueprint")
    return get_object_or_404(versions, number=number, blueprint_version__isnull=False)


def _version(request: SignedInRequest, version: Any, *, completion: Completion | None) -> HttpResponse:
    may_read_keys = completion is None and request.access.can(Capability.CONTENT_EDIT)
    context: dict[str, Any] = {"version": version, "completion": completion, "lesson": None, "may_read_keys": may_read_keys}
    place = request.GET.get("lesson", "")
    if place:
        context |= _lesson(version, place, dict(request.GET.lists()))
    return render(request, "courses/version_detail.jinja", context)


def _lesson(version: CourseVersion, place: str, given: dict[str, list[str]]) -> dict[str, Any]:
    """One lesson of a version, by ``"<module>/<number>"``."""
    slug, _slash, number = place.rpartition("/")
    module = next((item for item in version.content["modules"] if item["slug"] == slug), None)
    if module is None or not number.isascii() or not number.isdigit() or not 1 <= int(number) <= len(module["lessons"]):
        raise Http404
    lesson = module["lessons"][int(number) - 1]
    return {
        "module": module,
        "lesson": lesson,
        "blocks": with_answers(with_addresses(headed(lesson["blocks"]), version.course), given),
    }


def _course(request: SignedInRequest, code: str) -> Course:
    return get_object_or_404(Course.objects.available_to(request.access.organisation).published(), code=code)
