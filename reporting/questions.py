"""What our people know and do not know: item analysis of a course's quiz for one organisation and one period.

Figures that fewer than ten people make are hidden, and with them the next smallest where a total would tell.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.models import Organisation
from courses.models import Course
from quizzes.item_analysis import (
    FEWEST_TO_JUDGE,
    FEWEST_TO_SHOW,
    FLAGS,
    Answered,
    Asked,
    GroupFigures,
    ItemFigures,
    analyse,
    by_standard,
    by_topic,
    by_unit,
    too_few,
)
from quizzes.models import Attempt, AttemptItem, BlueprintVersion, QuestionVersion, Remark
from quizzes.parts import parts_of
from quizzes.topics import in_words
from staff.models import Post

NO_UNIT = "No unit"
TOO_FEW_TO_SHOW = f"hidden: fewer than {FEWEST_TO_SHOW} people, or it would give such a figure away"
TOO_FEW_TO_JUDGE = "too few to judge"

DEFINITIONS = (
    "Each person counts once: with the first attempt at this quiz that they handed in, or whose time ran out, between these days and that was marked. "
    "Open, abandoned and voided attempts do not count.",
    "Each version of a question has figures of its own, so a changed question begins anew.",
    "A withdrawn question gave its marks to everybody. Here it is marked as it was answered, and it is left out of the topics, "
    "the standards, the units and everybody’s score on the rest of the paper. Whoever passed because of it counts as passed.",
    "Facility is the share of a question’s marks that people were given: 100% is everybody right. After it stands the range in "
    "which it would fall for many such people, 95 times in 100 (Wilson’s interval).",
    "Discrimination, from -1 to 1, tells whether people who did better on the rest of the paper did better on this question "
    "(point-biserial correlation). About 0.2 and more is good. It says little where nearly everybody is right.",
    "The B-index is the facility among those who passed less the facility among those who did not. For a quiz that people pass "
    "or fail it says more than discrimination does.",
    "By topic, standard and unit: the share of all marks that could be had there. The range is reckoned by people, not by answers, "
    "so it is rather wide than narrow. Somebody with posts in several units on the day counts in each.",
    f"Figures of fewer than {FEWEST_TO_SHOW} people are hidden. Where the total would still give them away, the next smallest are "
    "hidden as well, until figures for at least two, and that many people, are.",
    f"Nothing is flagged with fewer than {FEWEST_TO_JUDGE} people: it says “{TOO_FEW_TO_JUDGE}”.",
    *(f"Flag “{flag}”: {meaning}." for flag, meaning in FLAGS.items()),
)


@dataclass(frozen=True)
class Line:
    """One question version with its figures. ``is_hidden``: they must not be shown."""

    version: QuestionVersion
    figures: ItemFigures
    is_hidden: bool

    @property
    def verdict(self) -> str:
        """The flags in words, or why there are none."""
        if not self.figures.can_be_judged:
            return TOO_FEW_TO_JUDGE
        return ", ".join(self.figures.flags) or "nothing to note"


@dataclass(frozen=True)
class GroupLine:
    """A topic, a standard or a unit. ``figures`` is None where they are hidden."""

    key: str
    name: str
    figures: GroupFigures | None


@dataclass(frozen=True)
class QuestionReport:
    """The quiz of a course as the organisation's people first answered it in a period, both days included."""

    organisation: Organisation
    course: Course
    since: date
    until: date
    versions: Mapping[int, QuestionVersion]
    answers: tuple[Answered, ...]
    sat_on: Mapping[int, tuple[int, date]]
    """Person and day of each attempt."""

    @property
    def people(self) -> int:
        return len(self.sat_on)

    @cached_property
    def pass_mark_percent(self) -> int | None:
        """The pass mark of the quiz as it is now."""
        rules = BlueprintVersion.objects.filter(blueprint=self.course.blueprint_id).order_by("-number")
        return rules.values_list("pass_mark_percent", flat=True).first()

    @cached_property
    def asked(self) -> dict[int, Asked]:
        return {
            pk: Asked(
                version=pk,
                parts=parts_of(version),
                topic=version.question.topic,
                standard=version.question.standard,
                is_withdrawn=version.question.withdrawn_at is not None,
            )
            for pk, version in self.versions.items()
        }

    @cached_property
    def lines(self) -> list[Line]:
        """Every question version that somebody answered, the hardest first and those not shown last."""
        found = analyse(self.answers, self.asked)
        hidden = self._hidden(found)
        lines = [Line(self.versions[one.asked.version], one, one.asked.version in hidden) for one in found]
        return sorted(
            lines, key=lambda line: (line.is_hidden, not line.is_hidden and line.figures.facility.value, line.version.pk)
        )

    @cached_property
    def topics(self) -> list[GroupLine]:
        """By topic, what is known least first."""
        return _least_first({key: (in_words(key), found) for key, found in self._topics.items()})

    @cached_property
    def standards(self) -> list[GroupLine]:
        """By data security standard, what is known least first."""
        found = by_standard(self.answers, self.asked)
        return _least_first({str(key): (f"Standard {key}", figures) for key, figures in found.items()})

    def units(self, topic: str) -> list[GroupLine]:
        """One topic unit by unit, least known first."""
        units, names = self._units
        found = by_unit(self.answers, self.asked, units, topic=topic)
        return _least_first({key: (names[key], figures) for key, figures in found.items()})

    @cached_property
    def _topics(self) -> dict[str, GroupFigures]:
        return by_topic(self.answers, self.asked)

    def _hidden(self, found: list[ItemFigures]) -> set[int]:
        """The versions that are not shown: the total is that of a topic, or of a standard."""
        hidden: set[int] = set()
        for whole in ("topic", "standard"):
            wholes: dict[Any, dict[int, int]] = defaultdict(dict)
            for one in found:
                wholes[getattr(one.asked, whole)][one.asked.version] = one.people
            for people in wholes.values():
                hidden |= too_few(people)
        return hidden

    @cached_property
    def _units(self) -> tuple[dict[int, set[str]], dict[str, str]]:
        """The units of each attempt's person on the day of it, by attempt, and the names of units."""
        names = {"": NO_UNIT}
        posts: dict[int, list[tuple[str, date, date | None]]] = defaultdict(list)
        held = Post.objects.filter(person__in=_chosen(self.course, self.organisation, self.since, self.until).values("person"))
        for person, unit, name, start, end in held.order_by().values_list("person", "unit", "unit__name", "start", "end"):
            if unit is not None:
                posts[person].append((str(unit), start, end))
                names[str(unit)] = name
        units = {
            attempt: {unit for unit, start, end in posts[person] if start <= on and (end is None or on < end)} or {""}
            for attempt, (person, on) in self.sat_on.items()
        }
        return units, names


