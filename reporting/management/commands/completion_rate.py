"""``completion_rate``: what share of those in scope was trained on a day."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from audit.commands import DONE, JsonCommand, Refused
from reporting.arguments import day_from, months_from, organisation_from
from reporting.enums import By, Scope
from reporting.queries import completion_rate
from reporting.rates import NOBODY, RateReport
from reporting.readings import UnknownCourseError, courses_of, rule_in_force
from reporting.rules import TRAINING, definition_of


class Command(JsonCommand):
    """``completion_rate --organisation ODS --course CODE [--as-of DATE] [--months N] [--by ...] [--json]``."""

    help = "Tell what share of the people in scope was trained on a day, and where everybody in post is counted."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--organisation", required=True, metavar="ODS", help="the organisation's ODS code")
        parser.add_argument("--course", required=True, metavar="CODE", help="the course's code")
        parser.add_argument("--as-of", metavar="DATE", help="year-month-day; today when not given")
        parser.add_argument(
            "--months", metavar="N", help="how long a completion counts; as the counting rule says when not given"
        )
        parser.add_argument("--by", metavar="BY", help=f"break down by one of: {', '.join(By.values)}")

    def work(self, **options: Any) -> tuple[dict[str, Any], int]:
        organisation = organisation_from(options["organisation"])
        on, months, by = day_from(options["as_of"]), months_from(options["months"]), options["by"]
        if by is not None and by not in By.values:
            raise Refused(f"--by “{by}” is not something to break down by: use one of {', '.join(By.values)}.")
        try:
            (course,) = courses_of(organisation, [options["course"]])
        except UnknownCourseError as error:
            raise Refused(str(error)) from error
        rule = rule_in_force(organisation, TRAINING, on=on, course=course)
        if months is not None:
            rule = rule.changed(months=months, source="months given on the command line")
        self.report = completion_rate(organisation, course, on=on, rule=rule, by=by)
        if options["json"]:
            for note in notes_on(self.report):
                self.stderr.write(note)
        return self.report.as_dict(by), DONE

    def tell(self, result: dict[str, Any]) -> None:
        report = self.report
        question, gross, net = report.question, report.figures.gross, report.figures.net
        self.stdout.write(f"{question.organisation}: {question.courses[0].title}")
        for sentence in definition_of(question.rule, on=question.on, course_titles=[course.title for course in question.courses]):
            self.stdout.write(f"  {sentence}")
        self.stdout.write(f"In post: {report.headcount}")
        for reason, people in report.out_of_scope.items():
            self.stdout.write(f"  not in scope, {Scope(reason).label.lower()}: {people}")
        for label, tally in (("In scope", gross), ("In scope, without people away or exempt", net)):
            share = f"{tally.percent}% trained" if tally.percent is not None else NOBODY
            self.stdout.write(
                f"{label}: {tally.in_scope}; {share} ({tally.current} trained, {tally.lapsed} due again, "
                f"{tally.in_progress} in progress, {tally.not_started} not started)"
            )
        for groups in report.groups.values():
            for group in groups:
                tally = group.figures.gross
                share = f"{tally.percent}%" if tally.percent is not None else NOBODY
                self.stdout.write(f"  {group.name}: {share} ({tally.current} of {tally.in_scope})")
        for note in notes_on(report):
            self.stdout.write(note)


def notes_on(report: RateReport) -> list[str]:
    """What a reader of the figures should know besides."""
    notes = []
    if report.unknown_access:
        notes.append(
            f"Of those in scope, {report.unknown_access} are counted because nobody said whether they have access to personal data."
        )
    notes += [
        f"The groups add up to {again} more than the total: people with posts in several are counted in each."
        for again in map(report.counted_again, report.groups)
        if again
    ]
    return notes
