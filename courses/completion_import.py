"""Brings training records in from a file: another system's export, or a list kept by hand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from difflib import get_close_matches
from functools import partial
from typing import Any

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import Organisation, User
from audit.canonical import digest
from audit.services import record
from courses import record_columns as columns
from courses.models import Completion, Course
from staff.importing.cells import CellError, email, identifier, split_name, text
from staff.importing.dates import parse_date
from staff.importing.parsing import RowError
from staff.importing.reading import Cell, CellFault, Line, Sheet, UnreadableFileError, read, shown
from staff.models import Person, Post

CHUNK = 500
NEAR = 3
"""So many people at most are proposed for a row that matches nobody."""

SIMILAR_AMONG = 20_000
"""Up to so many people, staff numbers are compared letter by letter for a likely slip."""

COURSE_NAMES = {
    "data-security-awareness": (
        "data security awareness level 1",
        "data security awareness - level 1",
        "nhs data security awareness",
        "information governance and data security",
        "information governance & data security",
    )
}
"""Names under which other systems are known to list a course of ours, by its code. From memory of such exports, not verified."""

SOURCES = {
    **{str(value): Completion.Source(value) for value in Completion.Source.values if value not in ("quiz", "reading")},
    **dict.fromkeys(
        ("e-learning", "elearning", "online", "e-lfh", "elfh", "esr", "imported", "import", "external", "other"),
        Completion.Source.IMPORT,
    ),
    **dict.fromkeys(
        ("classroom session", "face to face", "face-to-face", "workshop", "webinar", "in person"), Completion.Source.CLASSROOM
    ),
    **dict.fromkeys(("recorded discussion", "supervision", "one to one", "1:1"), Completion.Source.DISCUSSION),
    **dict.fromkeys(("prior learning", "previous employer", "transfer", "transferred"), Completion.Source.PRIOR_LEARNING),
}
_DONE = {
    "complete",
    "completed",
    "passed",
    "pass",
    "achieved",
    "done",
    "finished",
    "attended",
    "green",
    "current",
    "compliant",
    "yes",
}
_NOT_DONE = {
    "failed",
    "fail",
    "not passed",
    "in progress",
    "in-progress",
    "incomplete",
    "not complete",
    "not completed",
    "not started",
    "not attempted",
    "started",
    "enrolled",
    "booked",
    "withdrawn",
    "cancelled",
    "did not attend",
    "dna",
    "no show",
}
"""What a status says of training that was not finished, whatever date stands beside it. Expired training was."""

_NO_SCORE = {"", "-", "n/a", "na", "none", "pass", "passed", "complete", "completed"}
_EXPORT_PERIOD = re.compile(r"\s*-\s*(?:no renewal|\d+ (?:years?|months?))\s*$", re.IGNORECASE)


@dataclass
class CompletionsPlan:
    """What a file of training records would add.

    ``unmatched`` holds, by row, the ids of people whom a row that names nobody may mean; ``raw`` the cells of refused rows.
    """

    rows: int = 0
    new_rows: list[tuple[int, Completion]] = field(default_factory=list)
    duplicates: int = 0
    errors: list[RowError] = field(default_factory=list)
    warnings: list[RowError] = field(default_factory=list)
    unmatched: dict[int, list[int]] = field(default_factory=dict)
    raw: dict[int, dict[str, str]] = field(default_factory=dict)
    ignored_columns: list[str] = field(default_factory=list)
    applied: bool = False

    @property
    def new(self) -> list[Completion]:
        return [completion for _, completion in self.new_rows]


def import_completions(
    content: bytes, *, organisation: Organisation, by: Any, at: datetime, dry_run: bool = False
) -> CompletionsPlan:
    """Record the completions of a file, once each: the same file again adds nothing.

    Good rows are taken when others fail. A completion outside every post of the person is kept, with a warning.

    Args:
        content: the bytes of a CSV or XLSX file.
        organisation: whose people they are.
        by: the user, or a word such as ``"command:import_completions"``.
        at: now; a completion dated later is an error.
        dry_run: only say what would be added.

    Raises:
        UnreadableFileError: the file as a whole is refused.
    """
    with transaction.atomic():
        Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
        found = plan(content, organisation=organisation, today=timezone.localdate(at))
        if not dry_run:
            write(found, organisation, by=by, at=at)
    return found


def open_records(content: bytes) -> tuple[Sheet, dict[str, str]]:
    """The sheet, and what its columns are guessed to be.

    Raises:
        UnreadableFileError: it is no spreadsheet.
    """
    sheet = read(content, known_headings=columns.known)
    return sheet, columns.guess(sheet.headings)


def plan(
    content: bytes,
    *,
    organisation: Organisation,
    today: date,
    mapping: Mapping[str, str] | None = None,
    course: Course | None = None,
    matches: Mapping[int, int] | None = None,
) -> CompletionsPlan:
    """What a file would record. Reads the database, writes nothing.

    Args:
        content: the bytes of the file.
        organisation: whose people they are.
        today: a completion dated later is an error.
        mapping: field name by heading; guessed without.
        course: of every row, if no column says which.
        matches: ids of people by row number, for rows that name nobody we know.

    Raises:
        UnreadableFileError: the file as a whole is refused.
    """
    sheet, guessed = open_records(content)
    file = _File(sheet, dict(guessed if mapping is None else mapping), has_course=course is not None)
    return _Planner(file, organisation, today=today, course=course, matches=matches or {}).plan()


def write(plan: CompletionsPlan, organisation: Organisation, *, by: Any, at: datetime, target: models.Model | str = "") -> None:
    """Record what a plan says, in the caller's transaction, as one act."""
    for completion in plan.new:
        completion.recorded_at = at
        completion.entered_by = by if isinstance(by, User) else None
    made = Completion.objects.bulk_create(plan.new, batch_size=CHUNK)
    touched = [[c.pk, c.person_id, c.course_id, c.completed_on.isoformat(), c.source] for c in made]
    summary = {
        "rows": plan.rows,
        "created": len(made),
        "duplicates": plan.duplicates,
        "errors": len(plan.errors),
        "digest": digest(touched),
    }
    record("courses.completions_imported", organisation=organisation, by=by, target=target, summary=summary, at=at)
    plan.applied = True


