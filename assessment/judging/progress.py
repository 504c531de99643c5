"""How far the work is: counts of what is answered and satisfied, whole and by group."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from assessment.edition_format import types as t
from assessment.edition_format.words import CARE_SECTIONS, PLAIN_STANDARDS, SECTIONS
from assessment.judging.case import Facts, Responses
from assessment.judging.facts import (
    EXEMPT,
    NO_PROFILE,
    NOT_APPLICABLE,
    SETTLED,
    UNANSWERED,
    Certificate,
    LiveReading,
    Profile,
    Verdict,
)


@dataclass(frozen=True)
class ProgressGroup:
    """A standard, plain standard or section. ``satisfied`` counts what is satisfied, exempt or does not apply."""

    key: str
    label: str
    items: int
    required: int
    answered: int
    satisfied: int


@dataclass(frozen=True)
class Progress:
    """How far the work is. ``answered`` and ``satisfied`` are of the required items, and so is ``required``.

    ``answered``: has a verdict other than unanswered (a "no" is an answer). ``satisfied``: counts towards *met*,
    which an exempt item and one that rightly does not apply do. ``optional_answered`` is of the other items.
    """

    items: int
    required: int
    answered: int
    satisfied: int
    exempt: int
    not_applicable: int
    optional: int
    optional_answered: int
    assertions: int
    assertions_confirmed: int
    by_standard: tuple[ProgressGroup, ...]
    by_plain_standard: tuple[ProgressGroup, ...]
    by_section: tuple[ProgressGroup, ...]
    by_care_section: tuple[ProgressGroup, ...]


def progress(
    edition: t.EditionFile,
    organisation_type: str,
    *,
    responses: Responses,
    on: date,
    certificates: Collection[Certificate] = (),
    confirmations: Collection[str] = (),
    profile: Profile = NO_PROFILE,
    readings: Mapping[str, LiveReading] | None = None,
) -> Progress:
    """Count what is answered and satisfied: whole, by the edition's own standards, the ten plain ones and the sections.

    Arguments as for :func:`assessment.scoring.computed_standard`.

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
        profile=profile,
        readings=readings or {},
    )
    found = facts.verdicts
    required = facts.required("met")
    optional = [identity for identity in found if identity not in set(required)]
    needed = facts.assertions("met")
    return Progress(
        items=len(found),
        required=len(required),
        answered=_having(found, required, lambda state: state != UNANSWERED),
        satisfied=_having(found, required, lambda state: state in SETTLED),
        exempt=_having(found, required, lambda state: state == EXEMPT),
        not_applicable=_having(found, required, lambda state: state == NOT_APPLICABLE),
        optional=len(optional),
        optional_answered=_having(found, optional, lambda state: state != UNANSWERED),
        assertions=len(needed),
        assertions_confirmed=sum(assertion.id in facts.confirmations for assertion in needed),
        by_standard=_grouped(facts, _standards(edition), _titles(edition)),
        by_plain_standard=_grouped(
            facts, _tags(edition, "plain_standard"), {str(number): label for number, label in PLAIN_STANDARDS.items()}
        ),
        by_section=_grouped(facts, _tags(edition, "section"), SECTIONS),
        by_care_section=_grouped(facts, _tags(edition, "care_section"), CARE_SECTIONS),
    )


def _having(found: Mapping[str, Verdict], identities: Collection[str], test: Callable[[str], bool]) -> int:
    return sum(test(found[identity].state) for identity in identities)


def _titles(edition: t.EditionFile) -> dict[str, str]:
    standards = {standard.id: standard.title for standard in edition.standards}
    return standards or {objective.id: objective.title for objective in edition.objectives}


def _standards(edition: t.EditionFile) -> Iterator[tuple[str, str]]:
    """Item or outcome id with the id of its standard or objective."""
    for standard in edition.standards:
        for assertion in standard.assertions:
            yield from ((item.id, standard.id) for item in assertion.items)
    for objective in edition.objectives:
        for principle in objective.principles:
            yield from ((outcome.id, objective.id) for outcome in principle.outcomes)


def _tags(edition: t.EditionFile, name: str) -> Iterator[tuple[str, str]]:
    parts: list[t.Item | t.Outcome] = [*edition.items(), *edition.outcomes()]
    for part in parts:
        tag = getattr(part, name, None)
        if tag is not None:
            yield part.id, str(tag)


def _grouped(facts: Facts, members: Iterator[tuple[str, str]], labels: Mapping[str, str]) -> tuple[ProgressGroup, ...]:
    """One group per label that has a member, in the order of the labels."""
    groups: dict[str, list[str]] = {}
    for identity, key in members:
        if identity in facts.verdicts:
            groups.setdefault(key, []).append(identity)
    needed = set(facts.required("met"))
    found = facts.verdicts
    return tuple(
        ProgressGroup(
            key=key,
            label=label,
            items=len(groups[key]),
            required=len(of := [identity for identity in groups[key] if identity in needed]),
            answered=_having(found, of, lambda state: state != UNANSWERED),
            satisfied=_having(found, of, lambda state: state in SETTLED),
        )
        for key, label in labels.items()
        if key in groups
    )
