"""The page on which an administrator lets a directory tell us who joins and leaves."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import fresh, requires
from staff.forms_joiners import TokenForm
from staff.models import Joiner, JoinerToken
from staff.services import joiners


@requires(Capability.ORGANISATION_MANAGE)
@fresh
@require_http_methods(["GET", "POST"])
def joiner_tokens(request: SignedInRequest) -> HttpResponse:
    """The organisation's tokens, and making one; the new one is shown this once."""
    organisation = request.access.organisation
    form, token = TokenForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        token = joiners.make_token(organisation, **form.cleaned_data, by=request.user, at=timezone.now())
        form = TokenForm()
    known = Joiner.objects.present().filter(organisation=organisation)
    context = {
        "form": form,
        "token": token,
        "tokens": JoinerToken.objects.visible_to(request.access).live(),
        "address": settings.BASE_URL.rstrip("/") + reverse("staff:scim_users").removesuffix("/Users"),
        "active": known.filter(is_active=True).count(),
        "shut": Joiner.objects.shut_out().filter(organisation=organisation).count(),
    }
    response = render(request, "staff/joiner_tokens.jinja", context)
    response["Cache-Control"] = "no-store, private"
    return response


@requires(Capability.ORGANISATION_MANAGE)
@fresh
@require_POST
def joiner_token_revoke(request: SignedInRequest, joiner_token_id: int) -> HttpResponse:
    """End a token at once."""
    token = get_object_or_404(JoinerToken.objects.visible_to(request.access).live(), pk=joiner_token_id)
    joiners.revoke_token(token, by=request.user, at=timezone.now())
    messages.success(request, f"The token “{token}” has ended.")
    return redirect("staff:joiner_tokens")
