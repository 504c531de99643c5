"""Background work of this app."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from celery import shared_task
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Capability
from accounts.models import Organisation, User
from courses.models import Course
from jobs.registry import JobFailedError, Progress, handles
from reporting.board import board_paper
from reporting.board_drawing import board_drawing
from reporting.chart_drawing import HEADINGS, Charts, chart_drawing
from reporting.drawing import MEDIA_TYPES
from reporting.kept_drawings import forget_old
from reporting.models import ScheduledReport
from reporting.questions import question_report
from reporting.readings import UnknownCourseError
from reporting.sending import send, send_due
from reporting.services import take_snapshot
from reporting.topics_chart import drawing_of
from reporting.trend import keep_rate, needed_courses

TAKE_SNAPSHOT = "reporting.take_snapshot"
DRAW_BOARD = "reporting.draw_board"
DRAW_CHARTS = "reporting.draw_charts"
DRAW_TOPICS = "reporting.draw_topics"
SEND_NOW = "reporting.send_now"


@handles(TAKE_SNAPSHOT, Capability.EVIDENCE_EDIT)
def take_snapshot_job(progress: Progress, *, organisation_id: int, user_id: int, as_of: str, request: str) -> dict[str, Any]:
    """Freeze the training evidence of a day; a second run finds it there."""
    try:
        snapshot = take_snapshot(
            Organisation.objects.get(pk=organisation_id),
            on=date.fromisoformat(as_of),
            by=User.objects.get(pk=user_id),
            at=timezone.now(),
            request=uuid.UUID(request),
            progress=progress,
        )
    except UnknownCourseError as refusal:
        raise JobFailedError(str(refusal)) from refusal
    return {"url": reverse("reporting:snapshot_detail", kwargs={"snapshot_id": snapshot.pk})}


@handles(DRAW_BOARD, Capability.REPORTS_VIEW)
def draw_board_job(progress: Progress, *, organisation_id: int, course_id: int, until: str, url: str) -> dict[str, Any]:
    """Make the board report of today; a second run finds it there."""
    organisation = Organisation.objects.get(pk=organisation_id)
    course = Course.objects.available_to(organisation).get(pk=course_id)
    progress(0, 2, "Counting")
    now = timezone.now()
    paper = board_paper(organisation, course, today=timezone.localdate(), until=date.fromisoformat(until), at=now)
    progress(1, 2, "Drawing")
    board_drawing(organisation, paper, at=now)
    return {"url": url}


@handles(DRAW_CHARTS, Capability.REPORTS_VIEW)
def draw_charts_job(progress: Progress, *, organisation_id: int, course_id: int, named: bool) -> dict[str, Any]:
    """Draw every chart of today in both forms; a second run finds them there."""
    organisation = Organisation.objects.get(pk=organisation_id)
    course = Course.objects.available_to(organisation).get(pk=course_id)
    charts = Charts(organisation, course, today=timezone.localdate(), named=named)
    for done, (name, heading) in enumerate(HEADINGS.items()):
        progress(done, len(HEADINGS), heading)
        plot = charts.plot(name)
        if plot is None:
            continue
        for ending in MEDIA_TYPES:
            chart_drawing(organisation, plot, ending, at=timezone.now())
    return {"url": f"{reverse('reporting:chart_list')}?{urlencode({'course': course.code})}"}


@handles(DRAW_TOPICS, Capability.REPORTS_VIEW, Capability.CONTENT_EDIT)
def draw_topics_job(
    progress: Progress, *, organisation_id: int, course_id: int, since: str, until: str, url: str
) -> dict[str, Any]:
    """Draw what is known least in both forms; a second run finds it there."""
    organisation = Organisation.objects.get(pk=organisation_id)
    course = Course.objects.available_to(organisation).get(pk=course_id)
    progress(0, 2, "Counting")
    report = question_report(organisation, course, since=date.fromisoformat(since), until=date.fromisoformat(until))
    progress(1, 2, "Drawing")
    for ending in MEDIA_TYPES:
        drawing_of(report, ending, at=timezone.now())
    return {"url": url}


@handles(SEND_NOW, Capability.REPORTS_SCHEDULE)
def send_now_job(progress: Progress, *, report_id: int, user_id: int, occasion: str) -> dict[str, Any]:
    """Send a report to everybody it goes to; a second run sends to nobody again."""
    report = ScheduledReport.objects.select_related("organisation", "course").get(pk=report_id)
    progress(0, 1, "Sending")
    send(report, occasion=occasion, asked_by=User.objects.get(pk=user_id), at=timezone.now())
    return {"url": reverse("reporting:schedule_detail", kwargs={"scheduled_report_id": report.pk})}


@shared_task(name="reporting.send_reports")
def send_reports() -> None:
    """Send the reports whose day has come; a second run finds them sent."""
    send_due(at=timezone.now())


@shared_task(name="reporting.forget_drawings")
def forget_drawings() -> None:
    """Delete charts and papers drawn long ago; whoever asks has them drawn again."""
    forget_old(at=timezone.now())


@shared_task(name="reporting.keep_rates")
def keep_rates() -> None:
    """Record yesterday's figures of every organisation and every course somebody needs; a second run finds them there."""
    yesterday = timezone.localdate() - timedelta(days=1)
    for organisation in Organisation.objects.order_by("pk"):
        for course in needed_courses(organisation, yesterday):
            keep_rate(organisation, course, on=yesterday, at=timezone.now())
