"""Bars and drawn charts, at the edges too."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.charts import MOST_BARS, finding, groups_chart, segments
from reporting.rates import Figures, Tally
from reporting.readings import Reading, ReadingGroup
from reporting.rules import Rule

counts = st.integers(0, 20_000)


@given(st.builds(Tally, current=counts, lapsed=counts, in_progress=counts, not_started=counts))
def test_the_segments_fill_the_bar_and_count_everybody(tally):
    found = segments(tally)

    assert sum(segment.people for segment in found) == tally.in_scope
    assert sum(segment.width for segment in found) == (1000 if tally.in_scope else 0)
    assert [segment.start for segment in found] == [sum(s.width for s in found[:n]) for n in range(len(found))]


@pytest.mark.parametrize(
    ("tally", "words"),
    [
        (Tally(), "There was no one in scope on 1 May 2026"),
        (Tally(current=1), "The one person in scope was trained on 1 May 2026"),
        (Tally(lapsed=1), "The one person in scope was not trained on 1 May 2026"),
        (Tally(current=9496, not_started=504), "94.9% of 10,000 people in scope were trained on 1 May 2026"),
    ],
)
def test_the_finding_is_a_sentence(tally, words):
    assert finding(tally, "1 May 2026") == words


def reading_of(*tallies: Tally, target: int | None = None) -> Reading:
    groups = tuple(ReadingGroup(f"Unit $x^2$ <{n}> & co", Figures(gross=tally, net=tally)) for n, tally in enumerate(tallies))
    total = Tally(current=sum(t.current for t in tallies), not_started=sum(t.not_started for t in tallies))
    return Reading(
        organisation="VN1",
        organisation_name="O",
        courses=("c",),
        course_titles=("C",),
        rule=Rule("k", "T", 12, target=target),
        as_of=date(2026, 5, 1),
        definition=(),
        figures=Figures(gross=total, net=total),
        out_of_scope={},
        unknown_access=0,
        by_unit=groups,
        by_staff_group=(),
        rows=(),
    )


def test_nobody_gives_no_chart():
    assert groups_chart(reading_of()) is None


def test_one_person_gives_a_chart_that_says_so():
    chart = groups_chart(reading_of(Tally(current=1), target=95))

    assert chart.title == "The one person in scope was trained on 1 May 2026"
    assert chart.svg.count("<svg") == 1
    assert "nan" not in chart.svg.lower()


def test_ten_thousand_units_show_those_furthest_behind():
    tallies = [Tally(current=n % 100, not_started=100 - n % 100) for n in range(10_000)]

    chart = groups_chart(reading_of(*tallies))

    assert f"the {MOST_BARS} units furthest behind, of 10000" in chart.alt
    assert chart.alt.count("0.0% of 100") == MOST_BARS


def test_charts_drawn_at_once_are_the_charts_drawn_alone():
    readings = [reading_of(*[Tally(current=n + 1, not_started=3)] * (n % 4 + 1)) for n in range(8)]
    alone = [groups_chart(reading).svg for reading in readings]

    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda reading: groups_chart(reading).svg, readings))

    assert together == alone
