"""An organisation's sites."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.enums import Capability
from accounts.forms_sites import SiteForm
from accounts.http import SignedInRequest
from accounts.models import Site
from accounts.policy import requires
from accounts.sites import SiteRefusedError, save_site

FIELDS = ("name", "type", "ods_code", "cqc_id", "opened_on", "closed_on")


@requires(Capability.ORGANISATION_MANAGE)
@require_safe
def site_list(request: SignedInRequest) -> HttpResponse:
    """Every site, open ones first."""
    today = timezone.localdate()
    sites = sorted(Site.objects.visible_to(request.access), key=lambda site: (site.has_closed(today), site.name))
    return render(request, "accounts/site_list.jinja", {"sites": sites, "today": today})


@requires(Capability.ORGANISATION_MANAGE)
@require_http_methods(["GET", "POST"])
def site_new(request: SignedInRequest) -> HttpResponse:
    """Add a site."""
    form = SiteForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _saved(request, form, None):
        return redirect("accounts:site_list")
    return render(request, "accounts/site_new.jinja", {"form": form})


@requires(Capability.ORGANISATION_MANAGE)
@require_http_methods(["GET", "POST"])
def site_edit(request: SignedInRequest, site_id: int) -> HttpResponse:
    """Change a site, or say when it closes."""
    site = get_object_or_404(Site.objects.visible_to(request.access), pk=site_id)
    form = SiteForm(request.POST or None, initial={name: getattr(site, name) for name in FIELDS})
    if request.method == "POST" and form.is_valid() and _saved(request, form, site):
        return redirect("accounts:site_list")
    return render(request, "accounts/site_edit.jinja", {"form": form, "site": site})


def _saved(request: SignedInRequest, form: SiteForm, site: Site | None) -> bool:
    try:
        saved = save_site(request.access.organisation, site=site, by=request.user, at=timezone.now(), **form.cleaned_data)
    except SiteRefusedError as refusal:
        form.add_error(refusal.field, str(refusal))
        return False
    messages.success(request, f"{saved} is saved.")
    return True
