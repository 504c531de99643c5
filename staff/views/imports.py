"""Bringing an HR file in, step by step."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import requires, roles_with
from jobs.services import enqueue
from staff import fix_list, services, tasks
from staff.forms import ColumnsForm, ConfirmForm, UploadForm
from staff.importing import planning, preparing, reading, uploads
from staff.importing.preparing import Reading
from staff.importing.reading import UnreadableFileError
from staff.models import ImportBatch, ImportRow

AT_ONCE_UP_TO = 256 * 1024
"""A file of so many bytes is previewed while the person waits; a larger one in the background."""

ROWS_A_PAGE = 50
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@requires(Capability.STAFF_IMPORT)
@require_safe
def import_list(request: SignedInRequest) -> HttpResponse:
    """Every import there was, the newest first."""
    batches = ImportBatch.objects.visible_to(request.access).select_related("created_by")
    page = Paginator(batches, ROWS_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "staff/import_list.jinja", {"page": page})


@requires(Capability.STAFF_IMPORT, Capability.RECORDS_IMPORT)
@require_safe
def import_rules(request: SignedInRequest) -> HttpResponse:
    """What we do with a file, rule by rule."""
    context = {
        "max_megabytes": reading.MAX_FILE_BYTES // 1024 // 1024,
        "max_rows": reading.MAX_ROWS,
        "max_cell": reading.MAX_CELL,
        "heading_search": reading.HEADING_SEARCH,
        "leavers": planning.LEAVERS_NEED_APPROVAL_ABOVE,
        "managers": planning.MANAGERS_NEED_APPROVAL_ABOVE,
        "rows_kept": uploads.ROWS_KEPT_FOR.days,
        "waits": uploads.WAITS_FOR.days,
    }
    return render(request, "staff/import_rules.jinja", context)


@requires(Capability.STAFF_IMPORT)
@require_http_methods(["GET", "POST"])
def import_new(request: SignedInRequest) -> HttpResponse:
    """Choose a file. Nothing changes yet."""
    organisation = request.access.organisation
    form = UploadForm(
        request.POST or None, request.FILES or None, organisation=organisation, initial={"as_of": timezone.localdate()}
    )
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        profile = chosen.get("profile")
        try:
            batch = services.upload(
                chosen["file"].read(),
                file_name=chosen["file"].name or "staff list",
                organisation=organisation,
                as_of=chosen["as_of"],
                is_complete=chosen["is_complete"] == "yes",
                by=request.user,
                at=timezone.now(),
                saved=profile.mapping if profile else None,
                reading=Reading.of(profile.reading if profile else {}),
            )
        except UnreadableFileError as refusal:
            form.add_error("file", str(refusal))
        else:
            return redirect("staff:import_columns", batch_id=batch.pk)
    return render(request, "staff/import_new.jinja", {"form": form})


@requires(Capability.STAFF_IMPORT)
@require_http_methods(["GET", "POST"])
def import_columns(request: SignedInRequest, batch_id: int) -> HttpResponse:
    """Which column is which: guessed, shown, corrected."""
    batch = _batch(request, batch_id)
    if not batch.is_waiting:
        return redirect("staff:import_detail", batch_id=batch.pk)
    try:
        file = preparing.with_mapping(uploads.content_of(batch.stored_as), batch.mapping)
        examples = preparing.first_values(file)
    except (uploads.UploadGoneError, UnreadableFileError) as refusal:
        messages.error(request, str(refusal))
        return redirect("staff:import_new")
    form = ColumnsForm(
        request.POST or None,
        headings=file.sheet.headings,
        mapping=batch.mapping,
        reading=Reading.of(batch.reading),
        examples=examples,
    )
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data["profile_name"]
        services.map_columns(batch, mapping=form.mapping, reading=form.reading, profile_name=chosen)
        return _preview(request, batch)
    return render(request, "staff/import_columns.jinja", {"batch": batch, "form": form})


def _preview(request: SignedInRequest, batch: ImportBatch) -> HttpResponse:
    if len(uploads.content_of(batch.stored_as)) > AT_ONCE_UP_TO:
        return _in_background(request, batch, tasks.PREVIEW, "Comparing the file with the staff list", {})
    try:
        services.preview_batch(batch)
    except (services.ImportRefusedError, UnreadableFileError) as refusal:
        messages.error(request, str(refusal))
        return redirect("staff:import_columns", batch_id=batch.pk)
    return redirect("staff:import_detail", batch_id=batch.pk)


@requires(Capability.STAFF_IMPORT)
@require_safe
def import_detail(request: SignedInRequest, batch_id: int) -> HttpResponse:
    """Before the decision what the file would do, afterwards what it did: counts, and the people behind each count."""
    batch = _batch(request, batch_id)
    if batch.state == ImportBatch.State.UPLOADED:
        return redirect("staff:import_columns", batch_id=batch.pk)
    return _detail(request, batch, ConfirmForm(batch=batch))


def _detail(request: SignedInRequest, batch: ImportBatch, form: ConfirmForm) -> HttpResponse:
    by_action = dict(batch.rows.order_by().values_list("action").annotate(n=Count("pk")))
    shown = request.GET.get("show", "")
    if shown not in by_action:
        shown = next((action for action in ImportRow.Action.values if action in by_action), "")
    page = Paginator(batch.rows.filter(action=shown), ROWS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "batch": batch,
        "form": form,
        "actions": [(action, by_action[action]) for action in ImportRow.Action if action in by_action],
        "shown": shown,
        "page": page,
        "may_approve": batch.waits_for_approval and batch.created_by_id != request.user.pk,
        "approvers": [role.label for role in roles_with(Capability.STAFF_IMPORT)],
        "can_undo": batch.state == ImportBatch.State.APPLIED and batch.rows.exclude(reversal=[]).exists(),
    }
    return render(request, "staff/import_detail.jinja", context)


@requires(Capability.STAFF_IMPORT)
@require_POST
def import_confirm(request: SignedInRequest, batch_id: int) -> HttpResponse:
    """Do what the preview shows, in the background."""
    batch = _batch(request, batch_id)
    if batch.state == ImportBatch.State.APPLIED:
        return redirect("staff:import_detail", batch_id=batch.pk)
    if batch.waits_for_approval or batch.state != ImportBatch.State.PREVIEWED:
        messages.error(request, "This import cannot be confirmed yet: somebody else must approve it first.")
        return redirect("staff:import_detail", batch_id=batch.pk)
    form = ConfirmForm(request.POST, batch=batch)
    if not form.is_valid():
        return _detail(request, batch, form)
    return _in_background(request, batch, tasks.APPLY, "Importing the staff list", {"user_id": request.user.pk})


@requires(Capability.STAFF_IMPORT)
@require_POST
@transaction.atomic
def import_approve(request: SignedInRequest, batch_id: int) -> HttpResponse:
    """Agree, as a second person, and import."""
    batch = _batch(request, batch_id)
    form = ConfirmForm(request.POST, batch=batch)
    if batch.waits_for_approval and not form.is_valid():
        return _detail(request, batch, form)
    try:
        services.approve_batch(batch, by=request.user, at=timezone.now())
    except services.ImportRefusedError as refusal:
        messages.error(request, str(refusal))
        return redirect("staff:import_detail", batch_id=batch.pk)
    return _in_background(request, batch, tasks.APPLY, "Importing the staff list", {"user_id": request.user.pk})


@requires(Capability.STAFF_IMPORT)
@require_POST
def import_discard(request: SignedInRequest, batch_id: int) -> HttpResponse:
    """Throw an upload away."""
    batch = _batch(request, batch_id)
    try:
        services.discard_batch(batch, by=request.user, at=timezone.now())
    except services.ImportRefusedError as refusal:
        messages.error(request, str(refusal))
        return redirect("staff:import_detail", batch_id=batch.pk)
    messages.success(request, "The upload is thrown away. The staff list is as it was.")
    return redirect("staff:import_list")


@requires(Capability.STAFF_IMPORT)
@require_http_methods(["GET", "POST"])
def import_undo(request: SignedInRequest, batch_id: int) -> HttpResponse:
    """Put back what an import changed; asks first, and says what it had to leave."""
    batch = _batch(request, batch_id)
    kept: list[dict[str, str]] | None = None
    if request.method == "POST":
        try:
            undone = services.undo_batch(batch, by=request.user, at=timezone.now())
        except services.ImportRefusedError as refusal:
            messages.error(request, str(refusal))
            return redirect("staff:import_detail", batch_id=batch.pk)
        kept = undone.kept
        messages.success(request, f"{undone.restored} people are as they were before the import.")
        batch.refresh_from_db()
    return render(request, "staff/import_undo.jinja", {"batch": batch, "kept": kept})


@requires(Capability.STAFF_IMPORT)
@require_safe
def import_fix_list(request: SignedInRequest, batch_id: int) -> HttpResponse:
    """The rows to mend, as a workbook."""
    batch = _batch(request, batch_id)
    rows = batch.rows.filter(action=ImportRow.Action.ERROR).order_by("number")
    response = HttpResponse(
        fix_list.workbook(rows, [heading for heading in batch.headings if heading in batch.mapping]), content_type=XLSX
    )
    response["Content-Disposition"] = f'attachment; filename="rows-to-mend-{batch.pk}.xlsx"'
    return response


def _batch(request: SignedInRequest, batch_id: int) -> ImportBatch:
    batches = ImportBatch.objects.visible_to(request.access).select_related("organisation", "created_by", "approved_by")
    return get_object_or_404(batches, pk=batch_id)


def _in_background(
    request: SignedInRequest, batch: ImportBatch, kind: str, title: str, arguments: dict[str, Any]
) -> HttpResponse:
    job = enqueue(
        kind,
        title=title,
        organisation=batch.organisation,
        by=request.user,
        arguments={"batch_id": batch.pk, **arguments},
        at=timezone.now(),
    )
    return redirect("jobs:job_detail", job_id=job.pk)
