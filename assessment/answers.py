"""Answers as they are stored, typed by the kind the edition asks for: read from a form, judged, and put in words.

Stored: ``{"kind": "date", "value": "2026-03-31"}``; numbers and dates as text, so that the same answer always has the
same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from assessment.edition_format.types import Answer, Item, Outcome
from assessment.scoring import OutcomeResponse

Stored = dict[str, Any]


class AnswerRefusedError(ValueError):
    """The answer is not of the kind the item asks for; the text says what to do."""


def typed(answer: Answer, raw: Any, *, today: date) -> Stored | None:
    """The stored form of what a person entered, or None if they entered nothing.

    Raises:
        AnswerRefusedError: it cannot be an answer of this kind.
    """
    if raw is None or (isinstance(raw, str) and not raw.strip()):
        return None
    value = raw.strip() if isinstance(raw, str) else raw
    if answer.kind == "yes_no":
        return {"kind": "yes_no", "value": _one_of(value, ("yes", "no"), "Choose yes or no.")}
    if answer.kind == "choice":
        return {
            "kind": "choice",
            "value": _one_of(value, tuple(option.value for option in answer.options), "Choose one of the answers."),
        }
    if answer.kind == "date":
        return {"kind": "date", "value": _day(answer, value, today).isoformat()}
    if answer.kind == "number":
        return {"kind": "number", "value": _number(value)}
    return {"kind": answer.kind, "value": _words(answer, value)}


def _one_of(value: Any, allowed: tuple[str, ...], otherwise: str) -> str:
    if value not in allowed:
        raise AnswerRefusedError(otherwise)
    return str(value)


def _day(answer: Answer, value: Any, today: date) -> date:
    try:
        day = value if isinstance(value, date) else date.fromisoformat(str(value))
    except ValueError as error:
        raise AnswerRefusedError("Enter a real date, for example 27 3 2026.") from error
    if answer.not_after_today and day > today:
        raise AnswerRefusedError("Enter a date that is not in the future: the item asks when it was done.")
    return day


def _number(value: Any) -> str:
    try:
        number = Decimal(str(value).replace(",", ""))
    except InvalidOperation as error:
        raise AnswerRefusedError("Enter a number, for example 12.") from error
    if not number.is_finite() or abs(number) >= Decimal(10) ** 12:
        raise AnswerRefusedError("Enter a number, for example 12.")
    return format(number.normalize(), "f")


def _words(answer: Answer, value: Any) -> str:
    if not isinstance(value, str):
        raise AnswerRefusedError("Answer in words.")
    if answer.max_words is not None and len(value.split()) > answer.max_words:
        raise AnswerRefusedError(f"Use at most {answer.max_words} words: you have used {len(value.split())}.")
    if len(value) > 20_000:
        raise AnswerRefusedError("The answer is too long: keep it under 20,000 characters and attach the rest as a document.")
    return value


def typed_outcome(outcome: Outcome, raw: Any, *, levels: tuple[str, ...]) -> Stored | None:
    """The stored judgement of an outcome: indicators true or false, policy answers, a statement, a person's own level.

    Raises:
        AnswerRefusedError: it speaks of something the outcome does not have.
    """
    if not raw:
        return None
    known = {indicator.id for group in outcome.indicators.values() for indicator in group}
    indicators = {key: value for key, value in raw.get("indicators", {}).items() if value is not None}
    directives = {key: value for key, value in raw.get("directives", {}).items() if value}
    allowed = {directive.id: directive.answers for directive in outcome.directives}
    level = raw.get("override_level") or ""
    if not set(indicators) <= known or not all(isinstance(value, bool) for value in indicators.values()):
        raise AnswerRefusedError("Answer true or not true for each of the statements shown.")
    if any(value not in allowed.get(key, ()) for key, value in directives.items()):
        raise AnswerRefusedError("Choose one of the answers for each policy question.")
    if level and (level not in levels or not outcome.override_allowed):
        raise AnswerRefusedError("This level cannot be chosen for this outcome.")
    words = {key: str(raw.get(key, "")).strip() for key in ("statement", "override_reason", "override_reviewer")}
    if not (indicators or directives or level or any(words.values())):
        return None
    return {"kind": "outcome", "value": {"indicators": indicators, "directives": directives, "override_level": level, **words}}


def plain(stored: Stored | None) -> Any:
    """The stored answer as the rules want it: text, a date or a Decimal."""
    if stored is None:
        return None
    value = stored["value"]
    if stored["kind"] == "date":
        return date.fromisoformat(value)
    if stored["kind"] == "number":
        return Decimal(value)
    return value


def in_words(stored: Stored | None, answer: Answer | None = None) -> str:
    """The stored answer for a page."""
    if stored is None:
        return ""
    value = plain(stored)
    if stored["kind"] == "yes_no":
        return {"yes": "Yes", "no": "No"}[value]
    if stored["kind"] == "choice" and answer is not None:
        return next((option.label for option in answer.options if option.value == value), str(value))
    if isinstance(value, date):
        return f"{value.day} {value:%B %Y}"
    if stored["kind"] == "outcome":
        return _outcome_words(value)
    return str(value)


def _outcome_words(value: Mapping[str, Any]) -> str:
    judged = value.get("indicators", {})
    true = sum(bool(answer) for answer in judged.values())
    words = f"{len(judged)} {'indicator' if len(judged) == 1 else 'indicators'} judged, {true} of them true."
    if value.get("override_level"):
        words += f" Level chosen by a person: {value['override_level'].replace('_', ' ')}."
    return f"{words} Statement: {value['statement']}" if value.get("statement") else words


def outcome_facts(stored: Stored | None) -> OutcomeResponse:
    """The stored judgement of an outcome as the rules want it."""
    value = stored["value"] if stored else {}
    return OutcomeResponse(
        indicators=dict(value.get("indicators", {})),
        override_level=value.get("override_level") or None,
        override_reason=value.get("override_reason", ""),
        override_reviewer=value.get("override_reviewer", ""),
        directives=dict(value.get("directives", {})),
        statement=value.get("statement", ""),
    )


def is_answered(spec: Item | Outcome, stored: Stored | None, *, has_evidence: bool) -> bool:
    """Whether there is an answer to what is asked: a value, or evidence where a document is asked for."""
    return stored is not None or (has_evidence and isinstance(spec, Item) and spec.answer.kind == "document")


def refitted(spec: Item | Outcome, stored: Stored | None, *, levels: tuple[str, ...], today: date) -> Stored | None:
    """An answer under a changed requirement: what of it can still be an answer; None where it cannot."""
    if stored is None:
        return None
    if isinstance(spec, Item):
        try:
            return typed(spec.answer, plain(stored), today=today) if stored["kind"] == spec.answer.kind else None
        except AnswerRefusedError:
            return None
    known = {indicator.id for group in spec.indicators.values() for indicator in group}
    allowed = {directive.id: directive.answers for directive in spec.directives}
    value = dict(stored["value"])
    value["indicators"] = {key: one for key, one in value.get("indicators", {}).items() if key in known}
    value["directives"] = {key: one for key, one in value.get("directives", {}).items() if one in allowed.get(key, ())}
    try:
        return typed_outcome(spec, value, levels=levels)
    except AnswerRefusedError:
        return None
