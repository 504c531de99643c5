"""What people know and do not know, by their first answers to a quiz; never whose they were."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import requires
from audit.spreadsheets import CSV_TYPE, csv_lines
from jobs.services import enqueue
from quizzes.models import Question
from reporting.drawing import MEDIA_TYPES
from reporting.forms import QuestionsForm
from reporting.kept_drawings import AT_ONCE
from reporting.questions import (
    DEFINITIONS,
    HEADINGS,
    TOO_FEW_TO_SHOW,
    GroupLine,
    QuestionReport,
    question_report,
    question_rows,
)
from reporting.services import XLSX
from reporting.tasks import DRAW_TOPICS
from reporting.topics_chart import alternative, drawing_of, kept_drawing
from reporting.workbooks import questions_workbook


@requires(Capability.REPORTS_VIEW, Capability.CONTENT_EDIT)
@require_safe
def question_list(request: SignedInRequest) -> HttpResponse:
    """Topics, one of them unit by unit, standards, and every question of a course's quiz."""
    form = _form(request)
    context: dict[str, Any] = {"form": form, "report": None, "definitions": DEFINITIONS, "too_few": TOO_FEW_TO_SHOW}
    report = _report(request, form) if form.is_valid() else None
    if report is not None:
        topic = _topic(request, report)
        query = _query(report)
        context |= {
            "report": report,
            "query": query,
            "list_url": f"{reverse('reporting:question_list')}?{query}",
            "topic": topic,
            "units": report.units(topic.key) if topic else [],
            "chart_says": alternative(report) if topic else "",
            "is_drawn": report.people <= AT_ONCE or all(kept_drawing(report, ending) for ending in MEDIA_TYPES),
        }
    return render(request, "reporting/question_list.jinja", context)


@requires(Capability.CONTENT_EDIT)
@require_safe
def question_detail(request: SignedInRequest, question_id: int) -> HttpResponse:
    """One question: what each of its versions was answered with. For authors: whoever else reads reports takes the quiz too."""
    question = get_object_or_404(Question.objects.visible_to(request.access), pk=question_id)
    report = _asked_report(request)
    lines = [line for line in report.lines if line.version.question_id == question.pk]
    context = {
        "question": question,
        "report": report,
        "lines": sorted(lines, key=lambda line: -line.version.number),
        "list_url": f"{reverse('reporting:question_list')}?{_query(report)}",
        "definitions": DEFINITIONS,
        "too_few": TOO_FEW_TO_SHOW,
    }
    return render(request, "reporting/question_detail.jinja", context)


@requires(Capability.REPORTS_VIEW, Capability.CONTENT_EDIT)
@require_safe
def question_csv(request: SignedInRequest) -> HttpResponse:
    """Every question with its figures, as CSV."""
    report = _asked_report(request)
    content = "".join(csv_lines(HEADINGS, question_rows(report)))
    return _attached(report, content, CSV_TYPE, "csv")


@requires(Capability.REPORTS_VIEW, Capability.CONTENT_EDIT)
@require_safe
def question_xlsx(request: SignedInRequest) -> HttpResponse:
    """Questions, topics and standards with what the figures mean, as a workbook."""
    report = _asked_report(request)
    return _attached(report, questions_workbook(report), XLSX, "xlsx")


@requires(Capability.REPORTS_VIEW, Capability.CONTENT_EDIT)
@require_safe
def topics_chart(request: SignedInRequest, ending: str) -> HttpResponse:
    """What is known least, drawn. For a large organisation only when it is drawn already."""
    report = _asked_report(request)
    drawing = kept_drawing(report, ending)
    if drawing is None and report.people > AT_ONCE:
        return redirect(f"{reverse('reporting:question_list')}?{_query(report)}")
    drawing = drawing or drawing_of(report, ending, at=timezone.now())
    if drawing is None:
        raise Http404
    response = HttpResponse(bytes(drawing.content), content_type=drawing.media_type)
    response["Content-Disposition"] = f'inline; filename="topics-{report.since}-to-{report.until}.{ending}"'
    return response


@requires(Capability.REPORTS_VIEW, Capability.CONTENT_EDIT)
@require_POST
def topics_make(request: SignedInRequest) -> HttpResponse:
    """Have the chart of topics drawn in the background."""
    report = _asked_report(request)
    job = enqueue(
        DRAW_TOPICS,
        title="Drawing the chart of topics",
        organisation=report.organisation,
        by=request.user,
        arguments={
            "organisation_id": report.organisation.pk,
            "course_id": report.course.pk,
            "since": report.since.isoformat(),
            "until": report.until.isoformat(),
            "url": f"{reverse('reporting:question_list')}?{_query(report)}",
        },
        at=timezone.now(),
    )
    return redirect("jobs:job_detail", job_id=job.pk)


def _form(request: SignedInRequest) -> QuestionsForm:
    return QuestionsForm(request.GET, organisation=request.access.organisation, today=timezone.localdate())


def _report(request: SignedInRequest, form: QuestionsForm) -> QuestionReport | None:
    """The report a valid form asks for; None while no course has a quiz."""
    course = form.chosen_course
    if course is None:
        return None
    return question_report(request.access.organisation, course, since=form.first_day, until=form.last_day)


def _asked_report(request: SignedInRequest) -> QuestionReport:
    """The report behind a link of ours; a link that asks for what cannot be is not found."""
    form = _form(request)
    report = _report(request, form) if form.is_valid() else None
    if report is None:
        raise Http404
    return report


def _topic(request: SignedInRequest, report: QuestionReport) -> GroupLine | None:
    """The topic asked for, or that known least; only one whose figures are shown."""
    shown = [line for line in report.topics if line.figures is not None]
    asked = request.GET.get("topic")
    return next((line for line in shown if line.key == asked), shown[0] if shown else None)


def _query(report: QuestionReport) -> str:
    days = {"since": report.since, "until": report.until}
    parts = {f"{name}_{part}": str(getattr(on, part)) for name, on in days.items() for part in ("day", "month", "year")}
    return urlencode({"course": report.course.code, **parts})


def _attached(report: QuestionReport, content: str | bytes, content_type: str, ending: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="questions-{report.since}-to-{report.until}.{ending}"'
    return response
