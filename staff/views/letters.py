"""Letters with codes for people without an e-mail address, and the page on which a code is typed in."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import login
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import shared_device
from accounts.codes import CodeRefusedError
from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import fresh, public, requires
from accounts.sign_in import network_from
from jobs.services import enqueue
from staff import queries, services, tasks
from staff.forms_letters import SHARED, CodeSignInForm, LettersForm
from staff.models import LetterRun, Person, Unit

PDF_TYPE = "application/pdf"
BACKEND = "django.contrib.auth.backends.ModelBackend"


@requires(Capability.STAFF_INVITE)
@require_http_methods(["GET", "POST"])
def letter_list(request: SignedInRequest) -> HttpResponse:
    """Letters made before, and making them for a unit."""
    organisation, today = request.access.organisation, timezone.localdate()
    form = LettersForm(request.POST or None, organisation=organisation, on=today)
    if request.method == "POST" and form.is_valid():
        try:
            return _make(request, unit=form.cleaned_data["unit"])
        except services.LettersRefusedError as refusal:
            form.add_error("unit", str(refusal))
    runs = LetterRun.objects.visible_to(request.access).select_related("person", "unit")
    context = {"form": form, "runs": list(runs[: queries.PAGE])}
    return render(request, "staff/letter_list.jinja", context)


@requires(Capability.STAFF_INVITE)
@require_POST
def letter_person(request: SignedInRequest, person_id: int) -> HttpResponse:
    """Make a letter for one person."""
    person = get_object_or_404(Person.objects.visible_to(request.access).select_related("user"), pk=person_id)
    try:
        return _make(request, person=person)
    except services.LettersRefusedError as refusal:
        messages.error(request, str(refusal))
    return redirect("staff:person_detail", person_id=person.pk)


@requires(Capability.STAFF_INVITE)
@require_safe
def letter_detail(request: SignedInRequest, letter_run_id: int) -> HttpResponse:
    """Letters that were made: to be fetched once."""
    runs = LetterRun.objects.visible_to(request.access).select_related("person", "unit")
    return render(request, "staff/letter_detail.jinja", {"run": get_object_or_404(runs, pk=letter_run_id)})


@requires(Capability.STAFF_INVITE)
@fresh
@require_POST
def letter_fetch(request: SignedInRequest, letter_run_id: int) -> HttpResponse:
    """The letters as a PDF; after that they are gone from here."""
    run = get_object_or_404(LetterRun.objects.visible_to(request.access), pk=letter_run_id)
    try:
        content = services.fetch_letters(run, by=request.user, at=timezone.now())
    except services.LettersRefusedError as refusal:
        messages.error(request, str(refusal))
        return redirect("staff:letter_detail", letter_run_id=run.pk)
    response = HttpResponse(content, content_type=PDF_TYPE)
    response["Content-Disposition"] = f'attachment; filename="letters-{run.pk}.pdf"'
    return response


@public
@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def code_sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in with a staff number and the code on a letter."""
    initial = {"organisation": request.GET.get("organisation", "")[:10], "number": request.GET.get("number", "")[:40]}
    form = CodeSignInForm(request.POST or None, initial=initial | {"device": SHARED})
    if request.method == "POST" and form.is_valid():
        now, given = timezone.now(), form.cleaned_data
        try:
            user, organisation = services.sign_in_with_code(
                ods_code=given["organisation"],
                staff_number=given["number"],
                code=given["code"],
                network=network_from(request),
                at=now,
            )
        except CodeRefusedError as refusal:
            form.add_error("code", str(refusal))
        else:
            login(request, user, backend=BACKEND)
            shared_device.begin(request, organisation_id=organisation.pk, shared=given["device"] == SHARED, at=now)
            return redirect("accounts:code_welcome")
    return render(request, "staff/code_sign_in.jinja", {"form": form})


@transaction.atomic
def _make(request: SignedInRequest, *, person: Person | None = None, unit: Unit | None = None) -> HttpResponse:
    organisation, now = request.access.organisation, timezone.now()
    run = services.order_letters(organisation, person=person, unit=unit, by=request.user, at=now)
    job = enqueue(
        tasks.LETTERS,
        title="Making letters",
        organisation=organisation,
        by=request.user,
        arguments={"letter_run_id": run.pk, "user_id": request.user.pk},
        at=now,
    )
    return redirect("jobs:job_detail", job_id=job.pk)
