"""What standard has an organisation reached, and why? Pure functions over an edition and plain values.

The rules come from the edition, as data; nothing here knows a target, a date or which item is mandatory. The result
is computed by this system and is not the official status. Everything is asked for one day, ``on``: the publication
date, real or planned.

    verdicts(edition, "gp", responses=..., on=...)             # item or outcome id -> Verdict
    computed_standard(edition, "gp", responses=..., on=...)    # Standard: level, trace, once_signed
    progress(edition, "gp", responses=..., on=...)             # Progress: counts, whole and by group
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date

from assessment.edition_format import conditions as c
from assessment.edition_format import types as t
from assessment.edition_format.words import EXEMPTIONS, LEVELS
from assessment.judging.case import Facts, Plan, PlanAction, Responses, TypeNotInEditionError, verdicts
from assessment.judging.facts import (
    COUNTED_WORK_STATES,
    NO_PROFILE,
    SETTLED,
    STATES,
    Certificate,
    EvidencePiece,
    LiveReading,
    OutcomeResponse,
    Profile,
    Response,
    Verdict,
)
from assessment.judging.items import long_date, months_before, verdict
from assessment.judging.outcomes import OutcomeLevel, outcome_level, outcome_verdict
from assessment.judging.progress import Progress, ProgressGroup, progress

__all__ = [
    "SETTLED",
    "STATES",
    "Certificate",
    "EvidencePiece",
    "LiveReading",
    "OutcomeLevel",
    "OutcomeResponse",
    "Plan",
    "PlanAction",
    "Profile",
    "Progress",
    "ProgressGroup",
    "Response",
    "Standard",
    "TraceLine",
    "TypeNotInEditionError",
    "Verdict",
    "computed_standard",
    "months_before",
    "outcome_level",
    "outcome_verdict",
    "progress",
    "verdict",
    "verdicts",
]


@dataclass(frozen=True)
class TraceLine:
    """One condition of one level.

    ``rule`` such as ``met.items`` (or ``met`` for the level as a whole), whether it holds, a sentence for a page, and
    the ids of the items, outcomes or assertions that stand in its way.
    """

    rule: str
    holds: bool
    text: str
    item_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Standard:
    """The standard computed, and how.

    ``level`` is ``exceeded``, ``met``, ``approaching`` or ``not_met``; ``once_signed`` what it would be with the
    senior signature, all else being equal ("would be Standards Met, once signed").
    """

    level: str
    trace: tuple[TraceLine, ...]
    once_signed: str

    @property
    def label(self) -> str:
        return LEVELS[self.level]

    @property
    def missing(self) -> tuple[str, ...]:
        """Item or outcome ids that stand between the organisation and *met*, in the edition's order."""
        return next((line.item_ids for line in self.trace if line.rule in ("met.items", "met.outcomes")), ())


def computed_standard(
    edition: t.EditionFile,
    organisation_type: str,
    *,
    responses: Responses,
    on: date,
    certificates: Collection[Certificate] = (),
    confirmations: Collection[str] = (),
    signed: bool = False,
    previously_published: Collection[str] = (),
    plan: Plan | None = None,
    profile: Profile = NO_PROFILE,
    readings: Mapping[str, LiveReading] | None = None,
    assumed: Collection[str] = (),
) -> Standard:
    """The standard reached on the day ``on``, with a line of trace for every condition of every level.

    Args:
        edition: the pinned edition.
        organisation_type: the type it is answered as.
        responses: current answers by item id (``Response``) or outcome id (``OutcomeResponse``).
        on: the publication date, real or planned; certificates and figures are judged for it.
        certificates: those the organisation holds, valid or not.
        confirmations: ids of the assertions confirmed and not lapsed.
        signed: whether the senior signature stands.
        previously_published: every level this organisation has published before, in any year.
        plan: the improvement plan; only actions with words, an owner and a date cover an item.
        profile: profile answers that stand in for items.
        readings: live figures by item id.
        assumed: items or outcomes to take as satisfied, to see what settling them would change.

    Raises:
        TypeNotInEditionError: the edition asks nothing of this type.
    """
    facts = Facts(
        edition=edition,
        organisation_type=organisation_type,
        on=on,
        responses=responses,
        certificates=tuple(certificates),
        confirmations=frozenset(confirmations),
        signed=signed,
        previously_published=frozenset(previously_published),
        plan=plan or Plan(),
        profile=profile,
        readings=readings or {},
        assumed=frozenset(assumed),
    )
    level, trace = _evaluate(facts)
    once_signed = level if signed else _evaluate(replace(facts, signed=True))[0]
    return Standard(level, trace, once_signed)


