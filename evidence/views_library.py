"""The library as a whole: what is to be reviewed, the list as a file, and many files at once."""

from __future__ import annotations

import csv
import io

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import requires
from audit.spreadsheets import harmless
from evidence import services
from evidence.forms import ManyFilesForm, WaitingFileForm
from evidence.models import Document, WaitingFile
from evidence.queries import by_same_bytes, reviews

HEADINGS = (
    "Title",
    "Kind",
    "Owner",
    "Stands",
    "Version",
    "Received",
    "In force from",
    "Review by",
    "File, address or place",
    "SHA-256",
)


@requires(Capability.EVIDENCE_VIEW)
@require_safe
def review_calendar(request: SignedInRequest) -> HttpResponse:
    """The documents whose review is overdue or comes up in the next 90 days."""
    today = timezone.localdate()
    found = reviews(request.access.organisation, on=today)
    return render(request, "evidence/review_calendar.jinja", {"reviews": found, "today": today})


@requires(Capability.EVIDENCE_VIEW)
@require_safe
def document_export(request: SignedInRequest) -> HttpResponse:
    """The whole list, as a table."""
    out = io.StringIO()
    writer = csv.writer(out)
    out.write("\ufeff")
    writer.writerow(HEADINGS)
    for document in Document.objects.visible_to(request.access).with_newest():
        version = document.newest
        state = document.state
        cells = [document.title, document.get_kind_display(), document.get_owner_post_display(), state.label if state else ""]
        if version is not None:
            dates = [day.isoformat() if day else "" for day in (version.received_on, version.effective_on, version.review_by)]
            cells += [str(version.number), *dates, version.file_name or version.link or version.location, version.blob_id or ""]
        writer.writerow([harmless(cell) for cell in cells])
    name = f"{request.access.organisation.ods_code}-evidence-{timezone.localdate():%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8", headers=headers)


@requires(Capability.EVIDENCE_EDIT)
@require_http_methods(["GET", "POST"])
def document_add_many(request: SignedInRequest) -> HttpResponse:
    """Several files at once: each good one is kept, each bad one said; then they are named."""
    form = ManyFilesForm(request.POST if request.method == "POST" else None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        kept, refused = services.keep_waiting(
            request.access.organisation, form.cleaned_data["chosen"], by=request.user, at=timezone.now()
        )
        for sentence in refused:
            messages.warning(request, sentence)
        if kept:
            return redirect("evidence:waiting_list")
        return redirect("evidence:document_add_many")
    return render(request, "evidence/document_add_many.jinja", {"form": form})


@requires(Capability.EVIDENCE_EDIT)
@require_http_methods(["GET", "POST"])
def waiting_list(request: SignedInRequest) -> HttpResponse:
    """The files that wait to be named."""
    waiting = list(WaitingFile.objects.visible_to(request.access).select_related("blob", "organisation"))
    forms = [WaitingFileForm(request.POST if request.method == "POST" else None, waiting=one) for one in waiting]
    if request.method == "POST" and all(form.is_valid() for form in forms):
        taken = 0
        for form in forms:
            if form.cleaned_data.pop("discard"):
                form.waiting.delete()
            elif form.cleaned_data["title"].strip():
                services.take_in(form.waiting, by=request.user, at=timezone.now(), **form.cleaned_data)
                taken += 1
        messages.success(request, f"{taken} {'document is' if taken == 1 else 'documents are'} in the library.")
        return redirect("evidence:document_list")
    known = by_same_bytes([one.blob_id for one in waiting], of=request.access.organisation.pk)
    rows = [(form, known.get(form.waiting.blob_id)) for form in forms]
    return render(request, "evidence/waiting_list.jinja", {"rows": rows})
