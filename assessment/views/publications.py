"""What was published: the frozen return, its files, the official status, and the comparison with the year before."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import requires
from assessment import figures, services
from assessment.comparison import compare, levels_reached
from assessment.forms import OfficialStatusForm, WithdrawForm
from assessment.leaves import Leaf
from assessment.links import SAME, linked
from assessment.loading import crosswalk_between, file_of
from assessment.models import EditionItem, OfficialStatus, Publication
from assessment.publishing import statement_of
from assessment.queries import AssessmentReturn, read_return
from assessment.reasons import reasons
from assessment.replaced import replaced_evidence
from assessment.states import State
from evidence import blobs
from reporting.readings import UnknownCourseError


def find_publication(request: SignedInRequest, publication_id: int) -> Publication:
    """The publication, if it is of the organisation the person works in; 404 otherwise."""
    publications = Publication.objects.visible_to(request.access).select_related(
        "organisation",
        "assessment__edition",
        "assessment__organisation",
        "sign_off__person",
        "sign_off__key_post",
        "by",
        "document",
    )
    return get_object_or_404(publications.defer("assessment__edition__source", "assessment__edition__content"), pk=publication_id)


def document_of(publication: Publication) -> dict[str, Any]:
    """The canonical document, checked against its hash."""
    found: dict[str, Any] = json.loads(blobs.read(publication.document))
    return found


def withheld_files(publication: Publication) -> list[dict[str, Any]]:
    """The files that the pack goes out without; none where the document itself cannot be read."""
    try:
        found: list[dict[str, Any]] = document_of(publication).get("withheld", [])
    except blobs.BlobDamagedError:
        return []
    return found


@requires(Capability.ASSESSMENT_VIEW, Capability.ASSESSMENT_INVITED)
@require_safe
def publication_detail(request: SignedInRequest, publication_id: int) -> HttpResponse:
    """A publication: what it says, what proves it, what it is not."""
    publication = find_publication(request, publication_id)
    assessment = publication.assessment
    whole = read_return(assessment, on=publication.published_on, strict=True)
    statuses = OfficialStatus.objects.filter(organisation=publication.organisation, year=assessment.year).select_related("by")
    return render(
        request,
        "assessment/publication_detail.jinja",
        {
            "publication": publication,
            "whole": whole,
            "reasons": reasons((line["rule"], line["holds"], line["text"]) for line in publication.trace),
            "statement": statement_of(assessment),
            "files": publication.files.order_by("path"),
            "withheld": withheld_files(publication),
            "replaced": replaced_evidence(whole),
            "statuses": statuses.order_by("-recorded_on", "-pk"),
            "figures": [
                _then_and_now(whole, leaf) for leaf in whole.leaves if leaf.reading and not request.access.is_by_invitation
            ],
            "has_earlier": Publication.objects.before(publication).exists(),
            "newer": Publication.objects.visible_to(request.access)
            .filter(
                assessment__year=assessment.year,
                assessment__kind=assessment.kind,
                sequence__gt=publication.sequence,
            )
            .first(),
            "pack_url": _pack_url(publication),
            "withdrawal": assessment.transitions.filter(step="withdraw").select_related("by").first(),
            "may_withdraw": whole.recorded_state == State.PUBLISHED
            and services.signer_of(publication.organisation, request.user, on=timezone.localdate()) is not None
            and request.access.can(Capability.ASSESSMENT_SIGN),
            "keyed": publication_progress(publication),
            "may_record": request.access.can(Capability.ASSESSMENT_EDIT, Capability.ASSESSMENT_PUBLISH),
        },
    )


def publication_progress(publication: Publication) -> int:
    """How many items were keyed into the national site so far."""
    newest: dict[int, bool] = dict(publication.transcriptions.order_by("pk").values_list("response", "is_entered"))
    return sum(newest.values())


@requires(Capability.ASSESSMENT_SIGN)
@require_http_methods(["GET", "POST"])
def publication_withdraw(request: SignedInRequest, publication_id: int) -> HttpResponse:
    """Take back the publication that stands, with a reason."""
    publication = find_publication(request, publication_id)
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.withdraw(publication, reason=form.cleaned_data["reason"], by=request.user, at=timezone.now())
        except (services.AssessmentRefusedError, services.StepRefusedError) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The publication is withdrawn. It can still be read, with your reason.")
            return redirect("assessment:publication_detail", publication.pk)
    return render(request, "assessment/publication_withdraw.jinja", {"publication": publication, "form": form})


def _then_and_now(whole: AssessmentReturn, leaf: Leaf) -> dict[str, Any]:
    """The figure as published beside the figure of today, by the same rule."""
    try:
        now = figures.count(whole.assessment, leaf.spec, as_of=timezone.localdate())  # type: ignore[arg-type]
    except UnknownCourseError:
        return {"leaf": leaf, "now": None}
    return {"leaf": leaf, "now": now}


def _pack_url(publication: Publication) -> str:
    try:
        return reverse("assessment:pack_download", args=[publication.pk])
    except NoReverseMatch:
        return ""


@requires(Capability.ASSESSMENT_VIEW)
@require_safe
def comparison(request: SignedInRequest, publication_id: int) -> HttpResponse:
    """This publication beside last year's, or beside the one before it; ``?with=`` names another. The first has none."""
    publication = find_publication(request, publication_id)
    earlier = list(Publication.objects.before(publication).select_related("assessment__edition", "document"))
    context: dict[str, Any] = {"publication": publication}
    if earlier:
        previous = compared_with(publication, earlier, wanted=request.GET.get("with", ""))
        context |= _side_by_side(previous, publication) | {"others": [other for other in earlier if other != previous]}
    return render(request, "assessment/comparison.jinja", context)


