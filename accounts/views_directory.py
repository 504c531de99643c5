"""Coming through a directory, linking it with one's sign-in, and an administrator's part in both."""

from __future__ import annotations

import logging
from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.base import AuthProcess, ProviderException
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from requests import RequestException

from accounts import directories, services_directory
from accounts.directories import Directory
from accounts.directory_sign_in import FAILED, DirectoryAdapter, invited_user, refuse
from accounts.enums import Capability
from accounts.forms_directory import SubjectForm
from accounts.http import SignedInRequest
from accounts.models import User
from accounts.policy import before_second_factor, fresh, public, requires, signed_in
from accounts.services_directory import DirectoryRefusedError

_log = logging.getLogger(__name__)


@public
@require_POST
def directory_begin(request: HttpRequest, directory_code: str) -> HttpResponse:
    """Leave for a directory; with an invitation that this browser has opened, to link it with the invited sign-in."""
    invited = invited_user(request, request.POST.get("invited"))
    data = {"invited": invited.pk} if invited else None
    return _leave(request, directory_code, AuthProcess.LOGIN, request.POST.get("next", ""), data=data)


@public
@require_safe
def directory_answer(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Come back from a directory."""
    directory = _directory(provider_id)
    try:
        return OAuth2CallbackView.adapter_view(DirectoryAdapter(request, provider_id))(request)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        _log.warning("The directory %s answered what cannot be read: %s", provider_id, type(error).__name__)
        return _failed(request, directory)


@signed_in
@fresh
@require_POST
def directory_link(request: SignedInRequest, directory_code: str) -> HttpResponse:
    """Leave for a directory to link it with one's own sign-in."""
    if request.access.is_by_code:
        raise Http404
    return _leave(request, directory_code, AuthProcess.CONNECT, reverse("mfa_index"))


@signed_in
@before_second_factor
@require_http_methods(["GET", "POST"])
def directory_again(request: SignedInRequest) -> HttpResponse:
    """Have a directory ask once more who one is, before something that matters."""
    linked = SocialAccount.objects.filter(user=request.user).values_list("provider", flat=True)
    mine = [directory for directory in directories.configured() if directory.code in set(linked)]
    wanted = request.POST.get("directory", "")
    if request.method == "POST" and wanted in {directory.code for directory in mine}:
        again = {"prompt": "login", "max_age": "0"}
        return _leave(request, wanted, AuthProcess.REDIRECT, request.POST.get("next", ""), auth_params=again)
    return render(request, "accounts/directory_again.jinja", {"mine": mine, "next": request.GET.get("next", "")})


@signed_in
@fresh
@require_POST
def directory_unlink(request: SignedInRequest, link_id: int) -> HttpResponse:
    """Stop signing in through a directory."""
    identity = get_object_or_404(SocialAccount.objects.filter(user=request.user), pk=link_id)
    try:
        services_directory.unlink(identity, organisation=request.access.organisation, by=request.user, at=timezone.now())
    except DirectoryRefusedError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "You no longer sign in that way.")
    return redirect("mfa_index")


@requires(Capability.ORGANISATION_MANAGE)
@fresh
@require_POST
def subject_register(request: SignedInRequest, user_id: int) -> HttpResponse:
    """Write down by what a directory knows a user of this organisation, so that they come in without a password."""
    organisation = request.access.organisation
    user = get_object_or_404(User.objects.filter(memberships__organisation=organisation).distinct(), pk=user_id)
    form = SubjectForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Choose the directory and give the person's identifier there.")
        return redirect("accounts:user_roles", user_id=user.pk)
    directory, subject = _directory(form.cleaned_data["directory"]), form.cleaned_data["subject"]
    try:
        services_directory.register(user, directory, subject, organisation=organisation, by=request.user, at=timezone.now())
    except DirectoryRefusedError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{user} can sign in with {directory.name}.")
    return redirect("accounts:user_roles", user_id=user.pk)


@requires(Capability.ORGANISATION_MANAGE)
@fresh
@require_POST
def subject_end(request: SignedInRequest, user_id: int, identity_id: int) -> HttpResponse:
    """End a user's sign-in through a directory, with their sessions."""
    organisation = request.access.organisation
    mine = SocialAccount.objects.filter(user__memberships__organisation=organisation, user=user_id).distinct()
    identity = get_object_or_404(mine, pk=identity_id)
    try:
        services_directory.end(identity, organisation=organisation, by=request.user, at=timezone.now())
    except DirectoryRefusedError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "That sign-in has ended.")
    return redirect("accounts:user_roles", user_id=user_id)


def _directory(code: str) -> Directory:
    found = directories.directory(code)
    if found is None:
        raise Http404
    return found


def _leave(request: HttpRequest, code: str, process: str, back_to: str, **more: Any) -> HttpResponse:
    """The way to the directory, and in the session what comes after."""
    directory = _directory(code)
    ours = url_has_allowed_host_and_scheme(back_to, allowed_hosts=None)
    provider = DirectoryAdapter(request, code).get_provider()
    try:
        response: HttpResponse = provider.redirect(request, process, next_url=back_to if ours else reverse("home"), **more)
    except (RequestException, ProviderException, OAuth2Error, ValueError, KeyError) as error:
        _log.warning("The directory %s cannot be asked: %s", code, type(error).__name__)
        return _failed(request, directory)
    return response


def _failed(request: HttpRequest, directory: Directory) -> HttpResponse:
    try:
        refuse(request, FAILED, directory=directory, status=502)
    except ImmediateHttpResponse as answer:
        response: HttpResponse = answer.response
    return response
