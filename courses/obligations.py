"""Who needs which course by when, and why. Nothing of it is stored: needs, posts, completions and a date decide.

``what_is_due_for`` says it of people with reasons; ``courses.obligations_sql`` says the same of a whole organisation in one
statement. A generated test holds the two together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from django.db.models import CharField, DateField, IntegerField, Value
from django.db.models.functions import Cast

from courses.audiences import Asking, Capacities, Period, in_words, with_units
from courses.due_dates import DueDate, MoreTime, Since, came_under, due_date
from courses.frequencies import FOR_GOOD, Frequency
from courses.models import Completion, Course, Exemption, Extension, Progress, TrainingNeed
from courses.status import Done, Status, status
from nhsuk.jinja import day
from staff.enums import DataAccess
from staff.models import Absence, KeyPost, Person, Post

SOON_DAYS = 60
"""From how many days before it runs out a course is offered again."""


@dataclass(frozen=True)
class Excused:
    """An exemption that covers the day."""

    start: date
    end: date | None
    reason: str


@dataclass(frozen=True)
class Due:
    """One course that one person needs, on one day."""

    course: Course
    need: TrainingNeed
    """The line that decides: of those that ask for it, the one that makes it due first."""
    status: Status
    when: DueDate
    since: Since
    exemption: Excused | None
    on: date
    why: tuple[str, ...]
    """Sentences without a subject, for the learner and for others: rule, post, completion, date."""
    others: tuple[tuple[TrainingNeed, date | None], ...] = ()
    """The other lines that ask the person for it, and by when each of them would have it."""
    to_take: Course | None = None
    """The refresher whose turn it is, where refreshers take turns."""

    @property
    def due_on(self) -> date | None:
        """The last day to do it; None: it was done once and for all."""
        return self.when.due_on

    @property
    def baseline_due_on(self) -> date | None:
        """The last day without an extension."""
        return self.when.baseline_on

    @property
    def is_extended(self) -> bool:
        return self.due_on != self.baseline_due_on

    @property
    def is_overdue(self) -> bool:
        return (
            not self.status.is_current
            and self.exemption is None
            and not self.when.is_paused
            and self.due_on is not None
            and self.on > self.due_on
        )

    @property
    def is_soon(self) -> bool:
        """Still counting, and near its end."""
        return self.status.is_current and self.due_on is not None and self.due_on <= self.on + timedelta(days=SOON_DAYS)

    @property
    def is_to_do(self) -> bool:
        return self.exemption is None and (not self.status.is_current or self.is_soon)


@dataclass(frozen=True)
class Closed:
    """A course that was asked of somebody and is not any more. What they completed stays on record."""

    course: Course
    last_day: date
    why: str


def what_is_due(person: Person, *, on: date) -> list[Due]:
    """What one person needs on a day: the most pressing first."""
    return what_is_due_for([person], on=on)[person.pk]


def what_is_due_for(people: Sequence[Person], *, on: date, known: Facts | None = None) -> dict[int, list[Due]]:
    """What each of several people of one organisation needs on a day, in four queries, or seven where lines name units or posts.

    Somebody without a post on the day needs nothing.

    Args:
        people: of one organisation.
        on: the day; facts dated later are ignored.
        known: what is known of them, where the caller has read it already.
    """
    due: dict[int, list[Due]] = {person.pk: [] for person in people}
    if not people:
        return due
    facts = known or facts_of(people, on=on)
    by_course: dict[int, list[list[Asking]]] = defaultdict(list)
    for series in facts.series:
        by_course[series[0].line.course_id].append(series)
    for person_id, found in due.items():
        for asking in by_course.values():
            one = _due(asking, person_id=person_id, facts=facts, on=on)
            if one is not None:
                found.append(one)
        found.sort(key=lambda item: (not item.is_to_do, item.due_on or FOR_GOOD, item.course.title))
    return due


def what_was_asked(person: Person, *, on: date) -> list[Closed]:
    """What was asked of a person and is not any more, with the last day and why; the latest first."""
    facts = facts_of([person], on=on)
    asked_now = {item.course.pk for item in what_is_due_for([person], on=on, known=facts)[person.pk]}
    found: dict[int, Closed] = {}
    for series in facts.series:
        course = series[0].line.course
        ends = [end for _start, end in _periods(series, person.pk, facts) if end is not None]
        if not ends or course.pk in asked_now:
            continue
        end = max(ends)
        if course.pk not in found or found[course.pk].last_day < end - timedelta(days=1):
            found[course.pk] = Closed(course, end - timedelta(days=1), _why_closed(series, facts.posts[person.pk], end))
    return sorted(found.values(), key=lambda closed: (closed.last_day, closed.course.title), reverse=True)


@dataclass(frozen=True)
class Facts:
    """What is known of several people, by person or by person and course, and what is asked of anybody."""

    series: list[list[Asking]] = field(default_factory=list)
    """The lines that hold or held, by series, each in the order of their start."""
    posts: dict[int, list[Post]] = field(default_factory=lambda: defaultdict(list))
    capacities: dict[int, Capacities] = field(default_factory=lambda: defaultdict(Capacities))
    completed: dict[tuple[int, int], list[Done]] = field(default_factory=lambda: defaultdict(list))
    begun: set[tuple[int, int]] = field(default_factory=set)
    absences: dict[int, list[Period]] = field(default_factory=lambda: defaultdict(list))
    excused: dict[tuple[int, int | None], Excused] = field(default_factory=dict)
    later: dict[tuple[int, int | None], list[Period]] = field(default_factory=lambda: defaultdict(list))
    extensions: dict[tuple[int, int, date | None], MoreTime] = field(default_factory=dict)
    courses: Mapping[int, Course] = field(default_factory=dict)
    """Refreshers by id."""


def facts_of(people: Sequence[Person], *, on: date) -> Facts:
    """What is known of several people of one organisation by a day."""
    ids = [person.pk for person in people]
    lines = list(
        TrainingNeed.objects.begun(on).filter(organisation=people[0].organisation_id).select_related("course").order_by("pk")
    )
    facts = Facts(series=_by_series(with_units(lines)), courses=_refreshers(lines))
    for post in Post.objects.filter(person__in=ids, start__lte=on):
        facts.posts[post.person_id].append(post)
    _read_capacities(facts, lines, ids, on=on)
    _read_learning(facts, ids, courses={line.course_id for line in lines} | facts.courses.keys(), on=on)
    _read_time(facts, ids, on=on)
    return facts


def _by_series(asking: Iterable[Asking]) -> list[list[Asking]]:
    found: dict[object, list[Asking]] = defaultdict(list)
    for one in asking:
        found[one.line.series].append(one)
    return list(found.values())


def _refreshers(lines: Iterable[TrainingNeed]) -> dict[int, Course]:
    named = {course for line in lines for course in line.refreshers}
    return Course.objects.in_bulk(named) if named else {}


def _read_capacities(facts: Facts, lines: Collection[TrainingNeed], ids: Collection[int], *, on: date) -> None:
    managing: dict[int, list[Period]] = defaultdict(list)
    holding: dict[int, list[tuple[str, Period]]] = defaultdict(list)
    if any(line.managers_only for line in lines):
        for person, start, end in Post.objects.filter(manager__in=ids, start__lte=on).values_list("manager", "start", "end"):
            managing[person].append((start, end))
    if any(line.key_posts for line in lines):
        held = KeyPost.objects.filter(holder__in=ids, start__lte=on)
        for person, kind, start, end in held.values_list("holder", "kind", "start", "end"):
            holding[person].append((kind, (start, end)))
    for person in managing.keys() | holding.keys():
        facts.capacities[person] = Capacities(tuple(managing[person]), tuple(holding[person]))


def _read_learning(facts: Facts, ids: Collection[int], *, courses: Collection[int], on: date) -> None:
    """Completions and what was begun, in one query."""
    done = Completion.objects.filter(person__in=ids, course__in=courses).not_void().by(on).with_last_day(on)
    begun = Progress.objects.filter(person__in=ids, course_version__course__in=courses, started_on__lte=on)
    nothing = Cast(Value(None), DateField())
    rows = done.order_by().values_list("person", "course", "completed_on", "last_day")
    for person, course, completed_on, last_day in rows.union(
        begun.order_by().values_list("person", "course_version__course", nothing, nothing), all=True
    ):
        if completed_on is None:
            facts.begun.add((person, course))
        else:
            facts.completed[person, course].append(Done(completed_on, last_day))


def _read_time(facts: Facts, ids: Collection[int], *, on: date) -> None:
    """Absences, exemptions and extensions, in one query."""
    number, nothing, text = Cast("pk", IntegerField()), Cast(Value(None), IntegerField()), CharField()
    absences = Absence.objects.filter(person__in=ids, start__lte=on).order_by()
    exemptions = Exemption.objects.touching(on).filter(person__in=ids).order_by()
    decided = (Extension.Act.GRANTED, Extension.Act.WITHDRAWN)
    extensions = Extension.objects.filter(person__in=ids, on__lte=on, act__in=decided).order_by()
    rows = absences.values_list(number, "person", nothing, Value("away", text), "start", "end", Value("", text)).union(
        exemptions.values_list(number, "person", "course", "effect", "start", "end", "reason"),
        extensions.values_list(number, "person", "course", "act", "cycle_after", "until", "reason"),
        all=True,
    )
    for _number, person, course, what, start, end, words in sorted(rows, key=lambda row: row[0]):
        if what == "away":
            facts.absences[person].append((start, end))
        elif what == Exemption.Effect.LATER:
            facts.later[person, course].append((start, end))
        elif what == Exemption.Effect.EXCUSED and (end is None or end > on):
            facts.excused[person, course] = Excused(start, end, words)
        elif what == Extension.Act.GRANTED:
            facts.extensions[person, course, start] = MoreTime(end, words)
        elif what == Extension.Act.WITHDRAWN:
            facts.extensions.pop((person, course, start), None)


def _due(asking: Iterable[list[Asking]], *, person_id: int, facts: Facts, on: date) -> Due | None:
    """One person and one course; None when no line asks it of any post they are in. The earliest due date decides."""
    found = [one for series in asking if (one := _due_by(series, person_id=person_id, facts=facts, on=on)) is not None]
    if not found:
        return None
    found.sort(key=lambda due: (due.due_on or FOR_GOOD, due.need.pk))
    first, others = found[0], found[1:]
    if not others:
        return first
    also = tuple((due.need, due.due_on) for due in others)
    told = [f"Also {_asked(due.need)}: by that rule it {_due_in_words(due)}. The earlier date stands." for due in others]
    return replace(first, others=also, why=(*first.why, *told))


def _due_by(series: list[Asking], *, person_id: int, facts: Facts, on: date) -> Due | None:
    """What the line of a series that holds on the day makes of one person."""
    asking = next((one for one in series if one.line.end is None or one.line.end > on), None)
    if asking is None:
        return None
    posts, need = facts.posts[person_id], asking.line
    since = came_under(
        _periods(series, person_id, facts),
        posts=[(post.start, post.end) for post in posts],
        line_starts=[one.line.start for one in series if one.line.start is not None],
        on=on,
    )
    if since is None:
        return None
    courses = [need.course_id, *need.refreshers] if need.frequency == TrainingNeed.Frequency.ROTATION else [need.course_id]
    done = [one for course in courses for one in facts.completed.get((person_id, course), ())]
    frequency, begun = Frequency.of(need), any((person_id, course) in facts.begun for course in courses)
    standing = status(done, on=on, frequency=frequency, has_progress=begun)
    when = due_date(
        need,
        since=since,
        again_on=max((one.due_again(frequency) for one in done), default=None),
        absences=[
            *facts.absences.get(person_id, ()),
            *facts.later.get((person_id, need.course_id), ()),
            *facts.later.get((person_id, None), ()),
        ],
        more_time=facts.extensions.get((person_id, need.course_id, standing.completed_on)),
    )
    exemption = facts.excused.get((person_id, need.course_id)) or facts.excused.get((person_id, None))
    why = [f"{_upper(_asked(need))}.", _post_in_words(asking, posts, on), standing.trace, *when.why]
    if exemption is not None:
        why.append(
            f"Excused until {day(exemption.end - timedelta(days=1))}." if exemption.end else "Excused until further notice."
        )
    to_take = _turn(need, person_id, facts) if need.frequency == TrainingNeed.Frequency.ROTATION else None
    return Due(need.course, need, standing, when, since, exemption, on, tuple(why), to_take=to_take)


def _periods(series: Iterable[Asking], person_id: int, facts: Facts) -> list[Period]:
    posts, capacities = facts.posts[person_id], facts.capacities.get(person_id, Capacities())
    return [period for one in series for period in one.periods(posts, capacities)]


def _turn(need: TrainingNeed, person_id: int, facts: Facts) -> Course | None:
    """The refresher after the one done last; None the first time, when the course itself is taken."""
    turns = [course for course in need.refreshers if course in facts.courses]
    done = [
        (max(one.completed_on for one in rows), course)
        for course in [need.course_id, *turns]
        if (rows := facts.completed.get((person_id, course)))
    ]
    if not done or not turns:
        return None
    _on, last = max(done)
    return facts.courses[turns[(turns.index(last) + 1) % len(turns)] if last in turns else turns[0]]


def _asked(need: TrainingNeed) -> str:
    audience = in_words(need)
    return f"asked of {audience[0].lower()}{audience[1:]}, {Frequency.of(need).words}"


def _due_in_words(due: Due) -> str:
    return f"is due by {day(due.due_on)}" if due.due_on else "is done for good"


def _post_in_words(asking: Asking, posts: Iterable[Post], on: date) -> str:
    here = [post for post in posts if _covers(post, on) and asking.asks(post)]
    if asking.line.audience == TrainingNeed.Audience.EVERYONE:
        return f"In post today: {here[0].job_title or 'job title not given'}."
    known = next((post for post in here if post.has_access == DataAccess.YES), None)
    if known is not None:
        return f"The post {known.job_title or '(title not given)'} has access to personal data."
    return (
        f"Nobody has said whether the post {here[0].job_title or '(title not given)'} has access to personal data, so it counts."
    )


def _why_closed(series: Iterable[Asking], posts: Iterable[Post], end: date) -> str:
    """Why nobody asks it from a day on: they left, the rule ended, or the post is another."""
    if not any(post.start <= end and (post.end is None or post.end > end) for post in posts):
        return "In no post from the next day."
    if not any(
        one.line.start is not None and one.line.start <= end and (one.line.end is None or one.line.end > end) for one in series
    ):
        return "The training needs analysis does not ask for it from the next day."
    return "The post from the next day is not one that needs it."


def _covers(post: Post, on: date) -> bool:
    return post.end is None or post.end > on


def _upper(words: str) -> str:
    return words[0].upper() + words[1:]