def _side_by_side(previous: Publication, publication: Publication) -> dict[str, Any]:
    titles = dict(
        EditionItem.objects.filter(edition__in=[previous.assessment.edition_id, publication.assessment.edition_id])
        .order_by("edition__year")
        .values_list("item_id", "title")
    )
    then, now = document_of(previous), document_of(publication)
    older, newer = file_of(previous.assessment.edition), file_of(publication.assessment.edition)
    levels = (levels_reached(then, older), levels_reached(now, newer)) if older.levels == newer.levels else None
    return {
        "previous": previous,
        "comparison": compare(then, now, renamed=_renamed(previous, publication), levels=levels),
        "titles": titles,
        "responses": dict(publication.assessment.responses.values_list("item__item_id", "pk")),
    }


def compared_with(publication: Publication, earlier: list[Publication], *, wanted: str) -> Publication:
    """The earlier publication to show: the one asked for, else the last annual one of an earlier year, else the last."""
    asked = [other for other in earlier if str(other.pk) == wanted]
    last_year = [other for other in earlier if other.assessment.year < publication.assessment.year]
    annual = [other for other in last_year if not other.assessment.is_interim]
    return (asked or annual or last_year or earlier)[0]


def _renamed(previous: Publication, publication: Publication) -> dict[str, str]:
    older, newer = previous.assessment.edition, publication.assessment.edition
    crosswalk = crosswalk_between(older.edition_id, newer.edition_id)
    if crosswalk is None:
        return _same_questions(previous, publication)
    return {line.to_ids[0]: line.from_ids[0] for line in crosswalk.lines if len(line.from_ids) == len(line.to_ids) == 1}


def _same_questions(previous: Publication, publication: Publication) -> dict[str, str]:
    """Between lists that no crosswalk joins: the earlier item that asked the same question, where the later list lacks its id."""
    before, after = (
        set(edition.items.values_list("item_id", flat=True))
        for edition in (previous.assessment.edition, publication.assessment.edition)
    )
    return {
        item_id: link.item_id
        for item_id in after - before
        for link in linked(item_id, kinds=(SAME,))
        if link.item_id in before - after
    }


@requires(Capability.ASSESSMENT_EDIT, Capability.ASSESSMENT_PUBLISH)
@require_http_methods(["GET", "POST"])
def official_status_record(request: SignedInRequest, publication_id: int) -> HttpResponse:
    """Write down what the national site shows."""
    publication = find_publication(request, publication_id)
    form = OfficialStatusForm(request.POST or None, initial={"recorded_on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            services.record_official_status(
                publication.organisation,
                year=publication.assessment.year,
                by=request.user,
                at=timezone.now(),
                **form.cleaned_data,
            )
        except services.AssessmentRefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The official status is recorded. What was published here stays as it is.")
            return redirect("assessment:publication_detail", publication.pk)
    return render(request, "assessment/official_status_record.jinja", {"publication": publication, "form": form})