def question_report(organisation: Organisation, course: Course, *, since: date, until: date) -> QuestionReport:
    """Read everything the figures need, in three statements."""
    chosen = _chosen(course, organisation, since, until)
    passed_since = Exists(Remark.objects.filter(attempt=OuterRef("pk"), passed=True))
    sat_on: dict[int, tuple[int, date]] = {}
    passed: dict[int, bool] = {}
    columns = chosen.order_by("pk").values_list("pk", "person", "submitted_at", "passed", passed_since)
    for pk, person, at, at_once, later in columns:
        sat_on[pk] = (person, timezone.localtime(at).date())
        passed[pk] = at_once or later
    items = AttemptItem.objects.filter(attempt__in=chosen.values("pk")).order_by("attempt", "slot")
    versions = QuestionVersion.objects.filter(pk__in=items.order_by().values("question_version")).select_related("question")
    return QuestionReport(
        organisation=organisation,
        course=course,
        since=since,
        until=until,
        versions={version.pk: version for version in versions},
        answers=tuple(
            Answered(attempt, version, marks or 0, response, passed[attempt])
            for attempt, version, marks, response in items.values_list("attempt", "question_version", "marks", "response")
        ),
        sat_on=sat_on,
    )


HEADINGS = (
    "code",
    "version",
    "question",
    "topic",
    "standard",
    "withdrawn",
    "people",
    "facility",
    "facility from",
    "facility to",
    "discrimination",
    "B-index",
    "flags",
)


def question_rows(report: QuestionReport) -> Iterator[list[Any]]:
    """The questions as rows under ``HEADINGS``; shares from 0 to 1."""
    for line in report.lines:
        question, figures = line.version.question, line.figures
        start = [question.code, line.version.number, line.version.stem, question.topic, question.standard]
        start.append("yes" if figures.asked.is_withdrawn else "no")
        if line.is_hidden:
            yield [*start, None, None, None, None, None, None, TOO_FEW_TO_SHOW]
        else:
            numbers = [figures.facility.value, *figures.facility.interval, figures.discrimination, figures.b_index]
            rounded = [None if number is None else round(number, 3) for number in numbers]
            yield [*start, figures.people, *rounded, line.verdict]


GROUP_HEADINGS = ("by", "group", "people", "share of marks", "share from", "share to")


def group_rows(report: QuestionReport) -> Iterator[list[Any]]:
    """Topics, standards, and every topic unit by unit as rows under ``GROUP_HEADINGS``."""
    by_units = [(f"unit: {topic.name}", report.units(topic.key)) for topic in report.topics if topic.figures is not None]
    for by, groups in (("topic", report.topics), ("standard", report.standards), *by_units):
        for group in groups:
            if group.figures is None:
                yield [by, group.name, None, TOO_FEW_TO_SHOW]
            else:
                share = group.figures.facility
                yield [by, group.name, group.figures.people, *(round(number, 3) for number in (share.value, *share.interval))]


def _chosen(course: Course, organisation: Organisation, since: date, until: date) -> Any:
    """The first marked attempt of each person of the organisation at the course's quiz."""
    first = Attempt.objects.first_marked(organisation, since=_midnight(since), before=_midnight(until + timedelta(days=1)))
    return first.filter(blueprint=course.blueprint_id)


def _midnight(on: date) -> datetime:
    return timezone.make_aware(datetime.combine(on, time.min))


def _least_first(groups: Mapping[str, tuple[str, GroupFigures]]) -> list[GroupLine]:
    hidden = too_few({key: figures.people for key, (_, figures) in groups.items()})
    lines = [GroupLine(key, name, None if key in hidden else figures) for key, (name, figures) in groups.items()]
    return sorted(lines, key=lambda line: (line.figures is None, line.figures.facility.value if line.figures else 0, line.name))
