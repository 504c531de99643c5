"""The years, opening one, and a return as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import requires
from assessment import services, tasklist
from assessment.audit_desk import Desk, is_audited, requests_of
from assessment.evidence_concerns import concerns
from assessment.forms import OpenYearForm
from assessment.loading import asks_interim, edition_for, file_of, years_for
from assessment.models import Assessment, Edition, OfficialStatus, Publication, YearAcknowledgement
from assessment.patches import newer_edition
from assessment.queries import current_return
from assessment.readiness import countdown, what_if
from assessment.registering import what_applies
from assessment.replaced import replaced_evidence
from assessment.states import CLOSED
from assessment.views.parts import find_return, may
from evidence.closing import closed_to


@requires(Capability.ASSESSMENT_VIEW)
@require_safe
def year_list(request: SignedInRequest) -> HttpResponse:
    """Every return of the organisation, newest year first."""
    organisation, today = request.access.organisation, timezone.localdate()
    returns = Assessment.objects.visible_to(request.access).select_related("organisation", "edition", "lead")
    returns = returns.defer("edition__source", "edition__content").order_by("-year", "-pk")
    publications = {found.assessment_id: found for found in Publication.objects.filter(organisation=organisation)}
    statuses = {
        found.year: found for found in OfficialStatus.objects.filter(organisation=organisation).order_by("recorded_on", "pk")
    }
    lines = [
        (current_return(assessment, today=today), publications.get(assessment.pk), statuses.get(assessment.year))
        for assessment in returns
    ]
    waiting = list(openings(organisation.type, returns))
    return render(
        request,
        "assessment/year_list.jinja",
        {
            "lines": [(whole, tasklist.standard_words(whole), publication, status) for whole, publication, status in lines],
            "waiting": waiting if request.access.can(Capability.ASSESSMENT_EDIT) else [],
            "organisation": organisation,
            "today": today,
        },
    )


@dataclass(frozen=True)
class Opening:
    """A return that could be opened: of a year not begun, or to correct what was published."""

    year: str
    kind: str
    is_correction: bool
    last_day: date | None

    @property
    def words(self) -> str:
        if self.kind == Assessment.Kind.INTERIM:
            return f"{'Publish a corrected' if self.is_correction else 'Open the'} interim (baseline) return for {self.year}"
        return f"{'Publish a corrected return for' if self.is_correction else 'See what applies to you in'} {self.year}"


def openings(organisation_type: str, returns: Iterable[Assessment]) -> Iterator[Opening]:
    """Every return that could be opened now, newest year first, the annual one before the interim one."""
    mine = list(returns)
    open_ones = {(one.year, one.kind) for one in mine if one.closed_at is None}
    closed = {(one.year, one.kind) for one in mine if one.closed_at is not None}
    for year in years_for(organisation_type):
        edition = edition_for(organisation_type, year)
        kinds = Assessment.Kind.values if edition and asks_interim(edition) else [Assessment.Kind.FULL.value]
        for kind in kinds:
            if (year, kind) not in open_ones:
                yield Opening(year, kind, (year, kind) in closed, _last_day(edition, kind))


def _last_day(edition: Edition | None, kind: str) -> date | None:
    if edition is None:
        return None
    calendar = file_of(edition).header.calendar
    return calendar.interim if kind == Assessment.Kind.INTERIM else calendar.final


@requires(Capability.ASSESSMENT_EDIT)
@require_http_methods(["GET", "POST"])
def year_open(request: SignedInRequest) -> HttpResponse:
    """What a year would ask of the organisation and why; opening it."""
    organisation = request.access.organisation
    form = OpenYearForm(request.POST if request.method == "POST" else request.GET, years=years_for(organisation.type))
    if not form.is_valid():
        messages.error(request, f"There is no list of requirements for {organisation.get_type_display().lower()} in that year.")
        return redirect("assessment:year_list")
    year, kind = form.cleaned_data["year"], form.cleaned_data["kind"] or Assessment.Kind.FULL
    if request.method == "POST":
        try:
            assessment = services.open_year(organisation, year, kind=kind, by=request.user, at=timezone.now())
        except services.AssessmentRefusedError as refusal:
            messages.error(request, str(refusal))
            return redirect("assessment:year_list")
        messages.success(request, f"The {'interim ' if assessment.is_interim else ''}return for {year} is open.")
        return redirect("assessment:assessment_detail", assessment.pk)
    last = (
        Publication.objects.filter(organisation=organisation, assessment__year__lte=year)
        .select_related("assessment")
        .order_by("-sequence")
        .first()
    )
    applies = what_applies(organisation, year, today=timezone.localdate())
    is_interim = kind == Assessment.Kind.INTERIM
    if is_interim and (applies is None or not applies.interim_on):
        messages.error(request, f"No interim return is asked of {organisation.get_type_display().lower()} in {year}.")
        return redirect("assessment:year_list")
    context = {
        "organisation": organisation,
        "year": year,
        "kind": kind,
        "applies": applies,
        "last": last,
        "has_read": applies is not None
        and YearAcknowledgement.objects.filter(organisation=organisation, edition=applies.edition, by=request.user).exists(),
        "is_interim": is_interim,
    }
    return render(request, "assessment/year_open.jinja", context)


@requires(Capability.ASSESSMENT_VIEW, Capability.ASSESSMENT_INVITED)
@require_safe
def assessment_detail(request: SignedInRequest, assessment_id: int) -> HttpResponse:
    """The return as a list of tasks."""
    whole = find_return(request, assessment_id)
    by = request.GET.get("by", "standard")
    ways = tasklist.ways(whole)
    by = by if by in ways else "standard"
    allowed = may(request, whole)
    return render(
        request,
        "assessment/assessment_detail.jinja",
        {
            "whole": whole,
            "by": by,
            "ways": ways,
            "countdown": countdown(whole, today=timezone.localdate()),
            "groups": tasklist.groups(whole, by=by),
            "replaced": replaced_evidence(whole),
            "concerns": concerns(whole),
            "words": tasklist.standard_words(whole),
            "may": allowed,
            "next": tasklist.next_step(whole) if allowed.edit else None,
            "newer": newer_edition(whole.assessment) if whole.recorded_state not in CLOSED else None,
            "publication": Publication.objects.filter(assessment=whole.assessment).first(),
            "desk": Desk(requests_of(whole.assessment, today=timezone.localdate())),
            "has_audit": request.access.can(Capability.ASSESSMENT_AUDIT) or is_audited(whole.assessment),
            "today": timezone.localdate(),
        },
    )


@requires(Capability.ASSESSMENT_VIEW)
@require_safe
def what_if_settled(request: SignedInRequest, assessment_id: int) -> HttpResponse:
    """Which items stand between the return and each better standard, and what settling some would come to."""
    whole = find_return(request, assessment_id)
    if whole.is_interim:
        messages.info(request, "An interim return reaches no standard, so there is nothing to try out.")
        return redirect("assessment:assessment_detail", assessment_id)
    chosen = request.GET.getlist("settled")
    context = {"whole": whole, "found": what_if(whole, chosen=chosen), "is_tried": bool(chosen)}
    return render(request, "assessment/what_if.jinja", context)


@requires(Capability.ASSESSMENT_VIEW, Capability.ASSESSMENT_INVITED)
@require_safe
def assessment_check(request: SignedInRequest, assessment_id: int) -> HttpResponse:
    """The whole return on one page, to be read through or printed."""
    whole = find_return(request, assessment_id)
    return render(
        request,
        "assessment/assessment_check.jinja",
        {
            "whole": whole,
            "groups": tasklist.groups(whole, by="standard"),
            "replaced": replaced_evidence(whole),
            "closed": closed_to(request.access),
            "words": tasklist.standard_words(whole),
            "may": may(request, whole),
            "today": timezone.localdate(),
        },
    )
