"""What other apps know of the organisations of a group. Each registers a column in ``AppConfig.ready``."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Column:
    """A heading, and words for each organisation by its id; an organisation without any has ``nothing``."""

    heading: str
    words: Mapping[int, str]
    nothing: str


Provider = Callable[..., Column]
"""Takes the ids of organisations, and ``on``. It answers for all of them in as many statements as for one."""

_providers: list[Provider] = []


def register(provider: Provider) -> None:
    """Add a column to the page of head office."""
    if provider not in _providers:
        _providers.append(provider)


def columns_of(organisations: Collection[int], *, on: date) -> list[Column]:
    return [provider(organisations, on=on) for provider in _providers]
