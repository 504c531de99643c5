"""The staff list: looking people up, one person, adding, leaving, sign-ins."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import fresh, requires
from audit.spreadsheets import CSV_TYPE, XLSX_TYPE, csv_lines, workbook
from jobs.services import enqueue
from staff import queries, services, tasks
from staff.directory import matching, people_page
from staff.exporter import StaffListResource, headings_of, posts_of, rows_of
from staff.forms_people import LastDayForm, PersonEditForm, PersonForm, PersonSearchForm
from staff.history import history_of
from staff.models import Person, Post
from staff.sections import sections_of


@requires(Capability.STAFF_VIEW)
@require_safe
def person_list(request: SignedInRequest) -> HttpResponse:
    """Everybody who fits a search, fifty at a time."""
    access, today = request.access, timezone.localdate()
    form = PersonSearchForm(request.GET, organisation=access.organisation, on=today)
    page = people_page(
        access.organisation,
        form.wanted,
        on=today,
        after=_number(request.GET.get("after")),
        before=_number(request.GET.get("before")),
    )
    kept = form.kept
    context = {
        "form": form,
        "page": page,
        "previous_query": urlencode(kept | {"before": page.previous}) if page.previous else "",
        "next_query": urlencode(kept | {"after": page.next}) if page.next else "",
        "export_query": urlencode(kept),
        "is_filtered": bool(kept),
        "may_import": access.can(Capability.STAFF_IMPORT),
        "may_edit": access.can(Capability.STAFF_EDIT),
        "to_settle": queries.to_settle(access.organisation, today) if access.can(Capability.STAFF_EDIT) else None,
    }
    return render(request, "staff/person_list.jinja", context)


@requires(Capability.STAFF_VIEW)
@fresh
@require_safe
def person_export(request: SignedInRequest) -> StreamingHttpResponse:
    """The people who fit a search, a row for each post, as a file that can be imported again."""
    today, organisation = timezone.localdate(), request.access.organisation
    resource, posts = _to_export(request)
    response = StreamingHttpResponse(csv_lines(headings_of(resource), rows_of(resource, posts)), content_type=CSV_TYPE)
    response["Content-Disposition"] = f'attachment; filename="staff-{organisation.ods_code}-{today}.csv"'
    return response


@requires(Capability.STAFF_VIEW)
@require_safe
def person_workbook(request: SignedInRequest) -> HttpResponse:
    """The same as a workbook."""
    today, organisation = timezone.localdate(), request.access.organisation
    resource, posts = _to_export(request)
    response = HttpResponse(workbook("Staff", headings_of(resource), rows_of(resource, posts)), content_type=XLSX_TYPE)
    response["Content-Disposition"] = f'attachment; filename="staff-{organisation.ods_code}-{today}.xlsx"'
    return response


def _to_export(request: SignedInRequest) -> tuple[StaffListResource, QuerySet[Post]]:
    """The table and the posts that a search asks for. That somebody takes them away is recorded."""
    today, organisation = timezone.localdate(), request.access.organisation
    wanted = PersonSearchForm(request.GET, organisation=organisation, on=today).wanted
    people = matching(organisation, wanted, on=today).count()
    services.note_export(organisation, people=people, by=request.user, at=timezone.now())
    return StaffListResource(), posts_of(organisation, wanted, on=today)


@requires(Capability.STAFF_VIEW)
@require_safe
def person_detail(request: SignedInRequest, person_id: int) -> HttpResponse:
    """One person: posts, absences, key posts, who acts for whom, sign-in, what other apps know, and what happened."""
    mine = Person.objects.visible_to(request.access).select_related("user", "organisation")
    person = get_object_or_404(mine, pk=person_id)
    today, access = timezone.localdate(), request.access
    context = {
        "person": person,
        "posts": list(person.posts.select_related("unit", "manager").order_by("-start", "-pk")),
        "absences": list(person.absences.order_by("-start")),
        "ties": queries.ties_of(person, today),
        "sections": sections_of(person, on=today, access=access),
        "history": history_of(person),
        "today": today,
        "may_invite": access.can(Capability.STAFF_INVITE),
        "may_edit": access.can(Capability.STAFF_EDIT),
    }
    return render(request, "staff/person_detail.jinja", context)


@requires(Capability.STAFF_EDIT)
@require_http_methods(["GET", "POST"])
def person_new(request: SignedInRequest) -> HttpResponse:
    """Add somebody whom no HR file lists."""
    organisation, today = request.access.organisation, timezone.localdate()
    form = PersonForm(request.POST or None, organisation=organisation, on=today, initial={"start": today})
    if request.method == "POST" and form.is_valid():
        try:
            person = services.add_person(organisation, by=request.user, at=timezone.now(), **form.cleaned_data)
        except services.PersonRefusedError as refusal:
            form.add_error("staff_number", str(refusal))
        else:
            messages.success(request, f"{person} is on the staff list.")
            return redirect("staff:person_detail", person_id=person.pk)
    return render(request, "staff/person_new.jinja", {"form": form})


@requires(Capability.STAFF_EDIT)
@require_http_methods(["GET", "POST"])
def person_edit(request: SignedInRequest, person_id: int) -> HttpResponse:
    """Change names and e-mail address."""
    person = get_object_or_404(Person.objects.visible_to(request.access), pk=person_id)
    initial = {name: getattr(person, name) for name in ("first_name", "last_name", "email")}
    form = PersonEditForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            person = services.change_person(person, by=request.user, at=timezone.now(), **form.cleaned_data)
        except services.PersonRefusedError as refusal:
            form.add_error("last_name", str(refusal))
        else:
            messages.success(request, f"{person} is saved.")
            return redirect("staff:person_detail", person_id=person.pk)
    return render(request, "staff/person_edit.jinja", {"form": form, "person": person})


@requires(Capability.STAFF_EDIT)
@require_http_methods(["GET", "POST"])
def person_leave(request: SignedInRequest, person_id: int) -> HttpResponse:
    """Record a leaver, having seen what follows from it."""
    person = get_object_or_404(Person.objects.visible_to(request.access).select_related("user"), pk=person_id)
    today = timezone.localdate()
    form = LastDayForm(request.POST or None, label="Last day in post", initial={"last_day": today})
    if request.method == "POST" and form.is_valid():
        try:
            services.leave(person, last_day=form.cleaned_data["last_day"], by=request.user, at=timezone.now())
        except services.PersonRefusedError as refusal:
            form.add_error("last_day", str(refusal))
        else:
            messages.success(request, f"The last day of {person} is recorded.")
            return redirect("staff:person_detail", person_id=person.pk)
    context = {"form": form, "person": person, "ties": queries.ties_of(person, today)}
    return render(request, "staff/person_leave.jinja", context)


@requires(Capability.STAFF_EDIT)
@require_POST
def person_hand_back(request: SignedInRequest, person_id: int) -> HttpResponse:
    """Let HR files set again what was changed by hand."""
    person = get_object_or_404(Person.objects.visible_to(request.access), pk=person_id)
    services.hand_back(person, by=request.user, at=timezone.now())
    messages.success(request, f"The next HR file decides about {person} again.")
    return redirect("staff:person_detail", person_id=person.pk)


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
            else "Has a password already, and can sign in here with it. The sign-in is connected with this record"
        )
        messages.success(request, f"{person}: {said}.")
    return redirect("staff:person_detail", person_id=person.pk)


@requires(Capability.STAFF_INVITE)
@require_http_methods(["GET", "POST"])
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
