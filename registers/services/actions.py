"""Keeping the list of actions: adding one, and saying how it goes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import Organisation, User
from audit.services import record
from registers.models.actions import Action, ActionUpdate
from registers.queries.actions import UnclearOwnerError, person_named
from staff.enums import KeyPostKind
from staff.models import Person

Kind, State = ActionUpdate.Kind, ActionUpdate.State


class ActionRefusedError(ValueError):
    """The action cannot be kept as given; the text is one sentence that says why and what to do."""


@dataclass(frozen=True)
class Owner:
    """Who does it: a person on the staff list, whoever holds a key post, or somebody outside in words. Exactly one."""

    person: Person | None = None
    post: str = ""
    words: str = ""

    def __post_init__(self) -> None:
        if sum((self.person is not None, bool(self.post), bool(self.words))) != 1:
            raise ActionRefusedError("Say who does it: one person, one post, or one name.")
        if self.post and self.post not in KeyPostKind.values:
            raise ActionRefusedError(f"“{self.post}” is not a post we know. Use one of: {', '.join(KeyPostKind.values)}.")

    def __str__(self) -> str:
        if self.person:
            return str(self.person)
        return KeyPostKind(self.post).label if self.post else self.words


def owner_named(organisation: Organisation, words: str, *, on: date) -> Owner:
    """The owner whom somebody's words mean: a key post by its name, a person in post, else the words themselves.

    Raises:
        ActionRefusedError: no words, or several people have the name.
    """
    words = " ".join(words.split())
    if not words:
        raise ActionRefusedError("Say who does it: a post, a person on the staff list, or somebody outside.")
    plain = words.casefold().removeprefix("the ")
    for kind in KeyPostKind:
        if plain in (kind.value, kind.label.casefold(), kind.label.partition(" (")[0].casefold()):
            return Owner(post=kind.value)
    try:
        person = person_named(organisation, words, on)
    except UnclearOwnerError as unclear:
        raise ActionRefusedError(str(unclear)) from unclear
    return Owner(person=person) if person else Owner(words=words)


@transaction.atomic
def add_action(
    organisation: Organisation,
    *,
    what: str,
    owner: Owner,
    due_on: date,
    by: User | str,
    at: datetime,
    why: str = "",
    source: tuple[str, int] | None = None,
) -> Action:
    """Put something to be done on the organisation's list.

    Args:
        organisation: whose list.
        what: what is to be done.
        owner: who does it; :func:`owner_named` finds one by words.
        due_on: by when. The first date stays on record when a later one replaces it.
        by: who adds it.
        at: when.
        why: what makes it needed.
        source: the kind and id of what it came out of, a kind that ``registers.action_sources`` knows.

    Raises:
        ActionRefusedError: nothing is said, or the owner is on another organisation's staff list.
    """
    if not what.strip():
        raise ActionRefusedError("Say what is to be done.")
    _require_own(organisation, owner)
    kind, source_id = source or ("", None)
    action = Action.objects.create(
        organisation=organisation,
        what=what.strip(),
        why=why.strip(),
        source_kind=kind,
        source_id=source_id,
        first_due_on=due_on,
    )
    _write(action, 1, Kind.ADDED, State.OPEN, owner, due_on, note="", by=by, at=at)
    summary = {"source": f"{kind}:{source_id}" if source else "", "due_on": due_on.isoformat(), "owner": _owner_id(owner)}
    record("registers.action_added", organisation=organisation, by=by, target=action, summary=summary, at=at)
    return action


def report_progress(action: Action, *, note: str, by: User | str, at: datetime) -> ActionUpdate:
    """Say how an open action goes."""
    return _update(action, Kind.PROGRESS, note=note, by=by, at=at)


def finish_action(action: Action, *, note: str, by: User | str, at: datetime) -> ActionUpdate:
    """Say that it is done, and what was done. Said again of a done action, nothing is added."""
    return _update(action, Kind.DONE, note=note, by=by, at=at)


def cancel_action(action: Action, *, note: str, by: User | str, at: datetime) -> ActionUpdate:
    """Say that it will not be done, and why."""
    return _update(action, Kind.CANCELLED, note=note, by=by, at=at)


def reopen_action(action: Action, *, note: str, due_on: date, by: User | str, at: datetime) -> ActionUpdate:
    """Take up again what was done or cancelled, with a date from now."""
    return _update(action, Kind.REOPENED, note=note, due_on=due_on, by=by, at=at)


def move_action(action: Action, *, note: str, due_on: date, by: User | str, at: datetime) -> ActionUpdate:
    """Give an open action another date, and say why. The date first promised stays on record."""
    return _update(action, Kind.MOVED, note=note, due_on=due_on, by=by, at=at)


def hand_over_action(action: Action, *, owner: Owner, note: str = "", by: User | str, at: datetime) -> ActionUpdate:
    """Give an open action to somebody else."""
    _require_own(action.organisation, owner)
    return _update(action, Kind.HANDED_OVER, note=note, owner=owner, by=by, at=at)


_NEEDS_WORDS = {
    Kind.PROGRESS: "Say how it goes.",
    Kind.DONE: "Say what was done.",
    Kind.CANCELLED: "Say why it will not be done.",
    Kind.REOPENED: "Say why it is taken up again.",
    Kind.MOVED: "Say why the date moves.",
}
_CLOSES = {Kind.DONE: State.DONE, Kind.CANCELLED: State.CANCELLED}


@transaction.atomic
def _update(
    action: Action,
    kind: ActionUpdate.Kind,
    *,
    note: str,
    by: User | str,
    at: datetime,
    due_on: date | None = None,
    owner: Owner | None = None,
) -> ActionUpdate:
    action = Action.objects.select_for_update().get(pk=action.pk)
    newest = action.updates.select_related("owner_person").order_by("-n")[0]
    closes = _CLOSES.get(kind)
    if closes and newest.state == closes:
        return newest
    note = note.strip()
    if not note and kind in _NEEDS_WORDS:
        raise ActionRefusedError(_NEEDS_WORDS[kind])
    is_open = newest.state == State.OPEN
    if kind == Kind.REOPENED and is_open:
        raise ActionRefusedError("This action is open already.")
    if kind != Kind.REOPENED and not is_open:
        raise ActionRefusedError(f"This action is {newest.get_state_display().lower()}. Open it again first.")
    if kind == Kind.REOPENED and due_on and due_on < timezone.localdate(at):
        raise ActionRefusedError("Give a date that has not passed yet.")
    keeper = owner or Owner(newest.owner_person, newest.owner_post, newest.owner_words)
    written = _write(action, newest.n + 1, kind, closes or State.OPEN, keeper, due_on or newest.due_on, note=note, by=by, at=at)
    summary = {"how": written.get_kind_display().lower(), "due_on": written.due_on.isoformat(), "owner": _owner_id(keeper)}
    record("registers.action_updated", organisation=action.organisation, by=by, target=action, summary=summary, at=at)
    return written


def _write(
    action: Action,
    n: int,
    kind: ActionUpdate.Kind,
    state: ActionUpdate.State,
    owner: Owner,
    due_on: date,
    *,
    note: str,
    by: User | str,
    at: datetime,
) -> ActionUpdate:
    return ActionUpdate.objects.create(
        action=action,
        n=n,
        kind=kind,
        state=state,
        note=note,
        due_on=due_on,
        owner_person=owner.person,
        owner_post=owner.post,
        owner_words=owner.words,
        by=by if isinstance(by, User) else None,
        at=at,
    )


def _require_own(organisation: Organisation, owner: Owner) -> None:
    if owner.person and owner.person.organisation_id != organisation.pk:
        raise ActionRefusedError("This person is not on your staff list.")


def _owner_id(owner: Owner) -> str:
    """Who, without a name."""
    if owner.person:
        return f"person:{owner.person.pk}"
    return owner.post or "outside"
