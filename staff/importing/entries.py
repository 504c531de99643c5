"""What the rows of one person come to: a person to create or to change, with the posts and absences afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from staff.importing.known import KnownPerson, KnownPost
from staff.importing.parsing import ParsedRow, RowError
from staff.importing.posts import IN_PLACE, LABELS, NEW_POST_FOR, Change, PostRefusedError, begin, outcome

CREATE, UPDATE, REHIRE, LEAVE = "create", "update", "rehire", "leave"
PERSON_FIELDS = {"first_name": "First name", "last_name": "Last name", "email": "E-mail address"}


@dataclass(frozen=True, slots=True)
class Options:
    """How the file is to be understood.

    Args:
        as_of: the date it stands for, and the date of every change that carries none of its own.
        is_complete: it lists everybody, so that whoever is missing has left.
        has_assignments: a column tells one post of a person from another.
        columns: heading by field name.
        kept_here: fields that the file gives to new people and new posts only, and changes for nobody.
    """

    as_of: date
    is_complete: bool
    has_assignments: bool
    columns: dict[str, str]
    kept_here: frozenset[str] = frozenset()

    def cell_of(self, name: str, row: ParsedRow) -> tuple[str, str]:
        """The heading and the text of the cell that a field came from; a leaving date may come from a status."""
        heading = self.columns.get(name) or self.columns["has_left"]
        return heading, row.raw.get(heading, "")


@dataclass(slots=True)
class Entry:
    """What happens to one person: the same person may have several rows; ``number`` is the first, 0 if there is none."""

    number: int
    action: str
    staff_number: str
    name: str
    known: KnownPerson | None
    person: dict[str, Any] = field(default_factory=dict)
    posts: list[KnownPost] = field(default_factory=list)
    absences: list[tuple[int | None, date, date | None]] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    is_proposed: bool = False

    @property
    def person_id(self) -> int | None:
        return self.known.id if self.known else None

    @property
    def before(self) -> list[KnownPost]:
        return self.known.posts if self.known else []

    def as_values(self) -> list[Any]:
        """The entry for the plan's digest."""
        posts = [[p.id, p.assignment_number, p.unit, p.job_title, p.staff_group, p.employment_type, p.manager, p.has_access,
                  p.start.isoformat(), p.end.isoformat() if p.end else None] for p in self.posts]  # fmt: skip
        absences = [[pk, start.isoformat(), end.isoformat() if end else None] for pk, start, end in self.absences]
        return [self.number, self.action, self.staff_number, self.person_id, dict(self.person), posts, absences]


@dataclass(slots=True)
class Outcome:
    """An entry, or none if nothing changes or the person's rows are refused; and what is to be said of them."""

    entry: Entry | None = None
    refused: ParsedRow | None = None
    error: RowError | None = None
    warnings: list[RowError] = field(default_factory=list)
    managers_changed: int = 0


def newcomer(rows: Sequence[ParsedRow], options: Options) -> Outcome:
    """Somebody nobody knew."""
    first = rows[0]
    if len(rows) == 1:
        told = first.values.get
        person = {"first_name": told("first_name", ""), "last_name": told("last_name", ""), "email": told("email", "")}
    else:
        person = {name: next((row.values[name] for row in rows if name in row.values), "") for name in PERSON_FIELDS}
    name = f"{person['first_name']} {person['last_name']}".strip()
    posts = [begin(row.values, as_of=options.as_of) for row in rows]
    changes = [Change("Post", "", post_in_words(post), post.start) for post in posts]
    entry = Entry(first.number, CREATE, first.staff_number, name, None, person, posts, [], changes)
    _add_absences(entry, rows, {})
    return Outcome(entry)


UNCHANGED = Outcome()


def is_as_before(person: KnownPerson, row: ParsedRow, options: Options) -> bool:
    """Whether the only row about somebody in their only post says what is on record: the quick answer for most of a file.

    It says no whenever it takes more than comparing to tell.
    """
    if len(person.posts) != 1 or person.is_local:
        return False
    post, values = person.posts[0], row.values
    if person.kept or post.kept:
        return False
    if post.end is not None and values.get("end", date.max) != post.last_day:
        return False
    return all(_on_record(name, value, person, post) for name, value in values.items())


def _on_record(name: str, value: Any, person: KnownPerson, post: KnownPost) -> bool:
    if name in PERSON_FIELDS:
        return bool(getattr(person, name) == value)
    if name == "end":
        return bool(post.last_day == value)
    return name in _OF_POST and bool(getattr(post, name) == value)


_OF_POST = {*NEW_POST_FOR, *IN_PLACE, "start"}


