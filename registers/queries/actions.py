"""Questions about the list of actions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from accounts.enums import Capability
from accounts.models import Organisation
from accounts.policy import Access
from registers import action_sources
from registers.models.actions import Action, ActionQuerySet, ActionUpdate, Standing
from staff.models import Person


@dataclass(frozen=True)
class ActionLine:
    """An action as a list shows it on a date. ``source`` is None for one that came out of nothing in particular."""

    action: Action
    newest: ActionUpdate
    standing: Standing
    source: action_sources.Link | None
    may_open: bool = True


@dataclass(frozen=True)
class SourceActions:
    """The actions of one thing, for the part of its page that shows them (``registers/parts/actions.jinja``)."""

    kind: str
    source_id: int
    lines: tuple[ActionLine, ...]
    may_add: bool

    @property
    def open_count(self) -> int:
        return sum(line.standing in (Standing.OVERDUE, Standing.TO_DO) for line in self.lines)


@dataclass(frozen=True)
class ActionCounts:
    """How the actions stand on a date. ``open`` includes those overdue."""

    open: int
    overdue: int
    closed: int


def lines(access: Access, actions: ActionQuerySet, on: date) -> list[ActionLine]:
    """The actions with how they stand and what they came out of: two queries and one for each kind of source."""
    found = list(actions.with_newest())
    links = action_sources.links_for(access, ((action.source_kind, action.source_id) for action in found))
    return [
        ActionLine(action, action.newest, action.standing(on), links.get((action.source_kind, action.source_id or 0)))
        for action in found
    ]


def actions_of(access: Access, kind: str, source_id: int, *, on: date) -> SourceActions:
    """The actions of one thing. The page that shows them has already made sure that the reader may see the thing."""
    every = Action.objects.of(access.organisation).from_source(kind, source_id)
    found = list(every.with_newest())
    openable = {action.pk for action in found}
    if found and not access.can(Capability.REGISTERS_VIEW):
        openable = set(every.owned_by_user(access.user.pk, on).values_list("pk", flat=True))
    return SourceActions(
        kind=kind,
        source_id=source_id,
        lines=tuple(
            ActionLine(action, action.newest, action.standing(on), None, may_open=action.pk in openable) for action in found
        ),
        may_add=access.can(Capability.REGISTERS_EDIT),
    )


def counts(actions: ActionQuerySet, on: date) -> ActionCounts:
    return ActionCounts(open=actions.open().count(), overdue=actions.overdue(on).count(), closed=actions.closed().count())


def may_report(access: Access, action: Action, on: date) -> bool:
    """Whether somebody may say how an action goes: who keeps the registers, and whoever owns it."""
    if access.can(Capability.REGISTERS_EDIT):
        return True
    return Action.objects.filter(pk=action.pk).owned_by_user(access.user.pk, on).exists()


class UnclearOwnerError(ValueError):
    """Several people fit the words; the text says how to tell them apart."""


def person_named(organisation: Organisation, words: str, on: date) -> Person | None:
    """The one person in post whom the words name: by staff number, e-mail or whole name. None if nobody fits.

    Raises:
        UnclearOwnerError: several people have the name.
    """
    words = " ".join(words.split())
    people = Person.objects.of(organisation).in_post(on)
    for exact in ({"staff_number__iexact": words}, {"email__iexact": words}):
        person = people.filter(**exact).first()
        if person:
            return person
    first, _space, last = words.rpartition(" ")
    named = list(_named(people.filter(last_name__iendswith=last), words)) if first else []
    if len(named) > 1:
        numbers = ", ".join(sorted(person.staff_number for person in named))
        raise UnclearOwnerError(f"Several people are called “{words}”. Write the staff number instead: {numbers}.")
    return named[0] if named else None


def _named(people: Iterable[Person], words: str) -> Iterable[Person]:
    return (person for person in people if str(person).casefold() == words.casefold())


def names_to_offer(organisation: Organisation, on: date) -> list[str]:
    """Names of people who can sign in, to choose from while typing."""
    people = Person.objects.of(organisation).in_post(on).filter(user__isnull=False)
    return [str(person) for person in people[:MOST_NAMES_OFFERED]]


MOST_NAMES_OFFERED = 300
"""Beyond it a page would carry the whole staff list; a name can still be typed."""
