"""Which policies stand on a date, who is asked to read them, and who has."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, Min, OuterRef, Prefetch, Q, QuerySet

from accounts.models import Organisation
from registers.models.policies import Acknowledgement, Audience, Policy, PolicyState, PolicyVersion
from staff.models import Person, Post


@dataclass(frozen=True)
class ReadFigure:
    """How many of those asked on a date have confirmed. Leavers count on neither side."""

    asked: int
    read: int

    @property
    def unread(self) -> int:
        return self.asked - self.read

    @property
    def percent(self) -> int | None:
        """Whole per cent, rounded down; None of nobody."""
        return self.read * 100 // self.asked if self.asked else None


@dataclass(frozen=True)
class PolicyStanding:
    """One policy on a date."""

    policy: Policy
    newest: PolicyVersion
    """The last version there is, perhaps a draft."""
    current: PolicyVersion | None
    """The version that applies, if one was published by the date and the policy is not withdrawn."""
    figure: ReadFigure | None
    """None while nothing is published, or nobody is asked."""
    state: PolicyState
    on: date

    @property
    def review_passed(self) -> bool:
        return self.current is not None and self.current.review_by < self.on

    @property
    def has_draft(self) -> bool:
        """A newer version is being written beside the one that applies."""
        return self.current is not None and self.newest.pk != self.current.pk


@dataclass(frozen=True)
class PoliciesFigure:
    """All policies of an organisation on a date. The counts are of policies that apply, and of what is asked of people."""

    on: date
    applying: int
    in_date: int
    asked: int
    read: int

    @property
    def is_recorded(self) -> bool:
        """Whether there is anything to count: no policies are not the same as none out of date."""
        return self.applying > 0


@dataclass(frozen=True)
class Reader:
    """Somebody who is asked to read a version, and whether they have."""

    person: Person
    read_by: date
    acknowledged_on: date | None
    on: date

    @property
    def is_late(self) -> bool:
        return self.acknowledged_on is None and self.on > self.read_by


@dataclass(frozen=True)
class ToRead:
    """A version that is asked of one person."""

    version: PolicyVersion
    read_by: date
    acknowledged_on: date | None
    on: date

    @property
    def is_late(self) -> bool:
        return self.acknowledged_on is None and self.on > self.read_by


def with_facts(versions: QuerySet[PolicyVersion]) -> QuerySet[PolicyVersion]:
    """Versions with what decides their state at hand."""
    siblings = PolicyVersion.objects.select_related("publication")
    return versions.select_related(
        "policy__organisation", "policy__withdrawal", "publication__document_version", "blob"
    ).prefetch_related("approvals__approved_by", Prefetch("policy__versions", queryset=siblings))


def standings(organisation: Organisation, *, on: date, withdrawn: bool = False) -> list[PolicyStanding]:
    """Every policy of an organisation on a date, by title: those that stand, or those that were withdrawn."""
    policies = Policy.objects.filter(organisation=organisation)
    standing = policies.standing(on)
    chosen = policies.exclude(pk__in=standing.values("pk")) if withdrawn else standing
    versions: dict[int, list[PolicyVersion]] = {}
    for version in with_facts(PolicyVersion.objects.filter(policy__in=chosen)).order_by("policy__title", "policy", "number"):
        versions.setdefault(version.policy_id, []).append(version)
    current = {pk: _current(found, on=on) for pk, found in versions.items()}
    figures = read_figures(organisation, [one for one in current.values() if one is not None], on=on)
    return [
        PolicyStanding(
            policy=found[-1].policy,
            newest=found[-1],
            current=(applies := current[pk]),
            figure=figures.get(applies.pk) if applies else None,
            state=(applies or found[-1]).state(on),
            on=on,
        )
        for pk, found in versions.items()
    ]


def read_figures(
    organisation: Organisation, versions: Iterable[PolicyVersion], *, on: date, people: QuerySet[Person] | None = None
) -> dict[int, ReadFigure]:
    """For each version how many people are asked on a date and how many of them have confirmed by then, by its id.

    ``people`` narrows it to some of them.
    """
    asking = [version for version in versions if version.audience != Audience.NOBODY]
    if not asking:
        return {}
    everybody = {audience: people_asked(organisation, audience, on=on) for audience in {v.audience for v in asking}}
    given = Acknowledgement.objects.filter(version__in=[version.pk for version in asking], acknowledged_on__lte=on)
    if people is not None:
        everybody = {audience: found.filter(pk__in=people.values("pk")) for audience, found in everybody.items()}
        given = given.filter(person__in=people.values("pk"))
    asked = {audience: found.count() for audience, found in everybody.items()}
    covering = Post.objects.covering(on).filter(person=OuterRef("person"))
    read = (
        given.order_by()
        .annotate(in_post=Exists(covering), with_access=Exists(covering.with_access()))
        .values("version")
        .annotate(everybody=Count("pk", filter=Q(in_post=True)), having_access=Count("pk", filter=Q(with_access=True)))
    )
    counts = {row["version"]: (row["everybody"], row["having_access"]) for row in read}
    figures = {}
    for version in asking:
        in_post, having_access = counts.get(version.pk, (0, 0))
        done = in_post if version.audience == Audience.EVERYONE else having_access
        figures[version.pk] = ReadFigure(asked[version.audience], done)
    return figures


def policies_figure(organisation: Organisation, *, on: date) -> PoliciesFigure:
    """The figure of the whole register on a date."""
    applying = [standing for standing in standings(organisation, on=on) if standing.current is not None]
    figures = [standing.figure for standing in applying if standing.figure is not None]
    return PoliciesFigure(
        on=on,
        applying=len(applying),
        in_date=sum(not standing.review_passed for standing in applying),
        asked=sum(figure.asked for figure in figures),
        read=sum(figure.read for figure in figures),
    )


def people_asked(organisation: Organisation, audience: str, *, on: date) -> QuerySet[Person]:
    """The people of an organisation who belong to an audience on a date."""
    if audience == Audience.NOBODY:
        return Person.objects.none()
    posts = Post.objects.covering(on).filter(person=OuterRef("pk"))
    if audience == Audience.WITH_ACCESS:
        posts = posts.with_access()
    return Person.objects.of(organisation).filter(Exists(posts))


def readers(version: PolicyVersion, *, on: date, people: QuerySet[Person] | None = None) -> list[Reader]:
    """Everybody asked to read a published version on a date: who has not first, then by name.

    Args:
        version: with its policy and publication at hand.
        on: the date.
        people: only these; everybody when not given.
    """
    asked = people_asked(version.policy.organisation, version.audience, on=on).annotate(since=_first_day(on))
    if people is not None:
        asked = asked.filter(pk__in=people.values("pk"))
    done = dict(Acknowledgement.objects.filter(version=version, acknowledged_on__lte=on).values_list("person", "acknowledged_on"))
    found = [Reader(person, version.read_by(person.since), done.get(person.pk), on) for person in asked]
    return sorted(found, key=lambda reader: reader.acknowledged_on is not None)


def unread_by(version: PolicyVersion, organisation: Organisation, *, on: date) -> list[tuple[int, date]]:
    """Who is asked to read a published version of the organisation and has not by the date: ids, and in post since when."""
    done = Acknowledgement.objects.filter(version=version, person=OuterRef("pk"), acknowledged_on__lte=on)
    asked = people_asked(organisation, version.audience, on=on).filter(~Exists(done))
    return list(asked.annotate(since=_first_day(on)).values_list("pk", "since"))


def reading_list(person: Person, *, on: date) -> list[ToRead]:
    """What one person is asked to read on a date: the most pressing first, then what they have read."""
    since = Post.objects.covering(on).filter(person=person).aggregate(since=Min("start"))["since"]
    if since is None:
        return []
    mine = Prefetch("acknowledgements", Acknowledgement.objects.filter(person=person, acknowledged_on__lte=on), to_attr="mine")
    versions = (
        PolicyVersion.objects.asked_of(person, on).standing_on(on).select_related("policy", "publication").prefetch_related(mine)
    )
    found = [
        ToRead(version, version.read_by(since), version.mine[0].acknowledged_on if version.mine else None, on)  # type: ignore[attr-defined]
        for version in versions
    ]
    return sorted(found, key=lambda item: (item.acknowledged_on is not None, item.read_by, item.version.policy.title))


def _first_day(on: date) -> Min:
    """The day from which somebody has been in the posts they hold on the date."""
    return Min("posts__start", filter=Q(posts__start__lte=on) & (Q(posts__end__isnull=True) | Q(posts__end__gt=on)))


def _current(versions: list[PolicyVersion], *, on: date) -> PolicyVersion | None:
    applying = [v for v in versions if v.state(on) == PolicyState.PUBLISHED and v.publication.published_on <= on]
    return applying[-1] if applying else None
