"""How well questions tell who knows from who does not: item analysis over plain values.

Each person's first marked attempt only; the caller sees to that. A withdrawn question is marked afresh from what was
answered, because its marks were given to everybody, and is left out of everybody's score on the rest of the paper.

Where a question gives several marks, its facility is the mean share of them, and so is what it is correlated with.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any, TypeVar

import pandas as pd

from quizzes.grading import mark_question, marks_of
from quizzes.parts import Answer, Part, answer_to

FEWEST_TO_JUDGE = 30
FEWEST_TO_SHOW = 10
TOO_EASY, TOO_HARD = 0.95, 0.3
Z = 1.959963984540054
"""Of the normal distribution, for an interval of 95 per cent."""

FLAGS = {
    "too easy": f"more than {TOO_EASY:.0%} of the marks were given",
    "too hard": f"less than {TOO_HARD:.0%} of the marks were given",
    "negative discrimination": "people who did worse on the rest of the paper did better on this question",
    "an option nobody takes": "nobody chose one of the wrong options",
    "a wrong option beats the right one": "a wrong option was chosen by more people than a right one",
}
"""What each flag means. None is raised with fewer than ``FEWEST_TO_JUDGE`` people."""

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Share:
    """``part`` of ``whole``, with its 95 per cent interval after Wilson. Nobody's share is 0."""

    part: float
    whole: int

    @property
    def value(self) -> float:
        return self.part / self.whole if self.whole else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        return wilson(self.value, self.whole)


@dataclass(frozen=True)
class Asked:
    """A question version: what it asks, and what it is about."""

    version: int
    parts: tuple[Part, ...]
    topic: str
    standard: int
    is_withdrawn: bool = False


@dataclass(frozen=True)
class Answered:
    """One question on one person's paper. ``attempt`` stands for the person, who has one attempt here."""

    attempt: int
    version: int
    marks: int
    response: Any
    passed: bool


@dataclass(frozen=True)
class OptionShare:
    """How many chose an option; of a line to put in order or to match, how many had it right."""

    text: str
    is_key: bool
    share: Share


@dataclass(frozen=True)
class PartShares:
    """One part of a question. The shares of a single answer and of ``unanswered`` add up to 1."""

    part: Part
    options: tuple[OptionShare, ...]
    unanswered: Share


@dataclass(frozen=True)
class ItemFigures:
    """One question version. ``discrimination`` and ``b_index`` are None where nobody differs."""

    asked: Asked
    people: int
    facility: Share
    discrimination: float | None
    b_index: float | None
    parts: tuple[PartShares, ...]
    flags: tuple[str, ...]

    @property
    def can_be_judged(self) -> bool:
        return self.people >= FEWEST_TO_JUDGE


@dataclass(frozen=True)
class GroupFigures:
    """The share of marks that some people had on some questions. The interval is over people, so it is on the wide side."""

    people: int
    facility: Share


def wilson(share: float, n: int) -> tuple[float, float]:
    """The 95 per cent interval of a share among ``n``; of nobody, everything from 0 to 1."""
    if n == 0:
        return (0.0, 1.0)
    middle = share + Z * Z / (2 * n)
    spread = Z * sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
    below = 1 + Z * Z / n
    return (max(0.0, min(share, (middle - spread) / below)), min(1.0, max(share, (middle + spread) / below)))


def analyse(answers: Sequence[Answered], questions: Mapping[int, Asked]) -> list[ItemFigures]:
    """The figures of every question version that was answered, in the order of their ids."""
    frame = _frame(answers, questions)
    responses: dict[int, list[Any]] = {}
    for answer in answers:
        responses.setdefault(answer.version, []).append(answer.response)
    return [_item(questions[version], rows, responses[version]) for version, rows in _groups(frame, "version")]


def by_topic(answers: Sequence[Answered], questions: Mapping[int, Asked]) -> dict[str, GroupFigures]:
    """The share of marks on each topic, withdrawn questions left out."""
    return {str(topic): _group(rows) for topic, rows in _groups(_counted(answers, questions), "topic")}


def by_standard(answers: Sequence[Answered], questions: Mapping[int, Asked]) -> dict[int, GroupFigures]:
    """The share of marks on each data security standard, withdrawn questions left out."""
    return {int(standard): _group(rows) for standard, rows in _groups(_counted(answers, questions), "standard")}


def by_unit(
    answers: Sequence[Answered], questions: Mapping[int, Asked], units: Mapping[int, Collection[str]], *, topic: str
) -> dict[str, GroupFigures]:
    """The share of marks on one topic in each unit. Somebody in several units is in each.

    Args:
        answers: what was answered.
        questions: by version id.
        units: the keys of the units of each attempt's person.
        topic: which questions.
    """
    rows = _counted(answers, questions)
    rows = rows[rows["topic"] == topic]
    placed = rows.assign(unit=rows["attempt"].map(lambda attempt: sorted(units[attempt]))).explode("unit")
    return {str(unit): _group(found) for unit, found in _groups(placed, "unit")}


