"""The charts of a course on a day: which there are, and drawn once for their figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from functools import cached_property

from accounts.models import Organisation
from courses.models import Course
from reporting.board import USUAL_AIM, next_publication
from reporting.drawing import MEDIA_TYPES, draw
from reporting.enums import By
from reporting.forecast import forecast
from reporting.kept_drawings import digest_of, keep, kept
from reporting.models import Drawing
from reporting.plots import Plot, expiry_plot, forecast_plot, funnel_plot, trend_plot, units_plot
from reporting.queries import completion_rate
from reporting.rates import Question, RateReport
from reporting.readings import rule_in_force
from reporting.rules import TRAINING
from reporting.small_numbers import fewest_of, without_small_groups
from reporting.trend import trend

HEADINGS = {
    "trend": "Over time",
    "units": "By unit",
    "funnel": "From in post to trained",
    "expiry": "When training runs out",
    "forecast": "Forecast",
}


class Charts:
    """The charts of one course today; each is worked out when it is asked for. ``named`` shows small units as well."""

    def __init__(self, organisation: Organisation, course: Course, *, today: date, named: bool) -> None:
        self.organisation, self.course, self.today, self.named = organisation, course, today, named

    def plot(self, name: str) -> Plot | None:
        """The chart of a name in ``HEADINGS``; None where there is nothing to draw."""
        makers: dict[str, Callable[[], Plot | None]] = {
            "trend": lambda: trend_plot(trend(self.organisation, self.course, today=self.today), self.question.rule.target),
            "units": lambda: units_plot(self.report, self.report.groups[By.UNIT]),
            "funnel": lambda: funnel_plot(self.report),
            "expiry": lambda: expiry_plot(self.question),
            "forecast": self._forecast,
        }
        return makers[name]()

    @cached_property
    def question(self) -> Question:
        rule = rule_in_force(self.organisation, TRAINING, on=self.today, course=self.course)
        return Question(self.organisation, (self.course,), self.today, rule)

    @cached_property
    def report(self) -> RateReport:
        found = completion_rate(self.organisation, self.course, on=self.today, rule=self.question.rule, by=By.UNIT)
        return found if self.named else without_small_groups(found, fewest_of(self.organisation))

    def _forecast(self) -> Plot | None:
        question = replace(self.question, on=next_publication(self.today))
        return forecast_plot(forecast(question, today=self.today, target=question.rule.target or USUAL_AIM))


def chart_digest(plot: Plot, ending: str) -> str:
    """What a drawn chart is known by."""
    return digest_of("chart", plot.digest, ending)


def chart_drawing(organisation: Organisation, plot: Plot, ending: str, *, at: datetime) -> Drawing:
    """The chart as ``"svg"`` or ``"png"``, drawn now or kept from before."""
    digest = chart_digest(plot, ending)
    found = kept(organisation, digest)
    return found or keep(organisation, digest, draw(plot, ending), media_type=MEDIA_TYPES[ending], at=at)
