"""What an item asks, as words for a page: the plain values of its answer and its evidence, and of anything else. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

NOTHING: tuple[Any, ...] = (None, "", [], {})
LONGEST = 400
"""Characters of a text that a page shows of each side."""
KINDS = {
    "yes_no": "Yes or no",
    "text": "Words",
    "date": "A date",
    "number": "A number",
    "document": "A document, or where it is kept",
    "choice": "A choice",
}
ENOUGH = {
    "yes": "only yes is enough",
    "no": "only no is enough",
    "either": "either is enough",
    "answered": "any answer is enough",
}


def in_words(field: str, value: Any) -> str:
    """The value of one field of a requirement as short words."""
    if isinstance(value, Mapping) and field in PARTS:
        words = "; ".join(PARTS[field](value))
        return words[:1].upper() + words[1:]
    return shown(value)


def _answer(value: Mapping[str, Any]) -> Iterator[str]:
    yield KINDS.get(value["kind"], shown(value["kind"]))
    if value["satisfies"] in ENOUGH:
        yield ENOUGH[value["satisfies"]]
    for option in value.get("options") or ():
        yield f"“{shown(option['value'])}” is {'enough' if option.get('satisfies') else 'not enough'}"
    yield from _bounds(value)


def _bounds(value: Mapping[str, Any]) -> Iterator[str]:
    for key, words in (("not_before", "not before"), ("not_after", "not after")):
        if value.get(key):
            yield f"{words} {_day(value[key])}"
    for key, words in (("minimum", "at least"), ("maximum", "at most")):
        if value.get(key) is not None:
            yield f"{words} {value[key]}"
    if value.get("not_after_today"):
        yield "not in the future"
    if value.get("max_words") is not None:
        yield f"at most {value['max_words']} words"


def _evidence(value: Mapping[str, Any]) -> Iterator[str]:
    count = value.get("minimum") or 0
    yield f"at least {count} {'document' if count == 1 else 'documents'}" if count else "no document has to be attached"
    if value.get("types"):
        yield f"of these kinds: {', '.join(shown(one) for one in value['types'])}"
    if value.get("window"):
        yield f"about the time from {_day(value['window']['start'])} until before {_day(value['window']['end'])}"
    if value.get("max_age_months") is not None:
        yield f"dated within {value['max_age_months']} months"
    if value.get("accept_live"):
        yield "the figure counted here is evidence too"
    if value.get("accept_location"):
        yield "saying where it is kept will do"


def _day(iso: str) -> str:
    day = date.fromisoformat(iso)
    return f"{day.day} {day:%B %Y}"


PARTS = {"answer": _answer, "evidence": _evidence}


def shown(value: Any) -> str:
    """A plain value as short words for a page."""
    if value in NOTHING:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        words = "; ".join(f"{key.replace('_', ' ')}: {shown(one)}" for key, one in value.items() if one not in NOTHING)
    elif isinstance(value, list):
        words = ", ".join(shown(one) for one in value)
    else:
        words = str(value).replace("_", " ") if len(str(value)) < 30 else str(value)
    return words if len(words) <= LONGEST else f"{words[:LONGEST]}…"
