"""Where a rights request or a complaint stands on a date: a pure function of its steps and the clocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from registers.clocks import COMPLAINTS_DUTY_FROM, Pause, acknowledge_by, paused_days, respond_by
from registers.models.rights import Matter, MatterKind, MatterStep, Outcome, StepKind


class MatterState(StrEnum):
    WAITING_IDENTITY = "waiting-identity"
    PAUSED = "paused"
    TO_ACKNOWLEDGE = "to-acknowledge"
    OPEN = "open"
    LATE = "late"
    ANSWERED = "answered"
    ANSWERED_LATE = "answered-late"


STATE_WORDS = {
    MatterState.WAITING_IDENTITY: "Waiting: who are they?",
    MatterState.PAUSED: "Waiting: what do they mean?",
    MatterState.TO_ACKNOWLEDGE: "Acknowledge it",
    MatterState.OPEN: "To answer",
    MatterState.LATE: "Late",
    MatterState.ANSWERED: "Answered",
    MatterState.ANSWERED_LATE: "Answered late",
}


@dataclass(frozen=True)
class MatterStanding:
    """A matter on a date. ``due_on`` is None while nothing can fall due, and for complaints once acknowledged."""

    matter: Matter
    state: MatterState
    due_on: date | None
    first_due_on: date | None
    """The end of the first month: until then two more may be claimed."""
    is_extended: bool
    paused: int
    acknowledged_on: date | None
    acknowledge_by: date | None
    answered: MatterStep | None
    has_lesson: bool

    @property
    def words(self) -> str:
        return STATE_WORDS[self.state]

    @property
    def is_open(self) -> bool:
        return self.answered is None

    @property
    def was_acknowledged_in_time(self) -> bool:
        return bool(self.acknowledged_on and self.acknowledge_by and self.acknowledged_on <= self.acknowledge_by)

    @property
    def sentence(self) -> str:
        """What the clock says, for a person."""
        match self.state:
            case MatterState.WAITING_IDENTITY:
                return "The month begins on the day they show who they are."
            case MatterState.PAUSED:
                return f"The clock stands still until they say what they mean: {_days(self.paused)} so far."
            case MatterState.ANSWERED | MatterState.ANSWERED_LATE:
                return "Answered." if self.due_on is None else f"Answered {'late' if self._is_late else 'in time'}."
        if self.due_on is None:
            return "Answer without undue delay, and tell them how it goes."
        extra = ", with two more months" if self.is_extended else ""
        left_out = f", with {_days(self.paused)} left out" if self.paused else ""
        return f"{'Acknowledge' if self.matter.is_complaint else 'Answer'} it by the date{extra}{left_out}."

    @property
    def _is_late(self) -> bool:
        return self.state == MatterState.ANSWERED_LATE


def stand(matter: Matter, steps: Sequence[MatterStep], *, on: date) -> MatterStanding:
    """Where a matter stands on a date, from the steps up to and including it."""
    steps = [step for step in steps if step.on <= on]
    answered = _last(steps, StepKind.ANSWERED)
    has_lesson = _last(steps, StepKind.LESSON) is not None
    if matter.is_complaint:
        return _stand_complaint(matter, steps, on, answered, has_lesson=has_lesson)
    asked, shown = _last(steps, StepKind.IDENTITY_ASKED), _last(steps, StepKind.IDENTITY_SHOWN)
    pauses = _pauses(matter, steps)
    paused = paused_days(pauses, on=answered.on if answered else on)
    is_extended = _last(steps, StepKind.EXTENDED) is not None
    waits = asked is not None and shown is None
    starts_on = shown.on if shown else matter.received_on
    due_on = None if waits and not answered else respond_by(starts_on, extended=is_extended, paused=paused)
    is_paused = any(pause.answered_on is None for pause in pauses)
    return MatterStanding(
        matter=matter,
        state=_request_state(answered, due_on, on, waits=waits, is_paused=is_paused),
        due_on=due_on,
        first_due_on=None if waits else respond_by(starts_on, paused=paused),
        is_extended=is_extended,
        paused=paused,
        acknowledged_on=None,
        acknowledge_by=None,
        answered=answered,
        has_lesson=has_lesson,
    )


def possible_steps(now: MatterStanding, steps: Sequence[MatterStep]) -> list[StepKind]:
    """What may be recorded next."""
    if not now.is_open:
        return [StepKind.LESSON]
    if now.matter.is_complaint:
        first = [] if now.acknowledged_on else [StepKind.ACKNOWLEDGED]
        return [*first, StepKind.PROGRESS, StepKind.ANSWERED, StepKind.LESSON]
    kinds = [StepKind.ANSWERED, StepKind.PROGRESS]
    if _last(steps, StepKind.IDENTITY_ASKED) is None:
        kinds.append(StepKind.IDENTITY_ASKED)
    elif _last(steps, StepKind.IDENTITY_SHOWN) is None:
        kinds.append(StepKind.IDENTITY_SHOWN)
    # Only the clock of a request for access may be stopped by a question.
    if now.matter.kind == MatterKind.ACCESS:
        kinds.append(StepKind.CLARITY_GIVEN if now.state == MatterState.PAUSED else StepKind.CLARITY_ASKED)
    if not now.is_extended and now.state != MatterState.WAITING_IDENTITY:
        kinds.append(StepKind.EXTENDED)
    return [*kinds, StepKind.LESSON]


def outcomes_for(matter: Matter) -> list[Outcome]:
    """How a matter of this kind may end."""
    if matter.is_complaint:
        return [Outcome.UPHELD, Outcome.PARTLY_UPHELD, Outcome.NOT_UPHELD, Outcome.WITHDRAWN]
    return [Outcome.DONE, Outcome.PARTLY, Outcome.REFUSED, Outcome.WITHDRAWN]


def _stand_complaint(
    matter: Matter, steps: Sequence[MatterStep], on: date, answered: MatterStep | None, *, has_lesson: bool
) -> MatterStanding:
    acknowledged = _last(steps, StepKind.ACKNOWLEDGED)
    # An answer within the time is an acknowledgement too.
    acknowledged_on = acknowledged.on if acknowledged else answered.on if answered else None
    # Before the duty began there was no date to keep.
    by = acknowledge_by(matter.received_on) if matter.received_on >= COMPLAINTS_DUTY_FROM else None
    if answered:
        state = MatterState.ANSWERED
    elif acknowledged_on:
        state = MatterState.OPEN
    else:
        state = MatterState.LATE if by and on > by else MatterState.TO_ACKNOWLEDGE
    return MatterStanding(
        matter=matter,
        state=state,
        due_on=None if acknowledged_on else by,
        first_due_on=None,
        is_extended=False,
        paused=0,
        acknowledged_on=acknowledged_on,
        acknowledge_by=by,
        answered=answered,
        has_lesson=has_lesson,
    )


def _request_state(answered: MatterStep | None, due_on: date | None, on: date, *, waits: bool, is_paused: bool) -> MatterState:
    if answered:
        is_late = due_on is not None and answered.on > due_on and answered.outcome != Outcome.WITHDRAWN
        return MatterState.ANSWERED_LATE if is_late else MatterState.ANSWERED
    if waits:
        return MatterState.WAITING_IDENTITY
    if is_paused:
        return MatterState.PAUSED
    return MatterState.LATE if due_on and on > due_on else MatterState.OPEN


def _pauses(matter: Matter, steps: Sequence[MatterStep]) -> list[Pause]:
    if matter.kind != MatterKind.ACCESS:
        return []
    pauses: list[Pause] = []
    asked_on: date | None = None
    for step in steps:
        if step.kind == StepKind.CLARITY_ASKED and asked_on is None:
            asked_on = step.on
        elif step.kind == StepKind.CLARITY_GIVEN and asked_on is not None:
            pauses.append(Pause(asked_on, step.on))
            asked_on = None
    return [*pauses, Pause(asked_on, None)] if asked_on else pauses


def _last(steps: Sequence[MatterStep], kind: StepKind) -> MatterStep | None:
    return next((step for step in reversed(steps) if step.kind == kind), None)


def _days(number: int) -> str:
    return f"{number} day{'' if number == 1 else 's'}"


SOON = timedelta(days=7)
"""How long before its date a matter is shown as due soon."""
