"""What a directory may do by SCIM: make sign-ins with the role of staff member, and shut them. Posts stay HR's to tell."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from accounts import directories
from accounts import services as accounts
from accounts.codes import PLAIN_ROLES
from accounts.directories import LONGEST_UID
from accounts.enums import Role
from accounts.keyed_digests import keyed_digest, keyed_digests
from accounts.models import Membership, Organisation, User
from audit.services import record
from staff.models import Joiner, JoinerToken, Person
from staff.scim import ScimError

PREFIX = "tenfold-scim-"
PURPOSE = "staff.joiner_token"
KEPT = ("user_name", "external_id", "given_name", "family_name", "email", "staff_number")


@transaction.atomic
def make_token(organisation: Organisation, *, name: str, directory: str, by: User, at: datetime) -> str:
    """Make a token and return it. This is the only time that it is seen."""
    token = PREFIX + secrets.token_urlsafe(32)
    made = JoinerToken.objects.create(
        organisation=organisation, name=name, directory=directory, digest=keyed_digest(PURPOSE, token), made_by=by, made_at=at
    )
    record("staff.joiner_token_made", organisation=organisation, by=by, target=made, summary={"name": name}, at=at)
    return token


@transaction.atomic
def revoke_token(token: JoinerToken, *, by: User, at: datetime) -> None:
    """End a token at once. A second call does nothing."""
    if JoinerToken.objects.live().filter(pk=token.pk).update(revoked_at=at):
        summary = {"name": token.name}
        record("staff.joiner_token_revoked", organisation=token.organisation, by=by, target=token, summary=summary, at=at)


def token_of(typed: str, *, at: datetime) -> JoinerToken | None:
    """The live token that was sent, if any. That it was used, and on which day, stays with it."""
    found = JoinerToken.objects.live().select_related("organisation").filter(digest__in=keyed_digests(PURPOSE, typed)).first()
    today = timezone.localdate(at)
    if found is not None and found.used_on != today:
        found.used_on = today
        found.save(update_fields=["used_on"])
    return found


@transaction.atomic
def join(token: JoinerToken, values: dict[str, Any], *, at: datetime) -> Joiner:
    """Make a sign-in for somebody who joins. Somebody whom the directory had deleted comes back as who they were.

    Raises:
        ScimError: there is no user name, or somebody present has it.
    """
    organisation = _locked(token.organisation)
    if not values.get("user_name"):
        raise ScimError("A user needs a userName.", kind="invalidValue")
    before = Joiner.objects.filter(organisation=organisation, user_name__iexact=values["user_name"]).first()
    if before is not None and before.deleted_at is None:
        raise ScimError("A user with this userName is there already.", status=409, kind="uniqueness")
    if before is not None:
        return _change(token, before, {"active": True, "deleted_at": None} | values, at=at)
    person = _person_of(organisation, values)
    user = person.user if person is not None and person.user_id else None
    if user is None:
        user = _own_user(organisation, values["user_name"])
    if user is not None and Joiner.objects.filter(organisation=organisation, user=user).exists():
        raise ScimError("This person is there already under another userName.", status=409, kind="uniqueness")
    if user is None:
        user = _new_user(organisation, values, by=_actor(token), at=at)
    joiner = Joiner(organisation=organisation, user=user, user_name=values["user_name"], created_at=at, changed_at=at)
    joiner = _change(token, joiner, {"active": True} | values, at=at)
    accounts.grant_role(user, organisation=organisation, role=Role.STAFF, by=_actor(token), at=at)
    return joiner


@transaction.atomic
def change(token: JoinerToken, joiner: Joiner, values: dict[str, Any], *, at: datetime) -> Joiner:
    """Change what the directory says of somebody. The same again changes nothing.

    Raises:
        ScimError: the user name is empty, or somebody else's.
    """
    _locked(token.organisation)
    return _change(token, joiner, values, at=at)


@transaction.atomic
def delete(token: JoinerToken, joiner: Joiner, *, at: datetime) -> None:
    """The directory knows somebody no longer: their sign-in is shut. What they did stays."""
    _locked(token.organisation)
    _change(token, joiner, {"active": False, "deleted_at": at}, at=at)


def _change(token: JoinerToken, joiner: Joiner, values: dict[str, Any], *, at: datetime) -> Joiner:
    was_active, is_new = joiner.is_active, joiner._state.adding
    wanted = {name: value for name, value in values.items() if name in (*KEPT, "deleted_at")}
    wanted["is_active"] = values.get("active", was_active)
    changed = [name for name, value in wanted.items() if getattr(joiner, name) != value]
    for name in changed:
        setattr(joiner, name, wanted[name])
    if not joiner.user_name:
        raise ScimError("A user needs a userName.", kind="invalidValue")
    if not changed and not is_new:
        return joiner
    joiner.changed_at = at
    try:
        with transaction.atomic():
            joiner.save()
    except IntegrityError:
        raise ScimError("Another user has this userName.", status=409, kind="uniqueness") from None
    _tell_the_user(joiner)
    _link(token, joiner, at=at)
    _note(token, joiner, changed, is_new=is_new, was_active=was_active, at=at)
    return joiner


def _note(token: JoinerToken, joiner: Joiner, changed: list[str], *, is_new: bool, was_active: bool, at: datetime) -> None:
    """What happened, on the trail; whoever is shut out is signed out in the same moment."""
    summary = {"user": f"user:{joiner.user_id}"}
    if is_new:
        event = "staff.joiner_made"
    elif joiner.is_active and not was_active:
        event = "staff.joiner_opened"
    elif was_active and not joiner.is_active:
        event = "staff.joiner_shut"
    else:
        event = "staff.joiner_changed"
        summary["fields"] = ", ".join(name.replace("_", " ") for name in changed)
    if not joiner.is_active:
        for session in UserSession.objects.filter(user=joiner.user):
            session.end()
    record(event, organisation=token.organisation, by=_actor(token), target=joiner, summary=summary, at=at)


def _tell_the_user(joiner: Joiner) -> None:
    """Keep name and address of the sign-in in step, where it is a plain one of this organisation alone."""
    if not _is_plainly_ours(joiner):
        return
    user = joiner.user
    wanted = {"first_name": joiner.given_name, "last_name": joiner.family_name, "email": joiner.email}
    changed = [name for name, value in wanted.items() if value and getattr(user, name) != value]
    for name in changed:
        setattr(user, name, wanted[name])
    if changed:
        user.save(update_fields=changed)


def _link(token: JoinerToken, joiner: Joiner, *, at: datetime) -> None:
    """Link the sign-in with the person on this organisation's staff list, and with the directory where the token says so."""
    held = Person.objects.filter(organisation=joiner.organisation, user=joiner.user).exists()
    person = None if held else _person_of(joiner.organisation, {name: getattr(joiner, name) for name in KEPT})
    if person is not None and person.user_id is None:
        person.user = joiner.user
        person.save(update_fields=["user"])
        summary = {"person": f"person:{person.pk}", "user": f"user:{joiner.user_id}"}
        record("staff.sign_in_linked", organisation=joiner.organisation, by=_actor(token), target=person, summary=summary, at=at)
    directory = directories.directory(token.directory) if token.directory and joiner.external_id else None
    if directory is None or len(directory.uid(joiner.external_id)) > LONGEST_UID or not _is_plainly_ours(joiner):
        return
    uid = directory.uid(joiner.external_id)
    if SocialAccount.objects.filter(provider=directory.code).filter(Q(uid=uid) | Q(user=joiner.user)).exists():
        return
    SocialAccount.objects.create(user=joiner.user, provider=directory.code, uid=uid, extra_data={})
    summary = {"user": f"user:{joiner.user_id}", "directory": directory.name}
    record(
        "accounts.directory_registered",
        organisation=joiner.organisation,
        by=_actor(token),
        target=joiner.user,
        summary=summary,
        at=at,
    )


