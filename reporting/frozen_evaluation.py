"""Whether training works, as facts that are frozen with the training evidence: feedback, topics of the quiz, phishing exercises.

Only counts and shares that figures-only readers may see: what is hidden on the pages is hidden here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from accounts.models import Organisation
from courses.dates import minus_months
from courses.models import Course
from nhsuk.jinja import day
from reporting.evaluation import Evaluation, evaluation_of
from reporting.questions import question_report

MONTHS = 12


@dataclass(frozen=True)
class Line:
    """One thing that is known, in words: under which heading, what, and what it came to."""

    heading: str
    what: str
    came_to: str


def evaluation_facts(organisation: Organisation, courses: Sequence[Course], *, on: date, fewest: int) -> dict[str, Any]:
    """What is known of the twelve months up to a day, as JSON values.

    Args:
        organisation: whose.
        courses: the courses of the figure.
        on: the last day.
        fewest: the smallest group shown; a snapshot that is worked out again keeps its own.
    """
    since = minus_months(on, MONTHS)
    found = [evaluation_of(organisation, course, since=since, until=on, fewest=fewest) for course in courses]
    campaigns = found[0].campaigns if found else ()
    return {
        "since": since.isoformat(),
        "until": on.isoformat(),
        "fewest": fewest,
        "courses": [
            {"course": course.code, "title": course.title, **_feedback(one), **_topics(organisation, course, since=since, on=on)}
            for course, one in zip(courses, found, strict=True)
        ],
        "phishing": [
            {
                "campaign": one.name,
                "sent_on": one.sent_on.isoformat(),
                "sent": one.sent,
                "opened": one.opened,
                "clicked": one.clicked,
                "clicked_percent": one.clicked_percent,
                "reported": one.reported,
                "reported_percent": one.reported_percent,
            }
            for one in campaigns
            if one.sent >= fewest
        ],
        "phishing_hidden": sum(one.sent < fewest for one in campaigns),
    }


def _feedback(found: Evaluation) -> dict[str, Any]:
    opinions = [{"statement": one.statement, "agreed": one.agreed, "percent": one.percent} for one in found.opinions]
    return {"answers": found.answers, "opinions": opinions}


def _topics(organisation: Organisation, course: Course, *, since: date, on: date) -> dict[str, Any]:
    if course.blueprint_id is None:
        return {"topics": []}
    lines = question_report(organisation, course, since=since, until=on).topics
    shown = [(line.name, line.figures) for line in lines if line.figures is not None]
    topics = [
        {"topic": name, "people": figures.people, "percent": f"{figures.facility.value * 100:.0f}"} for name, figures in shown
    ]
    return {"topics": topics}


def lines_of(facts: Mapping[str, Any]) -> Iterator[Line]:
    """The frozen facts in words, for a page, a statement, a sheet and a comparison."""
    for course in facts["courses"]:
        heading = f"What people say of “{course['title']}”"
        if course["answers"] is None:
            yield Line(heading, "Answers", f"hidden: fewer than {facts['fewest']}")
        else:
            yield Line(heading, "Answers", f"{course['answers']:,}")
        for one in course["opinions"]:
            yield Line(heading, one["statement"], f"{one['percent']}% agree ({one['agreed']:,})")
        for one in course["topics"]:
            known = f"{one['percent']}% of the marks, {one['people']:,} people"
            yield Line(f"First answers to the quiz of “{course['title']}”", one["topic"], known)
    for one in facts["phishing"]:
        words = f"{one['clicked_percent']}% of {one['sent']:,} clicked"
        words += f", {one['reported_percent']}% reported it" if one["reported"] is not None else ""
        yield Line("Phishing exercises", f"{one['campaign']}, {day(date.fromisoformat(one['sent_on']))}", words)
    if facts["phishing_hidden"]:
        yield Line("Phishing exercises", f"Sent to fewer than {facts['fewest']}", f"hidden: {facts['phishing_hidden']}")
    if not facts["phishing"] and not facts["phishing_hidden"]:
        yield Line("Phishing exercises", "Exercises", "none recorded")
