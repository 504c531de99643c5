"""Questions about the staff list. Every date is passed in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet

from accounts.models import Organisation
from staff.enums import KeyPostKind
from staff.models import Absence, KeyPost, Person, Post, Unit

PAGE = 50
IN_POST, LEFT, EVERYBODY = "in-post", "left", "everybody"


@dataclass(frozen=True)
class PeoplePage:
    """One page of the staff list. ``previous`` and ``next`` are the people at whom the neighbouring pages begin; None at an end."""

    people: Sequence[Person]
    previous: int | None
    next: int | None


def people_with_posts(organisation: Organisation, on: date) -> QuerySet[Person]:
    """People in post on the date, each with ``posts_now``: the posts that cover it, unit and manager with them. Two queries."""
    return Person.objects.of(organisation).in_post(on).prefetch_related(posts_now(on))


def posts_now(on: date) -> Prefetch[str]:
    """Prefetches ``posts_now`` on people."""
    return Prefetch("posts", queryset=Post.objects.covering(on).select_related("unit", "manager"), to_attr="posts_now")


def team_of(person: Person, on: date) -> QuerySet[Person]:
    """Whom the person looks after on the date, each with ``posts_now`` and ``is_away``. Three queries, four with units."""
    away = Absence.objects.covering(on).filter(person=OuterRef("pk"))
    team = Person.objects.managed_by(person, on).annotate(is_away=Exists(away))
    return team.prefetch_related(posts_now(on))


def person_of(user_id: int, organisation: Organisation) -> Person | None:
    """Who a signed-in user is on an organisation's staff list."""
    return Person.objects.filter(organisation=organisation, user_id=user_id).first()


def people_page(
    organisation: Organisation,
    on: date,
    *,
    words: str = "",
    unit: int | None = None,
    state: str = IN_POST,
    after: int | None = None,
    before: int | None = None,
) -> PeoplePage:
    """A page of the staff list by name. Pages begin after, or end before, a person: no counting, however long the list.

    Args:
        organisation: whose staff list.
        on: the date on which people are in post or have left.
        words: parts of a name or the start of a staff number; all must fit.
        unit: only people with a post in this unit, on the date if they are in post.
        state: in post, left, or everybody.
        after: the person before the page.
        before: the person after the page.
    """
    people = _filtered(organisation, on, words=words, unit=unit, state=state)
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


def _filtered(organisation: Organisation, on: date, *, words: str, unit: int | None, state: str) -> QuerySet[Person]:
    people = Person.objects.of(organisation)
    posts = Post.objects.filter(person=OuterRef("pk"))
    if state == IN_POST:
        people = people.in_post(on)
        posts = Post.objects.covering(on).filter(person=OuterRef("pk"))
    elif state == LEFT:
        people = people.filter(Exists(posts)).exclude(Exists(posts.filter(Q(end__isnull=True) | Q(end__gt=on))))
    if unit is not None:
        people = people.filter(Exists(posts.filter(unit=unit)))
    for word in words.split():
        people = people.filter(Q(first_name__icontains=word) | Q(last_name__icontains=word) | Q(staff_number__istartswith=word))
    return people


def _beyond(person: Person, *, backwards: bool) -> Q:
    way = "lt" if backwards else "gt"
    last = Q(**{f"last_name__{way}": person.last_name})
    first = Q(**{"last_name": person.last_name, f"first_name__{way}": person.first_name})
    same = Q(**{"last_name": person.last_name, "first_name": person.first_name, f"pk__{way}": person.pk})
    return last | first | same


def units_with_headcount(organisation: Organisation, on: date) -> QuerySet[Unit]:
    """Units with ``headcount``: how many people have a post there on the date."""
    covering = Q(posts__start__lte=on) & (Q(posts__end__isnull=True) | Q(posts__end__gt=on))
    units = Unit.objects.filter(organisation=organisation).select_related("site", "parent")
    return units.annotate(headcount=Count("posts__person", filter=covering, distinct=True)).order_by("name")


def to_invite(organisation: Organisation, on: date) -> QuerySet[Person]:
    """People in post with an e-mail address and no sign-in."""
    return Person.objects.of(organisation).in_post(on).filter(user__isnull=True).exclude(email="")


@dataclass(frozen=True)
class SignInCounts:
    """The people in post by how far they are with signing in. The five add up to ``in_post``."""

    in_post: int
    signed_in: int
    invited: int
    to_invite: int
    without_email: int


def sign_in_counts(organisation: Organisation, on: date) -> SignInCounts:
    """How many people in post have signed in, are invited, could be, or have no e-mail address. One query."""
    no_user = Q(user__isnull=True)
    counts = (
        Person.objects.of(organisation)
        .in_post(on)
        .aggregate(
            in_post=Count("pk"),
            signed_in=Count("pk", filter=Q(user__last_login__isnull=False)),
            invited=Count("pk", filter=Q(user__isnull=False, user__last_login__isnull=True)),
            to_invite=Count("pk", filter=no_user & ~Q(email="")),
            without_email=Count("pk", filter=no_user & Q(email="")),
        )
    )
    return SignInCounts(**counts)


@dataclass(frozen=True)
class KeyPostState:
    """A key post on a date: its holders then, or none; those to come; those before."""

    kind: KeyPostKind
    holders: list[KeyPost]
    coming: list[KeyPost]
    past: list[KeyPost]

    @property
    def is_vacant(self) -> bool:
        return not self.holders


def key_posts(organisation: Organisation, on: date) -> list[KeyPostState]:
    """Every kind of key post, vacant ones too. One query."""
    posts = list(KeyPost.objects.filter(organisation=organisation).select_related("holder", "deputy").order_by("-start", "-pk"))
    states = []
    for kind in KeyPostKind:
        own = [post for post in posts if post.kind == kind]
        holding = [post for post in own if post.start <= on and (post.end is None or post.end > on)]
        coming = [post for post in own if post.start > on]
        states.append(KeyPostState(kind, holding, coming, [post for post in own if post not in holding and post not in coming]))
    return states


def holders_of(organisation: Organisation, kind: str, on: date) -> QuerySet[KeyPost]:
    """The appointments to one key post that hold on the date."""
    return KeyPost.objects.filter(organisation=organisation, kind=kind).covering(on).select_related("holder", "deputy")


def former_managers(organisation: Organisation, on: date) -> QuerySet[Post]:
    """Posts on the date whose manager is no longer in post: HR should name another."""
    managing = Post.objects.covering(on).filter(person=OuterRef("manager"))
    posts = Post.objects.covering(on).filter(person__organisation=organisation, manager__isnull=False)
    return posts.filter(~Exists(managing)).select_related("person", "manager", "unit").order_by(F("manager__last_name"), "pk")
