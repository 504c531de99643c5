"""Bringing a file of training records in, step by step."""

from __future__ import annotations

import csv
import io
from typing import Any

import xlsxwriter
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import requires
from audit.spreadsheets import harmless
from courses import record_columns, record_imports, tasks
from courses.completion_import import open_records
from courses.forms_records import RecordColumnsForm, RecordPeopleForm, RecordUploadForm, RecordWithdrawForm
from courses.models import Completion, Course, RecordImport, RecordImportRow
from courses.record_imports import RecordImportRefusedError
from jobs.services import enqueue
from staff import fix_list
from staff.importing import uploads
from staff.importing.reading import UnreadableFileError, shown
from staff.models import Person

AT_ONCE_UP_TO = 256 * 1024
"""A file of so many bytes is previewed while the person waits; a larger one in the background."""

ROWS_A_PAGE = 50
PEOPLE_A_PAGE = 20
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TEMPLATE = ["staff_number", "course", "completed_on", "source", "score", "reference"]


@requires(Capability.RECORDS_IMPORT)
@require_safe
def record_import_list(request: SignedInRequest) -> HttpResponse:
    """Every file of training records there was, the newest first."""
    batches = RecordImport.objects.visible_to(request.access).select_related("created_by")
    page = Paginator(batches, ROWS_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "courses/record_import_list.jinja", {"page": page})


@requires(Capability.RECORDS_IMPORT)
@require_http_methods(["GET", "POST"])
def record_import_new(request: SignedInRequest) -> HttpResponse:
    """Choose a file. Nothing is recorded yet."""
    organisation = request.access.organisation
    form = RecordUploadForm(request.POST or None, request.FILES or None, organisation=organisation)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            batch = record_imports.upload(
                file.read(),
                file_name=file.name or "training records",
                organisation=organisation,
                course=form.cleaned_data["course"],
                by=request.user,
                at=timezone.now(),
            )
        except UnreadableFileError as refusal:
            form.add_error("file", str(refusal))
        else:
            return redirect("courses:record_import_columns", record_import_id=batch.pk)
    return render(request, "courses/record_import_new.jinja", {"form": form})


@requires(Capability.RECORDS_IMPORT)
@require_http_methods(["GET", "POST"])
def record_import_columns(request: SignedInRequest, record_import_id: int) -> HttpResponse:
    """Which column is which: guessed, shown, corrected."""
    batch = _batch(request, record_import_id)
    if not batch.is_waiting:
        return redirect("courses:record_import_detail", record_import_id=batch.pk)
    try:
        content = uploads.content_of(batch.stored_as)
        examples = _examples(content, batch)
    except (uploads.UploadGoneError, UnreadableFileError) as refusal:
        messages.error(request, str(refusal))
        return redirect("courses:record_import_new")
    form = RecordColumnsForm(
        request.POST or None,
        headings=batch.headings,
        mapping=batch.mapping,
        examples=examples,
        has_course=batch.course_id is not None,
    )
    if request.method == "POST" and form.is_valid():
        record_imports.map_columns(batch, mapping=form.mapping)
        if len(content) > AT_ONCE_UP_TO:
            return _in_background(request, batch, tasks.PREVIEW_RECORDS, "Looking through the training records", {})
        try:
            record_imports.preview(batch, at=timezone.now())
        except (RecordImportRefusedError, UnreadableFileError) as refusal:
            messages.error(request, str(refusal))
            return redirect("courses:record_import_columns", record_import_id=batch.pk)
        return redirect("courses:record_import_detail", record_import_id=batch.pk)
    context = {
        "batch": batch,
        "form": form,
        "origin": record_columns.origin(batch.headings),
        "updaters": record_columns.updaters(batch.headings),
    }
    return render(request, "courses/record_import_columns.jinja", context)


