"""What the rules look at, and what they say: answers, certificates, figures, verdicts. Plain frozen values.

Unknown is never satisfied: no answer, an answer still to be looked at again, a figure nobody counted, evidence of
unknown date, each has its own words and none of them counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from assessment.edition_format.types import Period

SATISFIED = "satisfied"
NOT_SATISFIED = "not_satisfied"
EXEMPT = "exempt"
NOT_APPLICABLE = "not_applicable"
INSUFFICIENT_EVIDENCE = "insufficient_evidence"
UNANSWERED = "unanswered"
STATES = {
    SATISFIED: "Satisfied",
    NOT_SATISFIED: "Not satisfied",
    EXEMPT: "Exempt",
    NOT_APPLICABLE: "Does not apply",
    INSUFFICIENT_EVIDENCE: "Not enough evidence",
    UNANSWERED: "Not answered",
}
SETTLED = frozenset({SATISFIED, EXEMPT, NOT_APPLICABLE})
"""What counts as complete towards a level."""

COUNTED_WORK_STATES = frozenset({"answered", "checked"})
Value = bool | str | int | Decimal | date | None


@dataclass(frozen=True)
class EvidencePiece:
    """One pinned document version.

    ``dated_on`` is the day it took effect or was approved (not the day of upload); ``covers`` the time it speaks of.
    ``unusable`` says why it does not count, as the end of a sentence that begins with "it": it was withdrawn, or cannot be opened.
    """

    id: str
    type: str | None = None
    dated_on: date | None = None
    covers: Period | None = None
    unusable: str = ""

    @property
    def is_usable(self) -> bool:
        return not self.unusable


@dataclass(frozen=True)
class Response:
    """The current answer to an item.

    ``value``: "yes"/"no" (or a bool) for yes/no; text; a date; a whole number or Decimal; an option's value; for a
    document, words saying where it is kept (the documents themselves are in ``evidence``). ``work_state`` is the
    answer's: only ``answered`` and ``checked`` count, so a carried-over answer (``recheck``) does not.
    ``not_applicable`` needs a ``reason``.
    """

    value: Value = None
    not_applicable: bool = False
    reason: str = ""
    evidence: tuple[EvidencePiece, ...] = ()
    work_state: str = "answered"


@dataclass(frozen=True)
class Certificate:
    """Valid in ``[valid_from, valid_to)``; an unknown end is never valid. ``covers_all_care_data`` is the scope."""

    kind: str
    valid_from: date
    valid_to: date | None
    covers_all_care_data: bool = False

    def is_valid(self, on: date) -> bool:
        return self.valid_to is not None and self.valid_from <= on < self.valid_to


@dataclass(frozen=True)
class Profile:
    """Yes/no answers of the organisation's dated profile that are true on the day, such as ``nhsmail_only``."""

    true_answers: frozenset[str] = frozenset()


@dataclass(frozen=True)
class LiveReading:
    """A figure counted by ``rule`` as at ``as_of``: ``numerator`` of ``denominator`` people.

    Raises:
        ValueError: the figure cannot be (negative, or more trained than there are).
    """

    rule: str
    as_of: date
    numerator: int
    denominator: int
    window_months: int
    gross: bool = True

    def __post_init__(self) -> None:
        if not 0 <= self.numerator <= self.denominator:
            raise ValueError(f"{self.numerator} of {self.denominator} is not a share of people")

    def reaches(self, target_percent: int) -> bool:
        """Exact, in whole numbers: 94.96 does not reach 95, and nobody reaches nothing."""
        return self.denominator > 0 and self.numerator * 100 >= target_percent * self.denominator

    @property
    def percent(self) -> str | None:
        """One decimal place, rounded down; None when no one is in scope."""
        if not self.denominator:
            return None
        tenths = self.numerator * 1000 // self.denominator
        return f"{tenths // 10}.{tenths % 10}"

    def __str__(self) -> str:
        if self.percent is None:
            return "no one in scope"
        return f"{self.numerator} of {self.denominator} people ({self.percent}%)"


@dataclass(frozen=True)
class Verdict:
    """One of :data:`STATES`, and a sentence that says which rule and fact decided it."""

    state: str
    reason: str

    @property
    def is_settled(self) -> bool:
        return self.state in SETTLED

    @property
    def label(self) -> str:
        return STATES[self.state]


@dataclass(frozen=True)
class OutcomeResponse:
    """The current judgement of an outcome.

    ``indicators``: id -> true or false; absent means not judged. ``override_level`` is a person's own level, which
    needs ``override_reason`` and ``override_reviewer`` where the edition says so. ``directives``: id -> answer.
    """

    indicators: Mapping[str, bool] = field(default_factory=dict)
    override_level: str | None = None
    override_reason: str = ""
    override_reviewer: str = ""
    directives: Mapping[str, str] = field(default_factory=dict)
    statement: str = ""
    evidence: tuple[EvidencePiece, ...] = ()
    work_state: str = "answered"


NO_PROFILE = Profile()
