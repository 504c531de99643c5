"""Sign-ins for people on the staff list."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts import services as accounts
from accounts.enums import Role
from accounts.models import Membership, Organisation, User
from audit.services import record
from staff.models import ImportBatch, Person, Post


class InvitationRefusedError(ValueError):
    """The person cannot be invited; the text says why and what to do."""


@transaction.atomic
def invite_person(person: Person, *, by: Any, at: datetime) -> str:
    """Give a person a sign-in, and send them the link with which they choose a password. Returns the link.

    The sign-in is the e-mail address. Whoever has one already in another organisation keeps it, and is let
    into this one; if they have a password, no link is sent and the result is empty. Calling it again for
    somebody who has not signed in yet sends a new link.

    Raises:
        InvitationRefusedError: there is no e-mail address, another person here has it, or the sign-in is closed.
    """
    person = Person.objects.select_for_update(of=("self",)).select_related("user", "organisation").get(pk=person.pk)
    user = person.user or _user_for(person, by=by, at=at)
    if not user.is_active:
        raise InvitationRefusedError("This sign-in has been closed. Ask your administrator if that is a mistake.")
    if not user.email and person.email:
        user.email = person.email
        user.save(update_fields=["email"])
    if person.user_id is None:
        person.user = user
        person.save(update_fields=["user"])
        summary = {"person": f"person:{person.pk}", "user": f"user:{user.pk}"}
        record("staff.sign_in_linked", organisation=person.organisation, by=by, target=person, summary=summary, at=at)
    for role in _roles(person, timezone.localdate(at)):
        accounts.grant_role(user, organisation=person.organisation, role=role, by=by, at=at)
    if user.has_usable_password():
        return ""
    return accounts.invite(user, organisation=person.organisation, by=by, at=at)


def _user_for(person: Person, *, by: Any, at: datetime) -> User:
    email = person.email.strip().lower()
    if not email:
        raise InvitationRefusedError("There is no e-mail address for this person on the staff list. Ask HR to add one.")
    user = User.objects.filter(username__iexact=email).first() or User.objects.filter(email__iexact=email).order_by("pk").first()
    if user is None:
        return accounts.create_user(
            email,
            organisation=person.organisation,
            roles=(),
            by=by,
            at=at,
            email=email,
            first_name=person.first_name,
            last_name=person.last_name[:150],
        )
    if Person.objects.filter(organisation=person.organisation, user=user).exists():
        raise InvitationRefusedError(
            "Somebody else on the staff list signs in with this e-mail address. Each person needs their own."
        )
    return user


def _roles(person: Person, on: date) -> list[Role]:
    manages = Post.objects.covering(on).filter(manager=person).exists()
    return [Role.STAFF, Role.MANAGER] if manages else [Role.STAFF]


@transaction.atomic
def grant_manager_roles(organisation: Organisation, *, on: date, by: Any, at: datetime) -> list[int]:
    """Make managers of those with a sign-in whom somebody's post has come to name. Returns the new memberships' ids."""
    managed = Post.objects.covering(on).filter(manager=OuterRef("pk"))
    held = Membership.objects.current().filter(organisation=organisation, role=Role.MANAGER, user=OuterRef("user"))
    lacking = Person.objects.filter(Exists(managed), ~Exists(held), organisation=organisation, user__isnull=False).select_related(
        "user"
    )
    granted = []
    for person in list(lacking):
        assert person.user is not None  # noqa: S101  the filter says so
        granted.append(accounts.grant_role(person.user, organisation=organisation, role=Role.MANAGER, by=by, at=at).pk)
    return granted


def end_manager_roles(batch: ImportBatch, *, by: Any, at: datetime) -> int:
    """Take back the manager roles that an import gave, from those whom no post names any longer. Returns how many."""
    managed = Post.objects.covering(batch.as_of).filter(
        manager__user=OuterRef("user"), manager__organisation=batch.organisation_id
    )
    given = Membership.objects.current().filter(
        ~Exists(managed), pk__in=batch.manager_roles, organisation=batch.organisation_id, role=Role.MANAGER
    )
    found = list(given.select_related("user", "organisation"))
    for membership in found:
        accounts.end_role(membership, by=by, at=at)
    return len(found)
