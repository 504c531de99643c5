"""The way in after sign-in, the error pages, and what a monitor asks."""

from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.views.decorators.http import require_safe

from accounts.http import SignedInRequest
from accounts.navigation import entries_for
from accounts.policy import RefusedError, public, signed_in


@signed_in
@require_safe
def start(request: SignedInRequest) -> HttpResponse:
    """Send people to the first page of their menu."""
    menu = entries_for(request.access, request.path)
    return redirect(str(menu[0]["href"]) if menu else "accounts:organisation_list")


@public
@require_safe
def icon(request: HttpRequest) -> HttpResponse:
    """Where browsers look for the icon when a page names none."""
    return redirect(static("tenfold/icon.svg"))


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
    reason = str(exception) if isinstance(exception, RefusedError) else ""
    return render(request, "accounts/refused.jinja", {"reason": reason}, status=403)


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return render(request, "404.jinja", status=404)


def failed(request: HttpRequest) -> HttpResponse:
    return render(request, "500.jinja", status=500)


def form_expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form was sent from a page that belongs to another sign-in, or from elsewhere."""
    return render(request, "form_expired.jinja", status=403)
