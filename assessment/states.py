"""The states of an assessment and the only steps between them. Nothing else decides where a return may go."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models


class State(models.TextChoices):
    PREPARING = "preparing", "Preparing"
    IN_PROGRESS = "in_progress", "In progress"
    IN_REVIEW = "in_review", "In review"
    READY_TO_SIGN = "ready_to_sign", "Ready to sign"
    SIGNED = "signed", "Signed"
    PUBLISHED = "published", "Published here"
    SUPERSEDED = "superseded", "Replaced by a newer publication"
    WITHDRAWN = "withdrawn", "Withdrawn"


@dataclass(frozen=True)
class Step:
    """One way from one state to the next. ``verb`` completes "This return cannot be ... now"."""

    sources: tuple[State, ...]
    target: State
    verb: str
    needs_reason: bool = False


STEPS: dict[str, Step] = {
    "start": Step((State.PREPARING,), State.IN_PROGRESS, "started"),
    "submit": Step((State.IN_PROGRESS,), State.IN_REVIEW, "sent for review"),
    "send_back": Step((State.IN_REVIEW,), State.IN_PROGRESS, "sent back", needs_reason=True),
    "pass_review": Step((State.IN_REVIEW,), State.READY_TO_SIGN, "passed as ready to sign"),
    "sign": Step((State.READY_TO_SIGN,), State.SIGNED, "signed"),
    "lapse": Step((State.SIGNED,), State.READY_TO_SIGN, "marked as no longer signed", needs_reason=True),
    "unlock": Step((State.READY_TO_SIGN, State.SIGNED), State.IN_PROGRESS, "unlocked", needs_reason=True),
    "publish": Step((State.SIGNED,), State.PUBLISHED, "published"),
    "supersede": Step((State.PUBLISHED,), State.SUPERSEDED, "replaced"),
    "withdraw": Step((State.PUBLISHED,), State.WITHDRAWN, "withdrawn", needs_reason=True),
}

EDITABLE = frozenset({State.PREPARING, State.IN_PROGRESS})
"""Answers, evidence and confirmations move only here; later somebody must send the return back or unlock it first."""

CLOSED = frozenset({State.PUBLISHED, State.SUPERSEDED, State.WITHDRAWN})


class StepRefusedError(ValueError):
    """The assessment cannot take this step now; the text says why and what to do instead."""


def next_state(current: str, step_name: str, *, reason: str = "") -> State:
    """Where the step leads.

    Raises:
        StepRefusedError: the step does not start from this state, or needs a reason and has none.
        KeyError: there is no such step.
    """
    step = STEPS[step_name]
    if current not in step.sources:
        wanted = " or ".join(f"“{source.label}”" for source in step.sources)
        raise StepRefusedError(
            f"This return cannot be {step.verb} now: it is “{State(current).label}”, and it would have to be {wanted}."
        )
    if step.needs_reason and not reason.strip():
        raise StepRefusedError(f"Say why this return is {step.verb}.")
    return step.target


def require_editable(current: str) -> None:
    """Refuse a change to answers, evidence or confirmations unless work is going on.

    Raises:
        StepRefusedError: the return is in review, signed or published.
    """
    if current in EDITABLE:
        return
    if current in CLOSED:
        raise StepRefusedError(
            "This return has been published and does not change any more. Open a corrected return to publish again."
        )
    if current == State.IN_REVIEW:
        raise StepRefusedError("This return is in review. Send it back before you change it.")
    raise StepRefusedError("This return is ready to sign or signed. Unlock it, with a reason, before you change it.")
