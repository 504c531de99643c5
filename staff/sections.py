"""What other apps know of a person and show on their page. Each registers its own in ``AppConfig.ready``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from accounts.policy import Access
from staff.models import Person


@dataclass(frozen=True)
class Section:
    """A part of a person's page: a heading, a template of the app it comes from, and what that template needs."""

    title: str
    template: str
    context: dict[str, Any]


Provider = Callable[..., Section | None]
"""Takes the person, ``on`` and ``access``. None: nothing that this reader may see."""

_providers: list[Provider] = []


def register(provider: Provider) -> None:
    """Add a part to every person's page."""
    if provider not in _providers:
        _providers.append(provider)


def sections_of(person: Person, *, on: date, access: Access) -> list[Section]:
    """The parts of a person's page that the reader may see."""
    found = (provider(person, on=on, access=access) for provider in _providers)
    return [section for section in found if section is not None]
