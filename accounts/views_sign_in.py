"""Signing in, the second factor, a fresh sign-in, and one's own sessions: django-allauth's views, in our pages."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account import views as account_views
from allauth.mfa.base import views as mfa_views
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes import views as recovery_views
from allauth.mfa.totp import views as totp_views
from allauth.mfa.webauthn import views as webauthn_views
from allauth.usersessions import views as session_views
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts import second_factor, services, shared_device
from accounts.enums import Capability
from accounts.forms import SignInRulesForm
from accounts.http import AccountRequest, SignedInRequest
from accounts.policy import before_second_factor, for_account, fresh, public, requires, signed_in
from accounts.services_directory import linked_with

View = Callable[..., HttpResponse]


def _with_password_only(view: View) -> View:
    """For people who signed in with a password: a letter's code gives nobody a lasting way in."""

    @wraps(view)
    def wrapped(request: AccountRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if shared_device.is_by_code(request):
            raise Http404
        return view(request, *args, **kwargs)

    return wrapped


def _own(view: View) -> View:
    return signed_in(for_account(before_second_factor(_with_password_only(view))))


def _own_fresh(view: View) -> View:
    return signed_in(for_account(fresh(before_second_factor(_with_password_only(view)))))


def _keeps_one(view: View) -> View:
    """Removing a factor is refused where it is the last and the person's role needs one."""

    @wraps(view)
    def wrapped(request: AccountRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        came = request.access or request.platform
        factors = Authenticator.objects.filter(user=request.user).exclude(type=Authenticator.Type.RECOVERY_CODES)
        if "pk" in kwargs:
            get_object_or_404(factors, pk=kwargs["pk"])
        if came is not None and second_factor.is_needed(came) and factors.count() < 2:
            messages.error(request, "Your role needs a second way to sign in: set up another before you remove this one.")
            return redirect("mfa_index")
        return view(request, *args, **kwargs)

    return wrapped


class _ShowsIt:
    """Whoever sets up a second factor, and proves that it works, has shown it."""

    request: AccountRequest

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)  # type: ignore[misc]
        second_factor.was_just_set_up(self.request, self.request.user)
        return response


class ActivateAppView(_ShowsIt, totp_views.ActivateTOTPView):
    """An app on the phone."""


class AddKeyView(_ShowsIt, webauthn_views.AddWebAuthnView):
    """A security key or passkey."""


class FactorListView(mfa_views.IndexView):
    """The ways in that somebody has: second factors and directories."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        linked = [(identity, name) for identity, name, _subject in linked_with(self.request.user)]
        return super().get_context_data(**kwargs) | {"linked": linked}


class SessionListView(session_views.ListUserSessionsView):
    """One's own sign-ins; the form ends all but this one."""

    @transaction.atomic
    def form_valid(self, form: Any) -> HttpResponse:
        before = UserSession.objects.filter(user=self.request.user).count()
        response: HttpResponse = super().form_valid(form)
        ended = before - UserSession.objects.filter(user=self.request.user).count()
        if ended:
            services.note_own_act("accounts.own_sessions_ended", self.request.user, {"count": ended})
        return response


sign_in = public(account_views.LoginView.as_view(template_name="accounts/sign_in.jinja"))
password_again = _own(account_views.ReauthenticateView.as_view(template_name="accounts/password_again.jinja"))

code = public(mfa_views.AuthenticateView.as_view(template_name="accounts/second_factor/code.jinja"))
code_again = _own(mfa_views.ReauthenticateView.as_view(template_name="accounts/second_factor/code_again.jinja"))
factor_list = _own(FactorListView.as_view(template_name="accounts/second_factor/factor_list.jinja"))

app_activate = _own_fresh(ActivateAppView.as_view(template_name="accounts/second_factor/app_activate.jinja"))
app_deactivate = _own_fresh(
    _keeps_one(totp_views.DeactivateTOTPView.as_view(template_name="accounts/second_factor/app_deactivate.jinja"))
)

recovery_view = _own_fresh(
    recovery_views.ViewRecoveryCodesView.as_view(
        template_name="accounts/second_factor/recovery_view.jinja", http_method_names=["get"]
    )
)
recovery_generate = _own_fresh(
    recovery_views.GenerateRecoveryCodesView.as_view(template_name="accounts/second_factor/recovery_generate.jinja")
)

key_list = _own(webauthn_views.ListWebAuthnView.as_view(template_name="accounts/second_factor/key_list.jinja"))
key_add = _own_fresh(AddKeyView.as_view(template_name="accounts/second_factor/key_add.jinja"))
key_again = _own(webauthn_views.ReauthenticateWebAuthnView.as_view(template_name="accounts/second_factor/key_again.jinja"))
key_remove = _own_fresh(
    _keeps_one(webauthn_views.RemoveWebAuthnView.as_view(template_name="accounts/second_factor/key_remove.jinja"))
)
key_edit = _own_fresh(webauthn_views.EditWebAuthnView.as_view(template_name="accounts/second_factor/key_edit.jinja"))

session_list = _own(SessionListView.as_view(template_name="accounts/session_list.jinja"))


@requires(Capability.ORGANISATION_MANAGE)
@fresh
@require_http_methods(["GET", "POST"])
def sign_in_rules(request: SignedInRequest) -> HttpResponse:
    """Say who in the organisation needs a second factor."""
    organisation = request.access.organisation
    initial = {"everybody": "yes" if organisation.everybody_needs_second_factor else "no"}
    form = SignInRulesForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        everybody = form.cleaned_data["everybody"] == "yes"
        services.require_second_factor(organisation, everybody=everybody, by=request.user, at=timezone.now())
        messages.success(request, "Saved. It holds from everybody's next page on.")
        return redirect("accounts:organisation_detail")
    return render(request, "accounts/sign_in_rules.jinja", {"form": form})
