"""Training records to take along, and training done elsewhere that comes in: handing in, deciding, and whose keys we know."""

from __future__ import annotations

import logging
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import requires
from courses import portable, prior_learning, signing
from courses.forms_prior_learning import KnownIssuerForm, PriorLearningDecisionForm, PriorLearningForm
from courses.models import KnownIssuer, PriorLearning
from courses.portable import RecordFileRefusedError
from courses.prior_learning import PriorLearningRefusedError
from evidence.uploads import UploadRefusedError
from nhsuk.documents import DocumentNotMadeError
from staff.models import Person
from staff.queries import person_of

logger = logging.getLogger(__name__)
CLAIMS_PER_PAGE = 50
REFUSALS = (RecordFileRefusedError, PriorLearningRefusedError, UploadRefusedError)


@requires(Capability.LEARN)
@require_safe
def my_training_record(request: SignedInRequest, record_form: str) -> HttpResponse:
    """One's own training record to take along, as a document or as a signed file."""
    person = get_object_or_404(
        Person.objects.select_related("organisation"), user=request.user, organisation=request.access.organisation
    )
    return _record_of(request, person, record_form)


@requires(Capability.RECORDS_IMPORT)
@require_safe
def person_training_record(request: SignedInRequest, person_id: int, record_form: str) -> HttpResponse:
    """Somebody's training record, leavers included, for them to take along."""
    people = Person.objects.visible_to(request.access).select_related("organisation")
    return _record_of(request, get_object_or_404(people, pk=person_id), record_form)


@requires(Capability.RECORDS_IMPORT, Capability.NEEDS_EDIT)
@require_safe
def prior_learning_list(request: SignedInRequest) -> HttpResponse:
    """What was handed in about training elsewhere: what waits first, then what was decided."""
    claims = PriorLearning.objects.visible_to(request.access).select_related("person", "handed_in_by", "decided_by")
    context = {
        "waiting": claims.waiting(),
        "page": Paginator(claims.exclude(decision=""), CLAIMS_PER_PAGE).get_page(request.GET.get("page")),
        "issuers": KnownIssuer.objects.visible_to(request.access).trusted(),
        "own_key": signing.present_key()[1],
    }
    return render(request, "courses/prior_learning_list.jinja", context)


@requires(Capability.RECORDS_IMPORT)
@require_http_methods(["GET", "POST"])
def prior_learning_new(request: SignedInRequest) -> HttpResponse:
    """Hand in a certificate or a record for somebody. Nothing counts yet."""
    form = _form(request, for_anybody=True)
    if request.method == "POST" and form.is_valid() and _hand_in(request, form, form.cleaned_data["person"]):
        messages.success(request, "It is handed in. It counts when somebody else has approved it.")
        return redirect("courses:prior_learning_list")
    return render(request, "courses/prior_learning_new.jinja", {"form": form, "is_own": False})


@requires(Capability.LEARN)
@require_http_methods(["GET", "POST"])
def my_prior_learning(request: SignedInRequest) -> HttpResponse:
    """Hand in what one did elsewhere, and see what became of it."""
    person = person_of(request.user.pk, request.access.organisation)
    if person is None:
        return render(request, "courses/no_staff_record.jinja", {"may_browse": True})
    form = _form(request, for_anybody=False)
    if request.method == "POST" and form.is_valid() and _hand_in(request, form, person):
        messages.success(request, "It is handed in. Your training lead looks at it. It counts when they have approved it.")
        return redirect("courses:my_prior_learning")
    context = {"form": form, "is_own": True, "claims": PriorLearning.objects.filter(person=person).prefetch_related("lines")}
    return render(request, "courses/prior_learning_new.jinja", context)


