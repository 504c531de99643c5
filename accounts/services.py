"""Creating organisations, users and memberships."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.models import Group
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from accounts.enums import Capability, OrganisationType, Role
from accounts.models import Membership, Organisation, OrganisationProfile, PlatformAdministrator, User, validate_ods_code
from accounts.policy import ROLE_CAPABILITIES, RefusedError
from audit.services import record
from nhsuk import mail

CMS_GROUP = "Editors"
"""Everybody who may come into the CMS. What each may write there, other groups say."""


class OrganisationRefusedError(ValueError):
    """The organisation cannot be created as asked; the text says why, fit for a person to read."""


@transaction.atomic
def create_organisation(ods_code: str, *, name: str, type: str, by: Any, at: datetime) -> Organisation:
    """Create an empty organisation.

    Raises:
        OrganisationRefusedError: the code is malformed or taken, the name is empty or the type unknown.
    """
    ods_code = ods_code.strip().upper()
    try:
        validate_ods_code(ods_code)
    except ValidationError as error:
        raise OrganisationRefusedError(error.messages[0]) from error
    if not name.strip():
        raise OrganisationRefusedError("Give the organisation a name.")
    if type not in OrganisationType.values:
        raise OrganisationRefusedError(f"“{type}” is not an organisation type. Use one of: {', '.join(OrganisationType.values)}.")
    if Organisation.objects.filter(ods_code=ods_code).exists():
        raise OrganisationRefusedError(f"There is already an organisation with the code {ods_code}.")
    organisation = Organisation.objects.create(ods_code=ods_code, name=name.strip(), type=type)
    record("accounts.organisation_created", organisation=organisation, by=by, target=organisation, summary={"type": type}, at=at)
    return organisation


@transaction.atomic
def record_profile(
    organisation: Organisation, *, effective_on: date, by: User | None, at: datetime, **answers: Any
) -> OrganisationProfile:
    """Record what the organisation says of itself from a date on; earlier answers stay on record.

    A type among the answers becomes the organisation's. What that does to a return in work is ``assessment``'s to say first.
    """
    profile = OrganisationProfile.objects.create(organisation=organisation, effective_on=effective_on, recorded_by=by, **answers)
    record(
        "accounts.profile_recorded",
        organisation=organisation,
        by=by or "system",
        target=profile,
        summary={"effective_on": effective_on.isoformat()},
        at=at,
    )
    if profile.type and profile.type != organisation.type:
        organisation.type = profile.type
        organisation.save(update_fields=["type"])
    return profile


@transaction.atomic
def create_user(
    username: str,
    *,
    organisation: Organisation,
    roles: Iterable[Role],
    by: Any,
    at: datetime,
    email: str = "",
    first_name: str = "",
    last_name: str = "",
    password: str | None = None,
) -> User:
    """Create somebody who can sign in, with roles in one organisation. Without a password they wait for an invitation."""
    user = User(username=username, email=email, first_name=first_name, last_name=last_name)
    if password is None:
        user.set_unusable_password()
    else:
        user.set_password(password)
    user.save()
    record("accounts.user_created", organisation=organisation, by=by, target=user, summary={"user": f"user:{user.pk}"}, at=at)
    for role in roles:
        grant_role(user, organisation=organisation, role=role, by=by, at=at)
    return user


@transaction.atomic
def grant_role(user: User, *, organisation: Organisation, role: Role, by: Any, at: datetime) -> Membership:
    """Give a user a role; a second call returns the membership that is there.

    Raises:
        RefusedError: it is head office's, and no other organisation names this one as its head office.
    """
    if role == Role.HEAD_OFFICE and not organisation.branches.exists():
        raise RefusedError("No other organisation names this one as its head office, so nobody here has that role.")
    membership, created = Membership.objects.get_or_create(
        user=user,
        organisation=organisation,
        role=role,
        ended_at=None,
        defaults={"granted_at": at, "granted_by": by if isinstance(by, User) else None},
    )
    if created:
        _match_cms_groups(user)
        record(
            "accounts.role_granted",
            organisation=organisation,
            by=by,
            target=user,
            summary={"user": f"user:{user.pk}", "role": Role(role).label},
            at=at,
        )
    return membership


@transaction.atomic
def end_role(membership: Membership, *, by: Any, at: datetime) -> None:
    """End a role; what was done with it stays on record. Ending it again does nothing."""
    if not Membership.objects.current().filter(pk=membership.pk).update(ended_at=at):
        return
    _match_cms_groups(membership.user)
    record(
        "accounts.role_ended",
        organisation=membership.organisation,
        by=by,
        target=membership.user,
        summary={"user": f"user:{membership.user_id}", "role": Role(membership.role).label},
        at=at,
    )


@transaction.atomic
def invite(user: User, *, organisation: Organisation, by: Any, at: datetime) -> str:
    """Send a link with which the user chooses a password, and return it. The link works once, for three days.

    Raises:
        ValueError: the user has no e-mail address.
    """
    if not user.email:
        raise ValueError("This person has no e-mail address to send an invitation to.")
    link = password_link(user)
    text = (
        f"Hello {user.first_name or user.username},\n\n"
        f"{organisation.name} has set up your data security training in {settings.PRODUCT_NAME}.\n\n"
        f"Choose a password to start: {link}\n\n"
        "The link works once, for three days. If it has stopped working, ask for a new one.\n"
    )
    record("accounts.invited", organisation=organisation, by=by, target=user, summary={"user": f"user:{user.pk}"}, at=at)
    subject = f"Your data security training at {organisation.name}"
    mail.send_on_commit(subject, text, user.email)
    return link


@transaction.atomic
def choose_password(user: User, password: str, organisation: Organisation, *, at: datetime) -> None:
    """Keep the password that somebody chose who had signed in with a letter's code."""
    user.set_password(password)
    user.save(update_fields=["password"])
    record("accounts.password_chosen", organisation=organisation, by=user, target=user, at=at)


