"""The staff list: people, units, sign-ins."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import requires
from jobs.services import enqueue
from staff import queries, services, tasks
from staff.exporter import staff_list_csv
from staff.forms import PersonForm, PersonSearchForm
from staff.models import Person


@requires(Capability.STAFF_VIEW)
@require_safe
def person_list(request: SignedInRequest) -> HttpResponse:
    """Everybody on the staff list, fifty at a time."""
    organisation = request.access.organisation
    form = PersonSearchForm(request.GET, organisation=organisation)
    chosen: dict[str, Any] = form.cleaned_data if form.is_valid() else {"q": "", "unit": None, "state": ""}
    page = queries.people_page(
        organisation,
        timezone.localdate(),
        words=chosen["q"],
        unit=chosen["unit"].pk if chosen["unit"] else None,
        state=chosen["state"] or queries.IN_POST,
        after=_number(request.GET.get("after")),
        before=_number(request.GET.get("before")),
    )
    kept = {"q": chosen["q"], "unit": chosen["unit"].pk if chosen["unit"] else "", "state": chosen["state"]}
    return render(
        request,
        "staff/person_list.jinja",
        {
            "form": form,
            "page": page,
            "previous_query": urlencode(kept | {"before": page.previous}) if page.previous else "",
            "next_query": urlencode(kept | {"after": page.next}) if page.next else "",
            "is_filtered": any(kept.values()),
            "may_import": request.access.can(Capability.STAFF_IMPORT),
            "may_invite": request.access.can(Capability.STAFF_INVITE),
        },
    )


@requires(Capability.STAFF_VIEW)
@require_safe
def person_export(request: SignedInRequest) -> HttpResponse:
    """Everybody in post today, as a file that can be imported again."""
    today = timezone.localdate()
    organisation = request.access.organisation
    response = HttpResponse(staff_list_csv(organisation, on=today), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="staff-{organisation.ods_code}-{today}.csv"'
    services.note_export(
        organisation, people=Person.objects.of(organisation).in_post(today).count(), by=request.user, at=timezone.now()
    )
    return response


@requires(Capability.STAFF_VIEW)
@require_safe
def person_detail(request: SignedInRequest, person_id: int) -> HttpResponse:
    """One person: posts, absences and sign-in."""
    person = get_object_or_404(Person.objects.visible_to(request.access).select_related("user"), pk=person_id)
    today = timezone.localdate()
    return render(
        request,
        "staff/person_detail.jinja",
        {
            "person": person,
            "posts": list(person.posts.select_related("unit", "manager").order_by("-start", "-pk")),
            "absences": list(person.absences.order_by("-start")),
            "team_size": queries.team_of(person, today).count(),
            "today": today,
            "may_invite": request.access.can(Capability.STAFF_INVITE),
        },
    )


@requires(Capability.STAFF_IMPORT)
@require_http_methods(["GET", "HEAD", "POST"])
def person_new(request: SignedInRequest) -> HttpResponse:
    """Add somebody whom no HR file lists."""
    organisation = request.access.organisation
    form = PersonForm(request.POST or None, organisation=organisation, initial={"start": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            person = services.add_person(organisation, by=request.user, at=timezone.now(), **form.cleaned_data)
        except services.PersonRefusedError as refusal:
            form.add_error("staff_number", str(refusal))
        else:
            messages.success(request, f"{person} is on the staff list.")
            return redirect("staff:person_detail", person_id=person.pk)
    return render(request, "staff/person_new.jinja", {"form": form})


@requires(Capability.STAFF_INVITE)
@require_POST
def person_invite(request: SignedInRequest, person_id: int) -> HttpResponse:
    """Give one person a sign-in, or send the invitation again."""
    person = get_object_or_404(Person.objects.visible_to(request.access), pk=person_id)
    try:
        link = services.invite_person(person, by=request.user, at=timezone.now())
    except services.InvitationRefusedError as refusal:
        messages.error(request, str(refusal))
    except OSError:
        messages.error(request, "The e-mail could not be sent. Try again later.")
    else:
        said = (
            "The invitation is on its way"
            if link
            else "Already has a password from another organisation, and can sign in here now"
        )
        messages.success(request, f"{person}: {said}.")
    return redirect("staff:person_detail", person_id=person.pk)


@requires(Capability.STAFF_VIEW)
@require_safe
def unit_list(request: SignedInRequest) -> HttpResponse:
    """Units with their headcount today, and people whose manager has left."""
    organisation, today = request.access.organisation, timezone.localdate()
    context = {
        "units": list(queries.units_with_headcount(organisation, today)),
        "orphans": list(queries.former_managers(organisation, today)[: queries.PAGE]),
    }
    return render(request, "staff/unit_list.jinja", context)


@requires(Capability.STAFF_INVITE)
@require_http_methods(["GET", "HEAD", "POST"])
def invitation_list(request: SignedInRequest) -> HttpResponse:
    """How many can sign in, and inviting everybody else who has an e-mail address."""
    organisation = request.access.organisation
    if request.method == "POST":
        job = enqueue(
            tasks.INVITE,
            title="Inviting staff to sign in",
            organisation=organisation,
            by=request.user,
            arguments={"organisation_id": organisation.pk, "user_id": request.user.pk},
            at=timezone.now(),
        )
        return redirect("jobs:job_detail", job_id=job.pk)
    today = timezone.localdate()
    without = Person.objects.of(organisation).in_post(today).filter(user__isnull=True, email="")
    context = {
        "counts": queries.sign_in_counts(organisation, today),
        "waiting": list(queries.to_invite(organisation, today)[: queries.PAGE]),
        "without_email": list(without[: queries.PAGE]),
    }
    return render(request, "staff/invitation_list.jinja", context)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None
