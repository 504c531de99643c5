"""Looking people up: who fits a search, a page at a time, however long the list. Every date is passed in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Organisation
from staff.models import Person, Post, PostQuerySet
from staff.queries import PAGE, posts_now

IN_POST, LEFT, EVERYBODY = "in-post", "left", "everybody"
NO_EMAIL, NO_MANAGER, NO_UNIT, NO_SIGN_IN = "email", "manager", "unit", "sign-in"


@dataclass(frozen=True)
class PeopleFilter:
    """What to look for. Empty values ask for everybody in post.

    Args:
        words: parts of a name or the start of a staff number; all must fit.
        units: only people with a post in one of these units.
        state: in post, left, or everybody.
        employment_type: only people with a post of this type.
        access: only people with a post whose access to personal data is this.
        lacking: only people without an e-mail address, a manager, a unit or a sign-in.
        source: only people of an HR file, or added here.
    """

    words: str = ""
    units: frozenset[int] | None = None
    state: str = IN_POST
    employment_type: str = ""
    access: str = ""
    lacking: str = ""
    source: str = ""


@dataclass(frozen=True)
class PeoplePage:
    """One page of the staff list. ``previous`` and ``next`` are the people at whom the neighbouring pages begin; None at an end."""

    people: Sequence[Person]
    previous: int | None
    next: int | None


def matching(organisation: Organisation, wanted: PeopleFilter, *, on: date) -> QuerySet[Person]:
    """The people who fit on the date. Who is in post must fit by a post they hold on it, others by any they held."""
    people = Person.objects.of(organisation).filter(_of_the_person(wanted))
    if wanted.state == LEFT:
        people = people.filter(Exists(Post.objects.filter(person=OuterRef("pk"))))
        people = people.exclude(Exists(Post.objects.not_ended(on).filter(person=OuterRef("pk"))))
    asked = _of_a_post(wanted)
    if wanted.state == IN_POST or asked:
        people = people.filter(Exists(posts_looked_at(wanted, on=on).filter(asked, person=OuterRef("pk"))))
    for word in wanted.words.split():
        people = people.filter(called(word))
    return people


def called(word: str) -> Q:
    """A part of a name, or the start of a staff number. On PostgreSQL the index ``person_by_part_of_name`` knows all three."""
    return Q(first_name__icontains=word) | Q(last_name__icontains=word) | Q(staff_number__istartswith=word)


def posts_looked_at(wanted: PeopleFilter, *, on: date) -> PostQuerySet:
    """The posts by which people must fit."""
    return Post.objects.covering(on) if wanted.state == IN_POST else Post.objects.all()


def _of_a_post(wanted: PeopleFilter) -> Q:
    fits = Q()
    if wanted.units is not None:
        fits &= Q(unit__in=wanted.units)
    if wanted.employment_type:
        fits &= Q(employment_type=wanted.employment_type)
    if wanted.access:
        fits &= Q(has_access=wanted.access)
    if wanted.lacking in (NO_MANAGER, NO_UNIT):
        fits &= Q(**{f"{wanted.lacking}__isnull": True})
    return fits


def _of_the_person(wanted: PeopleFilter) -> Q:
    fits = Q(source=wanted.source) if wanted.source else Q()
    if wanted.lacking == NO_EMAIL:
        fits &= Q(email="")
    elif wanted.lacking == NO_SIGN_IN:
        fits &= Q(user__isnull=True)
    return fits


def people_page(
    organisation: Organisation, wanted: PeopleFilter, *, on: date, after: int | None = None, before: int | None = None
) -> PeoplePage:
    """A page by name. Pages begin after, or end before, a person: no counting, and the last costs what the first does.

    Args:
        organisation: whose staff list.
        wanted: who is looked for.
        on: the date on which they are in post or have left.
        after: the person before the page.
        before: the person after the page.
    """
    people = matching(organisation, wanted, on=on)
    backwards = before is not None
    beside = before or after
    pivot = Person.objects.of(organisation).filter(pk=beside).first() if beside else None
    if pivot is not None:
        people = people.filter(_beyond(pivot, backwards=backwards))
    order = ("last_name", "first_name", "pk")
    people = people.order_by(*(f"-{name}" for name in order)) if backwards else people.order_by(*order)
    found = list(people.prefetch_related(posts_now(on))[: PAGE + 1])
    more = len(found) > PAGE
    found = found[:PAGE]
    if backwards:
        found.reverse()
    if not found:
        return PeoplePage([], None, None)
    has_previous = more if backwards else pivot is not None
    has_next = pivot is not None if backwards else more
    return PeoplePage(found, found[0].pk if has_previous else None, found[-1].pk if has_next else None)


def _beyond(person: Person, *, backwards: bool) -> Q:
    """Who comes after (before) the person by name. The first term lets the database start there in its index."""
    way = "lt" if backwards else "gt"
    from_here = Q(**{f"last_name__{way}e": person.last_name})
    last = Q(**{f"last_name__{way}": person.last_name})
    first = Q(**{"last_name": person.last_name, f"first_name__{way}": person.first_name})
    same = Q(**{"last_name": person.last_name, "first_name": person.first_name, f"pk__{way}": person.pk})
    return from_here & (last | first | same)
