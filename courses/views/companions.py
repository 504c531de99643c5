"""A module on paper: the easy read, and the guide for a session with a group."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import requires
from content.plain import plain
from courses.media import in_words
from courses.models import Course, ModulePage
from courses.versions import in_force


@requires(Capability.LEARN)
@require_safe
def easy_read(request: SignedInRequest, course_code: str, module: str) -> HttpResponse:
    """A module in short lines and large print."""
    course, page = _module(request, course_code, module)
    parts = plain(page.easy_read)
    if not parts:
        raise Http404
    version = in_force(course, timezone.localdate())
    words = in_words(version.content, page.slug) if version else []
    return render(request, "courses/easy_read.jinja", {"course": course, "module": page, "parts": parts, "in_words": words})


@requires(Capability.TEAM_VIEW, Capability.NEEDS_VIEW, Capability.CONTENT_EDIT)
@require_safe
def session_guide(request: SignedInRequest, course_code: str, module: str) -> HttpResponse:
    """How to lead a module with a group, with the questions for each person and a sign-in sheet."""
    course, page = _module(request, course_code, module)
    guide = plain(page.session_guide)
    if not guide:
        raise Http404
    blocks = {kind: [block for block in guide if block["type"] == kind] for kind in ("bring", "step", "question", "close")}
    context = {"course": course, "module": page, **blocks, "minutes": sum(step["minutes"] for step in blocks["step"])}
    return render(request, "courses/session_guide.jinja", context)


def on_paper(course: Course) -> list[ModulePage]:
    """The published modules of a course that have an easy read or a session guide, in their order."""
    if not hasattr(course, "page"):
        return []
    return [module for module in course.page.live_modules() if module.easy_read or module.session_guide]


def _module(request: SignedInRequest, course_code: str, module: str) -> tuple[Course, ModulePage]:
    courses = Course.objects.available_to(request.access.organisation).published().select_related("page")
    course = get_object_or_404(courses, code=course_code, page__isnull=False)
    return course, get_object_or_404(ModulePage.objects.child_of(course.page).live(), slug=module)
