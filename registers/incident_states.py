"""Where an incident stands: a pure function of what was written down about it and the time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from registers.breach_grid import Weight, current_grid, weigh
from registers.clocks import notify_by, whole_hours
from registers.models.incidents import BreachAssessment, BreachRole, Incident, Notification, NotificationDecision, Recipient


class State(StrEnum):
    """What an incident waits for."""

    NEW = "new"
    TO_DECIDE = "to-decide"
    TO_TELL = "to-tell"
    TO_LEARN = "to-learn"
    TO_CLOSE = "to-close"
    CLOSED = "closed"


STATE_WORDS = {
    State.NEW: "New: assess it",
    State.TO_DECIDE: "Decide who must be told",
    State.TO_TELL: "Somebody must be told",
    State.TO_LEARN: "Write down the lesson",
    State.TO_CLOSE: "Ready to close",
    State.CLOSED: "Closed",
}
REPORTER_WORDS = {State.NEW: "Received", State.CLOSED: "Closed"}
BEING_HANDLED = "Being looked into"


class ClockState(StrEnum):
    """How the 72 hours stand."""

    RUNNING = "running"
    PASSED = "passed"
    IN_TIME = "in-time"
    LATE = "late"
    NOT_NEEDED = "not-needed"


@dataclass(frozen=True)
class Clock:
    """The 72 hours from awareness. ``hours`` used when told, or left while it runs (negative when passed)."""

    state: ClockState
    due_at: datetime | None
    hours: int = 0
    is_provisional: bool = False

    @property
    def sentence(self) -> str:
        match self.state:
            case ClockState.RUNNING if self.is_provisional:
                return f"{self.hours} hours left, if the ICO must be told. Not assessed yet."
            case ClockState.RUNNING:
                return f"{self.hours} hours left to tell the ICO."
            case ClockState.PASSED:
                return f"The 72 hours passed {-self.hours} hours ago. Tell the ICO now if you must, and say why it is late."
            case ClockState.IN_TIME:
                return f"The ICO was told {self.hours} hours after we became aware, in time."
            case ClockState.LATE:
                return f"The ICO was told {self.hours} hours after we became aware, later than 72 hours."
        return "The ICO need not be told."


@dataclass(frozen=True)
class Standing:
    """An incident at one instant, with the newest facts that decide it."""

    incident: Incident
    state: State
    clock: Clock
    assessment: BreachAssessment | None
    decision: NotificationDecision | None
    weight: Weight | None
    untold: tuple[Recipient, ...]
    notifications: Sequence[Notification]
    has_lesson: bool

    @property
    def words(self) -> str:
        return STATE_WORDS[self.state]

    @property
    def reporter_words(self) -> str:
        """What the person who reported it is told."""
        return REPORTER_WORDS.get(self.state, BEING_HANDLED)

    @property
    def is_open(self) -> bool:
        return self.state != State.CLOSED

    @property
    def is_against_grid(self) -> bool:
        """The decision tells fewer than the grid advises. Allowed, with its reason."""
        if self.decision is None or self.weight is None or self._is_processor:
            return False
        return (self.weight.tell_ico and not self.decision.tell_ico) or (
            self.weight.tell_people and not self.decision.tell_people
        )

    @property
    def was_told_in_time(self) -> bool:
        return self.clock.state == ClockState.IN_TIME

    @property
    def _is_processor(self) -> bool:
        return self.assessment is not None and self.assessment.role == BreachRole.PROCESSOR


def standing(incident: Incident, *, at: datetime) -> Standing:
    """Where an incident stands. Costs no query after ``with_facts``."""
    assessments, decisions = list(incident.assessments.all()), list(incident.decisions.all())
    notifications, turns = list(incident.notifications.all()), list(incident.turns.all())
    assessment = assessments[-1] if assessments else None
    # A decision taken before the newest assessment was taken on other grounds, and must be taken again.
    decision = next((d for d in reversed(decisions) if assessment and d.at >= assessment.at), None)
    has_lesson = bool(incident.learnings.all())
    untold = _untold(assessment, decision, notifications)
    return Standing(
        incident=incident,
        state=_state(assessment, decision, untold, has_lesson=has_lesson, is_closed=bool(turns) and turns[-1].is_closed),
        clock=_clock(incident, assessment, decision, notifications, at),
        assessment=assessment,
        decision=decision,
        weight=weight_of(assessment),
        untold=untold,
        notifications=notifications,
        has_lesson=has_lesson,
    )


def weight_of(assessment: BreachAssessment | None) -> Weight | None:
    """What the grid says; nothing where no personal information was affected."""
    if assessment is None or not assessment.is_breach:
        return None
    grid = current_grid()
    return weigh(grid, likelihood=assessment.likelihood, impact=assessment.impact, vulnerable=assessment.vulnerable)


def _state(
    assessment: BreachAssessment | None,
    decision: NotificationDecision | None,
    untold: tuple[Recipient, ...],
    *,
    has_lesson: bool,
    is_closed: bool,
) -> State:
    if is_closed:
        return State.CLOSED
    if assessment is None:
        return State.NEW
    if assessment.is_breach and decision is None:
        return State.TO_DECIDE
    if untold:
        return State.TO_TELL
    return State.TO_CLOSE if has_lesson else State.TO_LEARN


def _untold(
    assessment: BreachAssessment | None, decision: NotificationDecision | None, notifications: Sequence[Notification]
) -> tuple[Recipient, ...]:
    if assessment is None or not assessment.is_breach or decision is None:
        return ()
    wanted = []
    if assessment.role == BreachRole.PROCESSOR:
        wanted.append(Recipient.CONTROLLER)
    if decision.tell_ico:
        wanted.append(Recipient.ICO)
    if decision.tell_people:
        wanted.append(Recipient.PEOPLE)
    told = {notification.recipient for notification in notifications}
    return tuple(recipient for recipient in wanted if recipient not in told)


def _clock(
    incident: Incident,
    assessment: BreachAssessment | None,
    decision: NotificationDecision | None,
    notifications: Sequence[Notification],
    at: datetime,
) -> Clock:
    aware_at = assessment.aware_at if assessment else incident.noticed_at
    due_at = notify_by(aware_at)
    told = min((n.told_at for n in notifications if n.recipient == Recipient.ICO), default=None)
    if told is not None:
        in_time = told <= due_at
        return Clock(ClockState.IN_TIME if in_time else ClockState.LATE, due_at, _hours_used(told - aware_at, in_time=in_time))
    if (assessment is None and incident.is_near_miss) or _need_not_be_told(assessment, decision):
        return Clock(ClockState.NOT_NEEDED, None)
    left = due_at - at
    state = ClockState.RUNNING if left >= timedelta(0) else ClockState.PASSED
    return Clock(state, due_at, whole_hours(left), is_provisional=assessment is None)


def _need_not_be_told(assessment: BreachAssessment | None, decision: NotificationDecision | None) -> bool:
    if assessment is None:
        return False
    # For a processor the 72 hours are the controller's.
    not_ours = not assessment.is_breach or assessment.role == BreachRole.PROCESSOR
    return not_ours or (decision is not None and not decision.tell_ico)


def _hours_used(span: timedelta, *, in_time: bool) -> int:
    """Whole hours; a late one counts the hour it broke into, so that late never reads as 72."""
    hours = whole_hours(span)
    return hours if in_time or span == timedelta(hours=hours) else hours + 1
