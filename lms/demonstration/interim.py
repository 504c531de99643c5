"""The trust's interim return: a handful of outcomes judged and written about, the rest still to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from accounts.models import Organisation, User
from assessment.edition_format.types import Outcome
from assessment.loading import file_of
from assessment.models import Assessment, Response
from assessment.services import answer, attach_evidence, open_year
from evidence.models import DocumentKind
from evidence.owners import OwnerPost
from evidence.services import add_document
from lms.demonstration.specifications import Specification

YEAR = "2026-27"
OPENED_ON = date(2026, 10, 12)


@dataclass(frozen=True)
class Judged:
    """An outcome at a level, in the trust's own words."""

    level: str
    statement: str


JUDGED = {
    "A1.a": Judged(
        "achieved",
        "Cyber and information risk is on the board’s agenda every second month. Stephen Ward answers for it. In July the board "
        "moved money from the new switchboard to replacing the imaging network’s oldest servers, after a paper on what would stop if they failed.",
    ),
    "A1.b": Judged(
        "achieved",
        "Roles are in the information governance framework and in job descriptions. Each essential service has a named owner and a deputy.",
    ),
    "A2.a": Judged(
        "partially_achieved",
        "One register and one way of scoring. Impact assessments are done for new systems; for changes to old ones only since June.",
    ),
    "A3.a": Judged(
        "not_achieved",
        "Computers and servers are in one register. Infusion pumps and the equipment of the laboratories are in two others, and neither is complete.",
    ),
    "B1.a": Judged(
        "achieved", "All policies were approved within their two years. The list is on the front page of the intranet."
    ),
    "B2.a": Judged(
        "partially_achieved",
        "A second factor is asked of everybody from outside and of administrators everywhere. Two old systems share a sign-in at the bedside.",
    ),
    "B6.b": Judged(
        "partially_achieved",
        "Everybody has the yearly training. Training for special roles is planned for the board and under way for system administrators.",
    ),
}
BOARD_PAPER = """\
BOARD OF DIRECTORS, PUBLIC SESSION, 14 JULY 2026
Item 9. Cyber and information risk, two-monthly paper (S. Ward, SIRO)

The board looked at what would stop if the imaging network failed, and for how long.
DECIDED: 240,000 pounds are moved from the switchboard to replacing the oldest servers of the imaging network.
The SIRO reports in September what was bought and in November what runs on it.
"""


def build(organisation: Organisation, specification: Specification, users: Mapping[str, User], *, today: date) -> int:
    """The open interim return of a body on the outcome route. Returns how many outcomes are judged."""
    opened = _at(OPENED_ON)
    if today <= OPENED_ON + timedelta(days=len(JUDGED)):
        return 0
    lead = next(users[one.name] for one in specification.sign_ins if "dspt-lead" in one.roles)
    assessment = open_year(organisation, YEAR, kind=Assessment.Kind.INTERIM, by=lead, at=opened, lead=lead)
    responses = {one.item.number: one for one in assessment.responses.select_related("item", "assessment")}
    for days, (code, judged) in enumerate(JUDGED.items(), start=1):
        _judge(responses[code], judged, by=lead, at=opened + timedelta(days=days, minutes=17 * days))
    paper = add_document(
        organisation,
        title="Board paper on cyber and information risk, July 2026",
        kind=DocumentKind.MINUTES,
        owner_post=OwnerPost.DSPT_LEAD,
        by=lead,
        at=opened,
        received_on=OPENED_ON,
        effective_on=date(2026, 7, 14),
        file=(BOARD_PAPER.encode(), "board-paper-july-2026.txt"),
    )
    attach_evidence(responses["A1.a"], paper, locator="item 9", by=lead, at=opened + timedelta(days=1, hours=1))
    return len(JUDGED)


def _judge(response: Response, judged: Judged, *, by: User, at: datetime) -> None:
    outcome = next(one for one in file_of(response.assessment.edition).outcomes() if one.id == response.item.item_id)
    value = {"indicators": _signs(outcome, judged.level), "statement": judged.statement}
    answer(response, value=value, expected_version=0, by=by, at=at)


def _signs(outcome: Outcome, level: str) -> dict[str, bool]:
    """What is true of each indicator at a level: of the one above it all but the last; of each a little where nothing is achieved."""
    if level == "not_achieved":
        return {sign.id: n == 0 for signs in outcome.indicators.values() for n, sign in enumerate(signs)}
    reached = ("partially_achieved", level)
    return {
        sign.id: group in reached or (group == "achieved" and n < len(signs) - 1)
        for group, signs in outcome.indicators.items()
        for n, sign in enumerate(signs)
    }


def _at(day: date) -> datetime:
    """Ten in the morning in London."""
    return timezone.make_aware(datetime.combine(day, time(10)))
