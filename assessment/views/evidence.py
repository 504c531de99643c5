"""Evidence of an item: attaching, pointing to a newer version, taking off."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import requires
from accounts.short_links import by_short_link
from assessment import services
from assessment.edition_format.types import Item
from assessment.forms import AttachForm, NewEvidenceForm, WithholdForm
from assessment.judging.items import date_wanted
from assessment.models import EvidenceLink, Response
from assessment.views.parts import find_leaf, find_return, may
from evidence import blobs
from evidence import services as evidence_services
from evidence.downloads import sent
from evidence.models import DocumentVersion
from evidence.uploads import UploadRefusedError

REFUSALS = (services.AssessmentRefusedError, services.StepRefusedError)


@requires(Capability.ASSESSMENT_EDIT)
@require_http_methods(["GET", "POST"])
def evidence_attach(request: SignedInRequest, assessment_id: int, response_id: int) -> HttpResponse:
    """Attach a document of the library, or a new one."""
    whole = find_return(request, assessment_id)
    leaf = find_leaf(whole, response_id)
    is_new = request.POST.get("way") == "new"
    attach_form = AttachForm(request.POST if request.method == "POST" and not is_new else None, choices=library_of(request))
    new_form = NewEvidenceForm(
        request.POST if is_new else None,
        request.FILES if is_new else None,
        initial={"received_on": timezone.localdate()},
        prefix="new",
    )
    wanted = date_wanted(leaf.spec, whole.on) if isinstance(leaf.spec, Item) else ""
    if wanted:
        new_form.ask_for_its_date(wanted)
    form = new_form if is_new else attach_form
    if request.method == "POST" and form.is_valid():
        version = None
        try:
            version = _new_document(request, new_form) if is_new else _chosen(request, attach_form)
            services.attach_evidence(
                leaf.response,
                version,
                locator=form.cleaned_data["locator"],
                note=form.cleaned_data["note"],
                by=request.user,
                at=timezone.now(),
            )
        except (*REFUSALS, evidence_services.DocumentRefusedError, UploadRefusedError) as refusal:
            if is_new and version is not None:
                messages.warning(request, str(refusal))
                return redirect("assessment:evidence_attach", assessment_id, response_id)
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"“{version.document.title}” is attached to item {leaf.number}.")
            return redirect("assessment:response_detail", assessment_id, response_id)
    context = {
        "whole": whole,
        "leaf": leaf,
        "attach_form": attach_form,
        "new_form": new_form,
        "form": form,
        "is_new": is_new,
        "may_add": request.access.can(Capability.EVIDENCE_EDIT),
    }
    return render(request, "assessment/evidence_attach.jinja", context)


def library_of(request: SignedInRequest, *, open_only: bool = False) -> list[tuple[int, str]]:
    """The newest version of every document that still holds, by title; with ``open_only`` none that is restricted to some."""
    newest: dict[int, DocumentVersion] = {}
    versions = (
        DocumentVersion.objects.visible_to(request.access)
        .filter(document__withdrawal__isnull=True, **({"document__needs": ""} if open_only else {}))
        .select_related("document", "blob")
        .order_by("document__title", "document", "number")
    )
    for version in versions:
        newest[version.document_id] = version
    return [(version.pk, _label(version)) for version in newest.values()]


def _label(version: DocumentVersion) -> str:
    waits = ", still being checked for viruses" if version.blob and blobs.is_held(version.blob) else ""
    return f"{version.document.title} (version {version.number}{waits})"


def _chosen(request: SignedInRequest, form: AttachForm) -> DocumentVersion:
    versions = DocumentVersion.objects.visible_to(request.access).select_related("document", "blob__scan_order__scan")
    return get_object_or_404(versions, pk=form.cleaned_data["document_version"])


def _new_document(request: SignedInRequest, form: NewEvidenceForm) -> DocumentVersion:
    if not request.access.can(Capability.EVIDENCE_EDIT):
        raise services.AssessmentRefusedError("You may attach documents of the library, but not add new ones.")
    return evidence_services.add_document(request.access.organisation, by=request.user, at=timezone.now(), **form.values())


def _find_link(request: SignedInRequest, assessment_id: int, evidence_link_id: int) -> EvidenceLink:
    links = EvidenceLink.objects.filter(
        response__assessment__organisation=request.access.organisation, response__assessment_id=assessment_id
    ).select_related("response__item", "response__assessment", "document_version__document")
    return get_object_or_404(links, pk=evidence_link_id)


def _link_to_file(request: SignedInRequest, evidence_link_id: int) -> EvidenceLink:
    links = EvidenceLink.objects.filter(
        response__in=Response.objects.visible_to(request.access),
        document_version__in=DocumentVersion.objects.visible_to(request.access).filter(blob__isnull=False),
        retired_at=None,
    )
    return get_object_or_404(
        links.select_related("response", "document_version__blob", "document_version__document__organisation"),
        pk=evidence_link_id,
    )


def _page_of(link: EvidenceLink) -> str:
    return reverse("assessment:response_detail", args=[link.response.assessment_id, link.response_id])


@requires(Capability.EVIDENCE_VIEW, Capability.ASSESSMENT_INVITED)
@require_safe
@by_short_link(find=_link_to_file, page=_page_of)
def evidence_file(request: SignedInRequest, link: EvidenceLink) -> HttpResponse:
    """The file behind an answer, in the version that is attached to it."""
    return sent(request, link.document_version)


@requires(Capability.ASSESSMENT_EDIT)
@require_POST
def evidence_repin(request: SignedInRequest, assessment_id: int, evidence_link_id: int) -> HttpResponse:
    """Point an item to the newest approved version of a document attached to it."""
    link = _find_link(request, assessment_id, evidence_link_id)
    try:
        new = services.repin_evidence(link, by=request.user, at=timezone.now())
    except REFUSALS as refusal:
        messages.error(request, str(refusal))
    else:
        version = new.document_version
        look = f" Check that “{new.locator}” is still the place to look at." if new.locator else ""
        messages.success(request, f"The item now points to version {version.number} of “{version.document.title}”.{look}")
    return redirect("assessment:response_detail", assessment_id, link.response_id)


@requires(Capability.ASSESSMENT_EDIT)
@require_POST
def evidence_retire(request: SignedInRequest, assessment_id: int, evidence_link_id: int) -> HttpResponse:
    """Take a document off an item."""
    link = _find_link(request, assessment_id, evidence_link_id)
    try:
        services.retire_evidence(link, by=request.user, at=timezone.now())
    except REFUSALS as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"“{link.document_version.document.title}” is no longer attached here.")
    return redirect("assessment:response_detail", assessment_id, link.response_id)


@requires(Capability.ASSESSMENT_EDIT)
@require_http_methods(["GET", "POST"])
def evidence_withhold(request: SignedInRequest, assessment_id: int, evidence_link_id: int) -> HttpResponse:
    """Have the pack go out without a document."""
    link = _find_link(request, assessment_id, evidence_link_id)
    whole = find_return(request, assessment_id)
    standing = whole.withheld.get(link.document_version.document_id)
    initial = {"reason": standing.reason, "auditors_may_open": "yes" if standing.auditors_may_open else "no"} if standing else {}
    form = WithholdForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        reason, may_open = form.cleaned_data["reason"], form.cleaned_data["auditors_may_open"] == "yes"
        try:
            services.withhold_document(link, reason=reason, auditors_may_open=may_open, by=request.user, at=timezone.now())
        except REFUSALS as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"The pack will go out without “{link.document_version.document}”.")
            return redirect("assessment:response_detail", assessment_id, link.response_id)
    attached = [leaf for leaf in whole.leaves if any(_same_document(other, link) for other in leaf.links)]
    context = {"whole": whole, "link": link, "form": form, "attached": attached, "may": may(request, whole)}
    return render(request, "assessment/evidence_withhold.jinja", context)


def _same_document(one: EvidenceLink, other: EvidenceLink) -> bool:
    return one.document_version.document_id == other.document_version.document_id


@requires(Capability.ASSESSMENT_EDIT)
@require_POST
def evidence_restore(request: SignedInRequest, assessment_id: int, evidence_link_id: int) -> HttpResponse:
    """Put a withheld document back into the pack."""
    link = _find_link(request, assessment_id, evidence_link_id)
    try:
        services.restore_document(link, by=request.user, at=timezone.now())
    except REFUSALS as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"“{link.document_version.document}” goes into the pack again.")
    return redirect("assessment:response_detail", assessment_id, link.response_id)
