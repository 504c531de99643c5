"""The helper for copying a publication into the national site, item by item in its order."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import requires
from assessment import services
from assessment.forms import EnteredForm
from assessment.frozen import XLSX, in_words
from assessment.models import PublicationFile, Response
from assessment.rekeying import counts, sections_to_key
from assessment.views.publications import document_of, find_publication
from evidence import blobs


@requires(Capability.ASSESSMENT_VIEW)
@require_safe
def rekeying(request: SignedInRequest, publication_id: int) -> HttpResponse:
    """Every answer to copy, and how far somebody has got."""
    publication = find_publication(request, publication_id)
    words = in_words(publication.assessment, document_of(publication), publication.document_sha256, sign_off=publication.sign_off)
    sections = sections_to_key(publication, words)
    entered, wanted = counts(sections)
    only_left = request.GET.get("show") == "left"
    context = {
        "publication": publication,
        "sections": sections,
        "entered": entered,
        "wanted": wanted,
        "only_left": only_left,
        "may_mark": request.access.can(Capability.ASSESSMENT_EDIT, Capability.ASSESSMENT_PUBLISH),
        "form": EnteredForm(auto_id=False),
    }
    return render(request, "assessment/rekeying.jinja", context)


@requires(Capability.ASSESSMENT_EDIT, Capability.ASSESSMENT_PUBLISH)
@require_POST
def rekeying_mark(request: SignedInRequest, publication_id: int, response_id: int) -> HttpResponse:
    """Note that an item was keyed in, or was not after all."""
    publication = find_publication(request, publication_id)
    responses = Response.objects.visible_to(request.access).filter(assessment=publication.assessment).select_related("item")
    response = get_object_or_404(responses, pk=response_id)
    form = EnteredForm(request.POST)
    if form.is_valid():
        services.mark_entered(
            publication,
            response,
            is_entered=form.cleaned_data["entered"] == "yes",
            note=form.cleaned_data["note"],
            by=request.user,
            at=timezone.now(),
        )
    else:
        messages.error(request, f"Item {response.item.number}: write at most 300 letters about what differs.")
    left = "?show=left" if request.POST.get("show") == "left" else ""
    return redirect(f"{reverse('assessment:rekeying', args=[publication.pk])}{left}#item-{response.pk}")


@requires(Capability.ASSESSMENT_VIEW)
@require_safe
def rekeying_workbook(request: SignedInRequest, publication_id: int) -> HttpResponse:
    """Every answer as a workbook, in the order of the national site, as it was published."""
    publication = find_publication(request, publication_id)
    file = get_object_or_404(PublicationFile.objects.select_related("blob"), publication=publication, path="workbook.xlsx")
    response = HttpResponse(blobs.read(file.blob), content_type=XLSX)
    name = f"dspt-{publication.organisation.ods_code}-{publication.assessment.year}-{publication.sequence}.xlsx"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
