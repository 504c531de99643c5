"""The training needs analysis: the version in force, the draft of the next, what the draft would change, and its approval."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import fresh, requires
from audit.spreadsheets import CSV_TYPE, csv_lines
from courses import analyses
from courses.forms_needs import AnalysisForm, NeedLineForm, NeedsApprovalForm
from courses.models import Course, Exemption, Extension, NeedsAnalysis, TrainingNeed
from courses.needs import NeedRefusedError
from courses.needs_document import document_pdf, lines_in_words
from courses.obligations_sql import Obligation
from courses.simulation import Simulation, simulate
from staff.models import Person

SHOWN = 20
"""How many people of a list stand on the page; the file has all."""

WHO = {"joins": "New to it", "leaves": "No longer asked", "newly_overdue": "Overdue on the first day"}


@requires(Capability.NEEDS_VIEW)
@require_safe
def need_list(request: SignedInRequest) -> HttpResponse:
    """The analysis as it stands today, the draft of the next version, and the versions before."""
    today = timezone.localdate()
    organisation = request.access.organisation
    versions = NeedsAnalysis.objects.filter(organisation=organisation).select_related("approval__approved_by")
    in_force = versions.in_force(today).first()
    lines = TrainingNeed.objects.in_force(organisation, today).order_by("course__title", "pk")
    context = {
        "organisation": organisation,
        "today": today,
        "in_force": in_force,
        "review_is_due": in_force is not None and in_force.review_on is not None and in_force.review_on <= today,
        "lines": lines_in_words(lines, on=today),
        "draft": versions.drafts().first(),
        "others": [one for one in versions if one.is_approved and one != in_force],
        "may_edit": request.access.can(Capability.NEEDS_EDIT),
        "may_approve": request.access.can(Capability.NEEDS_APPROVE),
        "waiting": Exemption.objects.visible_to(request.access).waiting().count()
        + Extension.objects.visible_to(request.access).waiting().count(),
    }
    return render(request, "courses/need_list.jinja", context)


@requires(Capability.NEEDS_EDIT)
@require_http_methods(["GET", "POST"])
def needs_draft(request: SignedInRequest) -> HttpResponse:
    """The draft of the next version. A POST begins it."""
    today = timezone.localdate()
    if request.method == "POST":
        analyses.begin_draft(request.access.organisation, by=request.user, at=timezone.now())
        return redirect("courses:needs_draft")
    draft = _drafts(request).first()
    if draft is None:
        return redirect("courses:need_list")
    lines = lines_in_words(draft.lines.select_related("course").order_by("course__title", "pk"), on=today)
    return render(request, "courses/needs_draft.jinja", {"draft": draft, "lines": lines, "today": today})


@requires(Capability.NEEDS_EDIT)
@require_http_methods(["GET", "POST"])
def needs_details(request: SignedInRequest) -> HttpResponse:
    """What the draft says of itself."""
    draft = get_object_or_404(_drafts(request))
    form = AnalysisForm(request.POST or None, instance=draft)
    if request.method == "POST" and form.is_valid():
        fresh = get_object_or_404(_drafts(request))
        analyses.change_details(fresh, by=request.user, at=timezone.now(), **form.cleaned_data)
        messages.success(request, "The draft is changed.")
        return redirect("courses:needs_draft")
    return render(request, "courses/needs_details.jinja", {"form": form, "draft": draft})


@requires(Capability.NEEDS_EDIT)
@require_http_methods(["GET", "POST"])
def need_create(request: SignedInRequest) -> HttpResponse:
    """Add a line to the draft."""
    return _line_form(request, get_object_or_404(_drafts(request)), None)


@requires(Capability.NEEDS_EDIT)
@require_http_methods(["GET", "POST"])
def need_edit(request: SignedInRequest, need_id: int) -> HttpResponse:
    """Change a line of the draft."""
    line = _draft_line(request, need_id)
    return _line_form(request, get_object_or_404(_drafts(request)), line)


@requires(Capability.NEEDS_EDIT)
@require_POST
def need_remove(request: SignedInRequest, need_id: int) -> HttpResponse:
    """Take a line out of the draft."""
    analyses.remove_line(_draft_line(request, need_id), by=request.user, at=timezone.now())
    messages.success(request, "The line is out of the draft. It stays in force until the draft is approved.")
    return redirect("courses:needs_draft")


@requires(Capability.NEEDS_EDIT)
@require_POST
def needs_discard(request: SignedInRequest) -> HttpResponse:
    """Throw the draft away."""
    analyses.discard_draft(get_object_or_404(_drafts(request)), by=request.user, at=timezone.now())
    messages.success(request, "The draft is gone. What was in force stays in force.")
    return redirect("courses:need_list")


@requires(Capability.NEEDS_EDIT, Capability.NEEDS_APPROVE)
@require_http_methods(["GET", "POST"])
def needs_check(request: SignedInRequest) -> HttpResponse:
    """What the draft would change on its first day; with the approval, for those who may give it."""
    draft = get_object_or_404(_drafts(request))
    effect = simulate(draft, on=timezone.localdate())
    may_approve = request.access.can(Capability.NEEDS_APPROVE)
    form = NeedsApprovalForm(request.POST or None, is_large=effect.is_large)
    if request.method == "POST" and may_approve and form.is_valid():
        try:
            analyses.approve(draft, by=request.user, at=timezone.now(), **form.cleaned_data)
        except NeedRefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"Version {draft.number} is approved.")
            return redirect("courses:need_list")
    context = {
        "draft": draft,
        "effect": effect,
        "warning": analyses.warning(effect) if effect.is_large else "",
        "lists": _lists(effect, with_names=request.access.can(Capability.REPORTS_NAMED)),
        "form": form,
        "may_approve": may_approve,
        "may_edit": request.access.can(Capability.NEEDS_EDIT),
        "wrote_it": draft.writers.filter(pk=request.user.pk).exists(),
        "others": list(analyses.others_who_may_approve(draft)),
    }
    return render(request, "courses/needs_check.jinja", context)


@requires(Capability.REPORTS_NAMED)
@fresh
@require_safe
def needs_check_csv(request: SignedInRequest, who: str) -> StreamingHttpResponse:
    """One of the lists of what the draft would change, with everybody on it."""
    draft = get_object_or_404(_drafts(request))
    effect = simulate(draft, on=timezone.localdate())
    found = getattr(effect, who) if who in WHO else effect.newly_overdue
    response = StreamingHttpResponse(csv_lines(HEADINGS, _rows(found)), content_type=CSV_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{who if who in WHO else "newly_overdue"}.csv"'
    return response


@requires(Capability.NEEDS_VIEW)
@require_safe
def needs_version(request: SignedInRequest, analysis_id: int) -> HttpResponse:
    """One version as it was approved, or the draft."""
    analysis = get_object_or_404(_versions(request), pk=analysis_id)
    today = timezone.localdate()
    lines = lines_in_words(analysis.lines.select_related("course").order_by("course__title", "pk"), on=today)
    return render(request, "courses/needs_version.jinja", {"analysis": analysis, "lines": lines, "today": today})


@requires(Capability.NEEDS_VIEW)
@require_safe
def needs_pdf(request: SignedInRequest, analysis_id: int) -> HttpResponse:
    """One version as the document that an assessor asks for."""
    analysis = get_object_or_404(_versions(request), pk=analysis_id)
    response = HttpResponse(document_pdf(analysis, on=timezone.localdate()), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="training-needs-analysis-{analysis.number}.pdf"'
    return response


HEADINGS = ("staff number", "last name", "first name", "course", "due on", "last completed on")


def _line_form(request: SignedInRequest, draft: NeedsAnalysis, line: TrainingNeed | None) -> HttpResponse:
    form = NeedLineForm(request.POST or None, organisation=request.access.organisation, on=timezone.localdate(), line=line)
    if request.method == "POST" and form.is_valid():
        try:
            analyses.save_line(draft, line, form.cleaned_data, by=request.user, at=timezone.now())
        except NeedRefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The line is in the draft.")
            return redirect("courses:needs_draft")
    return render(request, "courses/need_form.jinja", {"form": form, "need": line})


def _versions(request: SignedInRequest) -> Any:
    return NeedsAnalysis.objects.visible_to(request.access).select_related("organisation", "approval__approved_by")


def _drafts(request: SignedInRequest) -> Any:
    return _versions(request).drafts()


def _draft_line(request: SignedInRequest, need_id: int) -> TrainingNeed:
    lines = TrainingNeed.objects.visible_to(request.access).filter(analysis__isnull=False, analysis__approval__isnull=True)
    return get_object_or_404(lines.select_related("course", "analysis"), pk=need_id)


def _lists(effect: Simulation, *, with_names: bool) -> list[tuple[str, str, Any, Any]]:
    lists = [(who, label, getattr(effect, who)) for who, label in WHO.items()]
    return [(who, label, found, _first(found) if with_names else []) for who, label, found in lists]


def _first(found: Iterable[Obligation]) -> list[tuple[Person, Course, Obligation]]:
    some = sorted(found, key=lambda one: (one.due_on is None, one.due_on, one.person_id))[:SHOWN]
    return list(_named(some))


def _rows(found: Iterable[Obligation]) -> Iterator[tuple[Any, ...]]:
    for person, course, one in _named(found):
        yield (
            person.staff_number,
            person.last_name,
            person.first_name,
            course.title,
            one.due_on.isoformat() if one.due_on else "",
            one.cycle_after.isoformat() if one.cycle_after else "",
        )


def _named(found: Iterable[Obligation]) -> Iterator[tuple[Person, Course, Obligation]]:
    rows = list(found)
    courses = Course.objects.in_bulk({one.course_id for one in rows})
    for start in range(0, len(rows), 1000):
        part = rows[start : start + 1000]
        people = Person.objects.in_bulk({one.person_id for one in part})
        for one in part:
            yield people[one.person_id], courses[one.course_id], one