def _is_plainly_ours(joiner: Joiner) -> bool:
    """Whether somebody belongs to this organisation alone and holds no role beyond staff member and manager."""
    more = ~Q(organisation=joiner.organisation) | ~Q(role__in=PLAIN_ROLES)
    return not Membership.objects.filter(more, user=joiner.user).exists()


def _person_of(organisation: Organisation, values: dict[str, Any]) -> Person | None:
    """Who of this organisation's staff list is meant: by staff number, or by an e-mail address that only one of them has."""
    people = Person.objects.of(organisation)
    number, email = values.get("staff_number", ""), values.get("email", "")
    if number:
        return people.filter(staff_number=number).select_related("user").first()
    found = list(people.filter(email__iexact=email).select_related("user")[:2]) if email else []
    return found[0] if len(found) == 1 else None


def _own_user(organisation: Organisation, user_name: str) -> User | None:
    """Somebody who signs in with that name and belongs to this organisation alone."""
    held = Membership.objects.filter(user__username__iexact=user_name)
    user = User.objects.filter(username__iexact=user_name).first()
    is_ours = held.filter(organisation=organisation).exists() and not held.exclude(organisation=organisation).exists()
    return user if is_ours else None


def _new_user(organisation: Organisation, values: dict[str, Any], *, by: str, at: datetime) -> User:
    """A new sign-in. A name that somebody elsewhere has is not taken, and not given away: it gets another."""
    wanted = values["user_name"][:150]
    taken = User.objects.filter(username__iexact=wanted).exists()
    return accounts.create_user(
        f"{organisation.ods_code}.{secrets.token_hex(6)}" if taken else wanted,
        organisation=organisation,
        roles=(),
        by=by,
        at=at,
        email=values.get("email", ""),
        first_name=values.get("given_name", ""),
        last_name=values.get("family_name", ""),
    )


def _locked(organisation: Organisation) -> Organisation:
    """One change of an organisation's sign-ins at a time: a directory sends the same user twice when it is in a hurry."""
    return Organisation.objects.select_for_update().get(pk=organisation.pk)


def _actor(token: JoinerToken) -> str:
    return f"directory:{token.pk}"
