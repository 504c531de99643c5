"""Is one outcome (CAF-aligned) at the level its profile expects? The level comes from the indicators, with the reason."""

from collections.abc import Collection
from dataclasses import dataclass

from assessment.edition_format.types import LevelStep, Outcome
from assessment.judging.facts import (
    COUNTED_WORK_STATES,
    INSUFFICIENT_EVIDENCE,
    NOT_SATISFIED,
    SATISFIED,
    UNANSWERED,
    OutcomeResponse,
    Verdict,
)
from assessment.judging.items import uncounted


@dataclass(frozen=True)
class OutcomeLevel:
    """``computed`` from the indicators, ``level`` after a person's override and the directives' caps; None: unknown."""

    computed: str | None
    level: str | None
    reason: str


def outcome_level(
    outcome: Outcome, response: OutcomeResponse | None, *, steps: Collection[LevelStep], levels: tuple[str, ...]
) -> OutcomeLevel:
    """Judge an outcome by its indicators; a step that hangs on an unjudged indicator leaves the level unknown."""
    if response is None or response.work_state not in COUNTED_WORK_STATES:
        return OutcomeLevel(None, None, "The indicators are not judged yet.")
    computed = _computed_level(outcome, response, steps)
    if computed is None:
        return OutcomeLevel(None, None, "Some indicators that decide the level are not judged yet.")
    level, reason = computed, f"The indicators give {_words(computed)}."
    if response.override_level in levels and response.override_level != computed:
        given = {"reason": response.override_reason.strip(), "reviewer": response.override_reviewer.strip()}
        missing = [need for need in outcome.override_needs if not given[need]]
        if not outcome.override_allowed:
            reason += " Another level cannot be chosen for this outcome."
        elif missing:
            reason += f" A person chose {_words(response.override_level)}, but without a {' and a '.join(missing)}."
        else:
            level = response.override_level
            reason += f" A person chose {_words(level)} instead: {response.override_reason.strip()}"
    for directive in outcome.directives:
        cap = directive.caps.get(response.directives.get(directive.id, ""))
        if cap is not None and levels.index(cap) < levels.index(level):
            level = cap
            reason += f" A policy question limits it to {_words(cap)}."
    return OutcomeLevel(computed, level, reason)


def _words(level: str) -> str:
    return f'"{level.replace("_", " ")}"'


def _computed_level(outcome: Outcome, response: OutcomeResponse, steps: Collection[LevelStep]) -> str | None:
    for step in steps:
        if step.test is None:
            return step.then
        judged = [response.indicators.get(indicator.id) for indicator in outcome.indicators.get(step.group or "", ())]
        holds: bool | None
        if step.test == "any_true":
            holds = True if True in judged else None if None in judged else False
        else:
            holds = False if False in judged or not judged else None if None in judged else True
        if holds is None:
            return None
        if holds:
            return step.then
    return None


def outcome_verdict(
    outcome: Outcome,
    response: OutcomeResponse | None,
    *,
    expected: str,
    steps: Collection[LevelStep],
    levels: tuple[str, ...],
) -> Verdict:
    """Whether an outcome reaches the level its profile expects, with the statement and evidence asked for."""
    found = outcome_level(outcome, response, steps=steps, levels=levels)
    if found.level is None or response is None:
        return Verdict(UNANSWERED, found.reason)
    if levels.index(found.level) < levels.index(expected):
        return Verdict(NOT_SATISFIED, f"{found.reason} The profile expects {_words(expected)}.")
    if outcome.statement_required in ("final", "always") and not response.statement.strip():
        return Verdict(INSUFFICIENT_EVIDENCE, f"{found.reason} The supporting statement is missing.")
    limit = outcome.statement_max_words
    if limit is not None and len(response.statement.split()) > limit:
        return Verdict(NOT_SATISFIED, f"The supporting statement has more than {limit} words.")
    if sum(piece.is_usable for piece in response.evidence) < outcome.evidence_minimum:
        needed = f"At least {outcome.evidence_minimum} piece of evidence must be attached."
        if len(response.evidence) >= outcome.evidence_minimum:
            needed = uncounted(response.evidence)
        return Verdict(INSUFFICIENT_EVIDENCE, f"{found.reason} {needed}")
    return Verdict(SATISFIED, f"{found.reason} The profile expects {_words(expected)}.")
