"""Loading a list of requirements by page: what is wrong with a file, what it changes, then loading it for everybody."""

from __future__ import annotations

from django.contrib import messages
from django.core import signing
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.enums import Capability
from accounts.http import PlatformRequest
from accounts.policy import fresh, requires
from accounts.row_security import every_organisation
from assessment import edition_file
from assessment.edition_changes import changes
from assessment.forms_editions import EditionFileForm
from assessment.loading import EditionRefusedError, file_of, load_edition, newest_before, require_loadable
from assessment.models import Assessment, Edition

SALT = "assessment.edition_file"
A_DAY = 24 * 60 * 60


@requires(Capability.PLATFORM_MANAGE)
@require_http_methods(["GET", "POST"])
def edition_file_check(request: PlatformRequest) -> HttpResponse:
    """The lists that are loaded; choosing a file; then every fault of it, or what it changes. Nothing is loaded yet."""
    form = EditionFileForm(request.POST or None, request.FILES or None)
    faults: tuple[edition_file.Fault, ...] = ()
    if request.method == "POST" and form.is_valid():
        source = form.cleaned_data["file"]
        faults = edition_file.lint(source).faults
        if not faults:
            checked = edition_file.load(source)
            try:
                if require_loadable(checked) is None:
                    return _preview(request, checked, source)
                form.add_error("file", "This version is loaded already, with the same content. There is nothing to do.")
            except EditionRefusedError as refusal:
                form.add_error("file", str(refusal))
    editions = list(Edition.objects.defer("content", "source").order_by("-year", "edition_id", "-pk"))
    context = {"form": form, "faults": faults, "editions": editions, "replaced": _replaced(editions)}
    return render(request, "assessment/edition_file.jinja", context)


def _replaced(editions: list[Edition]) -> dict[int, str]:
    """Of each list that a higher version in use replaces: the newest such version."""
    newest: dict[str, Edition] = {}
    for edition in sorted((one for one in editions if one.status == "active"), key=lambda one: one.version_key):
        newest[edition.edition_id] = edition
    return {
        one.pk: newest[one.edition_id].version
        for one in editions
        if one.edition_id in newest and newest[one.edition_id].version_key > one.version_key
    }


def _preview(request: PlatformRequest, checked: edition_file.EditionFile, source: str) -> HttpResponse:
    before = newest_before(checked)
    with every_organisation():
        returns = Assessment.objects.filter(closed_at__isnull=True, edition__edition_id=checked.id).count()
    context = {
        "checked": checked,
        "before": before,
        "changes": changes(file_of(before), checked) if before else None,
        "returns": returns,
        "carried": signing.dumps(source, salt=_salt(request), compress=True),
    }
    return render(request, "assessment/edition_file_preview.jinja", context)


@requires(Capability.PLATFORM_MANAGE)
@fresh
@require_POST
def edition_file_load(request: PlatformRequest) -> HttpResponse:
    """Load what the preview showed."""
    try:
        source = signing.loads(request.POST.get("carried", ""), salt=_salt(request), max_age=A_DAY)
        edition, created = load_edition(source, at=timezone.now(), by=request.user)
    except signing.BadSignature:
        messages.error(request, "This page was open for too long or was changed on its way. Choose the file again.")
    except EditionRefusedError as refusal:
        messages.error(request, str(refusal))
    else:
        loaded = "is loaded" if created else "was loaded already"
        messages.success(request, f"{edition.title}, version {edition.version}, {loaded}.")
    return redirect("assessment:edition_file_check")


def _salt(request: PlatformRequest) -> str:
    """What one person looked at cannot be loaded by another."""
    return f"{SALT}.{request.user.pk}"
