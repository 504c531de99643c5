"""Brings training records in from a file: another system's export, or a list kept by hand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from difflib import get_close_matches
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import Organisation, User
from audit.canonical import digest
from audit.services import record
from courses.models import Completion, Course
from staff.importing import mapping as headings
from staff.importing.mapping import FIELDS, Field
from staff.importing.parsing import CellError, RowError, email, identifier, parse_date, split_name, text
from staff.importing.reading import Cell, CellFault, Line, Sheet, UnreadableFileError, read, shown
from staff.models import Person, Post

CHUNK = 500
COLUMNS: tuple[Field, ...] = (
    Field(
        "staff_number",
        "Staff number",
        (*next(f.headings for f in FIELDS if f.name == "staff_number"), "learner id", "user id", "candidate number"),
    ),
    Field("email", "E-mail address", ("email", "email address", "e-mail", "e-mail address", "learner email", "user email", "work email")),
    Field("name", "Name", ("full name", "name", "learner name", "employee name", "learner", "user", "staff name", "user full name")),
    Field(
        "course",
        "Course",
        ("course", "course code", "course name", "course title", "competency name", "competence name", "competence", "learning",
         "learning title", "title", "module", "module name", "activity", "activity name", "class name", "training"),
    ),
    Field(
        "completed_on",
        "Completed on",
        ("completed on", "completion date", "date completed", "date of completion", "course completion date", "completed", "date achieved",
         "achieved date", "date last awarded", "date awarded", "completion time", "passed on", "end date", "date start", "date"),
    ),
    Field("source", "Source", ("source", "type", "method", "delivery method", "delivery", "how")),
    Field("score", "Score", ("score", "score percent", "score %", "result %", "percentage", "mark", "grade", "final score")),
    Field("reference", "Reference", ("reference", "ref", "certificate number", "certificate", "certificate id", "enrolment id", "record id")),
    Field("status", "Status", ("status", "completion status", "course status", "learning status", "player status", "rag status")),
)  # fmt: skip
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
    **{str(value): Completion.Source(value) for value in Completion.Source.values if value != "quiz"},
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
_NO_SCORE = {"", "-", "n/a", "na", "none", "pass", "passed", "complete", "completed"}
_EXPORT_PERIOD = re.compile(r"\s*-\s*(?:no renewal|\d+ (?:years?|months?))\s*$", re.IGNORECASE)
_UPDATER = headings.key("Last Updated By")


@dataclass
class CompletionsPlan:
    """What a file of training records would add."""

    rows: int = 0
    new: list[Completion] = field(default_factory=list)
    duplicates: int = 0
    errors: list[RowError] = field(default_factory=list)
    warnings: list[RowError] = field(default_factory=list)
    ignored_columns: list[str] = field(default_factory=list)
    applied: bool = False


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
    file = _File(read(content, known_headings=partial(headings.known, fields=COLUMNS)))
    with transaction.atomic():
        Organisation.objects.select_for_update().get(pk=organisation.pk)
        plan = _Planner(file, organisation, today=timezone.localdate(at)).plan()
        if dry_run:
            return plan
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
        record("courses.completions_imported", organisation=organisation, by=by, summary=summary, at=at)
        plan.applied = True
    return plan


class _File:
    """A sheet with its columns settled."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.mapping = headings.guess(sheet.headings, fields=COLUMNS)
        self.columns = {name: heading for heading, name in self.mapping.items()}
        if not {"staff_number", "email"} & self.columns.keys():
            if any(headings.key(heading) == _UPDATER for heading in sheet.headings):
                raise UnreadableFileError(
                    "“Last Updated By” names whoever last changed the record, not the learner: "
                    "export the file again with each learner's staff number."
                )
            raise UnreadableFileError("The file has no column that we know as the staff number: name it “staff_number”.")
        for name in ("course", "completed_on"):
            if name not in self.columns:
                label = next(column.label for column in COLUMNS if column.name == name).lower()
                raise UnreadableFileError(f"The file has no column that we know as “{label}”: name it “{name}”.")
        self.ignored = [heading for heading in sheet.headings if heading not in self.mapping]

    def lines(self) -> Iterable[Line]:
        return self.sheet.lines([i for i, heading in enumerate(self.sheet.headings) if heading in self.mapping])


