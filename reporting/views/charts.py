"""Charts to look at and to put into documents, each with its finding for a title and its table beside it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import requires
from jobs.services import enqueue
from reporting.chart_drawing import HEADINGS, Charts, chart_digest, chart_drawing
from reporting.forms import CourseForm
from reporting.kept_drawings import AT_ONCE, kept
from reporting.tasks import DRAW_CHARTS


@requires(Capability.REPORTS_VIEW)
@require_safe
def chart_list(request: SignedInRequest) -> HttpResponse:
    """Every chart of a course. Those of a large organisation are drawn in the background first."""
    form = CourseForm(request.GET, organisation=request.access.organisation, today=timezone.localdate())
    course = form.chosen_course if form.is_valid() else None
    context: dict[str, Any] = {"form": form, "course": course, "charts": []}
    if course is not None:
        charts = _charts(request, form)
        plots = [(heading, plot) for name, heading in HEADINGS.items() if (plot := charts.plot(name)) is not None]
        is_large = charts.report.headcount > AT_ONCE
        organisation = request.access.organisation
        ready = not is_large or all(
            kept(organisation, chart_digest(plot, ending)) for _, plot in plots for ending in ("svg", "png")
        )
        context |= {"charts": plots, "is_ready": ready, "query": urlencode({"course": course.code})}
    return render(request, "reporting/chart_list.jinja", context)


@requires(Capability.REPORTS_VIEW)
@require_safe
def chart_file(request: SignedInRequest, chart_name: str, ending: str) -> HttpResponse:
    """One chart. For a large organisation only one that is drawn already."""
    form = CourseForm(request.GET, organisation=request.access.organisation, today=timezone.localdate())
    if chart_name not in HEADINGS or not form.is_valid() or form.chosen_course is None:
        raise Http404
    charts, organisation = _charts(request, form), request.access.organisation
    plot = charts.plot(chart_name)
    if plot is None:
        raise Http404
    drawing = kept(organisation, chart_digest(plot, ending))
    if drawing is None and charts.report.headcount > AT_ONCE:
        return redirect(f"{reverse('reporting:chart_list')}?{urlencode({'course': form.chosen_course.code})}")
    if drawing is None:
        drawing = chart_drawing(organisation, plot, ending, at=timezone.now())
    response = HttpResponse(bytes(drawing.content), content_type=drawing.media_type)
    response["Content-Disposition"] = f'inline; filename="{chart_name}-{timezone.localdate()}.{ending}"'
    return response


@requires(Capability.REPORTS_VIEW)
@require_POST
def charts_make(request: SignedInRequest) -> HttpResponse:
    """Have every chart of a course drawn in the background."""
    form = CourseForm(request.POST, organisation=request.access.organisation, today=timezone.localdate())
    course = form.chosen_course if form.is_valid() else None
    if course is None:
        raise Http404
    organisation = request.access.organisation
    job = enqueue(
        DRAW_CHARTS,
        title="Drawing the charts",
        organisation=organisation,
        by=request.user,
        arguments={
            "organisation_id": organisation.pk,
            "course_id": course.pk,
            "named": request.access.can(Capability.REPORTS_NAMED),
        },
        at=timezone.now(),
    )
    return redirect("jobs:job_detail", job_id=job.pk)


def _charts(request: SignedInRequest, form: CourseForm) -> Charts:
    course = form.chosen_course
    if course is None:
        raise Http404
    named = request.access.can(Capability.REPORTS_NAMED)
    return Charts(request.access.organisation, course, today=timezone.localdate(), named=named)