class _File:
    """A sheet with its columns settled."""

    def __init__(self, sheet: Sheet, mapping: dict[str, str], *, has_course: bool) -> None:
        self.sheet, self.mapping = sheet, mapping
        self.columns = {name: heading for heading, name in mapping.items()}
        lacking = columns.missing(mapping, has_course=has_course, all_headings=sheet.headings)
        if lacking:
            raise UnreadableFileError(lacking)
        self.ignored = [heading for heading in sheet.headings if heading not in mapping]

    def lines(self) -> Iterable[Line]:
        return self.sheet.lines([i for i, heading in enumerate(self.sheet.headings) if heading in self.mapping])

    def raw(self, line: Line) -> dict[str, str]:
        """The cells as they stood, by heading."""
        return {self.sheet.headings[i]: shown(cell, 200) for i, cell in line.cells.items() if i < len(self.sheet.headings)}


class _RowRefusedError(Exception):
    """The row is not taken; the fault names its cell. With ``near`` it is a row that matches nobody."""

    def __init__(self, error: RowError, near: list[int] | None = None) -> None:
        super().__init__(error.message)
        self.error, self.near = error, near


class _Planner:
    """Reads each row against what is on record. Seven queries, however long the file."""

    def __init__(
        self, file: _File, organisation: Organisation, *, today: date, course: Course | None, matches: Mapping[int, int]
    ) -> None:
        self.file, self.organisation, self.today = file, organisation, today
        self.course, self.matches = course, matches
        self.result = CompletionsPlan(ignored_columns=file.ignored)
        people = Person.objects.of(organisation).values_list("pk", "staff_number", "email", "first_name", "last_name")
        self.numbers: dict[str, int] = {}
        self.emails: dict[str, set[int]] = {}
        self.names: dict[str, set[str]] = {}
        self.name_of: dict[str, str] = {}
        for pk, number, address, first, last in people.iterator(chunk_size=5000):
            self.numbers[number] = pk
            if address:
                self.emails.setdefault(address.lower(), set()).add(pk)
            self.name_of[number] = f"{first} {last}"
            self.names.setdefault(f"{first} {last}".strip().casefold(), set()).add(number)
        self.posts: dict[int, list[tuple[date, date | None]]] = {}
        for person, start, end in Post.objects.filter(person__organisation=organisation).values_list("person_id", "start", "end"):
            self.posts.setdefault(person, []).append((start, end))
        self.courses = _courses(organisation)
        on_record = Completion.objects.filter(person__organisation=organisation, attempt__isnull=True)
        self.seen = set(on_record.values_list("person_id", "course_id", "completed_on", "source"))
        withdrawn = on_record.filter(void__isnull=False)
        self.withdrawn = set(withdrawn.values_list("person_id", "course_id", "completed_on", "source"))

    def plan(self) -> CompletionsPlan:
        for line in self.file.lines():
            self.result.rows += 1
            try:
                self._take(line)
            except _RowRefusedError as refusal:
                self.result.errors.append(refusal.error)
                self.result.raw[line.number] = self.file.raw(line)
                if refusal.near is not None:
                    self.result.unmatched[line.number] = refusal.near
        if not self.result.rows:
            raise UnreadableFileError("The file has headings but no rows: export it again and choose the new file.")
        return self.result

    def _take(self, line: Line) -> None:
        cells = self._cells(line)
        if self._is_unfinished(cells):
            self._warn(line, "status", cells, "The training is not complete, so nothing is recorded.")
            return
        person = self._person(line, cells)
        course = self._course(line, cells)
        completed_on = self._read(line, "completed_on", cells, parse_date, "The date of completion is missing.")
        if completed_on > self.today:
            raise self._fault(line, "completed_on", cells, "The date is in the future.")
        source = self._read(line, "source", cells, _source) if "source" in cells else Completion.Source.IMPORT
        score = self._read(line, "score", cells, _score) if "score" in cells else None
        reference = self._read(line, "reference", cells, partial(text, limit=100)) if "reference" in cells else ""
        key = (person, course.pk, completed_on, str(source))
        if key in self.withdrawn:
            self._warn(line, "completed_on", cells, "This record was withdrawn before, so it is not recorded again.")
            return
        if key in self.seen:
            self.result.duplicates += 1
            return
        self.seen.add(key)
        completion = Completion(
            person_id=person,
            course=course,
            completed_on=completed_on,
            source=source,
            score_percent=score,
            reference=reference,
        )
        self.result.new_rows.append((line.number, completion))
        if not any(start <= completed_on and (end is None or end > completed_on) for start, end in self.posts.get(person, ())):
            self._warn(line, "completed_on", cells, "The person was not in post on this date. The record is kept.")

    def _cells(self, line: Line) -> dict[str, Cell]:
        cells: dict[str, Cell] = {}
        for index, cell in line.cells.items():
            heading = self.file.sheet.headings[index] if index < len(self.file.sheet.headings) else ""
            if isinstance(cell, CellFault):
                raise _RowRefusedError(RowError(line.number, heading, cell.shown, cell.message))
            cells[self.file.mapping.get(heading, "")] = cell
        return cells

    def _is_unfinished(self, cells: dict[str, Cell]) -> bool:
        if "status" not in cells:
            return False
        status = shown(cells["status"]).casefold()
        return status in _NOT_DONE if "completed_on" in cells else status not in _DONE

    def _person(self, line: Line, cells: dict[str, Cell]) -> int:
        if line.number in self.matches:
            return self.matches[line.number]
        if "staff_number" in cells:
            number = self._read(line, "staff_number", cells, identifier)
            if number in self.numbers:
                if self._is_somebody_else(number, cells):
                    said = "On the staff list this number belongs to somebody with quite another name."
                    raise self._nobody(line, "staff_number", cells, said, [number, *self._namesakes(cells)])
                return self.numbers[number]
            raise self._nobody(
                line, "staff_number", cells, "Nobody on the staff list has this number.", self._near(number, cells)
            )
        if "email" in cells:
            address = self._read(line, "email", cells, email)
            found = self.emails.get(address, set())
            if len(found) == 1:
                return next(iter(found))
            said = "Nobody on the staff list has this address."
            if found:
                said = "Several people have this address: give the staff number."
            raise self._nobody(line, "email", cells, said, self._namesakes(cells), sorted(found))
        name = "staff_number" if "staff_number" in self.file.columns else "email"
        raise self._nobody(line, name, cells, "The staff number is missing.", self._namesakes(cells))

    def _nobody(
        self, line: Line, name: str, cells: dict[str, Cell], said: str, near: Sequence[str], others: Sequence[int] = ()
    ) -> _RowRefusedError:
        """The row matches nobody; the staff numbers near by are proposed."""
        numbers = list(dict.fromkeys(near))[:NEAR]
        hint = f" Did you mean {' or '.join(numbers)}?" if numbers else ""
        refusal = self._fault(line, name, cells, said + hint)
        refusal.near = [*others, *(self.numbers[number] for number in numbers)][:NEAR]
        return refusal

    def _near(self, number: str, cells: dict[str, Cell]) -> list[str]:
        bare = number.lstrip("0").casefold()
        near = [known for known in self.numbers if known.lstrip("0").casefold() == bare]
        person, dash, post = number.rpartition("-")
        if dash and post.isdigit() and person in self.numbers:
            near.append(person)  # an assignment number, which is the staff number and the number of the post
        near += self._namesakes(cells)
        if not near and len(self.numbers) <= SIMILAR_AMONG:
            near = get_close_matches(number, self.numbers, n=2, cutoff=0.85)
        return near

    def _is_somebody_else(self, number: str, cells: dict[str, Cell]) -> bool:
        """Whether the row's name and the one on record have no word in common: a new surname still has the first name."""
        said, known = (_words(name) for name in (shown(cells["name"], 200) if "name" in cells else "", self.name_of[number]))
        return bool(said and known) and said.isdisjoint(known)

    def _namesakes(self, cells: dict[str, Cell]) -> list[str]:
        if "name" not in cells:
            return []
        first, last = split_name(shown(cells["name"], 200))
        return sorted(self.names.get(f"{first} {last}".strip().casefold(), ()))

    def _course(self, line: Line, cells: dict[str, Cell]) -> Course:
        if self.course is not None and "course" not in self.file.columns:
            return self.course
        said = self._read(line, "course", cells, partial(text, limit=400), "The course is missing.")
        for name in _names_of(said):
            if name in self.courses:
                return self.courses[name]
        codes = ", ".join(sorted({course.code for course in self.courses.values()})[:10]) or "none yet"
        raise self._fault(line, "course", cells, f"We know no course of this name. Course codes are: {codes}.")

    def _read(self, line: Line, name: str, cells: dict[str, Cell], reader: Any, missing: str = "The cell is empty.") -> Any:
        if name not in cells:
            raise self._fault(line, name, cells, missing)
        try:
            return reader(cells[name], **({"dates_from_1904": self.file.sheet.dates_from_1904} if reader is parse_date else {}))
        except CellError as error:
            raise self._fault(line, name, cells, str(error)) from error

    def _fault(self, line: Line, name: str, cells: dict[str, Cell], message: str) -> _RowRefusedError:
        value = shown(cells[name]) if name in cells else ""
        return _RowRefusedError(RowError(line.number, self.file.columns.get(name, ""), value, message))

    def _warn(self, line: Line, name: str, cells: dict[str, Cell], message: str) -> None:
        value = shown(cells[name]) if name in cells else ""
        self.result.warnings.append(RowError(line.number, self.file.columns.get(name, ""), value, message))