@requires(Capability.RECORDS_IMPORT)
@require_safe
def record_import_detail(request: SignedInRequest, record_import_id: int) -> HttpResponse:
    """Before the decision what the file would record, afterwards what it did: counts, and the rows behind each count."""
    batch = _batch(request, record_import_id)
    if batch.state == RecordImport.State.UPLOADED:
        return redirect("courses:record_import_columns", record_import_id=batch.pk)
    by_kind = dict(batch.rows.order_by().values_list("kind").annotate(n=Count("pk")))
    listed = request.GET.get("show", "")
    if listed not in by_kind:
        listed = next((kind for kind in RecordImportRow.Kind.values if kind in by_kind), "")
    rows = batch.rows.filter(kind=listed).select_related("person", "course", "completion__void")
    context = {
        "batch": batch,
        "kinds": [(kind, by_kind[kind]) for kind in RecordImportRow.Kind if kind in by_kind],
        "shown": listed,
        "page": Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get("page")),
        "can_undo": batch.state == RecordImport.State.APPLIED and batch.counts.get("created"),
    }
    return render(request, "courses/record_import_detail.jinja", context)


@requires(Capability.RECORDS_IMPORT)
@require_http_methods(["GET", "POST"])
def record_import_people(request: SignedInRequest, record_import_id: int) -> HttpResponse:
    """Whom the rows mean that match nobody: a page of them at a time."""
    batch = _batch(request, record_import_id)
    if batch.state != RecordImport.State.PREVIEWED:
        return redirect("courses:record_import_detail", record_import_id=batch.pk)
    unmatched = batch.rows.filter(kind=RecordImportRow.Kind.UNMATCHED)
    page = Paginator(unmatched, PEOPLE_A_PAGE).get_page(request.GET.get("page"))
    rows = list(page.object_list)
    near = Person.objects.visible_to(request.access).in_bulk({pk for row in rows for pk in row.near})
    form = RecordPeopleForm(request.POST or None, rows=rows, near=near, organisation=request.access.organisation)
    if request.method == "POST" and form.is_valid():
        try:
            record_imports.choose_people(batch, chosen=form.chosen, at=timezone.now())
        except (RecordImportRefusedError, UnreadableFileError) as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, f"{len(form.chosen)} rows have been given a person.")
        return redirect("courses:record_import_detail", record_import_id=batch.pk)
    return render(request, "courses/record_import_people.jinja", {"batch": batch, "form": form, "page": page})


@requires(Capability.RECORDS_IMPORT)
@require_POST
def record_import_confirm(request: SignedInRequest, record_import_id: int) -> HttpResponse:
    """Record what the preview shows, in the background."""
    batch = _batch(request, record_import_id)
    if batch.state != RecordImport.State.PREVIEWED:
        return redirect("courses:record_import_detail", record_import_id=batch.pk)
    return _in_background(request, batch, tasks.APPLY_RECORDS, "Recording the training", {"user_id": request.user.pk})


@requires(Capability.RECORDS_IMPORT)
@require_POST
def record_import_discard(request: SignedInRequest, record_import_id: int) -> HttpResponse:
    """Throw an upload away."""
    batch = _batch(request, record_import_id)
    try:
        record_imports.discard(batch, by=request.user, at=timezone.now())
    except RecordImportRefusedError as refusal:
        messages.error(request, str(refusal))
        return redirect("courses:record_import_detail", record_import_id=batch.pk)
    messages.success(request, "The upload is thrown away. Nothing was recorded.")
    return redirect("courses:record_import_list")


@requires(Capability.RECORDS_IMPORT)
@require_http_methods(["GET", "POST"])
def record_import_undo(request: SignedInRequest, record_import_id: int) -> HttpResponse:
    """Withdraw the records of an import, with a reason. They stay on file, marked as withdrawn."""
    batch = _batch(request, record_import_id)
    if batch.state != RecordImport.State.APPLIED:
        return redirect("courses:record_import_detail", record_import_id=batch.pk)
    form = RecordWithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            withdrawn = record_imports.undo(batch, reason=form.cleaned_data["reason"], by=request.user, at=timezone.now())
        except RecordImportRefusedError as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, f"{withdrawn} training records are withdrawn.")
        return redirect("courses:record_import_detail", record_import_id=batch.pk)
    standing = Completion.objects.not_void().filter(pk__in=batch.rows.values("completion")).count()
    return render(request, "courses/record_import_undo.jinja", {"batch": batch, "form": form, "standing": standing})


