"""The clocks of data protection law."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registers import clocks

LONDON = ZoneInfo("Europe/London")
FIRST, LAST = datetime(2020, 1, 1), datetime(2040, 1, 1)  # noqa: DTZ001  the zone is drawn apart
DAYS = st.dates(date(2020, 1, 1), date(2040, 12, 31))


@pytest.mark.parametrize(
    ("aware", "due"),
    [
        (datetime(2026, 11, 20, 17, 0, tzinfo=LONDON), datetime(2026, 11, 23, 17, 0, tzinfo=LONDON)),
        # The clocks go back on 25 October 2026 and forward on 28 March 2027: 72 real hours, another time on the wall.
        (datetime(2026, 10, 24, 12, 0, tzinfo=LONDON), datetime(2026, 10, 27, 11, 0, tzinfo=LONDON)),
        (datetime(2027, 3, 27, 12, 0, tzinfo=LONDON), datetime(2027, 3, 30, 13, 0, tzinfo=LONDON)),
    ],
)
def test_the_72_hours_are_clock_hours_over_weekends_and_clock_changes(aware, due):
    assert clocks.notify_by(aware) == due


@given(st.datetimes(timezones=st.just(LONDON), min_value=FIRST, max_value=LAST))
def test_72_hours_are_always_259200_seconds(aware):
    assert (clocks.notify_by(aware) - aware.astimezone(UTC)).total_seconds() == 72 * 3600


def test_an_instant_without_a_time_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        clocks.notify_by(datetime(2026, 1, 1))  # noqa: DTZ001  that is the point


@pytest.mark.parametrize(
    ("start", "months", "day"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2028, 2, 29), 1, date(2028, 3, 29)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
    ],
)
def test_a_month_ends_on_the_corresponding_day_or_the_last(start, months, day):
    assert clocks.same_day_months_later(start, months) == day


@pytest.mark.parametrize(
    ("start", "day"),
    [
        (date(2026, 11, 3), date(2026, 12, 3)),
        (date(2026, 11, 5), date(2026, 12, 7)),  # 5 December is a Saturday
        (date(2026, 11, 25), date(2026, 12, 29)),  # Christmas Day, Saturday, Sunday, substitute for Boxing Day
        (date(2027, 2, 26), date(2027, 3, 30)),  # Good Friday to Easter Monday
    ],
)
def test_a_deadline_on_a_weekend_or_bank_holiday_moves_on(start, day):
    assert clocks.respond_by(start) == day


@given(DAYS, st.booleans(), st.integers(0, 60))
def test_a_deadline_is_a_working_day_not_before_the_corresponding_one(start, extended, paused):
    due = clocks.respond_by(start, extended=extended, paused=paused)
    bare = clocks.same_day_months_later(start, 3 if extended else 1) + timedelta(days=paused)

    assert due.weekday() < 5
    assert due not in clocks.bank_holidays(due.year)
    assert timedelta(0) <= due - bare <= timedelta(days=5)


@given(DAYS, st.integers(1, 3))
def test_the_corresponding_day_has_the_same_number_unless_the_month_is_too_short(start, months):
    end = clocks.same_day_months_later(start, months)

    assert (end.year * 12 + end.month) - (start.year * 12 + start.month) == months
    assert end.day == start.day or (end.day < start.day and (end + timedelta(days=1)).day == 1)


@given(st.lists(st.tuples(DAYS, st.integers(0, 40)), max_size=4))
def test_paused_days_are_counted_once_however_questions_overlap(spans):
    pauses = [clocks.Pause(start, start + timedelta(days=length)) for start, length in spans]
    every = {start + timedelta(days=n) for start, length in spans for n in range(length + 1)}

    assert clocks.paused_days(pauses, on=date(2041, 1, 1)) == len(every)


def test_an_open_question_pauses_up_to_today():
    assert clocks.paused_days([clocks.Pause(date(2026, 11, 2), None)], on=date(2026, 11, 4)) == 3


def test_a_complaint_is_acknowledged_within_30_days_of_which_the_first_is_the_day_it_came():
    assert clocks.acknowledge_by(date(2026, 6, 19)) == date(2026, 7, 18)


@pytest.mark.parametrize(
    ("year", "days"),
    [
        (2026, ["01-01", "04-03", "04-06", "05-04", "05-25", "08-31", "12-25", "12-28"]),
        (2027, ["01-01", "03-26", "03-29", "05-03", "05-31", "08-30", "12-27", "12-28"]),
        (2028, ["01-03", "04-14", "04-17", "05-01", "05-29", "08-28", "12-25", "12-26"]),
        (2022, ["01-03", "04-15", "04-18", "05-02", "06-02", "06-03", "08-29", "09-19", "12-26", "12-27"]),
    ],
)
def test_the_bank_holidays_are_those_published(year, days):
    assert sorted(f"{day:%m-%d}" for day in clocks.bank_holidays(year)) == days


@pytest.mark.parametrize(("minutes", "hours"), [(0, 0), (59, 0), (60, 1), (4319, 71), (4320, 72), (-1, 0), (-61, -1)])
def test_whole_hours_never_flatter(minutes, hours):
    assert clocks.whole_hours(timedelta(minutes=minutes)) == hours
