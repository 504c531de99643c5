"""Why somebody is due or overdue, and more time or an exemption for them: asking, deciding, taking back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import requires
from courses import allowances
from courses.allowances import AllowanceRefusedError
from courses.forms_needs import ExemptionForm, ExtensionForm, LastDayForm, ReasonForm
from courses.models import Course, Exemption, Extension
from courses.obligations import Due, what_is_due, what_was_asked
from staff.models import Absence, Person
from staff.queries import person_of


@requires(Capability.LEARN)
@require_safe
def my_reasons(request: SignedInRequest) -> HttpResponse:
    """Why my training stands as it does."""
    person = person_of(request.user.pk, request.access.organisation)
    if person is None:
        return render(request, "courses/no_staff_record.jinja", {"may_browse": True})
    return _reasons(request, person, is_own=True)


@requires(Capability.TEAM_VIEW, Capability.REPORTS_NAMED)
@require_safe
def person_reasons(request: SignedInRequest, person_id: int) -> HttpResponse:
    """Why somebody's training stands as it does: for those who look after them, and those who may see names."""
    return _reasons(request, _person(request, person_id), is_own=False)


@requires(Capability.TEAM_VIEW, Capability.NEEDS_EDIT)
@require_http_methods(["GET", "POST"])
def more_time(request: SignedInRequest, person_id: int, course_code: str) -> HttpResponse:
    """Ask for more time, or give it, if that is mine to give."""
    person = _person(request, person_id)
    course = get_object_or_404(Course.objects.available_to(request.access.organisation), code=course_code)
    due = _due(person, course)
    may_give = _decides(request, person)
    form = ExtensionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        write = allowances.give_more_time if may_give else allowances.ask_more_time
        try:
            write(person, course, by=request.user, at=timezone.now(), **form.cleaned_data)
        except AllowanceRefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request, "More time is given." if may_give else "You asked for more time. The training lead decides."
            )
            return redirect("courses:person_reasons", person.pk)
    context = {"form": form, "person": person, "due": due, "may_give": may_give}
    return render(request, "courses/more_time.jinja", context)


@requires(Capability.NEEDS_EDIT)
@require_http_methods(["GET", "POST"])
def more_time_end(request: SignedInRequest, person_id: int, course_code: str) -> HttpResponse:
    """Refuse what was asked for, or take back what was given."""
    person = _person(request, person_id)
    course = get_object_or_404(Course.objects.available_to(request.access.organisation), code=course_code)
    due = _due(person, course)
    acts = allowances.acts_on(due, person) if due else []
    is_waiting = bool(acts) and acts[0].act == Extension.Act.ASKED
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        write = allowances.refuse_more_time if is_waiting else allowances.take_back_time
        try:
            write(person, course, by=request.user, at=timezone.now(), **form.cleaned_data)
        except AllowanceRefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "You said no." if is_waiting else "The extra time is taken back.")
            return redirect("courses:person_reasons", person.pk)
    context = {"form": form, "person": person, "course": course, "is_waiting": is_waiting}
    return render(request, "courses/more_time_end.jinja", context)


@requires(Capability.TEAM_VIEW, Capability.NEEDS_EDIT)
@require_http_methods(["GET", "POST"])
def exemption_ask(request: SignedInRequest, person_id: int) -> HttpResponse:
    """Ask for an exemption of somebody."""
    person = _person(request, person_id)
    initial = {"effect": Exemption.Effect.EXCUSED, "start": timezone.localdate()}
    form = ExemptionForm(request.POST or None, initial=initial, organisation=request.access.organisation)
    if request.method == "POST" and form.is_valid():
        try:
            allowances.ask_exemption(person, by=request.user, at=timezone.now(), **form.cleaned_data)
        except AllowanceRefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "You asked for the exemption. It counts when somebody else has approved it.")
            return redirect("courses:person_reasons", person.pk)
    return render(request, "courses/exemption_ask.jinja", {"form": form, "person": person})


@requires(Capability.NEEDS_EDIT)
@require_safe
def allowance_list(request: SignedInRequest) -> HttpResponse:
    """What waits for a decision, the exemptions that hold, and those to look at again."""
    today = timezone.localdate()
    exemptions = Exemption.objects.visible_to(request.access).select_related("person", "course", "requested_by", "approved_by")
    extensions = Extension.objects.visible_to(request.access).waiting().select_related("person", "course", "by")
    holding = [one for one in exemptions.approved().order_by("review_on", "start") if one.end is None or one.end > today]
    context = {
        "extensions": extensions,
        "waiting": exemptions.waiting(),
        "holding": holding,
        "today": today,
    }
    return render(request, "courses/allowance_list.jinja", context)


@requires(Capability.NEEDS_EDIT)
@require_POST
def exemption_decide(request: SignedInRequest, exemption_id: int) -> HttpResponse:
    """Approve an exemption, or refuse it."""
    exemption = get_object_or_404(Exemption.objects.visible_to(request.access), pk=exemption_id)
    approve = "approve" in request.POST
    try:
        allowances.decide_exemption(exemption, approve=approve, by=request.user, at=timezone.now())
    except AllowanceRefusedError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "The exemption is approved." if approve else "The exemption is refused.")
    return redirect("courses:allowance_list")


@requires(Capability.NEEDS_EDIT)
@require_http_methods(["GET", "POST"])
def exemption_end(request: SignedInRequest, exemption_id: int) -> HttpResponse:
    """Let an exemption end sooner."""
    found = Exemption.objects.visible_to(request.access).select_related("person", "course")
    exemption = get_object_or_404(found, pk=exemption_id)
    form = LastDayForm(request.POST or None, initial={"last_day": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            allowances.end_exemption(exemption, by=request.user, at=timezone.now(), **form.cleaned_data)
        except AllowanceRefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The exemption ends on the day you gave.")
            return redirect("courses:allowance_list")
    return render(request, "courses/exemption_end.jinja", {"form": form, "exemption": exemption})


def _reasons(request: SignedInRequest, person: Person, *, is_own: bool) -> HttpResponse:
    today = timezone.localdate()
    lines = [(due, allowances.acts_on(due, person)) for due in what_is_due(person, on=today)]
    context = {
        "person": person,
        "is_own": is_own,
        "lines": lines,
        "closed": what_was_asked(person, on=today),
        "absences": Absence.objects.filter(person=person).covering(today),
        "may_ask": not is_own and request.access.can(Capability.TEAM_VIEW, Capability.NEEDS_EDIT),
        "may_decide": not is_own and _decides(request, person),
        "today": today,
    }
    return render(request, "courses/reasons.jinja", context)


def _decides(request: SignedInRequest, person: Person) -> bool:
    return request.access.can(Capability.NEEDS_EDIT) and person.user_id != request.user.pk


def _due(person: Person, course: Course) -> Due | None:
    found: Any = what_is_due(person, on=timezone.localdate())
    return next((due for due in found if due.course.pk == course.pk), None)


def _person(request: SignedInRequest, person_id: int) -> Person:
    """Somebody of the team, or anybody for those who may see names or decide."""
    person = get_object_or_404(Person.objects.visible_to(request.access), pk=person_id)
    if request.access.can(Capability.REPORTS_NAMED, Capability.NEEDS_EDIT):
        return person
    me = person_of(request.user.pk, request.access.organisation)
    if me is None or not Person.objects.managed_by(me, timezone.localdate()).filter(pk=person.pk).exists():
        raise Http404
    return person
