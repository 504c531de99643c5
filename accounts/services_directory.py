"""Linking sign-ins of a directory with sign-ins here, and ending the link."""

from __future__ import annotations

from datetime import datetime

from allauth.socialaccount.models import SocialAccount
from django.db import IntegrityError, transaction

from accounts import directories
from accounts.directories import LONGEST_UID, Directory
from accounts.models import Membership, Organisation, User
from accounts.services import end_sessions
from audit.services import record


class DirectoryRefusedError(ValueError):
    """The link cannot be made or ended as asked; the text says why, fit for a person to read."""


@transaction.atomic
def register(
    user: User, directory: Directory, subject: str, *, organisation: Organisation, by: User, at: datetime
) -> SocialAccount:
    """Write down the subject by which a directory knows a user.

    Raises:
        DirectoryRefusedError: it is the administrator's own sign-in, the user works elsewhere too, or the subject is taken.
    """
    _refuse_others(user, organisation, by)
    uid = directory.uid(subject)
    if len(uid) > LONGEST_UID:
        raise DirectoryRefusedError("That identifier is too long: copy it again from the directory.")
    try:
        with transaction.atomic():
            identity = SocialAccount.objects.create(user=user, provider=directory.code, uid=uid, extra_data={})
    except IntegrityError:
        raise DirectoryRefusedError("That identifier already belongs to a sign-in here: check it in the directory.") from None
    summary = {"user": f"user:{user.pk}", "directory": directory.name}
    record("accounts.directory_registered", organisation=organisation, by=by, target=user, summary=summary, at=at)
    return identity


@transaction.atomic
def unlink(identity: SocialAccount, *, organisation: Organisation, by: User, at: datetime) -> None:
    """End one's own link.

    Raises:
        DirectoryRefusedError: it is the only way in.
    """
    others = SocialAccount.objects.filter(user=identity.user_id).exclude(pk=identity.pk)
    if not by.has_usable_password() and not others.exists():
        raise DirectoryRefusedError("This is your only way to sign in: ask HR for a link to choose a password first.")
    _delete(identity, organisation=organisation, by=by, at=at)


@transaction.atomic
def end(identity: SocialAccount, *, organisation: Organisation, by: User, at: datetime) -> None:
    """End the link of somebody in the organisation, and their sessions at once.

    Raises:
        DirectoryRefusedError: it is the administrator's own, or the person works elsewhere too.
    """
    user = identity.user
    _refuse_others(user, organisation, by)
    _delete(identity, organisation=organisation, by=by, at=at)
    end_sessions(user, organisation=organisation, by=by, at=at)


def name_of(identity: SocialAccount) -> str:
    """The directory's name, also of one that the operator has taken away."""
    directory = directories.directory(identity.provider)
    return directory.name if directory else f"{identity.provider} (no longer set up)"


def linked_with(user: User) -> list[tuple[SocialAccount, str, str]]:
    """The links of a user: each with the directory's name and by what it knows them."""
    found = SocialAccount.objects.filter(user=user).order_by("provider", "pk")
    return [(identity, name_of(identity), identity.uid.partition(" ")[2]) for identity in found]


def _delete(identity: SocialAccount, *, organisation: Organisation, by: User, at: datetime) -> None:
    summary = {"user": f"user:{identity.user_id}", "directory": name_of(identity)}
    user = identity.user
    identity.delete()
    record("accounts.directory_unlinked", organisation=organisation, by=by, target=user, summary=summary, at=at)


def _refuse_others(user: User, organisation: Organisation, by: User) -> None:
    if user.pk == by.pk:
        raise DirectoryRefusedError("Do this for yourself under your name, or ask another administrator.")
    if Membership.objects.current().filter(user=user).exclude(organisation=organisation).exists():
        raise DirectoryRefusedError("This person works in another organisation too: they link and unlink it themselves.")
