"""The pages of courses in the CMS: asked about before they are published, kept where people rely on them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from wagtail import hooks
from wagtail.admin.views.pages.bulk_actions.page_bulk_action import PageBulkAction
from wagtail.admin.views.pages.search import page_filter_search
from wagtail.blocks import ChooserBlock
from wagtail.documents.models import Document
from wagtail.documents.views import documents as document_views
from wagtail.images.models import Image
from wagtail.images.views import images as image_views
from wagtail.models import Page
from wagtail.permissions import policy_registry

from courses.models import Completion, CourseIndexPage, CoursePage, ModulePage, OwnCoursesPage
from courses.publishing import course_of
from courses.reach import chosen_within_reach, pages_within_reach
from courses.signals import why_file_stays

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
    if not refusal:
        return None
    messages.error(request, refusal)
    return redirect("wagtailadmin_explore", page.get_parent().pk)


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
    if isinstance(page.specific, _OF_A_COURSE):
        messages.info(request, page.specific.unpublishing_means)


@hooks.register("before_bulk_action")  # type: ignore[untyped-decorator]
def one_at_a_time(request: HttpRequest, action_type: str, objects: list[Any], action_class: Any) -> HttpResponse | None:
    """What is asked or refused of one page or file cannot be passed by with many at once."""
    pages = [page.specific for page in objects if isinstance(page, Page)]
    if action_type in ("publish", "delete", "move") and any(isinstance(page, _KEPT) for page in pages):
        messages.error(request, "Pages of courses are published, moved and deleted one at a time. Nothing was done.")
        return redirect("wagtailadmin_home")
    reasons = [why_file_stays(file) for file in objects if isinstance(file, Image | Document)] if action_type == "delete" else []
    if reason := next(filter(None, reasons), ""):
        messages.error(request, f"{reason} Nothing was deleted.")
        return redirect("wagtailadmin_home")
    return None


@hooks.register("register_admin_urls", order=-1)  # type: ignore[untyped-decorator]
def deleting_a_file() -> list[URLPattern]:
    """Before Wagtail's own pages for deleting a picture or a file, which would only say that it is not allowed."""
    return [
        path("images/<int:image_id>/delete/", _unless_used(image_views.DeleteView, Image, "image_id", "wagtailimages:edit")),
        path(
            "documents/delete/<int:document_id>/",
            _unless_used(document_views.DeleteView, Document, "document_id", "wagtaildocs:edit"),
        ),
    ]


@hooks.register("construct_page_chooser_queryset")  # type: ignore[untyped-decorator]
@hooks.register("construct_explorer_page_queryset")  # type: ignore[untyped-decorator]
def hide_what_others_write(*found: Any) -> Any:
    """A list of pages to link to or to look through, without what other organisations write for themselves.

    Wagtail calls one hook with pages and request, the other with parent, pages and request.
    """
    pages, request = found[-2:]
    return pages_within_reach(request, pages)


def _all_within_reach(action: PageBulkAction, parent_id: str | None) -> list[int]:
    """The pages that are meant by “all of the list”."""
    asked = action.request.GET.get("q", "")
    pages = pages_within_reach(action.request)
    if parent_id is not None:
        parent = get_object_or_404(pages, pk=parent_id)
        pages = pages.descendant_of(parent) if asked else pages.child_of(parent)
    found = page_filter_search(asked, pages)[0].results() if asked else pages
    return [page.pk for page in found]


def _chosen(block: ChooserBlock, value: Any) -> Any:
    return chosen_within_reach(_value_from_form(block, value))


_value_from_form = ChooserBlock.value_from_form
# Wagtail's own take any number: a picture of others would be shown, and kept with the version.
ChooserBlock.value_from_form = _chosen
# Wagtail's own would name every page of the installation that its user may not change.
PageBulkAction.get_all_objects_in_listing_query = _all_within_reach


def _unless_used(view: Any, model: Any, key: str, back: str) -> Callable[..., HttpResponse]:
    """Wagtail's view, for a file that no lesson uses. Whoever may not delete it is left to Wagtail's refusal."""

    def guarded(request: HttpRequest, **kwargs: int) -> HttpResponse:
        file = get_object_or_404(model, pk=kwargs[key])
        may = policy_registry.get_by_type(model).user_has_permission_for_instance(request.user, "delete", file)
        if may and (reason := why_file_stays(file)):
            messages.error(request, reason)
            return redirect(back, file.pk)
        response: HttpResponse = view.as_view()(request, **kwargs)
        return response

    return guarded


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
