"""Why a figure changed, for people who see figures and no names: movements of a few people are hidden.

Both days' figures are shown, so that a hidden number could be worked out from the others. As many others are hidden with it as it
takes that it cannot. A unit that is too small to be shown on one of the days is not shown here at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction

from reporting.changes import Changes, Move, stands
from reporting.enums import By, Movement
from reporting.queries import completion_rate
from reporting.rates import Question
from reporting.small_numbers import without_small_groups


def without_small_moves(changes: Changes, fewest: int) -> Changes:
    """The changes with every movement of fewer people hidden, and others where the two figures would tell."""
    moves = sorted(changes.all, key=lambda move: (move.people, move.movement.value))
    hidden = {move.movement for move in moves if move.people < fewest}
    while hidden and _given_away(moves, hidden, fewest):
        others = [move.movement for move in moves if move.movement not in hidden]
        if not others:
            break
        hidden.add(others[0])
    return replace(changes, hidden=frozenset(hidden))


def can_be_shown(questions: Iterable[Question], fewest: int) -> bool:
    """Whether the unit of the questions is shown on each of their days to people who see no names."""
    for question in questions:
        whole = replace(question, branch=None)
        report = completion_rate(whole.organisation, whole.courses, on=whole.on, rule=whole.rule, by=[By.UNIT, By.BRANCH])
        groups = {group.key: group for group in without_small_groups(report, fewest).groups[By.BRANCH]}
        found = groups.get(str(question.branch))
        if found is not None and found.is_hidden:
            return False
    return True


def _given_away(moves: Sequence[Move], hidden: set[Movement], fewest: int) -> bool:
    """Whether the four numbers of the two days settle one of the small ones, the shown movements taken off."""
    columns = [move for move in moves if move.movement in hidden]
    rows = [[Fraction(value) for value in row] for row in zip(*(stands(move.movement) for move in columns), strict=True)]
    for column in range(len(columns)):
        pivot = next((row for row in rows if row[column] and not any(row[:column])), None)
        if pivot is None:
            continue
        first = pivot[column]
        pivot[:] = [value / first for value in pivot]
        for row in rows:
            if row is not pivot and (by := row[column]):
                row[:] = [value - by * other for value, other in zip(row, pivot, strict=True)]
    alone = [next(place for place, value in enumerate(row) if value) for row in rows if sum(map(bool, row)) == 1]
    return any(columns[place].people < fewest for place in alone)
