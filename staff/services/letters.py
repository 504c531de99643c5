"""Letters with a code to sign in, for people without an e-mail address; and signing in with one."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts import codes
from accounts import services as accounts
from accounts.enums import Role
from accounts.models import Membership, Organisation, User
from audit.services import record
from nhsuk.documents import DocumentNotMadeError
from staff.letter_pdf import Letter, letters_pdf
from staff.models import LetterRun, Person, Post, Unit

KEPT_FOR = timedelta(hours=1)
MOST = 1000
"""Letters in one file. A larger unit is printed part by part."""


class LettersRefusedError(ValueError):
    """The letters cannot be made or fetched; the text says why and what to do."""


def people_to_write_to(unit: Unit, *, at: datetime) -> QuerySet[Person]:
    """The people in post in a unit, or below it, who have no e-mail address and no role beyond staff member and manager."""
    on = timezone.localdate(at)
    units = Unit.objects.ids_below(unit.organisation_id, [unit.pk])
    posts = Post.objects.covering(on).filter(unit__in=units).values("person")
    more = Membership.objects.current().exclude(role__in=codes.PLAIN_ROLES).values("user")
    people = Person.objects.filter(pk__in=posts, email="").exclude(user__in=more)
    return people.exclude(user__is_active=False)


@transaction.atomic
def order_letters(
    organisation: Organisation, *, by: User, at: datetime, person: Person | None = None, unit: Unit | None = None
) -> LetterRun:
    """Write down which letters are to be made, for one person or a unit.

    Raises:
        LettersRefusedError: nobody is to get one, too many are, or the person signs in another way.
    """
    if (person is None) == (unit is None):
        raise LettersRefusedError("Choose a person or a unit.")
    if person is not None:
        _require_plain(person, at=at)
    if unit is not None:
        people = people_to_write_to(unit, at=at).count()
        if not people:
            raise LettersRefusedError("Everybody in post there has an e-mail address: invite them instead.")
        if people > MOST:
            raise LettersRefusedError(f"That would be {people} letters. Choose a smaller unit: up to {MOST} are made at a time.")
    return LetterRun.objects.create(organisation=organisation, person=person, unit=unit, created_by=by, created_at=at)


def make_letters(run: LetterRun, *, by: User, at: datetime, progress: Callable[[int, int], None]) -> LetterRun:
    """Give everybody a sign-in and a new code, and draw the letters. A second call returns what is there.

    Raises:
        LettersRefusedError: the letters could not be drawn, or nobody is left to write to.
    """
    if run.made_at is not None:
        return run
    people = [run.person] if run.person else list(people_to_write_to(run.unit, at=at)) if run.unit else []
    if not people:
        raise LettersRefusedError("There is nobody left to write to.")
    users: dict[int, User] = {}
    for count, person in enumerate(people):
        if count % 20 == 0:
            progress(count, len(people))
        users[person.pk] = _sign_in_of(person, by=by, at=at)
    made = codes.make_codes(users.values(), organisation=run.organisation, by=by, at=at)
    expires_on = timezone.localdate(at + codes.LIFETIME) - timedelta(days=1)
    letters = [Letter(person, made[users[person.pk].pk]) for person in people]
    try:
        content = letters_pdf(run.organisation, letters, on=timezone.localdate(at), expires_on=expires_on)
    except DocumentNotMadeError as error:
        raise LettersRefusedError("The letters could not be drawn. Try again, or tell your administrator.") from error
    return _keep_letters(run, content, letters, by=by, at=at)


@transaction.atomic
def _keep_letters(run: LetterRun, content: bytes, letters: Sequence[Letter], *, by: User, at: datetime) -> LetterRun:
    run.stored_as, run.letters, run.made_at = _keep(content), len(letters), at
    run.save(update_fields=["stored_as", "letters", "made_at"])
    summary = {"letters": len(letters)}
    target = letters[0].person if run.person_id else run
    record("staff.letters_made", organisation=run.organisation, by=by, target=target, summary=summary, at=at)
    return run


@transaction.atomic
def fetch_letters(run: LetterRun, *, by: Any, at: datetime) -> bytes:
    """The letters, once: fetching them deletes the file.

    Raises:
        LettersRefusedError: they were fetched, or an hour has passed.
    """
    run = LetterRun.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=run.pk)
    path = _folder() / run.stored_as
    if not run.stored_as or not path.is_file():
        raise LettersRefusedError("These letters are no longer here. Make new ones: the codes on the old ones then stop working.")
    content = path.read_bytes()
    run.stored_as, run.fetched_at = "", at
    run.save(update_fields=["stored_as", "fetched_at"])
    record("staff.letters_fetched", organisation=run.organisation, by=by, target=run, summary={"letters": run.letters}, at=at)
    transaction.on_commit(lambda: path.unlink(missing_ok=True))
    return content


def expire_letters(*, at: datetime) -> int:
    """Delete files of letters that nobody fetched within an hour. Returns how many."""
    old = [path for path in _folder().glob("*") if path.stat().st_mtime < (at - KEPT_FOR).timestamp()]
    for path in old:
        path.unlink(missing_ok=True)
    LetterRun.objects.filter(stored_as__in=[path.name for path in old]).update(stored_as="")
    return len(old)


def sign_in_with_code(*, ods_code: str, staff_number: str, code: str, network: str, at: datetime) -> tuple[User, Organisation]:
    """Whom a staff number and a letter's code sign in, and where.

    Raises:
        codes.CodeRefusedError: they do not.
    """
    ods_code, staff_number = ods_code.strip().upper(), staff_number.strip()
    mine = Person.objects.filter(organisation__ods_code=ods_code, staff_number__iexact=staff_number, user__isnull=False)
    person = mine.select_related("user", "organisation").first()
    user, organisation = (person.user, person.organisation) if person else (None, None)
    account = f"{ods_code} {staff_number}"
    found = codes.use_code(code, user=user, organisation=organisation, account=account, network=network, at=at)
    assert organisation is not None  # noqa: S101  a code is somebody's of some organisation
    return found, organisation


def _require_plain(person: Person, *, at: datetime) -> None:
    user = person.user
    if user is not None and not user.is_active:
        raise LettersRefusedError("This sign-in has been closed. Ask your administrator if that is a mistake.")
    if user is not None and not codes.may_use_codes(user):
        raise LettersRefusedError("This person holds a role beyond their own training and team: they sign in with a password.")
    if not Post.objects.not_ended(timezone.localdate(at)).filter(person=person).exists():
        raise LettersRefusedError("This person has no post any more. Give them one first.")


@transaction.atomic
def _sign_in_of(person: Person, *, by: User, at: datetime) -> User:
    """The person's sign-in, made if there is none: its user name is the staff number at the organisation."""
    person = Person.objects.select_for_update(of=("self",)).select_related("organisation", "user").get(pk=person.pk)
    organisation = person.organisation
    if person.user is not None:
        accounts.grant_role(person.user, organisation=organisation, role=Role.STAFF, by=by, at=at)
        return person.user
    user = accounts.create_user(
        _free_username(person),
        organisation=organisation,
        roles=[Role.STAFF],
        by=by,
        at=at,
        email=person.email,
        first_name=person.first_name,
        last_name=person.last_name[:150],
    )
    person.user = user
    person.save(update_fields=["user"])
    summary = {"person": f"person:{person.pk}", "user": f"user:{user.pk}"}
    record("staff.sign_in_linked", organisation=organisation, by=by, target=person, summary=summary, at=at)
    return user


def _free_username(person: Person) -> str:
    number = re.sub(r"[^\w.+-]", "-", person.staff_number.lower(), flags=re.ASCII)
    wanted = f"{number}@{person.organisation.ods_code.lower()}"
    taken = set(User.objects.filter(username__startswith=wanted).values_list("username", flat=True))
    return wanted if wanted not in taken else next(name for n in range(2, 10_000) if (name := f"{wanted}-{n}") not in taken)


def _folder() -> Path:
    """Beside the blobs, so that every web process and worker reaches it."""
    return Path(settings.BLOB_ROOT).parent / "letters"


def _keep(content: bytes) -> str:
    """Store the letters under a name nobody can guess, readable by us only."""
    _folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    name = secrets.token_hex(16)
    path = _folder() / name
    path.touch(mode=0o600)
    path.write_bytes(content)
    return name
