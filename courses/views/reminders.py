"""Reminders of training: what goes out tomorrow and why, the rules, and stopping them for a while."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import fresh, requires
from courses.forms_reminders import WEEKDAYS, ReminderLettersForm, ReminderPauseForm, ReminderPlanForm
from courses.models import ReminderLetterRun, ReminderPlan
from courses.reminders import forecast, paper
from courses.reminders.plans import ReminderRefusedError, pause, resume, set_plan
from courses.reminders.reach import pause_of, rules_of
from courses.reminders.rules import in_force

_READERS = (Capability.NEEDS_VIEW, Capability.ORGANISATION_MANAGE)
_WRITERS = (Capability.NEEDS_EDIT, Capability.STAFF_EDIT, Capability.ORGANISATION_MANAGE)
"""Training and DSPT leads, HR, and the organisation's administrators."""
_LETTER_WRITERS = (Capability.NEEDS_EDIT, Capability.STAFF_EDIT)
"""Those of them who may see names."""
RUNS_SHOWN = 50


@requires(*_READERS)
@require_safe
def reminder_list(request: SignedInRequest) -> HttpResponse:
    """What goes out tomorrow and why, who is left out, and what was sent lately. Names are for those who may see named figures."""
    organisation, today = request.access.organisation, timezone.localdate()
    tomorrow, history = today + timedelta(days=1), rules_of(organisation)
    rules, may_see_names = in_force(history, on=tomorrow), request.access.can(Capability.REPORTS_NAMED)
    context = {
        "organisation": organisation,
        "tomorrow": forecast.forecast(organisation, on=tomorrow, history=history, with_names=may_see_names),
        "rules": rules,
        "weekday": None if rules.digest_weekday is None else WEEKDAYS[rules.digest_weekday],
        "plans": ReminderPlan.objects.filter(organisation=organisation)
        .select_related("made_by")
        .order_by("-starts_on", "-pk")[:10],
        "pause": pause_of(organisation),
        "sent": forecast.sent_lately(organisation, on=today),
        "trouble": forecast.in_trouble(organisation, on=today) if may_see_names else [],
        "may_see_names": may_see_names,
        "may_edit": request.access.can(*_WRITERS),
        "may_write_letters": request.access.can(*_LETTER_WRITERS),
        "may_print": request.access.can(Capability.STAFF_INVITE),
    }
    return render(request, "courses/reminder_list.jinja", context)


@requires(*_WRITERS)
@require_http_methods(["GET", "POST"])
def reminder_plan_edit(request: SignedInRequest) -> HttpResponse:
    """Write new rules; those before stay on record."""
    organisation, now = request.access.organisation, timezone.now()
    rules = in_force(rules_of(organisation), on=timezone.localdate() + timedelta(days=1))
    form = ReminderPlanForm(request.POST or None, rules=rules)
    if request.method == "POST" and form.is_valid():
        try:
            set_plan(organisation, by=request.user, at=now, **form.cleaned_data)
        except ReminderRefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Saved. The new rules hold from tomorrow.")
            return redirect("courses:reminder_list")
    return render(request, "courses/reminder_plan_edit.jinja", {"form": form})


@requires(*_WRITERS)
@require_http_methods(["GET", "POST"])
def reminder_pause(request: SignedInRequest) -> HttpResponse:
    """Stop reminders, or let them go on, with a reason."""
    organisation = request.access.organisation
    stopped = pause_of(organisation)
    form = ReminderPauseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        act = resume if stopped else pause
        try:
            act(organisation, by=request.user, at=timezone.now(), **form.cleaned_data)
        except ReminderRefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Reminders go on." if stopped else "Reminders are stopped.")
            return redirect("courses:reminder_list")
    return render(request, "courses/reminder_pause.jinja", {"form": form, "pause": stopped})


@requires(*_LETTER_WRITERS)
@require_http_methods(["GET", "POST"])
def reminder_letter_list(request: SignedInRequest) -> HttpResponse:
    """Who waits for a letter today, making the letters, and those made before."""
    organisation, today = request.access.organisation, timezone.localdate()
    form = ReminderLettersForm(request.POST or None, organisation=organisation, on=today)
    if request.method == "POST" and form.is_valid():
        try:
            run = paper.make_letters(organisation, unit=form.cleaned_data["unit"], by=request.user, at=timezone.now())
        except ReminderRefusedError as refusal:
            form.add_error("unit", str(refusal))
        else:
            letters = run.mails.count()
            messages.success(request, f"{letters} {'letter is' if letters == 1 else 'letters are'} ready to print.")
            return redirect("courses:reminder_letter_list")
    runs = ReminderLetterRun.objects.visible_to(request.access).select_related("unit", "made_by")
    context = {
        "form": form,
        "waiting": len({one.person_id for one in paper.waiting_for_a_letter(organisation, on=today)}),
        "pause": pause_of(organisation),
        "runs": runs.annotate(letters=Count("mails"))[:RUNS_SHOWN],
        "may_print": request.access.can(Capability.STAFF_INVITE),
    }
    return render(request, "courses/reminder_letter_list.jinja", context)


@requires(*_LETTER_WRITERS)
@fresh
@require_safe
def reminder_letter_pdf(request: SignedInRequest, reminder_letter_run_id: int) -> HttpResponse:
    """The letters of one run, to print, as often as it takes."""
    runs = ReminderLetterRun.objects.visible_to(request.access).select_related("organisation")
    run = get_object_or_404(runs, pk=reminder_letter_run_id)
    return HttpResponse(
        paper.letters_pdf(run),
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="training-reminders-{run.on}-{run.pk}.pdf"'},
    )
