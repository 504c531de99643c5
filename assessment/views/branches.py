"""The sites of a return: which it speaks for, and the page on which a site's responsible person says whether it is true there."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.models import Site
from accounts.policy import requires, signed_in
from assessment import services, tasklist
from assessment.branches import STATEMENT, Branch, site_digest
from assessment.forms_branches import AttestForm, BranchForm
from assessment.models import SiteDecision
from assessment.queries import AssessmentReturn
from assessment.views.parts import find_return, may
from staff.models import KeyPost, Person

REFUSALS = (services.AssessmentRefusedError, services.StepRefusedError)
DAYS_BEFORE_DUE = timedelta(days=14)


@requires(Capability.ASSESSMENT_VIEW, Capability.ASSESSMENT_INVITED)
@require_safe
def branch_list(request: SignedInRequest, assessment_id: int) -> HttpResponse:
    """Every site with where it stands."""
    whole = find_return(request, assessment_id)
    return render(
        request,
        "assessment/branch_list.jinja",
        {"whole": whole, "branches": whole.branches, "may": may(request, whole), "today": timezone.localdate()},
    )


@requires(Capability.ASSESSMENT_EDIT)
@require_http_methods(["GET", "POST"])
def branch_decide(request: SignedInRequest, assessment_id: int, site_id: int) -> HttpResponse:
    """Say whether the return speaks for a site, and who answers for it there."""
    site = get_object_or_404(Site.objects.visible_to(request.access), pk=site_id)
    whole = find_return(request, assessment_id)
    branch = next((one for one in whole.branches.all if one.site.pk == site.pk), None)
    if branch is None:
        raise Http404
    people = _people(request)
    form = BranchForm(request.POST or None, people=people, initial=_initial(whole, branch, dict(people)))
    if request.method == "POST" and form.is_valid():
        try:
            _decide(request, whole, site, form.cleaned_data)
        except REFUSALS as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"Saved for {site}.")
            return redirect("assessment:branch_list", assessment_id)
    context = {"whole": whole, "branch": branch, "form": form, "may": may(request, whole)}
    return render(request, "assessment/branch_decide.jinja", context)


def _decide(request: SignedInRequest, whole: AssessmentReturn, site: Site, said: dict[str, Any]) -> None:
    by, at = request.user, timezone.now()
    if said["included"] == "no":
        services.leave_site_out(whole.assessment, site, reason=said["reason"], by=by, at=at)
        return
    person = get_object_or_404(Person.objects.of(request.access.organisation), pk=said["responsible"])
    services.include_site(whole.assessment, site, responsible=person, confirm_by=said["confirm_by"], by=by, at=at)


def _initial(whole: AssessmentReturn, branch: Branch, people: dict[int, str]) -> dict[str, Any]:
    """What was decided; before that what was decided for last year's return, or a registered manager as a guess."""
    decision = branch.decision or _last_years(whole, branch.site)
    due = whole.assessment.due_on or whole.edition_file.header.calendar.final
    if decision is None:
        managers = KeyPost.objects.covering(whole.on).filter(
            organisation=whole.assessment.organisation, kind="registered-manager"
        )
        guess = next((post.holder_id for post in managers if post.holder_id in people), "")
        return {"responsible": guess, "confirm_by": due - DAYS_BEFORE_DUE}
    return {
        "included": "yes" if decision.is_included else "no",
        "reason": decision.reason,
        "responsible": decision.responsible_id or "",
        "confirm_by": decision.confirm_by if branch.decision else due - DAYS_BEFORE_DUE,
    }


def _last_years(whole: AssessmentReturn, site: Site) -> SiteDecision | None:
    mine = SiteDecision.objects.filter(assessment__organisation=whole.assessment.organisation, site=site)
    return mine.exclude(assessment=whole.assessment).order_by("-pk").first()


def _people(request: SignedInRequest) -> list[tuple[int, str]]:
    """People in post who can sign in."""
    people = Person.objects.of(request.access.organisation).in_post(timezone.localdate()).filter(user__isnull=False)
    return [(person.pk, str(person)) for person in people.order_by("last_name", "first_name", "pk")]


@signed_in
@require_http_methods(["GET", "POST"])
def branch_attest(request: SignedInRequest, assessment_id: int, site_id: int) -> HttpResponse:
    """What the return says, for the person responsible for a site, who says whether it is true there.

    Others who may see the assessment read it; to everybody else there is no such page.
    """
    whole = find_return(request, assessment_id)
    branch = next((one for one in whole.branches.all if one.site.pk == site_id), None)
    is_mine = _answers_for(request, branch)
    if branch is None or not (is_mine or request.access.can(Capability.ASSESSMENT_VIEW)) or request.access.is_by_code:
        raise Http404
    digest = site_digest(whole, branch.site)
    form = AttestForm(request.POST or None, initial={"seen": digest})
    if request.method == "POST" and form.is_valid():
        said = {"is_true": form.cleaned_data["is_true"] == "yes", "differs": form.cleaned_data["differs"]}
        seen = form.cleaned_data["seen"]
        try:
            services.attest_site(whole.assessment, branch.site, seen=seen, by=request.user, at=timezone.now(), **said)
        except REFUSALS as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Thank you. What you said is kept with the return.")
            return redirect("assessment:branch_attest", assessment_id, site_id)
    context = {
        "whole": whole,
        "branch": branch,
        "form": form,
        "digest": digest,
        "is_mine": is_mine,
        "statement": STATEMENT,
        "groups": tasklist.groups(whole, by="plain"),
        "sees_return": request.access.can(Capability.ASSESSMENT_VIEW),
    }
    return render(request, "assessment/branch_attest.jinja", context)


def _answers_for(request: SignedInRequest, branch: Branch | None) -> bool:
    decision = branch.decision if branch else None
    return bool(decision and decision.responsible and decision.responsible.user_id == request.user.pk)