@requires(Capability.NEEDS_EDIT)
@require_http_methods(["GET", "POST"])
def prior_learning_decide(request: SignedInRequest, prior_learning_id: int) -> HttpResponse:
    """Look at what was handed in, and approve it or say no."""
    claims = PriorLearning.objects.visible_to(request.access).select_related(
        "person__organisation", "evidence__document", "handed_in_by"
    )
    claim = get_object_or_404(claims, pk=prior_learning_id)
    form = PriorLearningDecisionForm(request.POST or None, claim=claim, organisation=request.access.organisation)
    if request.method == "POST" and form.is_valid():
        try:
            if "refuse" in request.POST:
                prior_learning.refuse(claim, reason=form.cleaned_data["reason"], by=request.user, at=timezone.now())
            else:
                prior_learning.approve(claim, courses=form.courses, by=request.user, at=timezone.now())
        except PriorLearningRefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "You said no." if "refuse" in request.POST else "It is approved and counts.")
            return redirect("courses:prior_learning_list")
    context = {"claim": claim, "form": form, "is_mine": request.user.pk in (claim.handed_in_by_id, claim.person.user_id)}
    return render(request, "courses/prior_learning_decide.jinja", context)


@requires(Capability.NEEDS_EDIT)
@require_http_methods(["GET", "POST"])
def known_issuer_new(request: SignedInRequest) -> HttpResponse:
    """Vouch for the key of an organisation elsewhere."""
    form = KnownIssuerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            prior_learning.vouch_for(request.access.organisation, by=request.user, at=timezone.now(), **form.cleaned_data)
        except PriorLearningRefusedError as refusal:
            form.add_error("public_key", str(refusal))
        else:
            messages.success(request, "You know this key from now on. What waits already keeps the check it had.")
            return redirect("courses:prior_learning_list")
    return render(request, "courses/known_issuer_new.jinja", {"form": form})


@requires(Capability.NEEDS_EDIT)
@require_POST
def known_issuer_end(request: SignedInRequest, known_issuer_id: int) -> HttpResponse:
    """Take a key as known no longer."""
    known = get_object_or_404(KnownIssuer.objects.visible_to(request.access), pk=known_issuer_id)
    prior_learning.stop_vouching(known, by=request.user, at=timezone.now())
    messages.success(request, f"The key of {known.name} is known no longer.")
    return redirect("courses:prior_learning_list")


def _form(request: SignedInRequest, *, for_anybody: bool) -> PriorLearningForm:
    organisation = request.access.organisation
    return PriorLearningForm(request.POST or None, request.FILES or None, organisation=organisation, for_anybody=for_anybody)


def _hand_in(request: SignedInRequest, form: PriorLearningForm, person: Person) -> bool:
    """Whether it was taken; what stands in the way is put on the form."""
    who: dict[str, Any] = {"by": request.user, "at": timezone.now()}
    try:
        if form.is_record:
            prior_learning.hand_in_record(person, form.content, **who)
        else:
            values = {name: form.cleaned_data[name] for name in ("course", "completed_on", "given_by", "reference")}
            prior_learning.hand_in_certificate(
                person, (form.content, form.cleaned_data["file"].name or "certificate"), **values, **who
            )
    except REFUSALS as refusal:
        form.add_error("file", str(refusal))
        return False
    return True


def _record_of(request: SignedInRequest, person: Person, form: str) -> HttpResponse:
    if form not in ("pdf", "json"):
        raise Http404
    now = timezone.now()
    try:
        is_pdf = form == "pdf"
        make = portable.document if is_pdf else portable.signed_file
        content = make(person, by=request.user, at=now)
    except DocumentNotMadeError:
        logger.exception("The training record of person %s could not be drawn.", person.pk)
        reason = "The document cannot be made just now. Your training is on record. Take the signed file, or try again tomorrow."
        return render(request, "courses/certificate_failed.jinja", {"reason": reason}, status=503)
    response = HttpResponse(content, content_type="application/pdf" if is_pdf else "application/json")
    response["Content-Disposition"] = f'attachment; filename="training-record-{timezone.localdate(now)}.{form}"'
    response["Cache-Control"] = "private, no-store"
    return response