def known_person(
    person: KnownPerson, rows: Sequence[ParsedRow], groups: Sequence[tuple[str, ...]], options: Options, *, has_all_rows: bool
) -> Outcome:
    """Somebody on record.

    Args:
        person: as on record.
        rows: the good rows of the file about the person.
        groups: for each row the assignments on record that it tells of. A row that could be about several of them
            tells of the person, and its leaving date of all of them; the rest of it is passed over with a warning.
            A row that only says that a post nobody knew has ended tells nothing.
        options: how the file is to be understood.
        has_all_rows: no row about the person was refused.
    """
    told = [(row, several) for row, several in zip(rows, groups, strict=True) if several or not is_undated_leaver(row)]
    if not told:
        return UNCHANGED
    rows, groups = [row for row, _ in told], [several for _, several in told]
    entry = Entry(rows[0].number, UPDATE, person.staff_number, person.name, person)
    result = Outcome()
    _compare_person(person, rows[0], entry, options.kept_here | person.kept)
    entry.posts = list(person.posts)
    listed = {group for several in groups for group in several}
    for row, several in zip(rows, groups, strict=True):
        values = _values_for(person, row, several, options)
        result.warnings += _passed_over(row, several, options)
        try:
            for group in several or (None,):
                _apply_row(entry, values, group, options)
        except PostRefusedError as error:
            return Outcome(refused=row, error=RowError(row.number, *options.cell_of(error.field, row), str(error)))
        result.warnings += _later_posts(entry, row, values.get("end"), options)
    _add_absences(entry, rows, person.absences)
    if options.is_complete and has_all_rows and all("assignment_number" in row.values for row in rows):
        _end_missing_posts(entry, listed, options)
    result.managers_changed = _managers_changed(entry, listed, options)
    if entry.changes or entry.person:
        entry.action = _action(entry, options.as_of)
        result.entry = entry
    return result


def is_undated_leaver(row: ParsedRow) -> bool:
    """Whether a status says that somebody has left, and nothing says when."""
    return "has_left" in row.values and not row.values.get("end")


def _last_day_of(person: KnownPerson, groups: Sequence[str], options: Options) -> date:
    """The leaving date on record by the file's date, else the day before that, or the first day of a post that began on it."""
    posts = [post for post in person.posts if post.assignment_number in groups]
    ended = [post.last_day for post in posts if post.last_day and post.last_day <= options.as_of]
    if len(ended) == len(posts):
        return max(ended)
    return max([options.as_of - timedelta(days=1), *(post.start for post in posts if post.start <= options.as_of)])


def _values_for(person: KnownPerson, row: ParsedRow, groups: Sequence[str], options: Options) -> Mapping[str, Any]:
    """What a row says of the assignments it is about."""
    values = row.values
    if is_undated_leaver(row):
        last_day = _last_day_of(person, groups, options)
        began_later = values.get("start", last_day) > last_day  # of another spell, which nobody says they worked
        values = {name: value for name, value in values.items() if name != "start" or not began_later} | {"end": last_day}
    if groups and options.kept_here:
        values = {name: value for name, value in values.items() if name not in options.kept_here}
    return {name: value for name, value in values.items() if name == "end"} if len(groups) > 1 else values


def missing_person(person: KnownPerson, options: Options) -> Entry | None:
    """Somebody whom a complete file does not list: their posts end on its date."""
    entry = Entry(0, LEAVE, person.staff_number, person.name, person, is_proposed=True)
    for post in person.posts:
        end = max(options.as_of, post.start + timedelta(days=1))
        is_open = post.end is None or post.end > max(end, options.as_of + timedelta(days=1))
        ends = post.start <= options.as_of and is_open and "end" not in post.kept
        entry.posts.append(replace(post, end=end) if ends else post)
        if ends:
            entry.changes.append(Change("Post", post_in_words(post), "not in the file: ends", end))
    return entry if entry.changes else None


def match(person: KnownPerson, rows: Sequence[ParsedRow], *, as_of: date) -> list[tuple[str, ...]]:
    """For each row of a person the assignments on record that it tells of; none: a post nobody knew.

    Without an assignment number the row is about the post whose leaving date it repeats, else about the one
    post that goes on, else about the last. Several: it cannot be told which.
    """
    ends: dict[str, date] = {}
    for post in person.posts:
        ends[post.assignment_number] = max(ends.get(post.assignment_number, date.min), post.end or date.max)
    taken = {row.values.get("assignment_number", "") for row in rows}
    free = [group for group in ends if group not in taken]
    found: list[tuple[str, ...]] = []
    for row in rows:
        assignment = row.values.get("assignment_number", "")
        if assignment in ends and (assignment or not free):
            chosen: tuple[str, ...] = (assignment,)
        elif assignment:
            chosen = ("",) if "" in free else ()
        else:
            chosen = _unnamed(person, [*free, ""] if "" in ends else free, ends, row, as_of)
        free = [group for group in free if group not in chosen]
        found.append(chosen)
    return found


def _unnamed(
    person: KnownPerson, groups: Sequence[str], ends: Mapping[str, date], row: ParsedRow, as_of: date
) -> tuple[str, ...]:
    leaving: date | None = row.values.get("end")
    if leaving:
        after = leaving + timedelta(days=1)
        left = [post.assignment_number for post in person.posts if post.end == after and post.assignment_number in groups]
        if left:
            return tuple(dict.fromkeys(left))
    going_on = [group for group in groups if ends[group] > as_of]
    return tuple(dict.fromkeys(going_on)) or tuple(sorted(groups, key=lambda group: (ends[group], group))[-1:])


