"""Publishing a page of a course, in two steps, and the place of an organisation's own courses."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods
from wagtail.models import Page

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import requires
from accounts.sharing import may_share
from courses.forms import PublishForm, in_words
from courses.models import ChangeClass, Course, CoursePage, ModulePage, OwnCoursesPage, Redo
from courses.own import NoPlaceError, open_place
from courses.publishing import PublishingRefusedError, course_of, may_be_completed, may_publish, publish
from courses.retakes import Reach, reach_of


@requires(Capability.CONTENT_EDIT)
@require_http_methods(["GET", "POST"])
def page_publish(request: SignedInRequest, page_id: int) -> HttpResponse:
    """What publishing the newest draft means for learners: asked first, then shown with its numbers, then done."""
    page = get_object_or_404(Page.objects.type(CoursePage, ModulePage).specific(), pk=page_id)
    course = course_of(page)
    if not (course.organisation is None and may_share(request.user)) and course.organisation_id != request.access.organisation.pk:
        raise Http404
    if not may_publish(page, request.user):
        messages.warning(
            request, "You cannot publish this: somebody else has to read what you wrote, or there is nothing new to publish."
        )
        return redirect("wagtailadmin_pages:edit", page.pk)
    today = timezone.localdate()
    reach = reach_of(course, on=today) if course.versions.exists() else None
    form = PublishForm(
        request.POST or None, reach=reach, initial={"change_class": ChangeClass.MINOR, "redo": Redo.NOBODY, "days": 30}
    )
    draft = page.get_latest_revision_as_object()
    context: dict[str, Any] = {"page": page, "draft": draft, "course": course, "reach": reach, "form": form, "today": today}
    context["may_be_completed"] = may_be_completed(course, draft)
    if request.method != "POST" or not form.is_valid() or request.POST.get("step") == "change":
        return render(request, "courses/page_publish.jinja", context)
    if request.POST.get("step") != "publish":
        return render(request, "courses/page_publish_check.jinja", context | _decided(form.cleaned_data, reach))
    return _publish(request, page, form.cleaned_data)


def _publish(request: SignedInRequest, page: Any, decided: dict[str, Any]) -> HttpResponse:
    values = {"change_class": ChangeClass.MATERIAL, "redo": Redo.NOBODY} | decided
    try:
        is_now = publish(page, by=request.user, at=timezone.now(), **values)
    except PublishingRefusedError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "Published. Learners have it now." if is_now else "Set. Learners get it on the day you gave.")
    return redirect("wagtailadmin_explore", page.get_parent().pk)


def _decided(given: dict[str, Any], reach: Reach | None) -> dict[str, Any]:
    """The decision in words, and its values to send along."""
    kind = ChangeClass(given["change_class"]).label if reach else ""
    who = f"{Redo(given['redo']).label}: {in_words(given['redo'], reach)}" if reach else ""
    day = given["from_day"]
    sent = {"from_day_day": day.day, "from_day_month": day.month, "from_day_year": day.year} if day else {}
    if reach:
        sent |= {"change_class": given["change_class"], "redo": given["redo"], "days": given["days"] or ""}
    return {"kind": kind, "who": who, "given": given, "sent": sent}


@requires(Capability.CONTENT_EDIT)
@require_http_methods(["GET", "POST"])
def own_courses(request: SignedInRequest) -> HttpResponse:
    """The organisation's own courses, and the place in the CMS where its editors write them."""
    organisation = request.access.organisation
    if request.method == "POST":
        try:
            place = open_place(organisation, by=request.user, at=timezone.now())
        except NoPlaceError as error:
            messages.error(request, str(error))
            return redirect("courses:own_courses")
        return redirect(reverse("wagtailadmin_explore", args=[place.pk]))
    context = {
        "organisation": organisation,
        "place": OwnCoursesPage.objects.filter(organisation=organisation).first(),
        "courses": Course.objects.filter(organisation=organisation).select_related("page").prefetch_related("versions"),
    }
    return render(request, "courses/own_courses.jinja", context)
