"""Which function does which kind of job. Apps register theirs in their ``tasks`` module."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any, Protocol

from accounts.enums import Capability


class Progress(Protocol):
    """Tells how far the work is; also the job's sign of life."""

    def __call__(self, done: int, total: int, note: str = "") -> None: ...


def in_steps(progress: Progress, steps: Sequence[Enum]) -> Callable[[Any], None]:
    """What tells that work has come to a step: its place among the steps, and its value as the words. Other steps are passed over."""

    def tell(step: Enum) -> None:
        if step in steps:
            progress(steps.index(step), len(steps), step.value)

    return tell


Handler = Callable[..., dict[str, Any]]
"""Takes the job's arguments as keywords, and ``progress``; returns the job's result, JSON values only.

A result may hold ``url``, the address of the page to show when the work is done."""

_handlers: dict[str, Handler] = {}
_needed: dict[str, tuple[Capability, ...]] = {}


class JobFailedError(Exception):
    """The work cannot be done; the text says why, fit for the person who asked. It is not tried again."""


def handles(kind: str, *capabilities: Capability) -> Callable[[Handler], Handler]:
    """Register the function for one kind of job. It must stand being run twice.

    Args:
        kind: its name.
        capabilities: whoever asked must hold one of them when the work begins and whenever it tells how far it is; none
            where the work follows from what was done, such as a letter about it, and goes on whoever did it.
    """

    def mark(handler: Handler) -> Handler:
        _handlers[kind], _needed[kind] = handler, capabilities
        return handler

    return mark


def needed_for(kind: str) -> tuple[Capability, ...]:
    """The capabilities of which whoever asked must go on holding one."""
    return _needed.get(kind, ())


def handler_for(kind: str) -> Handler:
    """The function of a kind.

    Raises:
        LookupError: no app registered it.
    """
    if kind not in _handlers:
        raise LookupError(f"Nothing handles jobs of the kind {kind!r}.")
    return _handlers[kind]
