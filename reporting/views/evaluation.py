"""Whether training works: what people say of a course, and phishing exercises. Figures only."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import requires
from audit.spreadsheets import CSV_TYPE, csv_lines
from courses.dates import minus_months
from reporting.evaluation import evaluation_of
from reporting.forms import CourseForm, PhishingForm, WithdrawForm
from reporting.models import PhishingExercise
from reporting.phishing import HEADINGS, read, record_results, withdraw
from reporting.small_numbers import fewest_of


@requires(Capability.REPORTS_VIEW)
@require_safe
def evaluation_detail(request: SignedInRequest) -> HttpResponse:
    """The last twelve months: feedback, and every exercise by unit where enough people had it."""
    organisation, today = request.access.organisation, timezone.localdate()
    form = CourseForm(request.GET, organisation=organisation, today=today)
    course = form.chosen_course if form.is_valid() else None
    since = minus_months(today, 12)
    exercises = PhishingExercise.objects.visible_to(request.access).sent_between(since, today).select_related("unit")
    context: dict[str, Any] = {
        "form": form,
        "course": course,
        "evaluation": evaluation_of(organisation, course, since=since, until=today) if course is not None else None,
        "exercises": exercises,
        "fewest": fewest_of(organisation),
        "may_edit": request.access.can(Capability.EVIDENCE_EDIT, Capability.NEEDS_EDIT),
    }
    return render(request, "reporting/evaluation_detail.jinja", context)


@requires(Capability.EVIDENCE_EDIT, Capability.NEEDS_EDIT)
@require_http_methods(["GET", "POST"])
def phishing_import(request: SignedInRequest) -> HttpResponse:
    """Bring results in from a file: all of it, or nothing and every fault."""
    form = PhishingForm(request.POST or None, request.FILES or None)
    faults: list[Any] = []
    if request.method == "POST" and form.is_valid():
        organisation = request.access.organisation
        results, faults = read(form.cleaned_data["file"].read(), organisation, today=timezone.localdate())
        if not faults:
            number = record_results(organisation, results, by=request.user, at=timezone.now())
            messages.success(request, f"{number} {'result is' if number == 1 else 'results are'} recorded.")
            return redirect("reporting:evaluation_detail")
    return render(request, "reporting/phishing_import.jinja", {"form": form, "faults": faults, "headings": HEADINGS})


@requires(Capability.EVIDENCE_EDIT, Capability.NEEDS_EDIT)
@require_safe
def phishing_template(request: SignedInRequest) -> HttpResponse:
    """A file to fill in."""
    content = "".join(csv_lines(HEADINGS, []))
    response = HttpResponse(content, content_type=CSV_TYPE)
    response["Content-Disposition"] = 'attachment; filename="phishing-exercises.csv"'
    return response


@requires(Capability.EVIDENCE_EDIT, Capability.NEEDS_EDIT)
@require_POST
def phishing_withdraw(request: SignedInRequest, phishing_exercise_id: int) -> HttpResponse:
    """Take a wrong result back."""
    exercise = get_object_or_404(PhishingExercise.objects.visible_to(request.access), pk=phishing_exercise_id)
    form = WithdrawForm(request.POST)
    if form.is_valid():
        withdraw(exercise, reason=form.cleaned_data["reason"], by=request.user, at=timezone.now())
        messages.success(request, "The result is taken back.")
    else:
        messages.error(request, "Say why the result is wrong: an auditor reads it.")
    return redirect("reporting:evaluation_detail")