@transaction.atomic
def change_password(user: User, password: str, *, at: datetime) -> None:
    """Keep another password. Django ends every session that was opened with the one before."""
    user.set_password(password)
    user.save(update_fields=["password"])
    note_password(user, at=at)


def note_password(user: User, *, at: datetime) -> None:
    """That a user has a new password is on the trail of each organisation whose rows they can reach."""
    standing = Membership.objects.standing(timezone.localdate(at)).filter(user=user).select_related("organisation")
    for organisation in {membership.organisation for membership in standing}:
        record("accounts.password_changed", organisation=organisation, by=user, target=user, at=at)


@transaction.atomic
def require_second_factor(organisation: Organisation, *, everybody: bool, by: User, at: datetime) -> None:
    """Say whether everybody with a password needs a second factor, or only those who may do more than learn."""
    organisation.everybody_needs_second_factor = everybody
    organisation.save(update_fields=["everybody_needs_second_factor"])
    who = "everybody with a password" if everybody else "those who may do more than learn"
    record("accounts.second_factor_required", organisation=organisation, by=by, target=organisation, summary={"who": who}, at=at)


def note_own_act(event: str, user: User, summary: Mapping[str, Any]) -> None:
    """One event for each organisation whose rows the user can reach; in the installation's own chain for who looks after that."""
    now = timezone.now()
    standing = Membership.objects.standing(timezone.localdate(now)).filter(user=user).select_related("organisation")
    organisations: set[Organisation | str] = {membership.organisation for membership in standing}
    if not organisations and PlatformAdministrator.objects.current().filter(user=user).exists():
        organisations = {""}
    for organisation in organisations:
        record(event, organisation=organisation, by=user, target=user, summary=summary, at=now)


@transaction.atomic
def end_sessions(user: User, *, organisation: Organisation, by: User, at: datetime) -> int:
    """End every sign-in of a user, at once, and return how many there were."""
    found = list(UserSession.objects.filter(user=user))
    for session in found:
        session.end()
    summary = {"user": f"user:{user.pk}"}
    record("accounts.sessions_ended", organisation=organisation, by=by, target=user, summary=summary, at=at)
    return len(found)


@transaction.atomic
def reset_second_factor(user: User, *, organisation: Organisation, reason: str, by: User, at: datetime) -> None:
    """Remove what somebody lost, and end their sign-ins: at the next one they set up another.

    Raises:
        ValueError: the user is the person who asks, or has a role in another organisation too.
    """
    if user.pk == by.pk:
        raise ValueError("Ask another administrator: nobody removes their own second factor this way.")
    if Membership.objects.current().filter(user=user).exclude(organisation=organisation).exists():
        raise ValueError("This person works in another organisation too: its administrators must agree first.")
    Authenticator.objects.filter(user=user).delete()
    summary = {"user": f"user:{user.pk}", "reason": reason}
    record("accounts.second_factor_reset", organisation=organisation, by=by, target=user, summary=summary, at=at)
    end_sessions(user, organisation=organisation, by=by, at=at)


def password_link(user: User) -> str:
    """The address at which a user chooses a password. It dies with its first use."""
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    path = reverse("accounts:password_choose", args=[uid, default_token_generator.make_token(user)])
    return settings.BASE_URL.rstrip("/") + path


def editors_group(organisation: Organisation) -> Group:
    """The group of everybody who may edit what the organisation writes for itself, with all of them in it."""
    group = Group.objects.get_or_create(name=_editors_of(organisation.ods_code))[0]
    editors = [role for role in Role if Capability.CONTENT_EDIT in ROLE_CAPABILITIES[role]]
    held = Membership.objects.current().filter(organisation=organisation, role__in=editors)
    group.user_set.add(*User.objects.filter(pk__in=held.values("user")))
    return group


def _match_cms_groups(user: User) -> None:
    """Keep the CMS's groups in step with the capability to edit content: of all editors, and of each organisation."""
    held = Membership.objects.current().filter(user=user).values_list("role", "organisation__ods_code")
    codes = {code for role, code in held if Capability.CONTENT_EDIT in ROLE_CAPABILITIES[Role(role)]}
    wanted = {_editors_of(code) for code in codes} | ({CMS_GROUP} if codes else set())
    ours = user.groups.filter(Q(name=CMS_GROUP) | Q(name__startswith=_editors_of("")))
    user.groups.remove(*ours.exclude(name__in=wanted))
    user.groups.add(*(Group.objects.get_or_create(name=name)[0] for name in sorted(wanted)))


def _editors_of(ods_code: str) -> str:
    return f"{CMS_GROUP} of {ods_code}"
