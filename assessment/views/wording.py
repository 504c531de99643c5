"""The official wording of the lists an organisation answers: brought in from the official workbook, for that organisation alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.models import Organisation
from accounts.policy import requires
from assessment.edition_changes import number_of
from assessment.edition_file import EditionFile
from assessment.forms import WordingForm
from assessment.loading import edition_for, file_of, years_for
from assessment.models import OfficialWording
from assessment.requirements import specs_for
from assessment.wording import Found, WordingRefusedError, find_wording, keep_wording, kept_wording

SALT = "assessment.wording"
A_DAY = 24 * 60 * 60


@dataclass(frozen=True)
class ListWording:
    """One year's list, and the official wording the organisation is shown for it."""

    edition: EditionFile
    kept: OfficialWording | None

    @property
    def title(self) -> str:
        return self.edition.header.title or self.edition.id

    @property
    def is_own(self) -> bool:
        return self.kept is not None and self.kept.organisation_id is not None


@requires(Capability.ASSESSMENT_EDIT, Capability.ORGANISATION_MANAGE)
@require_http_methods(["GET", "POST"])
def wording(request: SignedInRequest) -> HttpResponse:
    """What is kept for each year; choosing a workbook; then what it would change. Nothing is kept yet: the page carries it, signed."""
    lists = _lists(request.access.organisation)
    form = WordingForm(request.POST or None, request.FILES or None, lists=[(one.edition.id, one.title) for one in lists])
    if request.method == "POST" and form.is_valid():
        wanted = next(one for one in lists if one.edition.id == form.cleaned_data["edition"])
        try:
            found = find_wording(form.cleaned_data["file"].read(), wanted.edition)
        except WordingRefusedError as refusal:
            form.add_error("file", str(refusal))
        else:
            return _preview(request, wanted, found, form.cleaned_data)
    return render(request, "assessment/wording.jinja", {"lists": lists, "form": form})


@requires(Capability.ASSESSMENT_EDIT, Capability.ORGANISATION_MANAGE)
@require_POST
def wording_keep(request: SignedInRequest) -> HttpResponse:
    """Keep what the preview showed, for this organisation."""
    try:
        carried = signing.loads(request.POST.get("carried", ""), salt=_salt(request), max_age=A_DAY)
    except signing.BadSignature:
        messages.error(request, "This page was open for too long or was changed on its way. Upload the workbook again.")
        return redirect("assessment:wording")
    one = _list(request.access.organisation, carried["edition"])
    keep_wording(
        one.edition,
        carried["texts"],
        source_title=carried["source_title"],
        dated_on=date.fromisoformat(carried["dated_on"]),
        file_sha256=carried["file_sha256"],
        by=request.user,
        at=timezone.now(),
        organisation=request.access.organisation,
    )
    texts = len(carried["texts"])
    words = f"{texts} official texts are" if texts > 1 else "One official text is"
    messages.success(request, f"{words} shown beside our help, in your organisation only.")
    return redirect("assessment:wording")


@requires(Capability.ASSESSMENT_EDIT, Capability.ORGANISATION_MANAGE)
@require_POST
def wording_remove(request: SignedInRequest) -> HttpResponse:
    """Take the organisation's own wording of a list away again."""
    one = _list(request.access.organisation, request.POST.get("edition", ""))
    if one.is_own and one.kept is not None:
        keep_wording(
            one.edition,
            {},
            source_title=one.kept.source_title,
            dated_on=one.kept.dated_on,
            file_sha256="",
            by=request.user,
            at=timezone.now(),
            organisation=request.access.organisation,
        )
        messages.success(request, f"The official wording of {one.edition.header.year} is taken away.")
    return redirect("assessment:wording")


def _lists(organisation: Organisation) -> list[ListWording]:
    """The newest list of each year that the organisation answers, newest year first."""
    editions = (edition_for(organisation.type, year) for year in years_for(organisation.type))
    return [ListWording(file_of(one), kept_wording(organisation, one.edition_id)) for one in editions if one is not None]


def _list(organisation: Organisation, edition_id: str) -> ListWording:
    found = next((one for one in _lists(organisation) if one.edition.id == edition_id), None)
    if found is None:
        raise Http404
    return found


def _preview(request: SignedInRequest, wanted: ListWording, found: Found, given: dict[str, Any]) -> HttpResponse:
    titles = {number_of(spec): spec.title for spec, _ in specs_for(wanted.edition, None)}
    before = wanted.kept.texts if wanted.kept else {}
    source = {
        "edition": wanted.edition.id,
        "source_title": given["source_title"],
        "dated_on": given["dated_on"].isoformat(),
        "file_sha256": found.file_sha256,
        "texts": found.texts,
    }
    context = {
        "list": wanted,
        "found": found,
        "given": given,
        "new": [(number, titles[number], text) for number, text in found.texts.items() if number not in before],
        "changed": [
            (number, titles[number], before[number], text)
            for number, text in found.texts.items()
            if number in before and before[number] != text
        ],
        "same": sum(before.get(number) == text for number, text in found.texts.items()),
        "gone": [(number, titles.get(number, "")) for number in before if number not in found.texts],
        "missing": [(number, titles[number]) for number in found.missing],
        "carried": signing.dumps(source, salt=_salt(request), compress=True),
    }
    return render(request, "assessment/wording_preview.jinja", context)


def _salt(request: SignedInRequest) -> str:
    """What one person looked at in one organisation cannot be kept by another, or elsewhere."""
    return f"{SALT}.{request.access.organisation.pk}.{request.user.pk}"