def _apply_row(entry: Entry, values: Mapping[str, Any], group: str | None, options: Options) -> None:
    of_group = (
        [post for post in entry.posts if post.assignment_number == group and post.id is not None] if group is not None else []
    )
    if not of_group:
        post = begin(values, as_of=options.as_of)
        entry.posts = [*entry.posts, post]
        entry.changes.append(Change("Post", "", post_in_words(post), post.start))
        return
    assignment = values.get("assignment_number", "")
    named = [replace(post, assignment_number=assignment) for post in of_group] if assignment and not group else of_group
    if named is not of_group:
        entry.changes.append(Change(LABELS["assignment_number"], "none", assignment))
    after = outcome(named, values, as_of=options.as_of)
    others = [post for post in entry.posts if post not in of_group]
    entry.posts = sorted([*others, *after.posts], key=lambda post: post.start)
    entry.changes += after.changes


def _passed_over(row: ParsedRow, several: Sequence[str], options: Options) -> list[RowError]:
    of_posts = {*NEW_POST_FOR, "job_title", "manager", "start"} & row.values.keys()
    if len(several) < 2 or not of_posts:
        return []
    heading = options.columns["staff_number"]
    message = f"This person has {len(several)} posts on record: give the assignment number to change one of them."
    return [RowError(row.number, heading, row.staff_number, message)]


def _later_posts(entry: Entry, row: ParsedRow, last_day: date | None, options: Options) -> list[RowError]:
    """A post that is to begin after the leaving date stays on record: somebody should know."""
    later = [post.start for post in entry.posts if last_day and post.start > max(last_day, options.as_of)]
    if not later:
        return []
    message = f"A post that begins on {later[0]:%d/%m/%Y}, after this leaving date, stays on record."
    return [RowError(row.number, *options.cell_of("end", row), message)]


def _add_absences(entry: Entry, rows: Sequence[ParsedRow], known: dict[date, tuple[int, date | None]]) -> None:
    """Of several rows with the same first day away, the first counts."""
    told: set[date] = set()
    for row in rows:
        start: date | None = row.values.get("absence_from")
        if start is None or start in told:
            continue
        told.add(start)
        last: date | None = row.values.get("absence_to")
        end = last + timedelta(days=1) if last else None
        pk, before = known.get(start, (None, None))
        if pk is None or (end is not None and end != before):
            entry.absences.append((pk, start, end))
            entry.changes.append(Change("Away", "", _period_in_words(start, end)))


def _managers_changed(entry: Entry, groups: Set[str], options: Options) -> int:
    changed = 0
    for post in entry.before:
        if post.manager and post.covers(options.as_of) and post.assignment_number in groups:
            after = next((p for p in entry.posts if p.id == post.id), post)
            later = [p for p in entry.posts if p.id is None and p.start == after.end]
            changed += post.manager not in {p.manager for p in (later or [after])}
    return changed


def _compare_person(person: KnownPerson, row: ParsedRow, entry: Entry, kept: Set[str]) -> None:
    for name, label in PERSON_FIELDS.items():
        before = getattr(person, name)
        after = row.values.get(name, before)
        if after != before and name not in kept:
            entry.person[name] = after
            entry.changes.append(Change(label, before or "none", after or "none"))
    if person.is_local:
        entry.person["source"] = "feed"
        entry.changes.append(Change("Kept by", "added here", "HR file"))


def _end_missing_posts(entry: Entry, groups: Set[str], options: Options) -> None:
    """In a complete file with assignment numbers, a post that is not listed has ended although the person stays."""
    listed = {post.id for post in entry.before if post.assignment_number in groups}
    for post in list(entry.posts):
        if (
            post.id is None
            or post.id in listed
            or post.start >= options.as_of
            or post.has_ended(options.as_of)
            or "end" in post.kept
        ):
            continue
        entry.posts = [replace(p, end=options.as_of) if p == post else p for p in entry.posts]
        entry.changes.append(Change("Post", post_in_words(post), "not in the file: ends", options.as_of))


def _action(entry: Entry, as_of: date) -> str:
    had_left = bool(entry.before) and all(post.has_ended(as_of) for post in entry.before)
    has_left = bool(entry.posts) and all(post.has_ended(as_of) for post in entry.posts)
    if had_left and not has_left:
        return REHIRE
    if has_left and not had_left and entry.before:
        return LEAVE
    return UPDATE


def post_in_words(post: KnownPost) -> str:
    return f"{post.job_title or 'Post'}, {post.unit}" if post.unit else post.job_title or "Post"


def _period_in_words(start: date, end: date | None) -> str:
    until = f" to {(end - timedelta(days=1)):%d/%m/%Y}" if end else ""
    return f"from {start:%d/%m/%Y}{until}"