def _courses(organisation: Organisation) -> dict[str, Course]:
    """The courses an organisation can record, by code, title and the names other systems give them; a code goes before a title."""
    found: dict[str, Course] = {}
    courses: Sequence[Course] = list(
        Course.objects.filter(Q(organisation__isnull=True) | Q(organisation=organisation)).order_by("pk")
    )
    for course in courses:
        found[course.code.casefold()] = course
    for course in courses:
        for name in (course.title.casefold(), *COURSE_NAMES.get(course.code, ())):
            found.setdefault(name, course)
    return found


def _words(name: str) -> set[str]:
    """The words of a name that are more than an initial."""
    return {word for word in re.split(r"[\W_]+", name.casefold()) if len(word) > 1}


def _names_of(said: str) -> list[str]:
    """What a cell may call the course: as it stands, and the third part of ``NHS|CSTF|Fire Safety - 2 Years|`` without its period."""
    parts = said.split("|")
    names = [said] + ([parts[2]] if len(parts) > 2 else [])
    names += [_EXPORT_PERIOD.sub("", name) for name in names]
    return [name.strip().casefold() for name in names]


def _source(cell: Cell) -> Completion.Source:
    words = text(cell, 100).casefold().replace("_", "-")
    if words in (Completion.Source.QUIZ, Completion.Source.READING):
        return Completion.Source.IMPORT  # what our own pages record is never a line in a file
    if words not in SOURCES:
        raise CellError("We do not know this source. Use classroom, discussion, prior-learning or import.")
    return SOURCES[words]


def _score(cell: Cell) -> int | None:
    words = shown(cell, 100).casefold().removesuffix("%").strip()
    if words in _NO_SCORE:
        return None
    try:
        score = float(words)
    except ValueError as error:
        raise CellError("The score is not a number from 0 to 100.") from error
    if isinstance(cell, float) and 0 < score < 1:
        score = round(score * 100, 6)  # a workbook's 85% is 0.85
    if not 0 <= score <= 100:
        raise CellError("The score is not a number from 0 to 100.")
    return int(score)
