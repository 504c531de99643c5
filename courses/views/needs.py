"""The training needs analysis: a document to read and print, and the lines it is made of."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import requires
from courses import needs
from courses.forms import NeedEndForm, NeedForm
from courses.models import TrainingNeed


@requires(Capability.NEEDS_VIEW)
@require_safe
def need_list(request: SignedInRequest) -> HttpResponse:
    """The analysis as it stands today, with the lines to come and those that ended."""
    today = timezone.localdate()
    organisation = request.access.organisation
    in_force = list(TrainingNeed.objects.in_force(organisation, today))
    others = TrainingNeed.objects.filter(organisation=organisation).select_related("course")
    context = {
        "organisation": organisation,
        "today": today,
        "lines": [(line, needs.people_asked(line, on=today)) for line in in_force],
        "coming": others.filter(start__gt=today),
        "ended": others.filter(end__lte=today).order_by("-end", "course__title"),
        "may_edit": request.access.can(Capability.NEEDS_EDIT),
    }
    return render(request, "courses/need_list.jinja", context)


@requires(Capability.NEEDS_EDIT)
@require_http_methods(["GET", "POST"])
def need_create(request: SignedInRequest) -> HttpResponse:
    """Add a line."""
    initial = {"start": timezone.localdate(), "audience": TrainingNeed.Audience.WITH_ACCESS}
    return _need_form(request, initial=initial, need=None)


@requires(Capability.NEEDS_EDIT)
@require_http_methods(["GET", "POST"])
def need_edit(request: SignedInRequest, need_id: int) -> HttpResponse:
    """Change a line that is in force or to come, from a day on."""
    today = timezone.localdate()
    open_lines = TrainingNeed.objects.visible_to(request.access).filter(Q(end__isnull=True) | Q(end__gt=today))
    need = get_object_or_404(open_lines.select_related("course"), pk=need_id)
    fields = ("course", "audience", "months", "starter_days", "rationale", "approved_by", "approved_on")
    initial = {name: getattr(need, name) for name in fields} | {"start": max(need.start, today)}
    return _need_form(request, initial=initial, need=need)


@requires(Capability.NEEDS_EDIT)
@require_http_methods(["GET", "POST"])
def need_end(request: SignedInRequest, need_id: int) -> HttpResponse:
    """End a line."""
    need = get_object_or_404(TrainingNeed.objects.visible_to(request.access).select_related("course"), pk=need_id)
    form = NeedEndForm(request.POST or None, initial={"end": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            needs.end_need(need, by=request.user, at=timezone.now(), **form.cleaned_data)
        except needs.NeedRefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The line ends on the day you gave.")
            return redirect("courses:need_list")
    return render(request, "courses/need_end.jinja", {"form": form, "need": need})


def _need_form(request: SignedInRequest, *, initial: dict[str, object], need: TrainingNeed | None) -> HttpResponse:
    organisation = request.access.organisation
    form = NeedForm(request.POST or None, initial=initial, organisation=organisation)
    if request.method == "POST" and form.is_valid():
        try:
            needs.set_need(organisation, by=request.user, at=timezone.now(), **form.cleaned_data)
        except needs.NeedRefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The line is saved.")
            return redirect("courses:need_list")
    return render(request, "courses/need_form.jinja", {"form": form, "need": need})