def too_few(people: Mapping[Key, int], fewest: int = FEWEST_TO_SHOW) -> set[Key]:
    """Which groups of a whole are hidden, given how many people each has.

    Those with fewer than ``fewest``. Where the total less what is shown would still tell of so few, the
    smallest others are hidden as well, until at least two groups and that many people are.
    """
    sizes = sorted((n, str(key), key) for key, n in people.items() if n)
    hidden = {key for n, _, key in sizes if n < fewest}
    for _, _, key in sizes:
        if not hidden or (len(hidden) > 1 and sum(people[one] for one in hidden) >= fewest):
            break
        hidden.add(key)
    return hidden


def _frame(answers: Sequence[Answered], questions: Mapping[int, Asked]) -> pd.DataFrame:
    """A row for each answer, with the share of marks had on it and on the rest of the paper (NaN without a rest)."""
    available = {version: marks_of(asked.parts) for version, asked in questions.items()}
    rows = [
        (
            answer.attempt,
            answer.version,
            asked.topic,
            asked.standard,
            not asked.is_withdrawn,
            mark_question(asked.parts, answer.response) if asked.is_withdrawn else answer.marks,
            available[answer.version],
            answer.passed,
        )
        for answer in answers
        for asked in (questions[answer.version],)
    ]
    columns = ["attempt", "version", "topic", "standard", "counts", "marks", "available", "passed"]
    frame = pd.DataFrame(rows, columns=columns)
    frame["share"] = frame["marks"] / frame["available"]
    own = frame[["marks", "available"]].where(frame["counts"], 0)
    rest = own.groupby(frame["attempt"]).transform("sum") - own
    frame["rest"] = (rest["marks"] / rest["available"]).where(rest["available"] > 0)
    return frame


def _counted(answers: Sequence[Answered], questions: Mapping[int, Asked]) -> pd.DataFrame:
    frame = _frame(answers, questions)
    return frame[frame["counts"].astype(bool)]


def _groups(frame: pd.DataFrame, column: str) -> list[tuple[Any, pd.DataFrame]]:
    return list(frame.groupby(column, sort=True))


def _item(asked: Asked, rows: pd.DataFrame, responses: Sequence[Any]) -> ItemFigures:
    people = len(rows)
    facility = Share(float(rows["share"].sum()), people)
    discrimination = _correlation(rows["share"], rows["rest"])
    parts = tuple(_part_shares(part, [answer_to(part, response) for response in responses]) for part in asked.parts)
    flags = _flags(facility.value, discrimination, parts) if people >= FEWEST_TO_JUDGE else ()
    return ItemFigures(asked, people, facility, discrimination, _b_index(rows), parts, flags)


def _correlation(share: pd.Series[float], rest: pd.Series[float]) -> float | None:
    both = pd.DataFrame({"share": share, "rest": rest}).dropna()
    if both["share"].nunique() < 2 or both["rest"].nunique() < 2:
        return None
    return round(float(both["share"].corr(both["rest"])), 9)  # what is nought must not be flagged as negative


def _b_index(rows: pd.DataFrame) -> float | None:
    """The facility among those who passed less that among those who did not; None unless there are both."""
    passed = rows["passed"].astype(bool)
    if passed.all() or not passed.any():
        return None
    return float(rows.loc[passed, "share"].mean() - rows.loc[~passed, "share"].mean())


def _group(rows: pd.DataFrame) -> GroupFigures:
    people = int(rows["attempt"].nunique())
    share = float(rows["marks"].sum()) / float(rows["available"].sum())
    return GroupFigures(people, Share(share * people, people))


def _part_shares(part: Part, answers: Sequence[Answer]) -> PartShares:
    people = len(answers)
    key = part.key
    options = []
    for option in part.options:
        if isinstance(key, Mapping):
            chosen = sum(isinstance(answer, Mapping) and answer.get(option.id) == key[option.id] for answer in answers)
        else:
            chosen = sum(option.id in (answer or ()) for answer in answers)
        options.append(OptionShare(option.text, isinstance(key, Mapping) or option.correct, Share(chosen, people)))
    return PartShares(part, tuple(options), Share(sum(not answer for answer in answers), people))


def _flags(facility: float, discrimination: float | None, parts: Sequence[PartShares]) -> tuple[str, ...]:
    choices = [shares.options for shares in parts if shares.part.is_choice]
    wrong = [[option.share.part for option in options if not option.is_key] for options in choices]
    right = [[option.share.part for option in options if option.is_key] for options in choices]
    raised = {
        "too easy": facility > TOO_EASY,
        "too hard": facility < TOO_HARD,
        "negative discrimination": discrimination is not None and discrimination < 0,
        "an option nobody takes": any(0 in counts for counts in wrong),
        "a wrong option beats the right one": any(max(w, default=0) > min(r) for w, r in zip(wrong, right, strict=True) if r),
    }
    return tuple(flag for flag in FLAGS if raised[flag])
