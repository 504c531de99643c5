"""Signing in, choosing a password, and an organisation's own pages."""

from typing import Any

from allauth.account.signals import password_changed
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.views import PasswordResetConfirmView
from django.contrib.messages.views import SuccessMessageMixin
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse_lazy
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import first_steps, services, shared_device
from accounts.enums import Capability, Role
from accounts.forms import ChangePasswordForm, ChoosePasswordForm, LostFactorForm, RoleForm
from accounts.forms_directory import SubjectForm
from accounts.http import AccountRequest, SignedInRequest
from accounts.models import Membership, OrganisationProfile, User
from accounts.policy import ROLE_CAPABILITIES, for_account, fresh, public, requires, signed_in
from accounts.services_directory import linked_with


class PasswordChooseView(SuccessMessageMixin, PasswordResetConfirmView):  # type: ignore[type-arg]
    """Choosing a password by a link."""

    template_name = "accounts/password_choose.jinja"
    form_class = ChoosePasswordForm
    success_url = reverse_lazy("accounts:sign_in")
    success_message = "Your password is saved. Sign in with it."

    def form_valid(self, form: Any) -> HttpResponse:
        services.note_password(form.user, at=timezone.now())
        return super().form_valid(form)


password_choose = public(PasswordChooseView.as_view())


@signed_in
@for_account
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def password_change(request: AccountRequest) -> HttpResponse:
    """Another password for whoever knows the present one. Every other sign-in of theirs ends."""
    if shared_device.is_by_code(request) or not request.user.has_usable_password():
        messages.error(request, "You sign in without a password here, so there is none to change.")
        return redirect("home")
    form = ChangePasswordForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.change_password(request.user, form.cleaned_data["new_password1"], at=timezone.now())
        update_session_auth_hash(request, request.user)
        password_changed.send(sender=type(request.user), request=request, user=request.user)
        messages.success(request, "Your password is changed. Wherever else you were signed in, you are signed out.")
        return redirect("usersessions_list")
    return render(request, "accounts/password_change.jinja", {"form": form})


@signed_in
def organisation_list(request: SignedInRequest) -> HttpResponse:
    """The organisations the user belongs to, to choose among."""
    memberships = (
        Membership.objects.standing(timezone.localdate())
        .filter(user=request.user)
        .select_related("organisation")
        .order_by("organisation__name")
    )
    organisations = {membership.organisation_id: membership.organisation for membership in memberships}
    return render(request, "accounts/organisation_list.jinja", {"organisations": list(organisations.values())})


@signed_in
@require_POST
def organisation_choose(request: SignedInRequest, organisation_id: int) -> HttpResponse:
    """Work in another of one's organisations from now on."""
    standing = Membership.objects.standing(timezone.localdate())
    membership = standing.filter(user=request.user, organisation=organisation_id).first()
    if membership is None or shared_device.is_by_code(request):
        return render(request, "404.jinja", status=404)
    request.session[shared_device.ORGANISATION_KEY] = organisation_id
    return redirect("home")


@signed_in
@require_safe
def first_steps_list(request: SignedInRequest) -> HttpResponse:
    """What a new organisation does first, as far as it is this person's to do."""
    steps = first_steps.steps_for(request.access)
    if not steps:
        return redirect("home")
    waiting = [step for step in steps if not step.is_done]
    context = {"steps": steps, "done": len(steps) - len(waiting), "next": waiting[0] if waiting else None}
    return render(request, "accounts/first_steps.jinja", context)


@requires(Capability.ORGANISATION_MANAGE)
def organisation_detail(request: SignedInRequest) -> HttpResponse:
    """The organisation: its profile today and who may do what."""
    organisation = request.access.organisation
    users = (
        User.objects.filter(memberships__organisation=organisation, memberships__ended_at__isnull=True)
        .exclude(memberships__isnull=True)
        .distinct()
        .order_by("last_name", "first_name", "username")
    )
    roles: dict[int, list[str]] = {}
    privileged = Membership.objects.current().filter(organisation=organisation).exclude(role=Role.STAFF).select_related("user")
    for membership in privileged:
        roles.setdefault(membership.user_id, []).append(Role(membership.role).label)
    return render(
        request,
        "accounts/organisation_detail.jinja",
        {
            "organisation": organisation,
            "profile": OrganisationProfile.objects.in_force(organisation, timezone.localdate()),
            "users": [(user, sorted(roles[user.pk])) for user in users.filter(pk__in=roles)],
            "sign_ins": users.count(),
        },
    )


@requires(Capability.ORGANISATION_MANAGE)
@fresh
@require_http_methods(["GET", "POST"])
def user_roles(request: SignedInRequest, user_id: int) -> HttpResponse:
    """What one user may do here: see, give and end roles."""
    organisation = request.access.organisation
    user = get_object_or_404(User.objects.filter(memberships__organisation=organisation).distinct(), pk=user_id)
    current = list(Membership.objects.current().filter(user=user, organisation=organisation))
    form = RoleForm(request.POST or None, organisation=organisation)
    if request.method == "POST" and form.is_valid():
        services.grant_role(
            user, organisation=organisation, role=Role(form.cleaned_data["role"]), by=request.user, at=timezone.now()
        )
        return redirect("accounts:user_roles", user_id=user.pk)
    held = [(m, sorted(c.label for c in ROLE_CAPABILITIES[Role(m.role)])) for m in current]
    context = {
        "subject": user,
        "held": held,
        "form": form,
        "lost_form": LostFactorForm(),
        "is_me": user == request.user,
        "linked": linked_with(user),
        "subject_form": SubjectForm(),
    }
    return render(request, "accounts/user_roles.jinja", context)


@requires(Capability.ORGANISATION_MANAGE)
@fresh
@require_POST
def sessions_end(request: SignedInRequest, user_id: int) -> HttpResponse:
    """End all sign-ins of a user of this organisation; with a reason, remove their lost second factor too."""
    organisation = request.access.organisation
    user = get_object_or_404(User.objects.filter(memberships__organisation=organisation).distinct(), pk=user_id)
    form = LostFactorForm(request.POST)
    if request.POST.get("what") != "factor":
        services.end_sessions(user, organisation=organisation, by=request.user, at=timezone.now())
        messages.success(request, f"{user} is signed out everywhere.")
    elif not form.is_valid():
        messages.error(request, "Say how you made sure that it is them.")
    else:
        try:
            reason = form.cleaned_data["reason"]
            services.reset_second_factor(user, organisation=organisation, reason=reason, by=request.user, at=timezone.now())
        except ValueError as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, f"{user} sets up a new second factor at their next sign-in.")
    return redirect("accounts:user_roles", user_id=user.pk)


@requires(Capability.ORGANISATION_MANAGE)
@fresh
@require_POST
def role_end(request: SignedInRequest, membership_id: int) -> HttpResponse:
    """End one role of one user of this organisation."""
    mine = Membership.objects.current().filter(organisation=request.access.organisation)
    membership = get_object_or_404(mine, pk=membership_id)
    if membership.user_id == request.user.pk and membership.role == Role.ORGANISATION_ADMIN:
        messages.error(request, "You cannot end your own administrator role: ask another administrator to do it.")
    else:
        services.end_role(membership, by=request.user, at=timezone.now())
        messages.success(request, f"The role {Role(membership.role).label} has ended.")
    return redirect("accounts:user_roles", user_id=membership.user_id)
