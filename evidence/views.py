"""The library of evidence: find, add, renew and take away documents."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import requires
from accounts.short_links import by_short_link
from evidence import services
from evidence.blobs import is_held
from evidence.downloads import sent
from evidence.forms import (
    DetailsForm,
    DocumentForm,
    LibraryFilterForm,
    VersionForm,
    WithdrawForm,
)
from evidence.models import Document, DocumentVersion, WaitingFile
from evidence.owners import holder_of
from evidence.queries import by_same_bytes
from evidence.uses import uses_of

PAGE_SIZE = 50


@requires(Capability.EVIDENCE_VIEW)
@require_safe
def document_list(request: SignedInRequest) -> HttpResponse:
    """Every document of the organisation, by title."""
    form = LibraryFilterForm(request.GET or None)
    documents = Document.objects.visible_to(request.access).with_newest()
    today = timezone.localdate()
    if form.is_valid():
        wanted = form.cleaned_data
        if wanted["title"]:
            documents = documents.matching(wanted["title"])
        if wanted["kind"]:
            documents = documents.filter(kind=wanted["kind"])
        if wanted["owner"]:
            documents = documents.filter(owner_post=wanted["owner"])
        if wanted["state"]:
            documents = documents.in_state(wanted["state"])
        if wanted["review"]:
            documents = documents.due_for_review(today)
    page = Paginator(documents, PAGE_SIZE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    return render(
        request,
        "evidence/document_list.jinja",
        {
            "form": form,
            "page": page,
            "today": today,
            "query": query.urlencode(),
            "waiting": WaitingFile.objects.visible_to(request.access).count(),
            "may_add": request.access.can(Capability.EVIDENCE_EDIT),
        },
    )


@requires(Capability.EVIDENCE_EDIT)
@require_http_methods(["GET", "POST"])
def document_add(request: SignedInRequest) -> HttpResponse:
    """Add a document with its first version."""
    form = DocumentForm(request.POST or None, request.FILES or None, initial={"received_on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        version = services.add_document(request.access.organisation, by=request.user, at=timezone.now(), **form.values())
        messages.success(request, f"“{version.document}” is in the library.{_same_bytes(version)}")
        return redirect("evidence:document_detail", document_id=version.document_id)
    return render(request, "evidence/document_add.jinja", {"form": form})


@requires(Capability.EVIDENCE_VIEW)
@require_safe
def document_detail(request: SignedInRequest, document_id: int) -> HttpResponse:
    """One document and its versions, the newest first."""
    document = get_object_or_404(
        Document.objects.visible_to(request.access).select_related("organisation", "withdrawal"), pk=document_id
    )
    versions = list(document.versions.select_related("blob", "added_by", "approval__approved_by").order_by("-number"))
    today = timezone.localdate()
    return render(
        request,
        "evidence/document_detail.jinja",
        {
            "document": document,
            "versions": versions,
            "uses": uses_of([version.pk for version in versions], access=request.access),
            "holder": holder_of(document.organisation, document.owner_post, on=today),
            "withdrawal": getattr(document, "withdrawal", None),
            "today": today,
            "may_add": request.access.can(Capability.EVIDENCE_EDIT),
            "held": {version.pk for version in versions if version.blob is not None and is_held(version.blob)},
        },
    )


@requires(Capability.EVIDENCE_EDIT)
@require_http_methods(["GET", "POST"])
def version_add(request: SignedInRequest, document_id: int) -> HttpResponse:
    """Add the next version of a document; the earlier ones stay."""
    document = get_object_or_404(Document.objects.visible_to(request.access), pk=document_id)
    form = VersionForm(request.POST or None, request.FILES or None, initial={"received_on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        version = services.add_version(document, by=request.user, at=timezone.now(), **form.values())
        said = f"Version {version.number} is in the library. Earlier versions stay as they were."
        messages.success(request, said + _same_bytes(version))
        return redirect("evidence:document_detail", document_id=document.pk)
    return render(request, "evidence/version_add.jinja", {"form": form, "document": document})


def _version_with_file(request: SignedInRequest, document_version_id: int) -> DocumentVersion:
    visible = DocumentVersion.objects.visible_to(request.access).select_related("blob", "document__organisation")
    return get_object_or_404(visible, pk=document_version_id, blob__isnull=False)


@requires(Capability.EVIDENCE_VIEW)
@require_safe
@by_short_link(find=_version_with_file, page=lambda version: reverse("evidence:document_detail", args=[version.document_id]))
def version_download(request: SignedInRequest, version: DocumentVersion) -> HttpResponse:
    """The file of one version, as an attachment, after checking that nobody changed it."""
    return sent(request, version)


@requires(Capability.EVIDENCE_EDIT)
@require_http_methods(["GET", "POST"])
def document_change(request: SignedInRequest, document_id: int) -> HttpResponse:
    """Change what a document is called, its kind and its owner; versions are never changed."""
    document = get_object_or_404(Document.objects.visible_to(request.access), pk=document_id)
    initial = {name: getattr(document, name) for name in services.CHANGEABLE}
    form = DetailsForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        services.change_document(document, by=request.user, at=timezone.now(), **form.cleaned_data)
        messages.success(request, "The details are up to date.")
        return redirect("evidence:document_detail", document_id=document.pk)
    return render(request, "evidence/document_change.jinja", {"form": form, "document": document})


@requires(Capability.EVIDENCE_EDIT)
@require_http_methods(["GET", "POST"])
def document_withdraw(request: SignedInRequest, document_id: int) -> HttpResponse:
    """Say that a document no longer holds."""
    document = get_object_or_404(Document.objects.visible_to(request.access), pk=document_id)
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        services.withdraw_document(document, by=request.user, at=timezone.now(), **form.cleaned_data)
        messages.success(request, f"“{document}” is withdrawn.")
        return redirect("evidence:document_detail", document_id=document.pk)
    return render(request, "evidence/document_withdraw.jinja", {"form": form, "document": document})


@requires(Capability.EVIDENCE_EDIT)
@require_POST
def version_approve(request: SignedInRequest, document_version_id: int) -> HttpResponse:
    """Answer for the newest version of a document."""
    visible = DocumentVersion.objects.visible_to(request.access).select_related("document__organisation")
    version = get_object_or_404(visible, pk=document_version_id)
    try:
        services.approve_version(version, by=request.user, at=timezone.now())
    except services.DocumentRefusedError as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, f"Version {version.number} is approved.")
    return redirect("evidence:document_detail", document_id=version.document_id)


def _same_bytes(version: DocumentVersion) -> str:
    """A sentence, where the organisation has the very same file already."""
    others = by_same_bytes([version.blob_id], of=version.document.organisation_id, but=version.pk) if version.blob_id else {}
    found = others.get(version.blob_id or "")
    return f" You already have this very file as “{found}”; its bytes are stored once." if found else ""
