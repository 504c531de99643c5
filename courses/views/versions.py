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
from content.plain import headed
from courses.glossary import words_of
from courses.media import with_addresses
from courses.models import Completion, Course, CourseVersion
from courses.scenarios import with_answers
from courses.versions import in_force


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


def _version(request: SignedInRequest, version: Any, *, completion: Completion | None) -> HttpResponse:
    context: dict[str, Any] = {"version": version, "completion": completion, "lesson": None}
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
