"""What a board reads on one page: where training stands, where it goes, who is behind, and what went wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from accounts.models import Organisation
from courses.dates import minus_months
from courses.models import Course
from courses.obligations_sql import lines_of, obligations
from nhsuk.jinja import day
from registers.incident_figures import Figures as IncidentFigures
from registers.incident_figures import figures_of, standings
from reporting.enums import By, Headline
from reporting.evaluation import Evaluation, evaluation_of
from reporting.forecast import Forecast, forecast
from reporting.plots import Plot, forecast_plot, furthest_behind, trend_plot
from reporting.queries import completion_rate
from reporting.rates import Group, Question, RateReport, Tally, reaches
from reporting.readings import rule_in_force
from reporting.rules import TRAINING, definition_of
from reporting.small_numbers import fewest_of, without_small_groups
from reporting.trend import Moment, trend

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_UNITS = 6
"""Units in each of the two lists, at most; no unit stands in both."""
USUAL_AIM = 95
"""What item 3.2.1 asks of organisations of categories 3 and 4 in the edition of 2025-26."""


@dataclass(frozen=True)
class BoardPaper:
    """The figures of the page. Groups are hidden as for people who see no names."""

    report: RateReport
    moments: Sequence[Moment]
    forecast: Forecast
    overdue: int
    """People in post whose training in the course is past its date."""
    incidents: IncidentFigures
    since: date
    evaluation: Evaluation

    @property
    def question(self) -> Question:
        return self.report.question

    @property
    def headline(self) -> Tally:
        return self.report.headline

    @property
    def other(self) -> Tally:
        """The figure that does not come first."""
        figures = self.report.figures
        return figures.gross if self.question.rule.headline == Headline.NET else figures.net

    @property
    def is_net_first(self) -> bool:
        return self.question.rule.headline == Headline.NET

    @property
    def target(self) -> int:
        return self.forecast.target

    @property
    def verdict(self) -> str:
        """Whether the target is reached, and what is missing, in one sentence."""
        tally = self.headline
        if tally.percent is None:
            return "No one is in scope, so there is nothing to say yet."
        if reaches(tally.current, tally.in_scope, self.target):
            return f"The target of {self.target}% is reached."
        short = -(-self.target * tally.in_scope // 100) - tally.current
        return f"The target of {self.target}% is not reached: {short:,} more {'person has' if short == 1 else 'people have'} to train."

    @property
    def outlook(self) -> str:
        """Where the figure goes until the day of publication, in one or two sentences."""
        found, then = self.forecast, self.forecast.then
        on = day(found.question.on)
        if then.nothing.percent is None:
            return f"Nobody we know of will be in scope on {on}."
        words = f"By {on} it will be {then.nothing.percent}% if nobody trains and {then.percent_at(then.usual)}% if people go on as lately."
        if found.needed:
            words += f" {found.needed:,} must train by then to reach {found.target}%."
        return words

    @property
    def behind(self) -> list[Group]:
        """The units furthest behind, the lowest first."""
        ordered = furthest_behind(self.report.groups[By.UNIT])
        return ordered[: min(MOST_UNITS, -(-len(ordered) // 2))]

    @property
    def ahead(self) -> list[Group]:
        """The units furthest ahead, the highest first."""
        ordered = furthest_behind(self.report.groups[By.UNIT])
        return list(reversed(ordered[-min(MOST_UNITS, len(ordered) // 2) :])) if len(ordered) > 1 else []

    @property
    def trend_plot(self) -> Plot | None:
        return trend_plot(self.moments, self.target)

    @property
    def forecast_plot(self) -> Plot | None:
        return forecast_plot(self.forecast)

    @property
    def definition(self) -> list[str]:
        titles = [course.title for course in self.question.courses]
        return definition_of(self.question.rule, on=self.question.on, course_titles=titles)


def next_publication(today: date) -> date:
    """The next 30 June, the usual last day to publish an assessment."""
    this_year = date(today.year, 6, 30)
    return this_year if today < this_year else date(today.year + 1, 6, 30)


def board_paper(organisation: Organisation, course: Course, *, today: date, until: date, at: datetime) -> BoardPaper:
    """The page as of today, with a forecast to the day of publication.

    Args:
        organisation: whose page.
        course: the training it speaks of.
        today: the London date.
        until: the day the assessment is to be published; after today.
        at: the instant, for the deadlines of incidents.
    """
    rule = rule_in_force(organisation, TRAINING, on=today, course=course)
    question = Question(organisation, (course,), today, rule)
    report = completion_rate(organisation, course, on=today, rule=rule, by=By.UNIT)
    late = obligations(organisation, on=today, lines=lines_of(organisation, on=today), overdue_only=True)
    since = minus_months(today, 12)
    return BoardPaper(
        report=without_small_groups(report, fewest_of(organisation)),
        moments=trend(organisation, course, today=today),
        forecast=forecast(Question(organisation, (course,), until, question.rule), today=today, target=rule.target or USUAL_AIM),
        overdue=len({one.person_id for one in late if one.course_id == course.pk}),
        incidents=figures_of(standings(organisation, since=at - timedelta(days=365), until=at, at=at)),
        since=since,
        evaluation=evaluation_of(organisation, course, since=since, until=today),
    )
