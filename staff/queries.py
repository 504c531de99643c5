"""Questions about the staff list. Every date is passed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet

from accounts.models import Organisation
from staff.enums import DataAccess, KeyPostKind
from staff.key_post_rules import PURPOSE, WANTED
from staff.models import Absence, Delegation, KeyPost, Person, Post, TeamFlag

PAGE = 50


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
    """A key post on a date: its holders then, or none; those to come; those before, the latest first.

    Appointments carry ``holder_has_left``: the holder is on the staff list, but in no post on the date.
    """

    kind: KeyPostKind
    is_wanted: bool
    """Whether an organisation of this kind should have it filled."""
    holders: list[KeyPost]
    coming: list[KeyPost]
    past: list[KeyPost]

    @property
    def is_vacant(self) -> bool:
        return not self.holders

    @property
    def vacant_since(self) -> date | None:
        """The first day without a holder, if somebody held it before."""
        return max((post.end for post in self.past if post.end), default=None) if self.is_vacant else None

    @property
    def purpose(self) -> str:
        return PURPOSE[self.kind]


def key_posts(organisation: Organisation, on: date) -> list[KeyPostState]:
    """Every kind of key post, vacant ones too. One query."""
    in_post = Post.objects.covering(on).filter(person=OuterRef("holder"))
    found = KeyPost.objects.filter(organisation=organisation).select_related("holder", "deputy")
    posts = list(
        found.annotate(holder_has_left=Q(holder__isnull=False) & ~Exists(in_post)).order_by(
            F("end").desc(nulls_first=True), "-pk"
        )
    )
    states = []
    for kind in KeyPostKind:
        own = [post for post in posts if post.kind == kind]
        holding = [post for post in own if post.start <= on and (post.end is None or post.end > on)]
        coming = [post for post in own if post.start > on]
        past = [post for post in own if post.end is not None and post.end <= on]
        states.append(KeyPostState(kind, kind in WANTED[organisation.type], holding, coming, past))
    return states


def holders_of(organisation: Organisation, kind: str, on: date) -> QuerySet[KeyPost]:
    """The appointments to one key post that hold on the date."""
    return KeyPost.objects.filter(organisation=organisation, kind=kind).covering(on).select_related("holder", "deputy")


def former_managers(organisation: Organisation, on: date) -> QuerySet[Post]:
    """Posts on the date whose manager is no longer in post: HR should name another."""
    managing = Post.objects.covering(on).filter(person=OuterRef("manager"))
    posts = Post.objects.covering(on).filter(person__organisation=organisation, manager__isnull=False)
    return posts.filter(~Exists(managing)).select_related("person", "manager", "unit").order_by(F("manager__last_name"), "pk")


@dataclass(frozen=True)
class Ties:
    """What hangs on a person today, and what needs somebody else when they leave."""

    team: int
    key_posts: list[KeyPost]
    deputising: list[KeyPost]
    acting: list[Delegation]
    acted_for: list[Delegation]

    @property
    def is_free(self) -> bool:
        return not (self.team or self.key_posts or self.deputising or self.acting or self.acted_for)


def ties_of(person: Person, on: date) -> Ties:
    """Team, key posts and delegations of a person on the date. Five queries."""
    return Ties(
        team=Person.objects.of(person.organisation).reporting_to(person, on).count(),
        key_posts=list(person.key_posts.covering(on)),
        deputising=list(person.deputised_posts.covering(on)),
        acting=list(person.delegations_held.not_ended(on).select_related("delegate", "manager", "unit")),
        acted_for=list(person.delegations_given.not_ended(on).select_related("delegate", "manager", "unit")),
    )


@dataclass(frozen=True)
class UnknownAccess:
    """A job title with posts of which nobody has said whether they have access to personal data."""

    job_title: str
    posts: list[int]
    people: int


def unknown_access(organisation: Organisation, on: date) -> list[UnknownAccess]:
    """Job titles to settle, most posts first. One query."""
    posts = Post.objects.covering(on).filter(person__organisation=organisation, has_access=DataAccess.UNKNOWN)
    found: dict[str, list[tuple[int, int]]] = {}
    for title, post, person in posts.order_by("job_title", "pk").values_list("job_title", "pk", "person_id"):
        found.setdefault(title, []).append((post, person))
    titles = [UnknownAccess(title, [p for p, _ in rows], len({who for _, who in rows})) for title, rows in found.items()]
    return sorted(titles, key=lambda one: (-len(one.posts), one.job_title))


@dataclass(frozen=True)
class ToSettle:
    """What waits for HR."""

    flags: int
    unknown_access: int

    def __bool__(self) -> bool:
        return bool(self.flags or self.unknown_access)


def to_settle(organisation: Organisation, on: date) -> ToSettle:
    """How much waits for HR. Two queries."""
    unknown = Post.objects.covering(on).filter(person__organisation=organisation, has_access=DataAccess.UNKNOWN)
    return ToSettle(
        flags=TeamFlag.objects.filter(organisation=organisation).waiting().count(),
        unknown_access=unknown.count(),
    )
