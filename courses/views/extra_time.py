"""Extra time in timed quizzes, given by a manager to the team and by a training or DSPT lead to anybody."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.db.models import OuterRef, Subquery
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import Access, requires
from quizzes.extra_time import ExtraTimeRefusedError, record_extra_time
from quizzes.models import ExtraTime
from staff.models import Person
from staff.models.people import PersonQuerySet


class ExtraTimeForm(forms.Form):
    """For whom, and how much."""

    staff_number = forms.CharField(label="Staff number", error_messages={"required": "Enter the staff number"})
    percent = forms.TypedChoiceField(
        label="Extra time",
        coerce=int,
        choices=[
            ("25", "A quarter more"),
            ("50", "Half as much again"),
            ("100", "Twice as long"),
            ("0", "No extra time any more"),
        ],
        error_messages={"required": "Choose how much"},
    )


@requires(Capability.TEAM_VIEW, Capability.NEEDS_EDIT)
@require_http_methods(["GET", "POST"])
def extra_time_list(request: SignedInRequest) -> HttpResponse:
    """Who has extra time, and giving it."""
    mine = _people(request.access)
    form = ExtraTimeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        person = mine.filter(staff_number=form.cleaned_data["staff_number"].strip()).first()
        if person is None:
            form.add_error("staff_number", "Nobody you look after has this staff number. Check it, or ask the training lead")
        else:
            try:
                record_extra_time(person, percent=form.cleaned_data["percent"], by=request.user, at=timezone.now())
            except ExtraTimeRefusedError as refusal:
                form.add_error("staff_number", str(refusal))
            else:
                messages.success(request, f"Saved for {person}. It holds for quizzes they are taking now, too.")
                return redirect("courses:extra_time_list")
    latest = ExtraTime.objects.filter(person=OuterRef("pk")).order_by("-pk").values("percent")[:1]
    people = mine.annotate(extra_percent=Subquery(latest)).filter(extra_percent__gt=0).order_by("last_name", "first_name")
    return render(request, "courses/extra_time_list.jinja", {"form": form, "people": people})


def _people(access: Access) -> PersonQuerySet:
    """Whom somebody may give extra time: everybody here, or the team."""
    here = Person.objects.of(access.organisation)
    if access.can(Capability.NEEDS_EDIT):
        return here
    manager = here.filter(user=access.user).first()
    return here.managed_by(manager, timezone.localdate()) if manager else here.none()
