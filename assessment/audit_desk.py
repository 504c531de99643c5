"""What goes on in the audit of a return, as both sides' pages show it: requests, samples, and how many wait for whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Exists, Prefetch

from accounts.enums import Capability
from accounts.policy import Access
from assessment.models import (
    Assessment,
    AuditFinding,
    AuditRequest,
    AuditRequestStep,
    AuditSample,
    Engagement,
    Response,
    SampleCheck,
    SampledPerson,
)
from assessment.models.audit_requests import AuditRequestQuerySet
from nhsuk.jinja import day
from staff.models import Person

Kind = AuditRequestStep.Kind
OPEN, ANSWERED, ACCEPTED = "open", "answered", "accepted"


@dataclass(frozen=True)
class Asked:
    """A request with what came of it, on a day."""

    request: AuditRequest
    steps: tuple[AuditRequestStep, ...]
    today: date

    @property
    def state(self) -> str:
        """Open: the organisation has to answer. Answered: the auditor has to look. Accepted: done."""
        last = self.steps[-1].kind if self.steps else Kind.AGAIN
        return {Kind.AGAIN: OPEN, Kind.ANSWERED: ANSWERED, Kind.ACCEPTED: ACCEPTED}[Kind(last)]

    @property
    def wanted_by(self) -> date:
        """The day last asked for."""
        return next((step.wanted_by for step in reversed(self.steps) if step.wanted_by), self.request.wanted_by)

    @property
    def is_overdue(self) -> bool:
        return self.state == OPEN and self.wanted_by < self.today

    @property
    def about(self) -> str:
        return f"Item {self.request.response.item.number}" if self.request.response else "The return as a whole"

    @property
    def label(self) -> tuple[str, str]:
        """Words and colour."""
        if self.is_overdue:
            return "Overdue", "red"
        return {OPEN: ("Open", "orange"), ANSWERED: ("Answered", "blue"), ACCEPTED: ("Accepted", "green")}[self.state]

    def may_be_answered_by(self, access: Access) -> bool:
        """Whoever answers returns, and whoever looks after the item."""
        owner = self.request.response.owner_id if self.request.response else None
        return self.state != ACCEPTED and (access.can(Capability.ASSESSMENT_EDIT) or owner == access.user.pk)


@dataclass(frozen=True)
class Sampled:
    """One person of a sample, with the checks, the newest last; ``name`` only for those who may know it."""

    row: SampledPerson
    checks: tuple[SampleCheck, ...]
    name: str = ""

    @property
    def completed_on(self) -> date | None:
        return date.fromisoformat(said) if (said := self.row.facts["completed_on"]) else None

    @property
    def check(self) -> SampleCheck | None:
        return self.checks[-1] if self.checks else None


@dataclass(frozen=True)
class Sample:
    """A sample with what looking at it came to."""

    draw: AuditSample
    people: tuple[Sampled, ...]

    @property
    def agree(self) -> int:
        return sum(bool(one.check and one.check.agrees) for one in self.people)

    @property
    def differ(self) -> int:
        return sum(bool(one.check and not one.check.agrees) for one in self.people)

    @property
    def unchecked(self) -> int:
        return len(self.people) - self.agree - self.differ

    @property
    def source(self) -> str:
        """From whom it was drawn, in words."""
        reading = self.draw.reading
        who = "counted as trained in" if self.draw.population == AuditSample.Population.COUNTED else "in"
        return f"{self.draw.population_size} people {who} the figure of item {reading.item.number} as at {day(reading.as_of)}"

    @property
    def words(self) -> str:
        """The line that sums it up."""
        found = [
            f"{self.agree} {'agrees' if self.agree == 1 else 'agree'}",
            f"{self.differ} {'does' if self.differ == 1 else 'do'} not",
        ]
        found += [f"{self.unchecked} not looked at yet"] if self.unchecked else []
        return f"{self.draw.size} of the {self.source}: {', '.join(found)}"


@dataclass(frozen=True)
class Desk:
    """Everything asked for and drawn in the audit of one return."""

    requests: tuple[Asked, ...] = ()
    samples: tuple[Sample, ...] = field(default_factory=tuple)

    def of(self, *states: str) -> tuple[Asked, ...]:
        return tuple(one for one in self.requests if one.state in states)

    @property
    def open(self) -> int:
        return len(self.of(OPEN))

    @property
    def overdue(self) -> int:
        return sum(one.is_overdue for one in self.requests)

    @property
    def answered(self) -> int:
        return len(self.of(ANSWERED))


def asked_of(requests: Iterable[AuditRequest], *, today: date) -> list[Asked]:
    """Requests with their steps."""
    return [Asked(one, tuple(one.steps.all()), today) for one in requests]


def _requests() -> AuditRequestQuerySet:
    steps = AuditRequestStep.objects.select_related("by", "document_version__document").order_by("pk")
    rows = AuditRequest.objects.select_related("by", "engagement", "response__item", "response__owner", "assessment")
    return rows.prefetch_related(Prefetch("steps", steps)).order_by("pk")


def requests_of(assessment: Assessment, *, today: date) -> tuple[Asked, ...]:
    """Every request of a return, the oldest first. Two queries."""
    return tuple(asked_of(_requests().filter(assessment=assessment), today=today))


def requests_by_return(assessments: Iterable[Assessment], *, today: date) -> Mapping[int, Desk]:
    """The requests of several returns, by return."""
    found: dict[int, list[Asked]] = {}
    for one in asked_of(_requests().filter(assessment__in=list(assessments)), today=today):
        found.setdefault(one.request.assessment_id, []).append(one)
    return {pk: Desk(tuple(rows)) for pk, rows in found.items()}


def request_whole(pk: int, access: Access, *, today: date) -> Asked | None:
    """One request that the reader may see."""
    return next(iter(asked_of(_requests().visible_to(access).filter(pk=pk), today=today)), None)


def requests_about(response: Response, *, today: date) -> list[Asked]:
    """The requests about one item."""
    return asked_of(_requests().filter(response=response), today=today)


def samples_of(assessment: Assessment, *, named: bool = False, only: int | None = None) -> tuple[Sample, ...]:
    """The samples of a return; ``named`` gives the names of the people, for those who may know them."""
    checks = SampleCheck.objects.select_related("by").order_by("pk")
    people = SampledPerson.objects.prefetch_related(Prefetch("checks", checks)).order_by("n")
    rows = AuditSample.objects.filter(assessment=assessment, **({"pk": only} if only else {}))
    draws = list(
        rows.select_related("by", "engagement", "reading__item").prefetch_related(Prefetch("people", people)).order_by("pk")
    )
    names: dict[int, str] = {}
    if named:
        numbers = [person.person for draw in draws for person in draw.people.all()]
        known = Person.objects.filter(organisation=assessment.organisation_id, pk__in=numbers)
        names = {person.pk: f"{person} ({person.staff_number})" for person in known}
    return tuple(
        Sample(draw, tuple(Sampled(row, tuple(row.checks.all()), names.get(row.person, "")) for row in draw.people.all()))
        for draw in draws
    )


def desk_of(assessment: Assessment, *, today: date) -> Desk:
    """All of it."""
    return Desk(requests_of(assessment, today=today), samples_of(assessment))


def is_audited(assessment: Assessment) -> bool:
    """Whether somebody was ever invited to audit the return, or wrote about it as its auditor. One query."""
    of_it = (model.objects.filter(assessment=assessment) for model in (Engagement, AuditRequest, AuditSample, AuditFinding))
    invited, asked, drawn, found = (Exists(rows) for rows in of_it)
    return Assessment.objects.filter(invited | asked | drawn | found, pk=assessment.pk).exists()


def may_see_names(access: Access, draw: AuditSample) -> bool:
    """Whoever sees named people in reports does; an invited auditor only if the invitation says so."""
    own = draw.engagement if draw.by_id == access.user.pk else None
    return access.can(Capability.REPORTS_NAMED) or bool(own and own.shows_names)
