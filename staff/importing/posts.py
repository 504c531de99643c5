"""What one row of a file means for one post: a pure rule over the posts on record and a date.

A change of unit, staff group, employment type or access ends the post and starts a new one, so that past
denominators stay true: from the row's own start date if that is later than the post's, otherwise from the
date the file stands for. A change of job title or manager is made in place.
What HR set by hand in a post, the file leaves alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from json.encoder import encode_basestring
from typing import Any

from staff.enums import DataAccess, EmploymentType
from staff.importing.known import NOTHING, KnownPost

NEW_POST_FOR = ("unit", "staff_group", "employment_type", "has_access")
IN_PLACE = ("assignment_number", "job_title", "manager")
LABELS = {
    "unit": "Unit",
    "staff_group": "Staff group",
    "employment_type": "Employment type",
    "has_access": "Access to personal data",
    "job_title": "Job title",
    "manager": "Manager",
    "assignment_number": "Assignment number",
    "start": "Start date",
    "last_day": "Leaving date",
}


_quoted = encode_basestring
SETTLES_WITHIN = 4
"""A file older than what is on record may move a start so that another post is the one it speaks of: the row is read
again until nothing changes, so that the same file a second time finds nothing to do."""


class PostRefusedError(ValueError):
    """The row cannot be true of this post; ``field`` names the cell."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(slots=True)
class Change:
    """One field, before and after, in words. ``since`` is the date from which the new value holds, if a new post begins.

    Nobody changes one; it is not frozen for the same reason as ``KnownPost``.
    """

    field: str
    before: str
    after: str
    since: date | None = None

    def as_json(self) -> str:
        """The change as an object of JSON, put together by hand: a long list has many."""
        since = f',"since":{_quoted(_words(self.since))}' if self.since else ""
        return f'{{"field":{_quoted(self.field)},"before":{_quoted(self.before)},"after":{_quoted(self.after)}{since}}}'


@dataclass(frozen=True, slots=True)
class PostOutcome:
    """The posts of one assignment after the row: unchanged ones, changed ones (same id) and new ones (no id)."""

    posts: list[KnownPost]
    changes: list[Change]


def begin(values: Mapping[str, Any], *, as_of: date) -> KnownPost:
    """A post somebody has for the first time. Without a start date it begins when the file was true, or on the leaving date."""
    last_day: date | None = values.get("end")
    start: date = values.get("start") or (min(as_of, last_day) if last_day else as_of)
    return _filled(_EMPTY, values, start=start, end=_after(last_day))


def outcome(posts: list[KnownPost], values: Mapping[str, Any], *, as_of: date) -> PostOutcome:
    """What the row makes of the posts of one assignment, which are in the order of their start.

    Args:
        posts: on record; at least one.
        values: the cells of the row that are not empty; ``end`` is the last day in post.
        as_of: the date the file stands for.

    Raises:
        PostRefusedError: the leaving date is before the post's start.
    """
    changes: list[Change] = []
    for _ in range(SETTLES_WITHIN):
        step = _once(posts, values, as_of)
        posts, changes = step.posts, changes + step.changes
        if not step.changes:
            break
    return PostOutcome(posts, changes)


def _once(posts: list[KnownPost], values: Mapping[str, Any], as_of: date) -> PostOutcome:
    leaving = values.get("end")
    start = values.get("start")
    current = _leaving(posts, leaving) if leaving else _current(posts, start, as_of)
    if current.kept:
        values = {name: value for name, value in values.items() if name not in current.kept}
    if current.has_ended(as_of):
        return _after_the_end(posts, current, values, as_of, start)
    return _while_in_post(posts, current, values, as_of)


def _leaving(posts: list[KnownPost], last_day: date) -> KnownPost:
    """The post a leaving date is about: the one that ends so already, or the last that began before it."""
    end = _after(last_day)
    return next((p for p in posts if p.end == end), None) or next((p for p in reversed(posts) if p.start <= last_day), posts[0])


def _current(posts: list[KnownPost], start: date | None, as_of: date) -> KnownPost:
    planned = next((post for post in posts if post.start == start and post.start > as_of), None)
    return planned or next((post for post in posts if post.covers(as_of)), None) or posts[-1]


def _after_the_end(
    posts: list[KnownPost], current: KnownPost, values: Mapping[str, Any], as_of: date, start: date | None
) -> PostOutcome:
    """``start`` is the row's own: one after the end is the first day of another spell, even if HR set that of this one."""
    end = _after(values.get("end"))
    ended = current.end or as_of
    later = start is not None and start >= ended
    if "end" in current.kept and not later:
        return PostOutcome(posts, [])
    if later or end is None:
        begins = start if later and start is not None else as_of
        again = _filled(replace(current, id=None, manager="", kept=NOTHING), values, start=begins, end=end)
        change = Change("Post", f"ended {_words(_last_day(ended))}", f"from {_words(begins)}", begins)
        return PostOutcome(sorted([*posts, again], key=lambda post: post.start), [change])
    if end == ended:
        return PostOutcome(posts, [])
    _refuse_before(current.start, end)
    corrected = replace(current, end=end)
    return PostOutcome(_swap(posts, current, corrected), [_end_change(current, corrected)])


