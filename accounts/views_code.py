"""After signing in with a letter's code: welcome, choosing a password, and the end of a sitting at a shared device."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.views import LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import codes, services, shared_device
from accounts.forms import ChoosePasswordForm
from accounts.http import SignedInRequest
from accounts.policy import public, signed_in


@signed_in
@require_safe
def code_welcome(request: SignedInRequest) -> HttpResponse:
    """What happens next time, and the way to one's training."""
    if not shared_device.is_by_code(request):
        return redirect("home")
    context = {"may_choose_password": codes.may_use_codes(request.user)}
    return render(request, "accounts/code_welcome.jinja", context)


@signed_in
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def code_password(request: SignedInRequest) -> HttpResponse:
    """Choose a password, so that the next sign-in needs no letter."""
    if not (shared_device.is_by_code(request) and codes.may_use_codes(request.user)):
        return redirect("home")
    form = ChoosePasswordForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.choose_password(request.user, form.cleaned_data["new_password1"], request.access.organisation, at=timezone.now())
        update_session_auth_hash(request, request.user)
        messages.success(request, f"Next time, sign in with the user name {request.user.username} and your new password.")
        return redirect("accounts:code_welcome")
    return render(request, "accounts/code_password.jinja", {"form": form})


@signed_in
@require_safe
def still_there(request: SignedInRequest) -> HttpResponse:
    """Ask whether somebody is still at the shared device. Shows nothing of theirs."""
    wanted = request.GET.get("next", "")
    ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    context = {
        "next": wanted if ours else reverse("home"),
        "seconds": int((shared_device.END_AFTER - shared_device.ASK_AFTER).total_seconds()),
    }
    return render(request, "accounts/still_there.jinja", context)


@public
@require_safe
def finished(request: HttpRequest) -> HttpResponse:
    """The end of a sitting, and the way in for the next person."""
    return render(request, "accounts/finished.jinja")


@public
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign out; the browser forgets what it kept of us."""
    was_shared = shared_device.is_shared(request)
    response: HttpResponse = LogoutView.as_view()(request)
    if was_shared:
        response = redirect("accounts:finished")
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response
