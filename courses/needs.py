"""Who needs which course by when, and why. Nothing of it is stored: needs, posts, completions and a date decide."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import Organisation
from audit.services import record
from courses.models import Completion, Course, Exemption, Progress, TrainingNeed
from courses.status import Done, Status, status
from nhsuk.jinja import day
from staff.enums import DataAccess
from staff.models import Person, Post

DEFAULT_COURSE = "data-security-awareness"
DEFAULT_MONTHS = 12
DEFAULT_STARTER_DAYS = 30
DEFAULT_RATIONALE = (
    "Everyone who can see or hear personal information can lose it, send it to the wrong place or be tricked out of it. "
    "Once a year is often enough to keep the habits fresh, and the Data Security and Protection Toolkit asks about the last 12 months. "
    "Starters learn it in their first weeks, because mistakes happen early."
)
SOON_DAYS = 60
"""From how many days before it runs out a course is offered again."""


class NeedRefusedError(ValueError):
    """The line cannot be written as asked; the text says why, fit for a person to read."""


@dataclass(frozen=True)
class Due:
    """One course that one person needs, on one day."""

    course: Course
    need: TrainingNeed
    """The strictest of the lines that ask for it."""
    status: Status
    due_on: date
    exemption: Exemption | None
    on: date
    why: tuple[str, ...]
    """Sentences without a subject, for the learner and for others: rule, post, completion, date."""

    @property
    def is_overdue(self) -> bool:
        return not self.status.is_current and self.exemption is None and self.on > self.due_on

    @property
    def is_soon(self) -> bool:
        """Still counting, and near its end."""
        return self.status.is_current and self.due_on <= self.on + timedelta(days=SOON_DAYS)

    @property
    def is_to_do(self) -> bool:
        return self.exemption is None and (not self.status.is_current or self.is_soon)


def what_is_due(person: Person, *, on: date) -> list[Due]:
    """What one person needs on a day: the most pressing first."""
    return what_is_due_for([person], on=on)[person.pk]


def what_is_due_for(people: Sequence[Person], *, on: date) -> dict[int, list[Due]]:
    """What each of several people of one organisation needs on a day, in five queries at most.

    Somebody without a post on the day needs nothing.
    """
    due: dict[int, list[Due]] = {person.pk: [] for person in people}
    if not people:
        return due
    lines = list(TrainingNeed.objects.filter(organisation=people[0].organisation_id, start__lte=on).select_related("course"))
    in_force = [line for line in lines if line.end is None or line.end > on]
    if not in_force:
        return due
    facts = _Facts.of(due.keys(), courses={line.course_id for line in in_force}, on=on)
    needed_since = {
        course_id: unbroken_since([(line.start, line.end) for line in lines if line.course_id == course_id], on=on)
        for course_id in {line.course_id for line in in_force}
    }
    for person_id, found in due.items():
        for course_id, since in needed_since.items():
            asking = [line for line in in_force if line.course_id == course_id]
            one = _due(asking, posts=facts.posts[person_id], person_id=person_id, needed_since=since, facts=facts, on=on)
            if one is not None:
                found.append(one)
        found.sort(key=lambda item: (not item.is_to_do, item.due_on, item.course.title))
    return due


def unbroken_since(periods: Iterable[tuple[date, date | None]], *, on: date) -> date | None:
    """The first day of the unbroken run of periods ``[start, end)`` that holds the day; None if none does."""
    run = [(start, end) for start, end in periods if start <= on]
    since = min((start for start, end in run if end is None or end > on), default=None)
    while since is not None:
        earlier = min((start for start, end in run if start < since and end is not None and end >= since), default=None)
        if earlier is None:
            break
        since = earlier
    return since


def due_on(*, valid_until: date | None, since: date, starter_days: int) -> date:
    """The last day to do it.

    A completion that still counted when the person came under the rule sets the date: the last day it counts.
    Otherwise they have a starter's days from then.
    """
    if valid_until is not None and valid_until >= since:
        return valid_until
    return since + timedelta(days=starter_days)


@dataclass(frozen=True)
class _Facts:
    """What is known of several people, by person or by person and course."""

    posts: dict[int, list[Post]]
    completed: dict[tuple[int, int], list[Done]]
    begun: set[tuple[int, int]]
    exemptions: dict[tuple[int, int | None], Exemption]

    @classmethod
    def of(cls, people: Iterable[int], *, courses: set[int], on: date) -> _Facts:
        ids = list(people)
        posts: dict[int, list[Post]] = defaultdict(list)
        for post in Post.objects.filter(person__in=ids, start__lte=on):
            posts[post.person_id].append(post)
        completed: dict[tuple[int, int], list[Done]] = defaultdict(list)
        done = Completion.objects.filter(person__in=ids, course__in=courses).not_void().by(on).with_last_day(on)
        for person_id, course_id, completed_on, last_day in done.values_list("person", "course", "completed_on", "last_day"):
            completed[person_id, course_id].append(Done(completed_on, last_day))
        begun = Progress.objects.filter(person__in=ids, course_version__course__in=courses, started_on__lte=on)
        exemptions = Exemption.objects.covering(on).filter(Q(course__isnull=True) | Q(course__in=courses), person__in=ids)
        return cls(
            posts=posts,
            completed=completed,
            begun=set(begun.values_list("person", "course_version__course")),
            exemptions={(exemption.person_id, exemption.course_id): exemption for exemption in exemptions},
        )


def _due(
    asking: list[TrainingNeed], *, posts: list[Post], person_id: int, needed_since: date | None, facts: _Facts, on: date
) -> Due | None:
    """One person and one course; None when no line asks it of any post they are in."""
    asked = [(line, matching) for line in asking if (matching := _matching(posts, line)) and unbroken_since(matching, on=on)]
    if not asked or needed_since is None:
        return None
    need, periods = min(asked, key=lambda pair: (pair[0].months, pair[0].starter_days))
    key = (person_id, need.course_id)
    found = status(facts.completed.get(key, ()), on=on, months=need.months, has_progress=key in facts.begun)
    in_post_since = unbroken_since(periods, on=on) or on
    since = max(in_post_since, needed_since)
    last_day = due_on(valid_until=found.valid_until, since=since, starter_days=need.starter_days)
    exemption = facts.exemptions.get(key) or facts.exemptions.get((person_id, None))
    why = [_rule_in_words(need), _post_in_words(need, [post for post in posts if _covers(post, on)]), found.trace]
    if last_day != found.valid_until:
        reason = f"In post since {day(since)}" if since == in_post_since else f"Asked for here since {day(since)}"
        why.append(f"{reason}, with {need.starter_days} days to do it: due by {day(last_day)}.")
    if exemption is not None:
        why.append(
            f"Excused until {day(exemption.end - timedelta(days=1))}." if exemption.end else "Excused until further notice."
        )
    return Due(need.course, need, found, last_day, exemption, on, tuple(why))


def _matching(posts: list[Post], need: TrainingNeed) -> list[tuple[date, date | None]]:
    everybody = need.audience == TrainingNeed.Audience.EVERYONE
    return [(post.start, post.end) for post in posts if everybody or post.has_access != DataAccess.NO]


def _covers(post: Post, on: date) -> bool:
    return post.end is None or post.end > on


def _rule_in_words(need: TrainingNeed) -> str:
    often = "every month" if need.months == 1 else f"every {need.months} months"
    audience = TrainingNeed.Audience(need.audience).label
    return f"Asked of {audience[0].lower()}{audience[1:]}, {often}."


def _post_in_words(need: TrainingNeed, posts: list[Post]) -> str:
    if need.audience == TrainingNeed.Audience.EVERYONE:
        return f"In post today: {posts[0].job_title or 'job title not given'}."
    known = next((post for post in posts if post.has_access == DataAccess.YES), None)
    if known is not None:
        return f"The post {known.job_title or '(title not given)'} has access to personal data."
    unknown = next(post for post in posts if post.has_access != DataAccess.NO)
    return (
        f"Nobody has said whether the post {unknown.job_title or '(title not given)'} has access to personal data, so it counts."
    )


@transaction.atomic
def set_need(
    organisation: Organisation,
    *,
    course: Course,
    audience: str,
    months: int,
    starter_days: int,
    rationale: str,
    start: date,
    by: Any,
    at: datetime,
    approved_by: str = "",
    approved_on: date | None = None,
) -> TrainingNeed:
    """Write a line of the training needs analysis from a date on.

    A line that was there for the same course and audience ends where the new one starts, so that
    earlier dates keep the rule they had. The same line again changes nothing.

    Raises:
        NeedRefusedError: no reason is given, the course is not this organisation's, or a later line is there already.
    """
    if not rationale.strip():
        raise NeedRefusedError("Say why they need it: an assessor will ask.")
    if course.organisation_id not in (None, organisation.pk):
        raise NeedRefusedError("This course belongs to another organisation.")
    Organisation.objects.select_for_update().get(pk=organisation.pk)
    values = {
        "months": months,
        "starter_days": starter_days,
        "rationale": rationale.strip(),
        "approved_by": approved_by.strip(),
        "approved_on": approved_on,
    }
    lines = TrainingNeed.objects.filter(organisation=organisation, course=course, audience=audience)
    if lines.filter(Q(start__gt=start) | Q(end__gt=start)).exists():
        raise NeedRefusedError(
            f"There is a later line for this course and audience. Choose a date after {day(_last_change(lines))}."
        )
    open_line = lines.filter(end__isnull=True).first()
    if open_line is not None and all(getattr(open_line, name) == value for name, value in values.items()):
        return open_line
    if open_line is not None and open_line.start == start:
        for name, value in values.items():
            setattr(open_line, name, value)
        open_line.save(update_fields=list(values))
        need = open_line
    else:
        lines.filter(end__isnull=True).update(end=start)
        need = TrainingNeed.objects.create(organisation=organisation, course=course, audience=audience, start=start, **values)
    record(
        "courses.need_set",
        organisation=organisation,
        by=by,
        target=need,
        summary=_summary(need) | {"months": months, "starter_days": starter_days, "start": start.isoformat()},
        at=at,
    )
    return need


@transaction.atomic
def end_need(need: TrainingNeed, *, end: date, reason: str, by: Any, at: datetime) -> None:
    """End a line: from ``end`` on nobody is asked by it. What it asked before stays on record.

    Raises:
        NeedRefusedError: it has ended already, no reason is given, or the date is not after its start.
    """
    need = TrainingNeed.objects.select_for_update(of=("self",)).select_related("course", "organisation").get(pk=need.pk)
    if need.end is not None:
        raise NeedRefusedError(f"This line ended on {day(need.end)} already.")
    if not reason.strip():
        raise NeedRefusedError("Say why it ends: an assessor will ask.")
    if end <= need.start:
        raise NeedRefusedError(f"The line started on {day(need.start)}. Choose a later date.")
    need.end = end
    need.save(update_fields=["end"])
    record(
        "courses.need_ended",
        organisation=need.organisation,
        by=by,
        target=need,
        summary=_summary(need) | {"end": end.isoformat()},
        reason=reason.strip(),
        at=at,
    )


def ensure_default_need(organisation: Organisation, *, by: Any, at: datetime, start: date | None = None) -> TrainingNeed:
    """See that the organisation asks for data security awareness of everyone with access to personal data.

    An open line for that course and audience stays as it is, whoever wrote it.

    Args:
        organisation: who needs it.
        by: who acts.
        at: when.
        start: from when on; the London date of ``at`` when not given.

    Raises:
        NeedRefusedError: the course has not been loaded.
    """
    course = Course.objects.filter(code=DEFAULT_COURSE).first()
    if course is None:
        raise NeedRefusedError(f"There is no course “{DEFAULT_COURSE}” yet: run manage.py load_content first.")
    audience = TrainingNeed.Audience.WITH_ACCESS
    existing = TrainingNeed.objects.filter(organisation=organisation, course=course, audience=audience, end__isnull=True).first()
    if existing is not None:
        return existing
    return set_need(
        organisation,
        course=course,
        audience=audience,
        months=DEFAULT_MONTHS,
        starter_days=DEFAULT_STARTER_DAYS,
        rationale=DEFAULT_RATIONALE,
        start=start or timezone.localdate(at),
        by=by,
        at=at,
    )


def people_asked(need: TrainingNeed, *, on: date) -> int:
    """How many people in post on a day the line is about."""
    posts = Post.objects.covering(on).filter(person__organisation=need.organisation_id)
    if need.audience == TrainingNeed.Audience.WITH_ACCESS:
        posts = posts.with_access()
    return posts.order_by().values("person").distinct().count()


def _last_change(lines: Any) -> date:
    return max(max(line.start, line.end or line.start) for line in lines)


def _summary(need: TrainingNeed) -> dict[str, Any]:
    return {"course": need.course.code, "audience": need.get_audience_display().lower()}
