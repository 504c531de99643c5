"""What a report's e-mail says: figures and a link. Never a person's name or row but the reader's own first name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse

from accounts.models import User
from courses.obligations_sql import lines_of, obligations
from courses.reminders.teams import Looking, looking_after
from nhsuk.jinja import day
from reporting.board import BoardPaper, board_paper, next_publication
from reporting.board_drawing import board_drawing
from reporting.board_pdf import points
from reporting.enums import IN_SCOPE, ReportKind, Standing
from reporting.models import ScheduledReport
from reporting.queries import completion_rate, people_on
from reporting.rates import NOBODY, Question, RateReport
from reporting.readings import rule_in_force
from reporting.rules import TRAINING
from staff.models import Person


@dataclass(frozen=True)
class Letter:
    """One e-mail. Only a report without anybody's row has an attachment."""

    subject: str
    text: str
    attachment: bytes | None = None
    attachment_name: str = ""


class Letters:
    """The e-mails of one report on one day; what they share is worked out once."""

    def __init__(self, report: ScheduledReport, *, today: date, at: datetime) -> None:
        self.report, self.today, self.at = report, today, at
        self.organisation, self.course = report.organisation, report.course

    def to(self, user: User) -> Letter | None:
        """The e-mail to one reader; None where there is nothing to tell them."""
        kind = ReportKind(self.report.kind)
        if kind == ReportKind.TEAM:
            return self._team(user)
        if kind == ReportKind.HR:
            return self._hr(user)
        return self._board(user, is_for_board=kind == ReportKind.BOARD)

    def _board(self, user: User, *, is_for_board: bool) -> Letter:
        paper = self._paper
        page = "reporting:board_detail" if is_for_board else "reporting:forecast"
        parts = [
            f"{self.course.title} at {self.organisation.name}, as of {day(self.today)}:",
            f"{_share(paper.headline.percent)} trained ({paper.headline.current:,} of {paper.headline.in_scope:,}). {paper.verdict}",
            paper.outlook,
            f"Overdue: {_people(paper.overdue)}.",
            *points(paper),
            "The page is attached. It holds figures only; small groups are hidden.",
            f"To see more, sign in:\n{_address(page)}",
        ]
        what = "Board report on training" if is_for_board else "Training and the DSPT"
        return Letter(
            f"{what}, {day(self.today)}: {_share(paper.headline.percent)} trained",
            _text(user, parts),
            self._pdf,
            f"board-report-{self.today}.pdf",
        )

    def _hr(self, user: User) -> Letter:
        report = self._rate
        tally = report.headline
        unknown = f"Access to personal data is not known for {_people(report.unknown_access)}; they are counted as in scope."
        parts = [
            f"{self.course.title} at {self.organisation.name}, as of {day(self.today)}:",
            f"In post: {report.headcount:,}. In scope: {report.in_scope:,}. Trained: {tally.current:,} ({_share(tally.percent)}). "
            f"Due again: {tally.lapsed:,}. In progress: {tally.in_progress:,}. Not started: {tally.not_started:,}.",
            f"Overdue: {_people(len(self._overdue))}.",
            *([unknown] if report.unknown_access else []),
            f"To see who they are, sign in:\n{_address('reporting:report_detail')}",
        ]
        return Letter(f"Training figures, {day(self.today)}: {_share(tally.percent)} trained", _text(user, parts))

    def _team(self, user: User) -> Letter | None:
        manager = self._people_of_users.get(user.pk)
        team = self._looking.after.get(manager, set()) if manager is not None else set()
        if not team:
            return None
        in_scope = [self._standings[one] for one in team if one in self._standings]
        trained = sum(standing == Standing.CURRENT for standing in in_scope)
        overdue = len(team & self._overdue)
        parts = [
            f"{self.course.title}, your team at {self.organisation.name}, as of {day(self.today)}:",
            f"{_people(len(team))} in your team, {len(in_scope):,} of them in scope. Trained: {trained:,}. Overdue: {overdue:,}.",
            f"To see who they are, sign in:\n{_address('courses:team_list')}",
        ]
        return Letter(f"Your team’s training, {day(self.today)}: {overdue:,} overdue", _text(user, parts))

    @cached_property
    def _paper(self) -> BoardPaper:
        until = next_publication(self.today)
        return board_paper(self.organisation, self.course, today=self.today, until=until, at=self.at)

    @cached_property
    def _pdf(self) -> bytes:
        return bytes(board_drawing(self.organisation, self._paper, at=self.at).content)

    @cached_property
    def _question(self) -> Question:
        rule = rule_in_force(self.organisation, TRAINING, on=self.today, course=self.course)
        return Question(self.organisation, (self.course,), self.today, rule)

    @cached_property
    def _rate(self) -> RateReport:
        return completion_rate(self.organisation, self.course, on=self.today, rule=self._question.rule)

    @cached_property
    def _overdue(self) -> set[int]:
        lines = lines_of(self.organisation, on=self.today)
        late = obligations(self.organisation, on=self.today, lines=lines, overdue_only=True)
        return {one.person_id for one in late if one.course_id == self.course.pk}

    @cached_property
    def _looking(self) -> Looking:
        return looking_after(self.organisation, on=self.today)

    @cached_property
    def _standings(self) -> dict[int, str]:
        people: QuerySet[Any] = people_on(self._question)
        return dict(people.filter(scope__in=IN_SCOPE).values_list("pk", "status"))

    @cached_property
    def _people_of_users(self) -> dict[int, int]:
        held = Person.objects.of(self.organisation).filter(user__isnull=False).order_by()
        return {user: pk for pk, user in held.values_list("pk", "user") if user is not None}


def _text(user: User, parts: list[str]) -> str:
    return "\n\n".join([f"Hello {user.first_name or 'there'},", *parts]) + "\n"


def _address(name: str) -> str:
    return settings.BASE_URL.rstrip("/") + reverse(name)


def _share(percent: str | None) -> str:
    return NOBODY if percent is None else f"{percent}%"


def _people(number: int) -> str:
    return "nobody" if not number else "1 person" if number == 1 else f"{number:,} people"