def _while_in_post(posts: list[KnownPost], current: KnownPost, values: Mapping[str, Any], as_of: date) -> PostOutcome:
    start: date | None = values.get("start")
    end = _after(values["end"]) if "end" in values else current.end
    moved = [name for name in NEW_POST_FOR if name in values and getattr(current, name) != values[name]]
    since = start if start and start > current.start else as_of
    if end is not None and end <= since and since > current.start:
        moved = []  # gone before the change: a leaver's last row does not rewrite the post they had
    if moved and since > current.start:
        return _split(posts, current, values, moved, since, end)
    wanted = {name: values[name] for name in (*IN_PLACE, *moved) if name in values}
    changed = replace(current, **wanted, end=end)
    result = _swap(posts, current, changed)
    result, first_changes = _start_moved(result, changed, start)
    settled = result[posts.index(current)]
    if values.get("end"):
        _refuse_before(settled.start, settled.end)
    changes = [
        _field_change(name, current, settled)
        for name in (*NEW_POST_FOR, *IN_PLACE)
        if getattr(current, name) != getattr(settled, name)
    ]
    changes += first_changes
    if settled.end != current.end:
        changes.append(_end_change(current, settled))
    return PostOutcome(result, changes)


def _split(
    posts: list[KnownPost], current: KnownPost, values: Mapping[str, Any], moved: list[str], since: date, end: date | None
) -> PostOutcome:
    closed = replace(current, end=min(current.end or since, since))
    opened = _filled(replace(current, id=None, kept=current.kept - {"start"}), values, start=since, end=end)
    names = [*moved, *(name for name in IN_PLACE if getattr(opened, name) != getattr(current, name))]
    changes = [replace(_field_change(name, current, opened), since=since) for name in names]
    if end != current.end:
        changes.append(_end_change(current, opened))
    result = _swap(posts, current, closed)
    result.insert(result.index(closed) + 1, opened)
    return PostOutcome(result, changes)


def _start_moved(posts: list[KnownPost], current: KnownPost, start: date | None) -> tuple[list[KnownPost], list[Change]]:
    """Correct a start date, unless HR set it or the date belongs to an earlier spell or to an earlier post of this one."""
    if start is None or start == current.start:
        return posts, []
    first = current
    index = posts.index(current)
    while index and posts[index - 1].end == first.start:
        index -= 1
        first = posts[index]
    if "start" in first.kept:
        return posts, []
    previous = posts[index - 1] if index else None
    earlier = start < first.start and (previous is None or (previous.end is not None and previous.end <= start))
    later = first is current and start > current.start and (current.end is None or start < current.end)
    if not (earlier or later):
        return posts, []
    moved = replace(first, start=start)
    return _swap(posts, first, moved), [Change(LABELS["start"], _words(first.start), _words(start))]


_EMPTY = KnownPost(None, "", "", "", "", EmploymentType.PERMANENT, "", DataAccess.UNKNOWN, date.min, None)


def _filled(post: KnownPost, values: Mapping[str, Any], *, start: date, end: date | None) -> KnownPost:
    told = values.get
    return KnownPost(
        post.id,
        told("assignment_number", post.assignment_number),
        told("unit", post.unit),
        told("job_title", post.job_title),
        told("staff_group", post.staff_group),
        told("employment_type", post.employment_type),
        told("manager", post.manager),
        told("has_access", post.has_access),
        start,
        end,
        post.kept,
    )


def _swap(posts: list[KnownPost], old: KnownPost, new: KnownPost) -> list[KnownPost]:
    return [new if post == old else post for post in posts]


def _after(last_day: date | None) -> date | None:
    return last_day + timedelta(days=1) if last_day else None


def _last_day(end: date) -> date:
    return end - timedelta(days=1)


def _refuse_before(start: date, end: date | None) -> None:
    if end is not None and end <= start:
        raise PostRefusedError("end", f"The leaving date is before the post began on {_words(start)}.")


def _field_change(name: str, before: KnownPost, after: KnownPost) -> Change:
    return Change(LABELS[name], _shown(name, getattr(before, name)), _shown(name, getattr(after, name)))


def _end_change(before: KnownPost, after: KnownPost) -> Change:
    first, second = (_words(_last_day(post.end)) if post.end else "none" for post in (before, after))
    return Change(LABELS["last_day"], first, second)


def _shown(name: str, value: str) -> str:
    if name == "employment_type":
        return str(EmploymentType(value).label)
    if name == "has_access":
        return str(DataAccess(value).label)
    return value or "none"


@lru_cache(maxsize=10_000)
def _words(on: date) -> str:
    return f"{on.day} {on:%B} {on.year}"
