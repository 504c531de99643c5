from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courses.dates import window_start
from courses.frequencies import rolling
from courses.status import Done, State
from courses.status import status as status_of

D = date


def status(completed, *, months, **kwargs):
    """The status of somebody whom nobody asked to do it again."""
    return status_of([Done(day) for day in completed], frequency=rolling(months), **kwargs)


@pytest.mark.parametrize(
    ("completed", "on", "months", "has_progress", "state", "until"),
    [
        ([], D(2026, 5, 1), 12, False, State.NOT_STARTED, None),
        ([], D(2026, 5, 1), 12, True, State.IN_PROGRESS, None),
        ([D(2026, 5, 1)], D(2026, 5, 1), 12, False, State.CURRENT, D(2027, 4, 30)),
        ([D(2026, 5, 2)], D(2026, 5, 1), 12, False, State.NOT_STARTED, None),
        ([D(2025, 6, 30)], D(2026, 6, 29), 12, False, State.CURRENT, D(2026, 6, 29)),
        ([D(2025, 6, 30)], D(2026, 6, 30), 12, False, State.LAPSED, D(2026, 6, 29)),
        ([D(2024, 2, 29)], D(2025, 2, 28), 12, False, State.CURRENT, D(2025, 2, 28)),
        ([D(2024, 2, 29)], D(2025, 3, 1), 12, False, State.LAPSED, D(2025, 2, 28)),
        ([D(2024, 1, 1), D(2026, 4, 1)], D(2026, 5, 1), 12, True, State.CURRENT, D(2027, 3, 31)),
        ([D(2024, 1, 1)], D(2026, 5, 1), 12, True, State.LAPSED, D(2024, 12, 31)),
        ([D(2024, 1, 1)], D(2026, 5, 1), 36, False, State.CURRENT, D(2026, 12, 31)),
    ],
)
def test_the_status_on_a_day(completed, on, months, has_progress, state, until):
    found = status(completed, on=on, months=months, has_progress=has_progress)

    assert (found.state, found.valid_until) == (state, until)


def test_the_trace_names_the_fact_and_the_rule():
    found = status([D(2026, 3, 4)], on=D(2026, 5, 1), months=12, has_progress=False)

    assert found.trace == "Finished on 4 March 2026. That counts for 12 months, up to and including 3 March 2027."
    assert found.completed_on == D(2026, 3, 4)


days = st.dates(min_value=D(2000, 1, 1), max_value=D(2040, 12, 31))


@given(st.lists(days, max_size=5), days, st.integers(1, 60), st.booleans())
def test_current_is_exactly_a_completion_inside_the_window(completed, on, months, has_progress):
    found = status(completed, on=on, months=months, has_progress=has_progress)

    assert found.is_current == any(window_start(on, months) < day <= on for day in completed)
    if found.valid_until is not None:
        assert found.is_current == (found.valid_until >= on)


@given(days, st.integers(1, 60))
def test_the_last_day_counts_and_the_next_does_not(completed, months):
    until = status([completed], on=completed, months=months, has_progress=False).valid_until

    assert status([completed], on=until, months=months, has_progress=False).is_current
    assert not status([completed], on=until + timedelta(days=1), months=months, has_progress=False).is_current
