"""What a new organisation does first. Each app registers its own steps in ``AppConfig.ready``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse

from accounts.enums import Capability
from accounts.models import Organisation
from accounts.policy import Access


@dataclass(frozen=True)
class Step:
    """One thing to do. ``is_done`` looks at what is there now, so a step can come open again."""

    order: int
    title: str
    hint: str
    url_name: str
    capability: Capability
    is_done: Callable[[Organisation], bool]


@dataclass(frozen=True)
class Standing:
    """A step as it stands for one organisation."""

    title: str
    hint: str
    href: str
    is_done: bool


_steps: list[Step] = []


def register(
    title: str, *, hint: str, url_name: str, capability: Capability, is_done: Callable[[Organisation], bool], order: int
) -> None:
    """Add a step for people who hold the capability. ``order`` sorts it: small numbers come first."""
    if all(step.title != title for step in _steps):
        _steps.append(Step(order, title, hint, url_name, capability, is_done))


def steps_for(access: Access | None) -> list[Standing]:
    """The steps that a person may take in the organisation they work in, in their order."""
    if access is None:
        return []
    mine = [step for step in sorted(_steps, key=lambda step: step.order) if access.can(step.capability)]
    return [Standing(step.title, step.hint, reverse(step.url_name), step.is_done(access.organisation)) for step in mine]
