"""Which function does which kind of job. Apps register theirs in their ``tasks`` module."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any, Protocol


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


class JobFailedError(Exception):
    """The work cannot be done; the text says why, fit for the person who asked. It is not tried again."""


def handles(kind: str) -> Callable[[Handler], Handler]:
    """Register the function for one kind of job. It must stand being run twice."""

    def mark(handler: Handler) -> Handler:
        _handlers[kind] = handler
        return handler

    return mark


def handler_for(kind: str) -> Handler:
    """The function of a kind.

    Raises:
        LookupError: no app registered it.
    """
    if kind not in _handlers:
        raise LookupError(f"Nothing handles jobs of the kind {kind!r}.")
    return _handlers[kind]
