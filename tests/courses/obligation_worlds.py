"""Invented histories for generated tests of what is due, and a second opinion on them.

The oracle walks from day to day and shares no code with the product.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from hypothesis import strategies as st

from courses.models import (
    Completion,
    CompletionVoid,
    CourseVersion,
    Exemption,
    Extension,
    Progress,
    RetakeDemand,
    TrainingNeed,
)
from staff.models import Absence, KeyPost, Person, Post, Unit
from tests.factories import CourseFactory

AT = datetime(2026, 5, 1, 9, 0, tzinfo=UTC)
DAYS = [date(2024, 2, 29), date(2025, 2, 28), date(2025, 3, 1), date(2025, 12, 31), date(2026, 6, 30), date(2026, 7, 1)]
ONE = timedelta(days=1)


@dataclass
class Line:
    """A version of a line: ``series`` 0 to 2, course 0 or 1."""

    series: int
    start: date
    end: date | None
    values: dict[str, object]


@dataclass
class Sketch:
    """One person. Periods are [start, end)."""

    posts: list[tuple[str, str, int, bool, date, date | None]]
    """Access, staff group, unit, managed by person 0, from, until."""
    completions: list[tuple[date, int, bool]]
    begun: list[date]
    absences: list[tuple[date, date | None]]
    exemptions: list[tuple[date, date | None, str, bool, bool]]
    """From, until, effect, for one course only, approved."""
    extensions: list[tuple[str, int, int]]
    """Act, which completion it follows (0: none), days before today it was written."""
    siro: tuple[date, date | None] | None


@dataclass
class World:
    on: date
    lines: list[Line]
    people: list[Sketch]
    retake: tuple[date, date] | None
    persons: list[Person] = field(default_factory=list)
    units: list[Unit] = field(default_factory=list)
    courses: list[object] = field(default_factory=list)


@st.composite
def worlds(draw):
    on = draw(st.sampled_from(DAYS))
    near = [on, on - ONE, on + ONE, on.replace(year=on.year - 1, day=min(on.day, 28)), on - timedelta(days=30)]
    days = st.one_of(st.sampled_from(near), st.integers(-800, 60).map(lambda n: on + timedelta(days=n)))
    lengths = st.one_of(st.none(), st.integers(1, 500))

    def period(start, length):
        return start, None if length is None else start + timedelta(days=length)

    def line(series, cuts, values):
        cuts = sorted(set(cuts))
        ends = [*cuts[1:], None]
        return [
            Line(series, start, end, value) for (start, end), value in zip(zip(cuts, ends, strict=True), values, strict=False)
        ]

    values = st.fixed_dictionaries(
        {
            "audience": st.sampled_from(["everyone", "with-access"]),
            "staff_groups": st.sampled_from([[], [], ["Care"]]),
            "units": st.sampled_from([[], [], [0]]),
            "managers_only": st.sampled_from([False, False, True]),
            "key_posts": st.sampled_from([[], [], [], ["siro"]]),
            "frequency": st.sampled_from(["rolling", "rolling", "yearly", "once", "rotation"]),
            "months": st.sampled_from([1, 6, 12, 13]),
            "year_starts_month": st.sampled_from([7, 1, 4]),
            "starter_days": st.sampled_from([0, 14, 30]),
            "mover_days": st.sampled_from([0, 45]),
            "returner_days": st.sampled_from([0, 20]),
            "returner_after_days": st.sampled_from([1, 28]),
            "not_before": st.one_of(st.none(), st.none(), days),
        }
    )
    lines = []
    for series in range(draw(st.integers(1, 3))):
        cuts = draw(st.lists(days, min_size=1, max_size=2))
        lines += line(series, cuts, draw(st.lists(values, min_size=2, max_size=2)))
    posts = st.tuples(
        st.sampled_from(["yes", "no", "unknown"]),
        st.sampled_from(["Care", "Office"]),
        st.integers(0, 2),
        st.booleans(),
        days,
        lengths,
    )
    sketch = st.builds(
        lambda posts, done, begun, away, excused, more, siro: Sketch(
            posts=[(*post[:4], *period(post[4], post[5])) for post in posts],
            completions=list({(day, course): (day, course, void) for day, course, void in done}.values()),
            begun=begun,
            absences=[period(*one) for one in away],
            exemptions=[(*period(*one[:2]), *one[2:]) for one in excused],
            extensions=more,
            siro=period(*siro) if siro else None,
        ),
        st.lists(posts, max_size=3),
        st.lists(st.tuples(days, st.integers(0, 1), st.sampled_from([False, False, False, True])), max_size=3),
        st.lists(days, max_size=1),
        st.lists(st.tuples(days, lengths), max_size=3),
        st.lists(st.tuples(days, lengths, st.sampled_from(["excused", "later"]), st.booleans(), st.booleans()), max_size=1),
        st.lists(
            st.tuples(
                st.sampled_from(["granted", "granted", "withdrawn", "asked", "refused"]), st.integers(0, 1), st.integers(-2, 5)
            ),
            max_size=2,
        ),
        st.one_of(st.none(), st.tuples(days, lengths)),
    )
    retake = draw(st.one_of(st.none(), st.none(), days.map(lambda day: (day, day + timedelta(days=20)))))
    return World(on, lines, draw(st.lists(sketch, min_size=1, max_size=4)), retake)


def build(world: World, organisation) -> None:  # noqa: C901
    """Put the world into the database. Lines of series 2 are about course 1, the others about course 0."""
    top = Unit.objects.create(organisation=organisation, name="Top")
    world.units = [top, Unit.objects.create(organisation=organisation, name="Below", parent=top)]
    world.units.append(Unit.objects.create(organisation=organisation, name="Beside"))
    world.courses = [CourseFactory(), CourseFactory()]
    versions = [
        CourseVersion.objects.create(
            course=world.courses[0], number=n, content={}, content_hash="0", effective_on=date(2020, 1, 1), created_at=AT
        )
        for n in (1, 2)
    ]
    if world.retake:
        asked, last = world.retake
        RetakeDemand.objects.create(course=world.courses[0], version=versions[1], asked_on=asked, last_day=last)
    for line in world.lines:
        values = line.values | {"units": [world.units[n].pk for n in line.values["units"]]}
        values["refreshers"] = [world.courses[1].pk] if values["frequency"] == "rotation" and line.series < 2 else []
        course = world.courses[line.series == 2]
        TrainingNeed.objects.create(
            organisation=organisation, course=course, series=UUID(int=line.series + 1), rationale="x", start=line.start,
            end=line.end, **values,
        )  # fmt: skip
    world.persons = [
        Person.objects.create(organisation=organisation, staff_number=f"W{n}", first_name="A", last_name=f"B{n}")
        for n in range(len(world.people))
    ]
    for number, (person, sketch) in enumerate(zip(world.persons, world.people, strict=True)):
        for access, group, unit, managed, start, end in sketch.posts:
            manager = world.persons[0] if managed and number else None
            Post.objects.create(
                person=person, has_access=access, staff_group=group, unit=world.units[unit], manager=manager, start=start, end=end
            )
        for day, course, void in sketch.completions:
            done = Completion.objects.create(
                person=person, course=world.courses[course], course_version=versions[0] if course == 0 and day.day % 2 else None,
                completed_on=day, source="import", recorded_at=AT,
            )  # fmt: skip
            if void:
                CompletionVoid.objects.create(completion=done, reason="not so", voided_at=AT)
        for day in sketch.begun:
            Progress.objects.create(person=person, course_version=versions[0], started_on=day)
        for start, end in sketch.absences:
            Absence.objects.create(person=person, start=start, end=end)
        for start, end, effect, only, approved in sketch.exemptions:
            Exemption.objects.create(
                person=person, course=world.courses[0] if only else None, reason="other", effect=effect, start=start, end=end,
                approved_at=AT if approved else None,
            )  # fmt: skip
        for (act, after, before), until in zip(sketch.extensions, extension_dates(world), strict=False):
            Extension.objects.create(
                person=person, course=world.courses[0], act=act, cycle_after=cycle_of(sketch, after, world.on),
                baseline_due_on=date(2000, 1, 1), until=until if act in ("granted", "asked") else None, reason="Busy.",
                on=world.on - timedelta(days=before), at=AT,
            )  # fmt: skip
        if sketch.siro:
            KeyPost.objects.create(
                organisation=organisation, kind="siro", holder=person, start=sketch.siro[0], end=sketch.siro[1]
            )


def extension_dates(world: World) -> list[date]:
    return [world.on + timedelta(days=10), world.on - timedelta(days=3)]


def cycle_of(sketch: Sketch, after: int, on: date) -> date | None:
    done = sorted(day for day, _course, void in sketch.completions if not void and day <= on)
    return done[-1] if after and done else None


def covers(start: date, end: date | None, on: date) -> bool:
    return start <= on and (end is None or on < end)


def back(day: date, months: int) -> date:
    year, month = day.year, day.month
    for _ in range(months):
        month -= 1
        if month == 0:
            year, month = year - 1, 12
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def is_asked(world: World, number: int, line: Line, day: date) -> bool:
    """Whether a version of a line asks somebody on a day."""
    if not covers(line.start, line.end, day):
        return False
    sketch, values = world.people[number], line.values
    if values["managers_only"] and not any(
        post[3] and covers(post[4], post[5], day) and post[4] <= world.on
        for other, one in enumerate(world.people) if other and number == 0 for post in one.posts
    ):  # fmt: skip
        return False
    if values["key_posts"] and not (sketch.siro and covers(*sketch.siro, day)):
        return False
    return any(
        covers(post[4], post[5], day)
        and post[4] <= world.on
        and (values["audience"] == "everyone" or post[0] != "no")
        and (not values["staff_groups"] or post[1] == "Care")
        and (not values["units"] or post[2] in (0, 1))
        for post in sketch.posts
    )


def opinion(world: World, number: int) -> dict[int, tuple[str, date | None, date | None, bool, bool, bool]]:
    """By course: state, due on, due without extension, paused, excused, overdue."""
    found: dict[int, list[tuple[date, int, tuple]]] = {}
    for series in range(3):
        versions = [line for line in world.lines if line.series == series and line.start <= world.on]
        now = [line for line in versions if covers(line.start, line.end, world.on)]
        if now and any(is_asked(world, number, line, world.on) for line in now):
            course = int(series == 2)
            answer = by_line(world, number, now[0], versions, course)
            found.setdefault(course, []).append((answer[1] or date.max, world.lines.index(now[0]), answer))
    return {course: min(answers, key=lambda one: one[:2])[2] for course, answers in found.items()}


def by_line(world: World, number: int, line: Line, versions: list[Line], course: int):  # noqa: C901
    sketch, values, on = world.people[number], line.values, world.on
    since = on
    while any(is_asked(world, number, one, since - ONE) for one in versions):
        since -= ONE
    tenure = since
    was_there = any(covers(post[4], post[5], tenure - ONE) and post[4] <= on for post in sketch.posts)
    is_mover = was_there and since not in {one.start for one in versions}
    rotation = values["frequency"] == "rotation" and line.series < 2
    courses = {course, 1} if rotation else {course}
    done = [(day, which) for day, which, void in sketch.completions if which in courses and not void and day <= on]
    ends = [(ends_after(world, values, day, which), due_after(world, values, day, which), day) for day, which in done]
    latest = max((day for *_rest, day in ends), default=None)
    if any(until is None or until >= on for until, _due, _day in ends):
        state = "current"
    elif ends:
        state = "lapsed"
    else:
        state = "in_progress" if 0 in courses and any(day <= on for day in sketch.begun) else "not_started"
    excused = any(
        effect == "excused" and approved and covers(start, end, on) and (not only or course == 0)
        for start, end, effect, only, approved in sketch.exemptions
    )
    if any(due is None for _until, due, _day in ends):
        return state, None, None, False, excused, False
    again = max((due for _until, due, _day in ends), default=None)
    due = (
        again
        if again is not None and again >= since
        else since + timedelta(days=values["mover_days" if is_mover else "starter_days"])
    )
    if values["not_before"]:
        due = max(due, values["not_before"])
    paused = False
    for start, end in runs_of_absence(world, sketch, values, course):
        if due >= start and end is None:
            paused = True
        elif end is not None and start <= due < end + timedelta(days=values["returner_days"]):
            due = end + timedelta(days=values["returner_days"])
            break
    baseline = due
    more = None
    acts = zip(sketch.extensions, extension_dates(world), strict=False)
    for (act, after, before), until in acts:
        if course == 0 and before >= 0 and cycle_of(sketch, after, on) == latest:
            more = until if act == "granted" else None if act == "withdrawn" else more
    if more is not None:
        due = max(due, more)
    return state, due, baseline, paused, excused, state != "current" and not excused and not paused and due < on


def recalled(world: World, day: date, course: int) -> date | None:
    """The retake asks everybody to do version 2; a completion is of version 1 on odd days, and of no known version on even."""
    if course or not world.retake or world.retake[0] > world.on:
        return None
    return world.retake[1] if day.day % 2 or day < world.retake[0] else None


def ends_after(world: World, values, day: date, course: int) -> date | None:
    """The last day a completion counts: the day before the first on which it does not."""
    last = recalled(world, day, course)
    if values["frequency"] == "once":
        return last
    ahead = day
    if values["frequency"] == "yearly":
        while not ((ahead + ONE).month == values["year_starts_month"] and (ahead + ONE).day == 1):
            ahead += ONE
    else:
        while back(ahead + ONE, values["months"]) < day:
            ahead += ONE
    return min(ahead, last) if last else ahead


def due_after(world: World, values, day: date, course: int) -> date | None:
    if values["frequency"] != "yearly":
        return ends_after(world, values, day, course)
    last = recalled(world, day, course)
    ahead, ended = day, 0
    while True:
        if (ahead + ONE).month == values["year_starts_month"] and (ahead + ONE).day == 1:
            ended += 1
            if ended == 2:
                return min(ahead, last) if last else ahead
        ahead += ONE


def runs_of_absence(world: World, sketch: Sketch, values, course: int) -> list[tuple[date, date | None]]:
    """Long absences, two made one while fewer days than a returner's lie between any of them."""
    periods = [*sketch.absences]
    periods += [one[:2] for one in sketch.exemptions if one[2] == "later" and one[4] and (not one[3] or course == 0)]
    runs = [
        (start, end or date.max)
        for start, end in periods
        if start <= world.on and (end is None or (end - start).days >= values["returner_after_days"])
    ]
    gap = timedelta(days=values["returner_days"])
    while True:
        pair = next(
            ((a, b) for n, a in enumerate(runs) for b in runs[n + 1 :]
             if a[0] - gap <= min(b[1], date(8000, 1, 1)) and b[0] - gap <= min(a[1], date(8000, 1, 1))), None
        )  # fmt: skip
        if pair is None:
            return [(start, None if end == date.max else end) for start, end in sorted(runs)]
        for one in pair:
            runs.remove(one)
        runs.append((min(pair[0][0], pair[1][0]), max(pair[0][1], pair[1][1])))