@requires(Capability.RECORDS_IMPORT)
@require_safe
def record_import_fix_list(request: SignedInRequest, record_import_id: int) -> HttpResponse:
    """The rows to mend, as a workbook."""
    batch = _batch(request, record_import_id)
    rows = batch.rows.filter(kind__in=[RecordImportRow.Kind.ERROR, RecordImportRow.Kind.UNMATCHED]).order_by("number")
    headings = [heading for heading in batch.headings if heading in batch.mapping]
    response = HttpResponse(fix_list.workbook(rows, headings), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="training-records-to-mend-{batch.pk}.xlsx"'
    return response


@requires(Capability.RECORDS_IMPORT)
@require_safe
def record_template_csv(request: SignedInRequest) -> HttpResponse:
    """An empty file with the headings we know."""
    buffer = io.StringIO()
    csv.writer(buffer).writerow(TEMPLATE)
    response = HttpResponse(f"\ufeff{buffer.getvalue()}", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="training-records.csv"'
    return response


@requires(Capability.RECORDS_IMPORT)
@require_safe
def record_template_xlsx(request: SignedInRequest) -> HttpResponse:
    """The same as a workbook, with a second sheet that says what goes where."""
    courses = Course.objects.filter(Q(organisation__isnull=True) | Q(organisation=request.access.organisation)).order_by("code")
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    bold, text, day = (
        book.add_format({"bold": True}),
        book.add_format({"num_format": "@"}),
        book.add_format({"num_format": "dd/mm/yyyy"}),
    )
    sheet = book.add_worksheet("Training records")
    sheet.write_row(0, 0, TEMPLATE, bold)
    sheet.set_column(0, 0, 16, text)
    sheet.set_column(1, 1, 34)
    sheet.set_column(2, 2, 16, day)
    sheet.set_column(3, 5, 16)
    sheet.freeze_panes(1, 0)
    notes = book.add_worksheet("How to fill it in")
    notes.set_column(0, 0, 22)
    notes.set_column(1, 1, 80)
    lines = [
        ("staff_number", "As on your staff list, zeros in front included."),
        ("completed_on", "The day the training was finished, such as 27/03/2026. Not a day to come."),
        ("source", "classroom, discussion, prior-learning or import. Empty means import."),
        ("score", "A number from 0 to 100. It may be empty."),
        ("reference", "A certificate number or the like. It may be empty."),
        *((f"course: {course.code}", course.title) for course in courses),
    ]
    for row, line in enumerate(lines):
        for column, value in enumerate(line):
            notes.write_string(row, column, harmless(value))
    book.close()
    response = HttpResponse(buffer.getvalue(), content_type=XLSX)
    response["Content-Disposition"] = 'attachment; filename="training-records.xlsx"'
    return response


def _examples(content: bytes, batch: RecordImport) -> dict[str, str]:
    """The first value of each mapped column. Columns nobody mapped show nothing."""
    sheet, _ = open_records(content)
    wanted = [index for index, heading in enumerate(sheet.headings) if heading in batch.mapping]
    first = next(sheet.lines(wanted), None)
    return (
        {sheet.headings[index]: shown(cell) for index, cell in first.cells.items() if index < len(sheet.headings)}
        if first
        else {}
    )


def _batch(request: SignedInRequest, record_import_id: int) -> RecordImport:
    batches = RecordImport.objects.visible_to(request.access).select_related("organisation", "created_by", "course")
    return get_object_or_404(batches, pk=record_import_id)


def _in_background(
    request: SignedInRequest, batch: RecordImport, kind: str, title: str, arguments: dict[str, Any]
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
