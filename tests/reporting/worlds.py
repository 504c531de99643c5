"""Invented worlds for generated tests, and a second opinion on what to count in them.

The oracle is written from the definitions, person by person in plain Python, and shares no code with the product.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from courses.models import Completion, CompletionVoid, Course, CourseVersion, Exemption, Progress, RetakeDemand
from staff.models import Absence, Person, Post, Unit
from tests.factories import CourseFactory

AT = datetime(2026, 5, 1, 9, 0, tzinfo=UTC)
DAYS = [date(2024, 2, 29), date(2025, 2, 28), date(2025, 3, 1), date(2025, 3, 31), date(2026, 6, 30), date(2025, 12, 31)]
UNITS = ["North", "South", None]
GROUPS = ["Care", "Office", ""]
TYPES = ["permanent", "bank", "volunteer"]
OUR_COURSES = [0, 0, 0, 1]


@dataclass
class World:
    on: date
    months: int
    types: tuple[str, ...] | None
    only_with_access: bool
    people: list[Sketch] = field(default_factory=list)
    retakes: list[tuple[date, date]] = field(default_factory=list)
    """Course 0 was asked of everybody again: on a day, until a day. The first with version 2, the next with version 3."""


@dataclass
class Sketch:
    """One person. Periods are [start, end); a completion is (day, course, is void)."""

    posts: list[tuple[str | None, str, str, str, int | None, date, date | None]]
    completions: list[tuple[date, int, bool]]
    begun: list[date]
    absences: list[tuple[date, date | None]]
    exemptions: list[tuple[date, date | None, int | None]]


def back(day: date, months: int) -> date:
    """The same day months earlier, by walking back one month at a time on the calendar."""
    year, month = day.year, day.month
    for _ in range(months):
        month -= 1
        if month == 0:
            year, month = year - 1, 12
    last = day.day
    while True:
        try:
            return date(year, month, last)
        except ValueError:
            last -= 1


@st.composite
def worlds(draw):
    on = draw(st.sampled_from(DAYS))
    months = draw(st.sampled_from([1, 6, 12, 12, 24]))
    edge = back(on, months)
    near = [on, on - timedelta(days=1), on + timedelta(days=1), edge, edge + timedelta(days=1), edge - timedelta(days=1)]
    days = st.one_of(st.sampled_from(near), st.integers(-900, 120).map(lambda n: on + timedelta(days=n)))
    ends = st.one_of(st.none(), st.integers(1, 800), st.just("on"), st.just("after"))

    def period(start, end):
        if end is None:
            return start, None
        last = on if end == "on" else on + timedelta(days=1) if end == "after" else start + timedelta(days=end)
        return start, last if last > start else start + timedelta(days=1)

    people = draw(st.integers(0, 7))
    posts = st.tuples(
        st.sampled_from(UNITS),
        st.sampled_from(GROUPS),
        st.sampled_from(TYPES),
        st.sampled_from(["yes", "no", "unknown"]),
        st.one_of(st.none(), st.integers(0, 6)),
        days,
        ends,
    )
    sketch = st.builds(
        lambda posts, completions, begun, absences, exemptions: Sketch(
            posts=[(*post[:5], *period(post[5], post[6])) for post in posts],
            completions=list({(day, course): (day, course, void) for day, course, void in completions}.values()),
            begun=begun,
            absences=[period(*one) for one in absences],
            exemptions=[(*period(start, end), course) for start, end, course in exemptions],
        ),
        st.lists(posts, max_size=3),
        st.lists(st.tuples(days, st.sampled_from(OUR_COURSES), st.booleans().map(lambda b: b)), max_size=4),
        st.lists(days, max_size=1),
        st.lists(st.tuples(days, ends), max_size=1),
        st.lists(st.tuples(days, ends, st.sampled_from([0, 1, None])), max_size=1),
    )
    types = draw(st.sampled_from([None, None, ("permanent",), ("permanent", "bank")]))
    retakes = st.lists(st.tuples(days, st.integers(0, 60)).map(lambda one: (one[0], one[0] + timedelta(days=one[1]))), max_size=2)
    return World(
        on,
        months,
        types,
        draw(st.booleans()) or draw(st.booleans()),
        draw(st.lists(sketch, min_size=people, max_size=people)),
        draw(retakes),
    )


def version_of(day: date) -> int | None:
    """Which version of course 0 a completion of the day is of; None: nobody knows. Any spread will do."""
    return [None, 1, 2, 3][day.toordinal() % 4]


def recalled_after(world: World, day: date) -> date | None:
    """The last day a completion of course 0 counts because of a retake asked for by the day of the world."""
    number = version_of(day)
    ends = []
    for later, (asked, last_day) in enumerate(world.retakes, start=2):
        about = day < asked if number is None else number < later
        if about and asked <= world.on:
            ends.append(last_day)
    return min(ends, default=None)


def ask_again(world: World, course: Course) -> dict[int, CourseVersion]:
    """Versions 2 and 3, each with the retake of the world if it has one."""
    found = {}
    for number in (2, 3):
        found[number] = CourseVersion.objects.create(
            course=course, number=number, content={}, content_hash="0", effective_on=date(2020, 1, 1), created_at=AT
        )
    for version, (asked, last_day) in zip(found.values(), world.retakes, strict=False):
        RetakeDemand.objects.create(course=course, version=version, asked_on=asked, last_day=last_day)
    return found


def build(world: World, organisation) -> tuple[Course, list[Person]]:
    """Put the world into the database. Course 0 is the one asked about, course 1 another."""
    courses = [CourseFactory(), CourseFactory()]
    versions = [
        CourseVersion.objects.create(
            course=course, number=1, content={}, content_hash="0", effective_on=date(2020, 1, 1), created_at=AT
        )
        for course in courses
    ]
    by_number = {None: None, 1: versions[0]} | ask_again(world, courses[0])
    units = {name: Unit.objects.create(organisation=organisation, name=name) for name in UNITS if name}
    persons = Person.objects.bulk_create(
        [
            Person(organisation=organisation, staff_number=f"W{n}", first_name="A", last_name=f"B{n}")
            for n in range(len(world.people))
        ]
    )
    voids = []
    for number, (person, sketch) in enumerate(zip(persons, world.people, strict=True)):
        for unit, group, kind, access, boss, start, end in sketch.posts:
            manager = persons[boss] if boss is not None and boss < len(persons) and boss != number else None
            Post.objects.create(
                person=person,
                unit=units.get(unit),
                staff_group=group,
                employment_type=kind,
                has_access=access,
                manager=manager,
                start=start,
                end=end,
            )
        for day, course, void in sketch.completions:
            done = Completion.objects.create(
                person=person,
                course=courses[course],
                course_version=None if course else by_number[version_of(day)],
                completed_on=day,
                source="import",
                recorded_at=AT,
            )
            if void:
                voids.append(CompletionVoid(completion=done, reason="not so", voided_at=AT))
        for day in sketch.begun:
            Progress.objects.create(person=person, course_version=versions[0], started_on=day)
        for start, end in sketch.absences:
            Absence.objects.create(person=person, start=start, end=end)
        for start, end, course in sketch.exemptions:
            of = None if course is None else courses[course]
            Exemption.objects.create(person=person, course=of, reason="other", start=start, end=end, approved_at=AT)
    CompletionVoid.objects.bulk_create(voids)
    return courses[0], persons


def covers(start: date, end: date | None, on: date) -> bool:
    return start <= on and (end is None or on < end)


def opinion(world: World, sketch: Sketch) -> tuple[str, str, str, bool] | None:
    """(scope, status, left out, unknown access) of one person; None for somebody not in post."""
    here = [post for post in sketch.posts if covers(post[5], post[6], world.on)]
    if not here:
        return None
    of_type = [post for post in here if world.types is None or post[2] in world.types]
    counted = [post for post in of_type if not world.only_with_access or post[3] != "no"]
    if not counted:
        return ("no_access" if of_type else "employment_type", "", "", False)
    done = [day for day, course, void in sketch.completions if course == 0 and not void and day <= world.on]
    standing = [day for day in done if (end := recalled_after(world, day)) is None or world.on <= end]
    if any(day > back(world.on, world.months) for day in standing):
        status = "current"
    elif done:
        status = "lapsed"
    elif any(day <= world.on for day in sketch.begun):
        status = "in_progress"
    else:
        status = "not_started"
    left_out = ""
    if any(covers(start, end, world.on) for start, end in sketch.absences):
        left_out = "away"
    if any(covers(start, end, world.on) and course in (0, None) for start, end, course in sketch.exemptions):
        left_out = "exempt"
    return ("in", status, left_out, all(post[3] == "unknown" for post in counted))


@dataclass
class Expected:
    headcount: int = 0
    out_of_scope: Counter = field(default_factory=Counter)
    standing: Counter = field(default_factory=Counter)
    net: Counter = field(default_factory=Counter)
    left_out: Counter = field(default_factory=Counter)
    unknown: int = 0
    groups: dict = field(default_factory=lambda: defaultdict(Counter))


def expected(world: World) -> Expected:
    found = Expected()
    for number, sketch in enumerate(world.people):
        view = opinion(world, sketch)
        if view is None:
            continue
        scope, status, left_out, unknown = view
        found.headcount += 1
        if scope != "in":
            found.out_of_scope[scope] += 1
            continue
        found.standing[status] += 1
        found.unknown += unknown
        if left_out:
            found.left_out[left_out] += 1
        else:
            found.net[status] += 1
        seen = set()
        for unit, group, kind, access, boss, start, end in sketch.posts:
            is_counted = (world.types is None or kind in world.types) and (not world.only_with_access or access != "no")
            if covers(start, end, world.on) and is_counted:
                manager = boss if boss is not None and boss < len(world.people) and boss != number else None
                seen |= {("unit", unit or ""), ("staff_group", group), ("employment_type", kind), ("manager", manager)}
        for place in seen:
            found.groups[place][status] += 1
    return found
