"""One organisation's assessment on one day, brought together for the rules to look at."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from assessment.edition_format import types as t
from assessment.judging.facts import NO_PROFILE, SATISFIED, Certificate, LiveReading, OutcomeResponse, Profile, Response, Verdict
from assessment.judging.items import verdict
from assessment.judging.outcomes import outcome_verdict

Responses = Mapping[str, Response] | Mapping[str, OutcomeResponse] | Mapping[str, Response | OutcomeResponse]


@dataclass(frozen=True)
class PlanAction:
    """What will be done about one item or outcome, by whom, by when; it covers the item only if all three are said."""

    item_id: str
    action: str
    owner: str
    due_on: date | None

    @property
    def is_complete(self) -> bool:
        return bool(self.action.strip() and self.owner.strip() and self.due_on)


@dataclass(frozen=True)
class Plan:
    actions: tuple[PlanAction, ...] = ()
    is_accepted: bool = False

    def covered(self) -> frozenset[str]:
        return frozenset(action.item_id for action in self.actions if action.is_complete)


class TypeNotInEditionError(ValueError):
    """The edition does not speak of this organisation type, or sends it down another route."""


@dataclass(frozen=True)
class Facts:
    """Everything the rules may look at, for one organisation on one day."""

    edition: t.EditionFile
    organisation_type: str
    on: date
    responses: Mapping[str, object]
    certificates: tuple[Certificate, ...] = ()
    confirmations: frozenset[str] = frozenset()
    signed: bool = False
    previously_published: frozenset[str] = frozenset()
    plan: Plan = field(default_factory=Plan)
    profile: Profile = NO_PROFILE
    readings: Mapping[str, LiveReading] = field(default_factory=dict)
    assumed: frozenset[str] = frozenset()
    """Ids taken as satisfied, whatever stands there: to see what settling them would change."""

    def __post_init__(self) -> None:
        entry = self.edition.organisation_types.get(self.organisation_type)
        if entry is None or entry.route != self.edition.style:
            raise TypeNotInEditionError(f"The edition {self.edition.id} asks nothing of the type '{self.organisation_type}'.")

    @cached_property
    def verdicts(self) -> dict[str, Verdict]:
        found = self._judged()
        return found | {identity: Verdict(SATISFIED, "Taken as settled.") for identity in self.assumed if identity in found}

    def _judged(self) -> dict[str, Verdict]:
        if self.edition.style == "outcome":
            return {outcome.id: self._outcome(outcome) for outcome in self.edition.outcomes()}
        return {item.id: self._item(item) for item in self.edition.items_for(self.organisation_type)}

    def _item(self, item: t.Item) -> Verdict:
        response = self.responses.get(item.id)
        return verdict(
            item,
            response if isinstance(response, Response) else None,
            organisation_type=self.organisation_type,
            on=self.on,
            certificates=self.certificates,
            profile=self.profile,
            live_reading=self.readings.get(item.id),
        )

    def _outcome(self, outcome: t.Outcome) -> Verdict:
        response = self.responses.get(outcome.id)
        name = self.edition.organisation_types[self.organisation_type].profile or ""
        return outcome_verdict(
            outcome,
            response if isinstance(response, OutcomeResponse) else None,
            expected=self.edition.profiles[name][outcome.id],
            steps=self.edition.level_rules[outcome.level_rule],
            levels=self.edition.levels,
        )

    def required(self, level: str) -> tuple[str, ...]:
        if self.edition.style == "outcome":
            return tuple(outcome.id for outcome in self.edition.outcomes())
        return tuple(item.id for item in self.edition.required_items(self.organisation_type, level))

    def unsettled(self, level: str) -> tuple[str, ...]:
        return tuple(identity for identity in self.required(level) if not self.verdicts[identity].is_settled)

    def assertions(self, level: str) -> tuple[t.Assertion, ...]:
        """The assertions that hold an item required for the level."""
        return tuple(
            assertion
            for assertion in self.edition.assertions()
            if any(item.is_required(self.organisation_type, level) for item in assertion.items)
        )


def verdicts(
    edition: t.EditionFile,
    organisation_type: str,
    *,
    responses: Responses,
    on: date,
    certificates: Collection[Certificate] = (),
    profile: Profile = NO_PROFILE,
    readings: Mapping[str, LiveReading] | None = None,
) -> dict[str, Verdict]:
    """The verdict on every item (or outcome) asked of this type, by id, in the edition's order.

    Raises:
        TypeNotInEditionError: the edition asks nothing of this type.
    """
    facts = Facts(
        edition=edition,
        organisation_type=organisation_type,
        on=on,
        responses=responses,
        certificates=tuple(certificates),
        profile=profile,
        readings=readings or {},
    )
    return facts.verdicts
