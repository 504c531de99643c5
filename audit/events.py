"""The names of events and how each is told in words.

Each app registers its own in ``AppConfig.ready``. Recording an event that nobody registered is an
error, so a new kind of act cannot happen without a sentence that an auditor can read.
"""

from collections.abc import Mapping
from typing import Any

_sentences: dict[str, str] = {}


class UnknownEventTypeError(LookupError):
    """The event type was never registered."""


class _Forgiving(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"


def register(sentences: Mapping[str, str]) -> None:
    """Add event types. A sentence follows the actor's name and may use keys of the summary: ``"imported {rows} rows"``."""
    _sentences.update(sentences)


def require(event_type: str) -> None:
    """Refuse a type nobody registered."""
    if event_type not in _sentences:
        raise UnknownEventTypeError(f"No sentence is registered for the event {event_type!r}.")


def in_words(event_type: str, summary: Mapping[str, Any]) -> str:
    """What happened, as the end of a sentence that begins with who did it."""
    sentence = _sentences.get(event_type, event_type)
    return sentence.format_map(_Forgiving(summary))


def types() -> list[str]:
    """Every registered type, sorted."""
    return sorted(_sentences)