def _evaluate(facts: Facts) -> tuple[str, tuple[TraceLine, ...]]:
    rules = facts.edition.rules
    judge = _Judge(facts)
    trace: list[TraceLine] = []
    reached = None
    for level in rules.order:
        holds, lines = judge.level(level)
        trace += lines
        if holds and reached is None:
            reached = level
        words = f"{LEVELS[level]}: {'every condition holds' if holds else 'not every condition holds'}."
        if isinstance(rules.conditions[level], c.Otherwise):
            holds = reached == level
            words = f"{LEVELS[level]}: {'no better standard is reached' if holds else 'a better standard is reached'}."
        trace.append(TraceLine(level, holds, words))
    return reached or "not_met", tuple(trace)


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


class _Judge:
    """Evaluates the conditions of a level, and explains each."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._levels: dict[str, tuple[bool, list[TraceLine]]] = {}
        self._rules: dict[type, Callable[..., TraceLine]] = {
            c.LevelHolds: self._level_holds,
            c.CertificateHeld: self._certificate,
            c.ItemsSatisfied: self._items,
            c.AssertionsConfirmed: self._assertions,
            c.SignedOff: self._signed,
            c.PlanCovers: self._plan,
            c.PublishedBefore: self._published,
            c.TypeIsOneOf: self._type,
            c.OutcomesAtProfile: self._outcomes,
            c.DirectivesAnswered: self._directives,
        }

    def level(self, level: str) -> tuple[bool, list[TraceLine]]:
        if level not in self._levels:
            self._levels[level] = self._condition(self._facts.edition.rules.conditions[level], level)
        return self._levels[level]

    def _condition(self, condition: c.Condition, rule: str) -> tuple[bool, list[TraceLine]]:
        if isinstance(condition, c.Otherwise):
            return True, []
        if isinstance(condition, (c.All, c.AnyOf)):
            parts = [self._condition(part, rule) for part in condition.conditions]
            held = [part[0] for part in parts]
            holds = all(held) if isinstance(condition, c.All) else any(held)
            return holds, [line for part in parts for line in part[1]]
        if isinstance(condition, c.Not):
            holds, lines = self._condition(condition.condition, rule)
            return not holds, [replace(line, rule=f"{line.rule}.not", holds=not line.holds) for line in lines]
        line = self._rules[type(condition)](condition, rule)
        return line.holds, [line]

    def _level_holds(self, condition: c.LevelHolds, rule: str) -> TraceLine:
        holds = self.level(condition.level)[0]
        return TraceLine(f"{rule}.level", holds, f"{LEVELS[condition.level]} is {'reached' if holds else 'not reached'}.")

    def _certificate(self, condition: c.CertificateHeld, rule: str) -> TraceLine:
        on = self._facts.on
        holds = any(held.kind == condition.kind and held.is_valid(on) for held in self._facts.certificates)
        label = EXEMPTIONS[condition.kind]
        text = f"{'A' if holds else 'No'} {label} certificate is valid on {long_date(on)}."
        return TraceLine(f"{rule}.certificate", holds, text)

    def _items(self, condition: c.ItemsSatisfied, rule: str) -> TraceLine:
        required = self._facts.required(condition.level)
        open_items = self._facts.unsettled(condition.level)
        label = LEVELS[condition.level]
        if not required:
            return TraceLine(f"{rule}.items", False, f"This edition names no item for {label} for this type of organisation.")
        of = f"of the {_count(len(required), 'item', 'items')} needed for {label}"
        if not open_items:
            return TraceLine(f"{rule}.items", True, f"All {of} are satisfied, exempt or do not apply.")
        text = f"{len(open_items)} {of} {'is' if len(open_items) == 1 else 'are'} not satisfied: {self._numbers(open_items)}."
        return TraceLine(f"{rule}.items", False, text, open_items)

    def _assertions(self, condition: c.AssertionsConfirmed, rule: str) -> TraceLine:
        needed = self._facts.assertions(condition.level)
        waiting = [assertion for assertion in needed if assertion.id not in self._facts.confirmations]
        of = f"of the {_count(len(needed), 'assertion', 'assertions')}"
        if not waiting:
            return TraceLine(f"{rule}.assertions", True, f"All {of} are confirmed.")
        numbers = ", ".join(assertion.number for assertion in waiting)
        text = f"{len(waiting)} {of} {'is' if len(waiting) == 1 else 'are'} not confirmed: {numbers}."
        return TraceLine(f"{rule}.assertions", False, text, tuple(assertion.id for assertion in waiting))

    def _signed(self, condition: c.SignedOff, rule: str) -> TraceLine:
        holds = self._facts.signed
        return TraceLine(f"{rule}.signoff", holds, f"A senior person has {'signed' if holds else 'not signed yet'}.")

    def _plan(self, condition: c.PlanCovers, rule: str) -> TraceLine:
        plan = self._facts.plan
        gaps = self._facts.unsettled("met")
        uncovered = tuple(identity for identity in gaps if identity not in plan.covered())
        if uncovered:
            text = f"The plan has no action with an owner and a date for {self._numbers(uncovered)}."
            return TraceLine(f"{rule}.plan", False, text, uncovered)
        if condition.state == "accepted" and not plan.is_accepted:
            return TraceLine(
                f"{rule}.plan",
                False,
                "The plan covers every gap, but it is not agreed nationally: the national site has not been seen to show Approaching Standards.",
            )
        text = "The plan has an action, an owner and a date for every gap." if gaps else "There is no gap that needs a plan."
        return TraceLine(f"{rule}.plan", True, text)

    def _published(self, condition: c.PublishedBefore, rule: str) -> TraceLine:
        before = [level for level in condition.levels if level in self._facts.previously_published]
        names = " and ".join(LEVELS[level] for level in before)
        if before:
            return TraceLine(f"{rule}.published", True, f"This organisation has published {names} before.")
        wanted = " or ".join(LEVELS[level] for level in condition.levels)
        return TraceLine(f"{rule}.published", False, f"This organisation has not published {wanted} before.")

    def _type(self, condition: c.TypeIsOneOf, rule: str) -> TraceLine:
        types = self._facts.edition.organisation_types
        labels = ", ".join(types[key].label for key in condition.organisation_types)
        holds = self._facts.organisation_type in condition.organisation_types
        return TraceLine(f"{rule}.organisation_type", holds, f"{LEVELS[rule]} is meant for: {labels}.")

    def _outcomes(self, condition: c.OutcomesAtProfile, rule: str) -> TraceLine:
        below = self._facts.unsettled("met")
        total = _count(len(self._facts.required("met")), "outcome", "outcomes")
        if not below:
            return TraceLine(f"{rule}.outcomes", True, f"All of the {total} reach the profile.")
        text = f"{len(below)} of the {total} {'does' if len(below) == 1 else 'do'} not reach the profile: {self._numbers(below)}."
        return TraceLine(f"{rule}.outcomes", False, text, below)

    def _directives(self, condition: c.DirectivesAnswered, rule: str) -> TraceLine:
        open_outcomes = []
        for outcome in self._facts.edition.outcomes():
            response = self._facts.responses.get(outcome.id)
            counts = isinstance(response, OutcomeResponse) and response.work_state in COUNTED_WORK_STATES
            answers = response.directives if isinstance(response, OutcomeResponse) and counts else {}
            if any(answers.get(directive.id) not in ("compliant", "plan") for directive in outcome.directives):
                open_outcomes.append(outcome.id)
        if not open_outcomes:
            return TraceLine(f"{rule}.directives", True, "Every policy question is answered with compliance or a plan.")
        text = f"A policy question is not answered with compliance or a plan: {self._numbers(open_outcomes)}."
        return TraceLine(f"{rule}.directives", False, text, tuple(open_outcomes))

    def _numbers(self, identities: Collection[str]) -> str:
        if self._facts.edition.style == "outcome":
            shown = {outcome.id: outcome.code for outcome in self._facts.edition.outcomes()}
            return ", ".join(shown[identity] for identity in identities)
        return ", ".join(self._facts.edition.item(identity).number for identity in identities)
