"""Frozen training evidence: taking it, reading it, taking its files away, and asking its question again."""

from __future__ import annotations

import uuid

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import requires
from evidence import blobs
from jobs.services import enqueue
from nhsuk.jinja import day
from reporting.comparison import compare_with_now
from reporting.enums import LeftOut, Scope, Standing
from reporting.files import BY_NAME, FILES
from reporting.forms import SnapshotForm
from reporting.frozen_evaluation import lines_of
from reporting.models import EvidenceSnapshot
from reporting.tasks import TAKE_SNAPSHOT

PER_PAGE = 25
MOST_DIFFERENCES = 200


@requires(Capability.REPORTS_VIEW)
@require_safe
def snapshot_list(request: SignedInRequest) -> HttpResponse:
    """Every snapshot of the organisation, the newest first."""
    snapshots = EvidenceSnapshot.objects.visible_to(request.access).select_related("taken_by")
    page = Paginator(snapshots, PER_PAGE).get_page(request.GET.get("page"))
    can_take = request.access.can(Capability.EVIDENCE_EDIT)
    return render(request, "reporting/snapshot_list.jinja", {"page": page, "can_take": can_take})


@requires(Capability.EVIDENCE_EDIT)
@require_http_methods(["GET", "POST"])
def snapshot_take(request: SignedInRequest) -> HttpResponse:
    """Ask for the evidence of a day; it is made in the background."""
    today = timezone.localdate()
    form = SnapshotForm(request.POST or None, today=today, initial={"as_of": today})
    if not form.is_valid():
        return render(request, "reporting/snapshot_take.jinja", {"form": form})
    on = form.cleaned_data["as_of"]
    organisation = request.access.organisation
    job = enqueue(
        TAKE_SNAPSHOT,
        title=f"Freezing training evidence as of {day(on)}",
        organisation=organisation,
        by=request.user,
        arguments={
            "organisation_id": organisation.pk,
            "user_id": request.user.pk,
            "as_of": on.isoformat(),
            "request": str(uuid.uuid4()),
        },
        at=timezone.now(),
    )
    return redirect("jobs:job_detail", job_id=job.pk)


@requires(Capability.REPORTS_VIEW)
@require_safe
def snapshot_detail(request: SignedInRequest, snapshot_id: int) -> HttpResponse:
    """One snapshot as it was taken, with its files."""
    snapshots = EvidenceSnapshot.objects.visible_to(request.access).select_related("organisation", "taken_by")
    snapshot = get_object_or_404(snapshots, pk=snapshot_id)
    named = request.access.can(Capability.REPORTS_NAMED)
    context = {
        "snapshot": snapshot,
        "figures": snapshot.figures,
        "files": [file for file in FILES if named or not file.is_about_people],
        "named": named,
        "evaluation": list(lines_of(snapshot.figures["evaluation"])) if "evaluation" in snapshot.figures else [],
        "standings": list(Standing),
        "scopes": {scope.value: scope.label for scope in Scope},
        "left_out": {reason.value: reason.label for reason in LeftOut},
    }
    return render(request, "reporting/snapshot_detail.jinja", context)


@requires(Capability.REPORTS_VIEW)
@require_safe
def snapshot_file(request: SignedInRequest, snapshot_id: int, file_name: str) -> HttpResponse:
    """The very bytes of one file. Files with a row for each person are for those who may see names."""
    snapshot = get_object_or_404(EvidenceSnapshot.objects.visible_to(request.access), pk=snapshot_id)
    file = BY_NAME.get(file_name)
    if file is None or (file.is_about_people and not request.access.can(Capability.REPORTS_NAMED)):
        raise Http404
    blob = getattr(snapshot, file.part)
    response = HttpResponse(blobs.read(blob), content_type=blob.media_type)
    response["Content-Disposition"] = f'attachment; filename="{snapshot.as_of}-{file.name}"'
    return response


@requires(Capability.REPORTS_NAMED)
@require_safe
def snapshot_compare(request: SignedInRequest, snapshot_id: int) -> HttpResponse:
    """The snapshot beside the same question asked now, row by row."""
    snapshots = EvidenceSnapshot.objects.visible_to(request.access).select_related("organisation", "reading")
    snapshot = get_object_or_404(snapshots, pk=snapshot_id)
    comparison = compare_with_now(snapshot)
    context = {
        "snapshot": snapshot,
        "comparison": comparison,
        "differences": comparison.differences[:MOST_DIFFERENCES],
        "standings": list(Standing),
    }
    return render(request, "reporting/snapshot_compare.jinja", context)
