"""What an item requires, taken apart: what binds an answer, what only words it, what only helps. Pure.

Every field of an item or outcome stands in exactly one of three classes, so that a new field has to be put somewhere
before anything passes (a test says so):

* *guidance* helps whoever answers. Nobody confirms it, and changing it touches nothing.
* *wording* is what was asked, in words: the answer may stand, but somebody has to look again.
* *structural* is what counts as an answer: kind, bounds, duty, exemptions, evidence. What was answered may not answer it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from typing import Any

from assessment.edition_format.types import Assertion, EditionFile, Item, Outcome

GUIDANCE, WORDING, STRUCTURAL = "guidance", "wording", "structural"
CLASSES = (GUIDANCE, WORDING, STRUCTURAL)
"""From what touches nothing to what touches most."""

Spec = Item | Outcome

CLASS_OF = {
    Item: {
        GUIDANCE: (
            *("section", "care_section", "plain_standard", "confidence", "verified", "source", "change", "note", "help"),
            *("good_evidence", "guidance_url"),
        ),
        WORDING: ("number", "title"),
        STRUCTURAL: ("answer", "not_applicable", "required_for", "checks", "exempted_by", "live", "evidence"),
    },
    Outcome: {
        GUIDANCE: ("section", "plain_standard", "confidence", "verified", "source", "change", "note", "help", "good_evidence"),
        WORDING: ("code", "title"),
        STRUCTURAL: (
            *("level_rule", "indicators", "directives", "override_allowed", "override_needs", "evidence_minimum"),
            *("statement_required", "statement_max_words"),
        ),
    },
}
"""``id`` is in none: it is what makes it the same item."""

FIELD_WORDS = {
    "number": "its number",
    "code": "its number",
    "title": "the question",
    "labels": "the words of the choices",
    "texts": "the words of the statements",
    "under": "the assertion it stands under",
    "answer": "the kind of answer, or what satisfies it",
    "not_applicable": "whether it may be marked as not applying",
    "required_for": "whether it is required",
    "checks": "what is checked",
    "exempted_by": "what stands in for it",
    "live": "the figure counted for it",
    "evidence": "the evidence it needs",
    "evidence_minimum": "the evidence it needs",
    "level_rule": "how its level is worked out",
    "indicators": "its indicators",
    "directives": "its policy questions",
    "override_allowed": "whether a person may choose another level",
    "override_needs": "what choosing another level needs",
    "statement_required": "whether it needs a statement",
    "statement_max_words": "how long the statement may be",
    "expected": "the level expected",
    "section": "the section it is shown under",
    "care_section": "the section it is shown under",
    "plain_standard": "the plain standard it is shown under",
    "confidence": "how sure we are",
    "verified": "whether it was found in an official source",
    "source": "where it was read",
    "change": "the note on what changed since last year",
    "note": "what is known about it",
    "help": "the help",
    "good_evidence": "the examples of good evidence",
    "guidance_url": "the link to guidance",
}


@dataclass(frozen=True)
class Requirement:
    """One item taken apart, as plain values. Two that are equal ask the same thing."""

    guidance: Mapping[str, Any]
    wording: Mapping[str, Any]
    structural: Mapping[str, Any]

    def of_class(self, name: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = getattr(self, name)
        return found

    @property
    def binding(self) -> dict[str, Any]:
        """What somebody who confirms an answer has confirmed it against: everything but the guidance."""
        return {WORDING: self.wording, STRUCTURAL: self.structural}


def requirement(edition: EditionFile, spec: Spec, organisation_type: str | None) -> Requirement:
    """What an edition requires by one item: of one type of organisation, or (None) of all it speaks of."""
    classes = CLASS_OF[type(spec)]
    parts = {name: {key: plain(getattr(spec, key)) for key in keys} for name, keys in classes.items()}
    if isinstance(spec, Item):
        _take_apart_item(parts, spec, organisation_type)
    else:
        _take_apart_outcome(parts, edition, spec, organisation_type)
    return Requirement(**parts)


def _take_apart_item(parts: dict[str, dict[str, Any]], spec: Item, organisation_type: str | None) -> None:
    structural = parts[STRUCTURAL]
    if organisation_type is not None:
        structural["required_for"] = sorted(spec.required_for.get(organisation_type, ()))
    structural["exempted_by"] = [_without(one, "label") for one in structural["exempted_by"]]
    structural["answer"]["options"] = [_without(one, "label") for one in structural["answer"]["options"]]
    parts[WORDING]["labels"] = {option.value: option.label for option in spec.answer.options}


def _take_apart_outcome(
    parts: dict[str, dict[str, Any]], edition: EditionFile, spec: Outcome, organisation_type: str | None
) -> None:
    structural = parts[STRUCTURAL]
    structural["indicators"] = {level: [one.id for one in group] for level, group in spec.indicators.items()}
    structural["directives"] = [_without(one, "text") for one in structural["directives"]]
    structural["level_rule"] = [plain(step) for step in edition.level_rules[spec.level_rule]]
    if organisation_type is None:
        structural["expected"] = {name: profile[spec.id] for name, profile in sorted(edition.profiles.items())}
    else:
        structural["expected"] = edition.profiles[edition.organisation_types[organisation_type].profile or ""][spec.id]
    texts = {one.id: one.text for group in spec.indicators.values() for one in group}
    parts[WORDING]["texts"] = texts | {one.id: one.text for one in spec.directives}


def assertion_binding(assertion: Assertion) -> dict[str, Any]:
    """What of the assertion itself somebody confirms; its items are bound one by one."""
    return {"id": assertion.id, "number": assertion.number, "title": assertion.title}


def specs_for(edition: EditionFile, organisation_type: str | None) -> Iterator[tuple[Spec, str]]:
    """Every item (or outcome) asked of a type, or of anybody, with the id of what it stands under; in the edition's order."""
    for assertion in edition.assertions():
        for item in assertion.items:
            if organisation_type is None or item.applies_to(organisation_type):
                yield item, assertion.id
    for objective in edition.objectives:
        for principle in objective.principles:
            for outcome in principle.outcomes:
                yield outcome, principle.id


def plain(value: Any) -> Any:
    """Dataclasses, dates and tuples as what JSON can hold, so that equal content gives equal text."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    return value


def _without(one: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in one.items() if name != key}
