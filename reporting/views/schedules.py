"""Reports by e-mail: which go to whom and when, what was sent, and sending one now."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import requires
from jobs.services import enqueue
from reporting.enums import ReportKind
from reporting.forms_kept import ScheduleForm
from reporting.models import ReportDelivery, ScheduledReport
from reporting.sending import end_report, may_receive, pause_report, resume_report, schedule_report
from reporting.tasks import SEND_NOW

PER_PAGE = 50


@requires(Capability.REPORTS_SCHEDULE)
@require_safe
def schedule_list(request: SignedInRequest) -> HttpResponse:
    """The organisation's reports by e-mail, each with the next day it goes."""
    today = timezone.localdate()
    reports = ScheduledReport.objects.visible_to(request.access).select_related("course").prefetch_related("receivers__user")
    rows = [(report, report.next_on(today)) for report in reports]
    return render(request, "reporting/schedule_list.jinja", {"rows": rows, "team": ReportKind.TEAM})


@requires(Capability.REPORTS_SCHEDULE)
@require_http_methods(["GET", "POST"])
def schedule_create(request: SignedInRequest) -> HttpResponse:
    """Have a report sent: which, how often, to whom."""
    organisation, today = request.access.organisation, timezone.localdate()
    form = ScheduleForm(request.POST or None, organisation=organisation, today=today)
    if request.method == "POST" and form.is_valid():
        report = schedule_report(
            organisation,
            kind=form.chosen_kind,
            course=form.chosen_course,
            every=form.chosen_rhythm,
            receivers=form.chosen_receivers,
            by=request.user,
            at=timezone.now(),
        )
        messages.success(request, "The report is on its way from its next day on.")
        return redirect("reporting:schedule_detail", scheduled_report_id=report.pk)
    return render(request, "reporting/schedule_create.jinja", {"form": form})


@requires(Capability.REPORTS_SCHEDULE)
@require_safe
def schedule_detail(request: SignedInRequest, scheduled_report_id: int) -> HttpResponse:
    """One report: to whom, when next, and what became of each e-mail."""
    report = _report(request, scheduled_report_id)
    today = timezone.localdate()
    kind = ReportKind(report.kind)
    allowed = set(may_receive(report.organisation, kind, on=today).values_list("pk", flat=True))
    sent = ReportDelivery.objects.filter(report=report).select_related("user", "outcome", "asked_by")
    context = {
        "report": report,
        "next_on": report.next_on(today),
        "is_for_managers": kind == ReportKind.TEAM,
        "managers": len(allowed),
        "receivers": [(one.user, one.user_id in allowed) for one in report.receivers.select_related("user")],
        "page": Paginator(sent, PER_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "reporting/schedule_detail.jinja", context)


@requires(Capability.REPORTS_SCHEDULE)
@require_POST
def schedule_turn(request: SignedInRequest, scheduled_report_id: int) -> HttpResponse:
    """Pause a report, let it go on, or stop it for good."""
    report = _report(request, scheduled_report_id)
    act = request.POST.get("act")
    if act == "end":
        end_report(report, by=request.user, at=timezone.now())
        messages.success(request, "The report is stopped. What was sent stays on record.")
        return redirect("reporting:schedule_list")
    turn = resume_report if act == "resume" else pause_report
    turn(report, by=request.user, at=timezone.now())
    return redirect("reporting:schedule_detail", scheduled_report_id=report.pk)


@requires(Capability.REPORTS_SCHEDULE)
@require_POST
def schedule_send(request: SignedInRequest, scheduled_report_id: int) -> HttpResponse:
    """Send it now to everybody it goes to, in the background."""
    report = _report(request, scheduled_report_id)
    job = enqueue(
        SEND_NOW,
        title=f"Sending: {report}",
        organisation=report.organisation,
        by=request.user,
        arguments={"report_id": report.pk, "user_id": request.user.pk, "occasion": f"now {uuid.uuid4().hex[:30]}"},
        at=timezone.now(),
    )
    return redirect("jobs:job_detail", job_id=job.pk)


def _report(request: SignedInRequest, scheduled_report_id: int) -> ScheduledReport:
    reports = ScheduledReport.objects.visible_to(request.access).select_related("organisation", "course", "made_by")
    return get_object_or_404(reports, pk=scheduled_report_id)
