"""The way in after sign-in, the error pages, and what a monitor asks."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import first_steps
from accounts.http import AccountRequest
from accounts.middleware import note_refusal
from accounts.navigation import entries_for
from accounts.policy import RefusedError, for_account, public, signed_in
from assessment.first_steps import has_opened_a_return

SECURITY_TXT_HOLDS = timedelta(days=180)
"""Shorter than the year that the standard allows, so that a proxy's old copy is noticed."""


@signed_in
@for_account
@require_safe
def start(request: AccountRequest) -> HttpResponse:
    """Send people to the first page of their menu, or to what a new organisation has to do first."""
    begins = any(not step.is_done for step in first_steps.steps_for(request.access))
    if begins and request.access and not has_opened_a_return(request.access.organisation):
        return redirect("accounts:first_steps")
    menu = entries_for(request.access or request.platform, request.path)
    return redirect(str(menu[0]["href"]) if menu else "accounts:organisation_list")


@public
@require_safe
def icon(request: HttpRequest) -> HttpResponse:
    """Where browsers look for the icon when a page names none."""
    return redirect(static("tenfold/icon.svg"))


@public
@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """Whom to tell of a weakness (RFC 9116), if the operator has said so."""
    if not settings.SECURITY_CONTACT:
        raise Http404
    address = settings.BASE_URL.rstrip("/") + reverse("security_txt")
    until = (timezone.now() + SECURITY_TXT_HOLDS).strftime("%Y-%m-%dT%H:%M:%SZ")
    lines = [f"Contact: {settings.SECURITY_CONTACT}", f"Expires: {until}", "Preferred-Languages: en", f"Canonical: {address}"]
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")


@public
@require_safe
def alive(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


@public
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """The database answers too."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
    return JsonResponse({"status": "ok"})


def refused(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """Refused by a view. Only a reason that is ours is told: another's may say what the person should not know."""
    note_refusal(request)
    reason = str(exception) if isinstance(exception, RefusedError) else ""
    return render(request, "accounts/refused.jinja", {"reason": reason}, status=403)


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return render(request, "404.jinja", status=404)


def failed(request: HttpRequest) -> HttpResponse:
    return render(request, "500.jinja", status=500)


def form_expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form was sent from a page that belongs to another sign-in, or from elsewhere."""
    return render(request, "form_expired.jinja", status=403)