class _RowRefusedError(Exception):
    """The row is not taken; the fault names its cell."""

    def __init__(self, error: RowError) -> None:
        super().__init__(error.message)
        self.error = error


class _Planner:
    """Reads each row against what is on record. Six queries, however long the file."""

    def __init__(self, file: _File, organisation: Organisation, *, today: date) -> None:
        self.file, self.organisation, self.today = file, organisation, today
        self.result = CompletionsPlan(ignored_columns=file.ignored)
        people = Person.objects.of(organisation).values_list("pk", "staff_number", "email", "first_name", "last_name")
        self.numbers: dict[str, int] = {}
        self.emails: dict[str, set[int]] = {}
        self.names: dict[str, set[str]] = {}
        for pk, number, address, first, last in people.iterator(chunk_size=5000):
            self.numbers[number] = pk
            if address:
                self.emails.setdefault(address.lower(), set()).add(pk)
            self.names.setdefault(f"{first} {last}".strip().casefold(), set()).add(number)
        self.posts: dict[int, list[tuple[date, date | None]]] = {}
        for person, start, end in Post.objects.filter(person__organisation=organisation).values_list("person_id", "start", "end"):
            self.posts.setdefault(person, []).append((start, end))
        self.courses = _courses(organisation)
        on_record = Completion.objects.filter(person__organisation=organisation, attempt__isnull=True)
        self.seen = set(on_record.values_list("person_id", "course_id", "completed_on", "source"))

    def plan(self) -> CompletionsPlan:
        for line in self.file.lines():
            self.result.rows += 1
            try:
                self._take(line)
            except _RowRefusedError as refusal:
                self.result.errors.append(refusal.error)
        if not self.result.rows:
            raise UnreadableFileError("The file has headings but no rows: export it again and choose the new file.")
        return self.result

    def _take(self, line: Line) -> None:
        cells = self._cells(line)
        if "completed_on" not in cells and self._is_unfinished(cells):
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
        if key in self.seen:
            self.result.duplicates += 1
            return
        self.seen.add(key)
        self.result.new.append(
            Completion(
                person_id=person,
                course=course,
                completed_on=completed_on,
                source=source,
                score_percent=score,
                reference=reference,
            )
        )
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
        return "status" in cells and shown(cells["status"]).casefold() not in _DONE

    def _person(self, line: Line, cells: dict[str, Cell]) -> int:
        if "staff_number" in cells:
            number = self._read(line, "staff_number", cells, identifier)
            if number in self.numbers:
                return self.numbers[number]
            raise self._fault(
                line, "staff_number", cells, f"Nobody on the staff list has this number.{self._near(number, cells)}"
            )
        if "email" in cells:
            found = self.emails.get(self._read(line, "email", cells, email), set())
            if len(found) == 1:
                return next(iter(found))
            said = (
                "Several people have this address: give the staff number."
                if found
                else "Nobody on the staff list has this address."
            )
            raise self._fault(line, "email", cells, said)
        name = "staff_number" if "staff_number" in self.file.columns else "email"
        raise self._fault(line, name, cells, "The staff number is missing.")

    def _near(self, number: str, cells: dict[str, Cell]) -> str:
        bare = number.lstrip("0").casefold()
        near = [known for known in self.numbers if known.lstrip("0").casefold() == bare]
        if "name" in cells:
            first, last = split_name(shown(cells["name"], 200))
            near += sorted(self.names.get(f"{first} {last}".strip().casefold(), ()))
        near += get_close_matches(number, self.numbers, n=2, cutoff=0.85) if not near and len(self.numbers) <= 20_000 else []
        return f" Did you mean {' or '.join(list(dict.fromkeys(near))[:3])}?" if near else ""

    def _course(self, line: Line, cells: dict[str, Cell]) -> Course:
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


def _names_of(said: str) -> list[str]:
    """What a cell may call the course: as it stands, and the third part of ``NHS|CSTF|Fire Safety - 2 Years|`` without its period."""
    parts = said.split("|")
    names = [said] + ([parts[2]] if len(parts) > 2 else [])
    names += [_EXPORT_PERIOD.sub("", name) for name in names]
    return [name.strip().casefold() for name in names]


def _source(cell: Cell) -> Completion.Source:
    words = text(cell, 100).casefold().replace("_", "-")
    if words == Completion.Source.QUIZ:
        return Completion.Source.IMPORT  # a pass of our own quiz is an attempt, never a line in a file
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
