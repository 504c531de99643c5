# ruff: noqa: S608  the text is ours; whatever comes from outside is a parameter
"""Who needs which course by when, as one statement for a whole organisation or any part of it.

``courses.obligations`` says the same of single people, with reasons; a generated test holds the two together.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from django.db import connection

from accounts.models import Organisation
from courses.audiences import Asking, with_units
from courses.frequencies import FOR_GOOD, Frequency
from courses.models import RetakeDemand, TrainingNeed
from courses.status import State

Kind = TrainingNeed.Frequency


class Obligation(NamedTuple):
    """One person and one course on a day. The fields mean what those of ``courses.obligations.Due`` mean."""

    person_id: int
    course_id: int
    line: int
    """The deciding line, by its place in the lines the statement was made of."""
    state: State
    due_on: date | None
    baseline_due_on: date | None
    cycle_after: date | None
    """The latest completion up to the day."""
    since: date
    is_paused: bool
    is_excused: bool
    is_away: bool
    is_overdue: bool

    @property
    def is_current(self) -> bool:
        return self.state == State.CURRENT


def lines_of(organisation: Organisation, *, on: date) -> list[TrainingNeed]:
    """The lines that held by the day, in the order the statement numbers them."""
    begun = TrainingNeed.objects.begun(on).filter(organisation=organisation)
    return list(begun.select_related("course").order_by("pk"))


def obligations(
    organisation: Organisation,
    *,
    on: date,
    lines: Sequence[TrainingNeed] | None = None,
    people: Collection[int] | None = None,
    overdue_only: bool = False,
    due_by: date | None = None,
) -> list[Obligation]:
    """What everybody in post needs on a day, in one statement after those that read the lines.

    Args:
        organisation: whose people.
        on: the day; facts dated later are ignored.
        lines: other lines than the organisation's, such as those of a draft.
        people: only these, by id: a thousand at a time.
        overdue_only: only what is overdue.
        due_by: only what is due by this day and neither done nor excused.
    """
    asked = lines_of(organisation, on=on) if lines is None else list(lines)
    statement = _Statement(organisation, on=on, asking=with_units(asked), people=people)
    if not statement.current:
        return []
    condition = "overdue = 1" if overdue_only else "1 = 1"
    if due_by is not None:
        condition += f" AND state <> 'current' AND excused = 0 AND paused = 0 AND due <= {statement.value(due_by)}"
    sql = statement.sql(condition)
    with connection.cursor() as cursor:
        cursor.execute(sql, statement.parameters)
        rows = cursor.fetchall()
    states = {str(state): state for state in State}
    day = _Days()
    return [
        Obligation(
            person, course, line, states[state], day(due), day(baseline), day(latest), day(since) or on,
            bool(paused), bool(excused), bool(away), bool(overdue),
        )
        for person, course, line, state, due, baseline, latest, since, paused, excused, away, overdue in rows
    ]  # fmt: skip


class _Days(dict[Any, "date | None"]):
    """Dates as the database gives them; ``FOR_GOOD`` is none. SQLite gives text, and few different ones."""

    def __call__(self, found: Any) -> date | None:
        return self[found]

    def __missing__(self, found: Any) -> date | None:
        value = date.fromisoformat(found) if isinstance(found, str) else found
        self[found] = value = None if value == FOR_GOOD else value
        return value


@dataclass
class _Statement:
    """Builds the text. ``parameters`` are by name, so that the parts may be written in any order."""

    organisation: Organisation
    on: date
    asking: Sequence[Asking]
    people: Collection[int] | None = None
    parameters: dict[str, Any] = field(default_factory=dict)
    parts: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.dates = _PostgresDates(self) if connection.vendor == "postgresql" else _SqliteDates(self)
        self.today = self.value(self.on)
        self.far = self.value(FOR_GOOD)
        numbered = list(enumerate(self.asking))
        self.current = [
            (n, one) for n, one in numbered if one.line.start is not None and one.line.start <= self.on
            and (one.line.end is None or one.line.end > self.on)
        ]  # fmt: skip
        self.asked_again = set(
            RetakeDemand.objects.filter(
                course__in={course for _n, one in self.current for course in _courses(one.line)}, asked_on__lte=self.on
            ).values_list("course", flat=True)
        ) if self.current else set()  # fmt: skip

    def value(self, what: Any) -> str:
        """A parameter; dates are compared as the database keeps them."""
        name = f"p{len(self.parameters)}"
        self.parameters[name] = what.isoformat() if isinstance(what, date) and connection.vendor == "sqlite" else what
        return f"%({name})s::date" if isinstance(what, date) and connection.vendor == "postgresql" else f"%({name})s"

    def one_of(self, values: Iterable[Any]) -> str:
        return "(" + ", ".join(self.value(value) for value in values) + ")"

    def sql(self, condition: str) -> str:
        self._posts()
        duties = [self._line(number, one) for number, one in self.current]
        self.parts.append("duty AS (" + "\nUNION ALL\n".join(duties) + ")")
        overdue = f"state <> 'current' AND excused = 0 AND paused = 0 AND due < {self.today} AND due < {self.far}"
        ranked = f"""ranked AS (
            SELECT duty.*, CASE WHEN {overdue} THEN 1 ELSE 0 END AS overdue,
                   ROW_NUMBER() OVER (PARTITION BY person_id, course_id ORDER BY due, line) AS place
            FROM duty)"""
        return f"""WITH {", ".join([*self.parts, ranked])}
            SELECT person_id, course_id, line, state, due, baseline, latest, since, paused, excused, away, overdue
            FROM ranked WHERE place = 1 AND {condition}"""

    def _posts(self) -> None:
        """The posts begun by the day of those who are in post on it, and since when they have been."""
        only = f" AND p.person_id IN {self.one_of(sorted(self.people) or [0])}" if self.people is not None else ""
        organisation = self.value(self.organisation.pk)
        self.parts.append(f"""post AS MATERIALIZED (
            SELECT p.person_id, p.start, COALESCE(p."end", {self.far}) AS stop, p.unit_id, p.job_title, p.staff_group,
                   p.employment_type, p.has_access
            FROM staff_post p JOIN staff_person s ON s.id = p.person_id
            WHERE s.organisation_id = {organisation} AND p.start <= {self.today}{only})""")
        self.parts.append(self._runs("tenure", "SELECT person_id, start, stop FROM post"))

    def _runs(self, name: str, periods: str) -> str:
        """``name(person_id, since)``: the start of the unbroken run of periods that holds the day."""
        return f"""{name} AS MATERIALIZED (
            SELECT person_id, MAX(CASE WHEN before IS NULL OR before < start THEN start END) AS since
            FROM (SELECT person_id, start, stop, MAX(stop) OVER (
                      PARTITION BY person_id ORDER BY start, stop ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
                  FROM ({periods}) period) run
            GROUP BY person_id HAVING MAX(stop) > {self.today})"""

    def _asked(self, one: Asking) -> str:
        """``person_id, start, stop``: when one version of a line asked whom."""
        line = one.line
        start = self.value(line.start)
        stop = self.value(line.end or FOR_GOOD)
        starts, stops, joins = ["p.start", start], ["p.stop", stop], ""
        where = [f"p.start < {stop}", f"p.stop > {start}"]
        if line.audience != TrainingNeed.Audience.EVERYONE:
            where.append("p.has_access <> 'no'")
        for column, values in (
            ("staff_group", line.staff_groups),
            ("employment_type", line.employment_types),
            ("job_title", line.job_titles),
            ("unit_id", sorted(one.units) if one.units is not None else []),
        ):
            if values:
                where.append(f"p.{column} IN {self.one_of(values)}")
        if line.managers_only:
            joins += " JOIN staff_post m ON m.manager_id = p.person_id"
            starts.append("m.start")
            stops.append(f'COALESCE(m."end", {self.far})')
            where.append(f"m.start <= {self.today}")
        if line.key_posts:
            joins += f" JOIN staff_keypost k ON k.holder_id = p.person_id AND k.kind IN {self.one_of(line.key_posts)}"
            starts.append("k.start")
            stops.append(f'COALESCE(k."end", {self.far})')
            where.append(f"k.start <= {self.today}")
        begin, end = self.dates.greatest(*starts), self.dates.least(*stops)
        return f"SELECT p.person_id, {begin} AS start, {end} AS stop FROM post p{joins} WHERE {' AND '.join(where)} AND {begin} < {end}"

    def _line(self, number: int, one: Asking) -> str:
        """What one line in force makes of everybody it asks."""
        line, dates = one.line, self.dates
        series = [other for other in self.asking if other.line.series == line.series and other.line.start is not None
                  and other.line.start <= self.on]  # fmt: skip
        self.parts.append(self._runs(f"asked{number}", " UNION ALL ".join(self._asked(version) for version in series)))
        self._done(number, line)
        self._away(number, line)
        starts = self.one_of({version.line.start for version in series})
        given = f"""CASE WHEN since = tenure OR since IN {starts} THEN {dates.plus("since", line.starter_days)}
                    ELSE {dates.plus("since", line.mover_days)} END"""
        base = f"CASE WHEN again IS NOT NULL AND again >= since THEN again ELSE {given} END"
        if line.not_before is not None:
            base = dates.greatest(f"({base})", self.value(line.not_before))
        none = "CAST(NULL AS date)"
        gathered = f"""SELECT person_id, MAX(since) AS since, MAX(tenure) AS tenure, MAX(latest) AS latest, MAX(until) AS until,
                MAX(again) AS again
            FROM (SELECT person_id, since, {none} AS tenure, {none} AS latest, {none} AS until, {none} AS again FROM asked{number}
                  UNION ALL SELECT person_id, {none}, since, {none}, {none}, {none} FROM tenure
                  UNION ALL SELECT person_id, {none}, {none}, latest, until, again FROM done{number}) known
            GROUP BY person_id HAVING MAX(since) IS NOT NULL"""  # a join would make SQLite compare everybody with everybody
        course = int(line.course_id)
        excused = f"""EXISTS (SELECT 1 FROM courses_exemption e WHERE e.person_id = b.person_id AND e.effect = 'excused'
            AND (e.course_id = {course} OR e.course_id IS NULL) AND e.approved_at IS NOT NULL AND e.start <= {self.today}
            AND (e."end" IS NULL OR e."end" > {self.today}))"""
        absent = f"""EXISTS (SELECT 1 FROM staff_absence x WHERE x.person_id = b.person_id AND x.start <= {self.today}
            AND (x."end" IS NULL OR x."end" > {self.today}))"""
        more = f"""(SELECT e.until FROM courses_extension e WHERE e.person_id = b.person_id AND e.course_id = {course}
            AND e."on" <= {self.today} AND e.act IN ('granted', 'withdrawn')
            AND COALESCE(e.cycle_after, {self.far}) = COALESCE(b.latest, {self.far}) ORDER BY e.id DESC LIMIT 1)"""
        begun = ", ".join(str(int(one)) for one in _courses(line))
        progress = f"""EXISTS (SELECT 1 FROM courses_progress g JOIN courses_courseversion v ON v.id = g.course_version_id
            WHERE g.person_id = b.person_id AND v.course_id IN ({begun}) AND g.started_on <= {self.today})"""
        shifted = f"CASE WHEN w.stop < {self.far} THEN {dates.plus('w.stop', line.returner_days)} ELSE b.due END"
        return f"""SELECT person_id, course_id, line, state, since, latest, baseline, paused, excused, away,
                {dates.greatest("baseline", "COALESCE(more, baseline)")} AS due
            FROM (SELECT b.person_id, {course} AS course_id, {number} AS line, b.since, b.latest,
                    CASE WHEN b.until >= {self.today} THEN 'current' WHEN b.latest IS NOT NULL THEN 'lapsed'
                         WHEN {progress} THEN 'in_progress' ELSE 'not_started' END AS state,
                    CASE WHEN w.person_id IS NULL THEN b.due ELSE {shifted} END AS baseline,
                    CASE WHEN w.stop = {self.far} THEN 1 ELSE 0 END AS paused,
                    CASE WHEN {excused} THEN 1 ELSE 0 END AS excused, CASE WHEN {absent} THEN 1 ELSE 0 END AS away,
                    {more} AS more
                FROM (SELECT person_id, since, latest, until, {base} AS due FROM ({gathered}) met) b
                LEFT JOIN away{number} w ON w.person_id = b.person_id AND b.due < {self.far} AND w.start <= b.due
                    AND b.due < {dates.plus("w.stop", line.returner_days)}) one"""

    def _done(self, number: int, line: TrainingNeed) -> None:
        """``done(person_id, latest, until, again)``: what the completions of a line's courses come to."""
        courses = _courses(line)
        frequency = Frequency.of(line)
        counted = f"""c.completed_on <= {self.today} AND c.course_id IN ({", ".join(str(int(one)) for one in courses)})
            AND c.person_id IN (SELECT person_id FROM tenure)
            AND NOT EXISTS (SELECT 1 FROM courses_completionvoid v WHERE v.completion_id = c.id)"""
        until, again = self.dates.counts_until(frequency, "{0}"), self.dates.due_again(frequency, "{0}")
        if self.asked_again.isdisjoint(courses):
            self.parts.append(f"""done{number} AS MATERIALIZED (
                SELECT person_id, latest, {until.format("latest")} AS until, {again.format("latest")} AS again
                FROM (SELECT c.person_id, MAX(c.completed_on) AS latest FROM courses_completion c
                      WHERE {counted} GROUP BY c.person_id) newest)""")
            return
        ended = f"""COALESCE((SELECT MIN(r.last_day) FROM courses_retakedemand r JOIN courses_courseversion rv ON rv.id = r.version_id
            WHERE r.course_id = c.course_id AND r.asked_on <= {self.today}
            AND ((c.course_version_id IS NULL AND r.asked_on > c.completed_on) OR rv.number > cv.number)), {self.far})"""
        self.parts.append(f"""done{number} AS MATERIALIZED (
            SELECT person_id, MAX(completed_on) AS latest, MAX({self.dates.least(until.format("completed_on"), "last_day")}) AS until,
                   MAX({self.dates.least(again.format("completed_on"), "last_day")}) AS again
            FROM (SELECT c.person_id, c.completed_on, {ended} AS last_day FROM courses_completion c
                  LEFT JOIN courses_courseversion cv ON cv.id = c.course_version_id WHERE {counted}) each_one
            GROUP BY person_id)""")

    def _away(self, number: int, line: TrainingNeed) -> None:
        """``away(person_id, start, stop)``: long absences, run together where a returner's days had not passed between them."""
        columns = f'person_id, start, COALESCE("end", {self.far}) AS stop'
        absences = f"""SELECT {columns} FROM staff_absence WHERE start <= {self.today}
            UNION ALL SELECT {columns} FROM courses_exemption WHERE effect = 'later' AND approved_at IS NOT NULL
            AND start <= {self.today} AND (course_id = {int(line.course_id)} OR course_id IS NULL)
            AND ("end" IS NULL OR "end" > start)"""
        enough = self.dates.plus("start", line.returner_after_days)
        reach = self.dates.plus("before", line.returner_days)
        self.parts.append(f"""away{number} AS MATERIALIZED (
            SELECT person_id, MIN(start) AS start, MAX(stop) AS stop
            FROM (SELECT person_id, start, stop, SUM(CASE WHEN before IS NULL OR start > {reach} THEN 1 ELSE 0 END) OVER (
                      PARTITION BY person_id ORDER BY start, stop ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS run
                  FROM (SELECT person_id, start, stop, MAX(stop) OVER (
                            PARTITION BY person_id ORDER BY start, stop ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
                        FROM ({absences}) absence
                        WHERE stop >= {enough} AND person_id IN (SELECT person_id FROM tenure)) marked) numbered
            GROUP BY person_id, run)""")


def _courses(line: TrainingNeed) -> list[int]:
    return [line.course_id, *line.refreshers] if line.frequency == Kind.ROTATION else [line.course_id]


class _Dates:
    """Reckoning with dates in SQL. Expressions go in and come out as text."""

    def __init__(self, statement: _Statement) -> None:
        self.statement = statement

    def counts_until(self, frequency: Frequency, completed_on: str) -> str:
        if frequency.kind == Kind.ONCE:
            return self.statement.far
        if frequency.kind == Kind.YEARLY:
            return self.year_end(completed_on, frequency.year_starts_month, years=1)
        return self.valid_until(completed_on, frequency.months)

    def due_again(self, frequency: Frequency, completed_on: str) -> str:
        if frequency.kind == Kind.YEARLY:
            return self.year_end(completed_on, frequency.year_starts_month, years=2)
        return self.counts_until(frequency, completed_on)

    def valid_until(self, on: str, months: int) -> str:
        raise NotImplementedError

    def year_end(self, on: str, month: int, *, years: int) -> str:
        raise NotImplementedError

    def plus(self, on: str, days: int) -> str:
        raise NotImplementedError

    def greatest(self, *values: str) -> str:
        raise NotImplementedError

    def least(self, *values: str) -> str:
        raise NotImplementedError


class _SqliteDates(_Dates):
    """Dates are text. Adding months runs over into the next month, so a shorter month is asked for its last day."""

    def valid_until(self, on: str, months: int) -> str:
        same = f"date({on}, '+{int(months)} months')"
        last = f"date({on}, 'start of month', '+{int(months) + 1} months', '-1 day')"
        return f"CASE WHEN substr({same}, 9) = substr({on}, 9) THEN date({same}, '-1 day') ELSE {last} END"

    def year_end(self, on: str, month: int, *, years: int) -> str:
        shift = int(month) - 1
        return f"date({on}, 'start of month', '-{shift} months', 'start of year', '+{years} years', '+{shift} months', '-1 day')"

    def plus(self, on: str, days: int) -> str:
        return f"date({on}, '+{int(days)} days')"

    def greatest(self, *values: str) -> str:
        return f"MAX({', '.join(values)})"

    def least(self, *values: str) -> str:
        return f"MIN({', '.join(values)})"


class _PostgresDates(_Dates):
    def valid_until(self, on: str, months: int) -> str:
        same = f"({on} + interval '{int(months)} months')::date"
        return f"({same} - (extract(day from {same}) = extract(day from {on}))::int)"

    def year_end(self, on: str, month: int, *, years: int) -> str:
        shift = int(month) - 1
        year = f"date_trunc('year', date_trunc('month', {on}::timestamp) - interval '{shift} months')"
        return f"({year} + interval '{years} years {shift} months -1 days')::date"

    def plus(self, on: str, days: int) -> str:
        return f"({on} + {int(days)})"

    def greatest(self, *values: str) -> str:
        return f"GREATEST({', '.join(values)})"

    def least(self, *values: str) -> str:
        return f"LEAST({', '.join(values)})"
