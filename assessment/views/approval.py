"""Review, signature and publication."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import fresh, requires
from assessment import checks, services, tasklist
from assessment.discussion import unsettled_questions
from assessment.edition_format.words import LEVELS
from assessment.evidence_concerns import concerns
from assessment.forms import PlannedDateForm, PointForm, PublishForm, UnlockForm
from assessment.models import Assessment, Response
from assessment.publishing import statement_of
from assessment.queries import AssessmentReturn
from assessment.services.signing import require_possible_date
from assessment.views.parts import find_assessment, find_return, may
from evidence.blobs import BlobDamagedError
from reporting.readings import UnknownCourseError

REFUSALS = (services.AssessmentRefusedError, services.StepRefusedError)


@requires(Capability.ASSESSMENT_VIEW)
@require_safe
def review(request: SignedInRequest, assessment_id: int) -> HttpResponse:
    """Where the return stands on its way to a signature, and the next step."""
    whole = find_return(request, assessment_id)
    return render(request, "assessment/review.jinja", review_context(request, whole))


def review_context(request: SignedInRequest, whole: AssessmentReturn, **more: Any) -> dict[str, Any]:
    """What the review page shows."""
    unsettled = [leaf for leaf in whole.leaves if whole.is_required(leaf) and not whole.is_enough(leaf)]
    unconfirmed = [assertion for assertion in whole.assertions() if not whole.is_confirmed(assertion)]
    return {
        "whole": whole,
        "words": tasklist.standard_words(whole),
        "unsettled": tasklist.rows_of(whole, unsettled),
        "unconfirmed": unconfirmed,
        "concerns": concerns(whole),
        "may": may(request, whole),
        "questions": unsettled_questions(whole.assessment, request.access),
        "point_form": PointForm(),
        "unlock_form": UnlockForm(),
        **more,
    }


@requires(Capability.ASSESSMENT_EDIT)
@require_POST
def review_submit(request: SignedInRequest, assessment_id: int) -> HttpResponse:
    """Hand the return to its reviewer."""
    assessment = find_assessment(request, assessment_id)
    try:
        services.submit_for_review(assessment, by=request.user, at=timezone.now())
    except REFUSALS as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "The return is with its reviewer. Nobody can change it until it comes back.")
    return redirect("assessment:review", assessment_id)


@requires(Capability.ASSESSMENT_EDIT, Capability.ASSESSMENT_SIGN)
@require_POST
def review_return(request: SignedInRequest, assessment_id: int) -> HttpResponse:
    """Send the return back with points."""
    whole = find_return(request, assessment_id)
    form = PointForm(request.POST)
    if form.is_valid():
        try:
            points = read_points(whole, form.cleaned_data["points"])
            services.return_with_points(whole.assessment, points=points, by=request.user, at=timezone.now())
        except REFUSALS as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The return is back with those who work on it, with your points.")
            return redirect("assessment:assessment_detail", assessment_id)
    return render(request, "assessment/review.jinja", review_context(request, whole, point_form=form))


def read_points(whole: AssessmentReturn, text: str) -> list[tuple[Response | None, str]]:
    """A point for each line; a line that begins with an item's number is about that item."""
    by_number = {leaf.number.lower(): leaf.response for leaf in whole.leaves}
    points: list[tuple[Response | None, str]] = []
    for line in filter(None, (line.strip() for line in text.splitlines())):
        match = re.match(r"([A-Za-z]?\d[\w.]*?)[:.]?\s+(.+)", line)
        response = by_number.get(match.group(1).lower()) if match else None
        points.append((response, match.group(2) if match and response else line))
    return points


@requires(Capability.ASSESSMENT_SIGN)
@require_POST
def review_pass(request: SignedInRequest, assessment_id: int) -> HttpResponse:
    """The reviewer is content."""
    assessment = find_assessment(request, assessment_id)
    try:
        services.ready_to_sign(assessment, by=request.user, at=timezone.now())
    except REFUSALS as refusal:
        messages.error(request, str(refusal))
        return redirect("assessment:review", assessment_id)
    messages.success(request, "The return is ready to sign.")
    return redirect("assessment:review", assessment_id)


