"""The board report: on a page, and as one sheet to print."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import requires
from jobs.services import enqueue
from reporting.board import BoardPaper, board_paper
from reporting.board_drawing import board_digest, board_drawing
from reporting.board_pdf import points
from reporting.charts import lines, trend_lines
from reporting.enums import By
from reporting.forms import BoardForm
from reporting.kept_drawings import AT_ONCE, kept
from reporting.services import PDF
from reporting.small_numbers import in_words
from reporting.tasks import DRAW_BOARD


@requires(Capability.REPORTS_VIEW)
@require_safe
def board_detail(request: SignedInRequest) -> HttpResponse:
    """What the board reads, with a table for every chart."""
    form = _form(request)
    context: dict[str, Any] = {"form": form, "paper": None}
    if form.is_valid():
        paper = _paper(request, form)
        if paper is not None:
            is_large = paper.report.headcount > AT_ONCE
            context |= {
                "paper": paper,
                "points": points(paper),
                "charts": [
                    ("Over time", paper.trend_plot, trend_lines(paper.moments, paper.target)),
                    ("Forecast", paper.forecast_plot, lines(paper.forecast)),
                ],
                "query": urlencode(form.query),
                "small": in_words(paper.report.fewest or 0),
                "has_hidden": any(group.is_hidden for group in paper.report.groups[By.UNIT]),
                "is_to_make": is_large and kept(request.access.organisation, board_digest(paper)) is None,
            }
    return render(request, "reporting/board_detail.jinja", context)


@requires(Capability.REPORTS_VIEW)
@require_safe
def board_file(request: SignedInRequest) -> HttpResponse:
    """The sheet. For a large organisation it is made in the background first; until then the page stands in for it."""
    form, paper = _asked(request)
    organisation = request.access.organisation
    drawing = kept(organisation, board_digest(paper))
    if drawing is None and paper.report.headcount > AT_ONCE:
        return _page(form)
    if drawing is None:
        drawing = board_drawing(organisation, paper, at=timezone.now())
    response = HttpResponse(bytes(drawing.content), content_type=PDF)
    response["Content-Disposition"] = f'inline; filename="board-report-{paper.question.on}.pdf"'
    return response


@requires(Capability.REPORTS_VIEW)
@require_POST
def board_make(request: SignedInRequest) -> HttpResponse:
    """Have the sheet made in the background."""
    form = BoardForm(request.POST, organisation=request.access.organisation, today=timezone.localdate())
    course = form.chosen_course if form.is_valid() else None
    if course is None:
        raise Http404
    organisation = request.access.organisation
    address = f"{reverse('reporting:board_file')}?{urlencode(form.query)}"
    job = enqueue(
        DRAW_BOARD,
        title="Making the board report",
        organisation=organisation,
        by=request.user,
        arguments={
            "organisation_id": organisation.pk,
            "course_id": course.pk,
            "until": form.on.isoformat(),
            "url": address,
        },
        at=timezone.now(),
    )
    return redirect("jobs:job_detail", job_id=job.pk)


def _form(request: SignedInRequest) -> BoardForm:
    return BoardForm(request.GET, organisation=request.access.organisation, today=timezone.localdate())


def _paper(request: SignedInRequest, form: BoardForm) -> BoardPaper | None:
    course = form.chosen_course
    if course is None:
        return None
    now = timezone.now()
    return board_paper(request.access.organisation, course, today=timezone.localdate(), until=form.on, at=now)


def _asked(request: SignedInRequest) -> tuple[BoardForm, BoardPaper]:
    form = _form(request)
    paper = _paper(request, form) if form.is_valid() else None
    if paper is None:
        raise Http404
    return form, paper


def _page(form: BoardForm) -> HttpResponseRedirect:
    return HttpResponseRedirect(f"{reverse('reporting:board_detail')}?{urlencode(form.query)}")
