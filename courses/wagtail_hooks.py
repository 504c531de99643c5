"""The pages of courses in the CMS: asked about before they are published, kept where people rely on them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from wagtail import hooks
from wagtail.models import Page

from courses.models import Completion, CourseIndexPage, CoursePage, ModulePage, OwnCoursesPage
from courses.publishing import course_of

_OF_A_COURSE = (CoursePage, ModulePage)
_KEPT = (*_OF_A_COURSE, CourseIndexPage, OwnCoursesPage)


@hooks.register("before_publish_page")  # type: ignore[untyped-decorator]
def ask_first(request: HttpRequest, page: Page) -> HttpResponse | None:
    """The draft is saved; whoever publishes says first what it means for learners."""
    address = page.specific.publishing_address() if isinstance(page.specific, _OF_A_COURSE) else ""
    return redirect(address) if address else None


@hooks.register("after_edit_page")  # type: ignore[untyped-decorator]
def ask_the_second_reader(request: HttpRequest, page: Page) -> HttpResponse | None:
    """The second reader pressed publish in the editor, which publishes nothing yet."""
    approves = request.POST.get("action-workflow-action") and request.POST.get("workflow-action-name") == "approve"
    return ask_first(request, page) if approves else None


@hooks.register("before_delete_page")  # type: ignore[untyped-decorator]
def keep_what_was_completed(request: HttpRequest, page: Page) -> HttpResponse | None:
    """A course that people completed keeps its pages; what they completed would be readable either way."""
    refusal = _why_kept(page.specific)
    if refusal and request.method == "POST":
        messages.error(request, refusal)
        return redirect("wagtailadmin_explore", page.get_parent().pk)
    if refusal:
        messages.warning(request, refusal)
    return None


@hooks.register("before_move_page")  # type: ignore[untyped-decorator]
def keep_in_place(request: HttpRequest, page: Page, destination: Page) -> HttpResponse | None:
    """A course stays with whoever it belongs to, and a module with its course."""
    if not isinstance(page.specific, _KEPT) or page.get_parent().pk == destination.pk:
        return None
    messages.error(
        request,
        f"“{page.title}” stays where it is: what people read and completed refers to it there. Copy it to the other place instead.",
    )
    return redirect("wagtailadmin_explore", page.get_parent().pk)


@hooks.register("after_unpublish_page")  # type: ignore[untyped-decorator]
def say_what_stays(request: HttpRequest, page: Page) -> None:
    """Taking a page down takes nothing away from those who completed it."""
    if isinstance(page.specific, ModulePage):
        messages.info(request, "Learners no longer get this module. What people completed with it stays on record, as it was.")
    elif isinstance(page.specific, CoursePage):
        messages.info(
            request,
            "Learners keep the last version of this course as long as anybody is asked to do it. "
            "To ask nobody any more, end its lines in the training needs analysis. What people completed stays on record.",
        )


@hooks.register("before_bulk_action")  # type: ignore[untyped-decorator]
def one_at_a_time(request: HttpRequest, action_type: str, objects: list[Any], action_class: Any) -> HttpResponse | None:
    """What is asked or refused of one page cannot be passed by with many at once."""
    pages = [page.specific for page in objects if isinstance(page, Page)]
    if action_type in ("publish", "delete", "move") and any(isinstance(page, _KEPT) for page in pages):
        messages.error(request, "Pages of courses are published, moved and deleted one at a time. Nothing was done.")
        return redirect("wagtailadmin_home")
    return None


@hooks.register("construct_page_chooser_queryset")  # type: ignore[untyped-decorator]
@hooks.register("construct_explorer_page_queryset")  # type: ignore[untyped-decorator]
def hide_what_others_write(*found: Any) -> Any:
    """A list of pages to link to or to look through, without what other organisations write for themselves.

    Wagtail calls one hook with pages and request, the other with parent, pages and request.
    """
    pages, request = found[-2:]
    if request.user.is_superuser:
        return pages
    for place in OwnCoursesPage.objects.exclude(organisation=request.access.organisation):
        pages = pages.not_descendant_of(place, inclusive=True)
    return pages


def _why_kept(page: Page) -> str:
    """Why a page is not deleted; empty when it may be."""
    if isinstance(page, CourseIndexPage | OwnCoursesPage):
        return "This is the place where courses are. It stays."
    if not isinstance(page, _OF_A_COURSE):
        return ""
    people = Completion.objects.filter(course=course_of(page)).values("person").distinct().count()
    if not people:
        return ""
    done = "1 person has" if people == 1 else f"{people:,} people have"
    return f"“{page.title}” cannot be deleted: {done} completed its course. Unpublish it instead: nobody gets it any more."