@requires(Capability.ASSESSMENT_EDIT, Capability.ASSESSMENT_SIGN)
@require_POST
def unlock(request: SignedInRequest, assessment_id: int) -> HttpResponse:
    """Open the return for work again."""
    whole = find_return(request, assessment_id)
    form = UnlockForm(request.POST)
    if form.is_valid():
        try:
            services.unlock(whole.assessment, reason=form.cleaned_data["reason"], by=request.user, at=timezone.now())
        except REFUSALS as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The return is open for work again. It has to be reviewed and signed anew.")
            return redirect("assessment:assessment_detail", assessment_id)
    return render(request, "assessment/review.jinja", review_context(request, whole, unlock_form=form))


@requires(Capability.ASSESSMENT_SIGN)
@fresh
@require_http_methods(["GET", "POST"])
def sign(request: SignedInRequest, assessment_id: int) -> HttpResponse:
    """Read what is to be signed, for the planned date; sign it."""
    assessment = find_assessment(request, assessment_id)
    today = timezone.localdate()
    data = request.POST if request.method == "POST" else request.GET if "planned_on_day" in request.GET else None
    form = PlannedDateForm(data, initial={"planned_on": today})
    planned_on = _planned_on(form, today)
    unread = False
    if request.method == "POST" and form.is_valid() and "sign" in request.POST:
        try:
            services.sign(
                assessment,
                planned_on=planned_on,
                acknowledged=request.POST.getlist("acknowledged"),
                by=request.user,
                at=timezone.now(),
            )
        except services.WarningsNotAcknowledgedError as refusal:
            form.add_error(None, str(refusal))
            unread = True
        except REFUSALS as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "You have signed the return. It can be published on the planned date.")
            return redirect("assessment:review", assessment_id)
    return _sign_page(request, assessment, form, planned_on, today=today, unread=unread)


def _planned_on(form: PlannedDateForm, today: date) -> date:
    """The planned date of the form, or today while it holds none that will do."""
    if not form.is_valid():
        return today
    planned_on: date = form.cleaned_data["planned_on"]
    try:
        require_possible_date(planned_on, today=today)
    except services.AssessmentRefusedError as refusal:
        form.add_error("planned_on", str(refusal))
        return today
    return planned_on


def _sign_page(
    request: SignedInRequest, assessment: Assessment, form: PlannedDateForm, planned_on: date, *, today: date, unread: bool
) -> HttpResponse:
    try:
        whole = services.preview(assessment, planned_on=planned_on)
    except UnknownCourseError as missing:
        messages.error(request, f"The training figure cannot be counted. {missing}")
        return redirect("assessment:review", assessment.pk)
    standard = whole.standard_if(signed=True)
    return render(
        request,
        "assessment/sign.jinja",
        {
            "whole": whole,
            "form": form,
            "planned_on": planned_on,
            "signer": services.signer_of(assessment.organisation, request.user, on=today),
            "standard": LEVELS[standard.level],
            "gaps": [line for line in standard.trace if line.rule.startswith("met.") and not line.holds],
            "figures": [leaf for leaf in whole.leaves if leaf.reading],
            "recorded": sum(whole.is_enough(leaf) for leaf in whole.leaves),
            "warnings": checks.warnings(whole, today=today, signer_id=request.user.pk),
            "acknowledged": request.POST.getlist("acknowledged") if request.method == "POST" else [],
            "unread": unread,
            "declaration": services.DECLARATION,
            "may": may(request, whole),
        },
    )


@requires(Capability.ASSESSMENT_PUBLISH)
@fresh
@require_http_methods(["GET", "POST"])
def publish(request: SignedInRequest, assessment_id: int) -> HttpResponse:
    """Publish the signed return today."""
    whole = find_return(request, assessment_id)
    form = PublishForm(request.POST if request.method == "POST" else None)
    today = timezone.localdate()
    if request.method == "POST" and form.is_valid():
        try:
            publication = services.publish(
                whole.assessment, on=today, by=request.user, at=timezone.now(), note=form.cleaned_data["note"]
            )
        except services.SignatureLapsedError as refusal:
            messages.error(request, str(refusal))
            return redirect("assessment:review", assessment_id)
        except (*REFUSALS, BlobDamagedError) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The return is published here.")
            return redirect("assessment:publication_detail", publication.pk)
    context = {
        "whole": whole,
        "form": form,
        "today": today,
        "sign_off": whole.sign_off,
        "statement": statement_of(whole.assessment),
        "may": may(request, whole),
    }
    return render(request, "assessment/publish.jinja", context | {"words": tasklist.standard_words(whole)})
