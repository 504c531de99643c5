"""Brings a spreadsheet into a register: every row through the register's own form, all of them or none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django import forms
from django.db import transaction
from django.utils import timezone

from accounts.policy import Access
from audit.services import record
from audit.spreadsheets import as_written
from nhsuk.forms import DateField
from registers.catalogue import Column, Register
from registers.patient_details import find
from staff.importing import mapping
from staff.importing.cells import CellError
from staff.importing.dates import parse_date
from staff.importing.parsing import RowError
from staff.importing.reading import Cell, CellFault, Line, Sheet, UnreadableFileError, read, shown

MAX_ENTRIES = 5000
TRUE, FALSE = ("yes", "y", "true", "1", "x"), ("no", "n", "false", "0")


@dataclass(frozen=True)
class Change:
    """What one column of an entry says, and what it would say."""

    heading: str
    before: str
    after: str


@dataclass(frozen=True)
class PlannedRow:
    """One row that is fit: what it adds, or what it changes of which entry."""

    row: int
    title: str
    values: Mapping[str, Any]
    there: Any
    changed: tuple[Change, ...]


@dataclass
class Plan:
    """What a file would do to a register. With any error it does nothing."""

    rows: int = 0
    new: list[PlannedRow] = field(default_factory=list)
    changes: list[PlannedRow] = field(default_factory=list)
    unchanged: int = 0
    errors: list[RowError] = field(default_factory=list)
    warnings: list[RowError] = field(default_factory=list)
    """What looks like a person's details, in a register whose words should name nobody."""
    ignored_columns: list[str] = field(default_factory=list)

    @property
    def is_fit(self) -> bool:
        """Nothing is wrong with it, and there is something to do."""
        return not self.errors and bool(self.new or self.changes)


class ImportRefusedError(ValueError):
    """The file has errors, so that nothing of it is taken; the text says so."""


def plan_import(register: Register, content: bytes, *, access: Access) -> Plan:
    """What the file would do, found by reading every row as the import itself does.

    Raises:
        UnreadableFileError: it is no spreadsheet, or none of this register.
    """
    columns = columns_of(register)
    known = {mapping.key(column.heading): column for column in columns}
    sheet = read(content, known_headings=lambda cells: sum(mapping.key(cell) in known for cell in cells))
    found = {i: known[mapping.key(words)] for i, words in enumerate(sheet.headings) if mapping.key(words) in known}
    needed = register.takes_in.key or columns[0].field
    if needed not in [column.field for column in found.values()]:
        heading = next(column.heading for column in columns if column.field == needed)
        raise UnreadableFileError(f"There is no column “{heading}”. Download our template and copy your rows into it.")
    plan = Plan(ignored_columns=[words for i, words in enumerate(sheet.headings) if i not in found])
    _Rows(register, sheet, found, access).read_into(plan)
    if not plan.rows:
        raise UnreadableFileError("The file has headings and no rows below them.")
    return plan


@transaction.atomic
def apply_import(register: Register, content: bytes, *, access: Access, at: datetime) -> Plan:
    """Bring the file in: everything it says, or nothing at all. The same file again changes nothing.

    Raises:
        UnreadableFileError: as for ``plan_import``.
        ImportRefusedError: a row has an error.
    """
    plan = plan_import(register, content, access=access)
    if plan.errors:
        raise ImportRefusedError("The file has errors, so nothing was brought in. Mend them and choose the file again.")
    intake = register.takes_in
    for row in (*plan.new, *plan.changes):
        try:
            if row.there is None:
                intake.add(access.organisation, row.values, by=access.user, at=at)
            elif intake.change is not None:
                intake.change(row.there, row.values, by=access.user, at=at)
        except intake.refused as refusal:
            raise ImportRefusedError(f"Row {row.row}: {refusal} Nothing was brought in.") from refusal
    summary = {"register": register.title, "added": len(plan.new), "changed": len(plan.changes), "unchanged": plan.unchanged}
    record("registers.imported", organisation=access.organisation, by=access.user, summary=summary, at=at)
    return plan


def columns_of(register: Register) -> list[Column]:
    """The columns that a file fills: those of the register, and those that only a file has."""
    return [column for column in (*register.columns, *register.takes_in.columns) if column.field]


def template_notes(register: Register, *, access: Access) -> list[tuple[str, str, str]]:
    """What to enter in each column: its heading, whether it is needed, and what it takes."""
    fields = register.takes_in.form(None, access=access).fields
    return [
        (column.heading, "Needed" if fields[column.field].required else "May be empty", _takes(fields[column.field]))
        for column in columns_of(register)
    ]


class _Rows:
    """Reads the rows of one file."""

    def __init__(self, register: Register, sheet: Sheet, found: Mapping[int, Column], access: Access) -> None:
        self.intake, self.sheet, self.found, self.access = register.takes_in, sheet, found, access
        self.heading_of = {column.field: column.heading for column in columns_of(register)}
        rows = list(self.intake.rows(access.organisation))
        self.fields = self.intake.form(None, access=access).fields
        self.by_key = {_key(self.intake.said(row, self.intake.key)): row for row in rows} if self.intake.key else {}
        self.by_words: dict[tuple[Any, ...], list[Any]] = {}
        if not self.intake.key:
            for row in rows:
                self.by_words.setdefault(self._words_of(row), []).append(row)
        self.choosable = {
            name: {str(row).casefold(): row.pk for row in field.queryset.all()}
            for name, field in self.fields.items()
            if isinstance(field, forms.ModelChoiceField) and field.queryset is not None
        }
        self.seen: dict[str, int] = {}

    def read_into(self, plan: Plan) -> None:
        for line in self.sheet.lines(self.found):
            plan.rows += 1
            if plan.rows > MAX_ENTRIES:
                raise UnreadableFileError(f"The file has more than {MAX_ENTRIES:,} rows: split it and bring in the parts.")
            self._read(line, plan)

    def _read(self, line: Line, plan: Plan) -> None:
        faults = [
            RowError(line.number, "", cell.shown, cell.message) for cell in line.cells.values() if isinstance(cell, CellFault)
        ]
        cells = {
            self.found[i].field: cell for i, cell in line.cells.items() if i in self.found and not isinstance(cell, CellFault)
        }
        there = self.by_key.get(_key(cells.get(self.intake.key, ""))) if self.intake.key else None
        data, errors = self._data(line.number, cells, there)
        form = self.intake.form(data, access=self.access, there=there)
        if not form.is_valid():
            named = {error.column for error in errors}
            for name, messages in form.errors.items():
                heading = self.heading_of.get(name, "")
                if heading not in named or not heading:
                    errors.extend(RowError(line.number, heading, shown(cells.get(name, "")), str(one)) for one in messages)
        errors.extend(faults)
        errors.extend(self._repeated(line.number, cells))
        if errors:
            plan.errors.extend(errors)
            return
        if self.intake.names_nobody:
            plan.warnings.extend(self._details(line.number, cells))
        self._plan(line.number, form.values(), there, plan)

    def _plan(self, number: int, values: dict[str, Any], there: Any, plan: Plan) -> None:
        if not self.intake.key:
            same = self.by_words.get(tuple(_plain(values[name]) for name in self.fields))
            there = same.pop() if same else None
        if there is None:
            plan.new.append(PlannedRow(number, self._title(values), values, None, ()))
            return
        said = {name: self.intake.said(there, name) for name in values}
        changed = tuple(
            Change(self.heading_of.get(name, name), self._in_words(name, said[name]), self._in_words(name, values[name]))
            for name in values
            if _plain(values[name]) != _plain(said[name])
        )
        if not changed:
            plan.unchanged += 1
        elif self.intake.change is None:
            message = f"“{there}” is in the register and says something else for: {', '.join(one.heading for one in changed)}. Change it on its page."
            plan.errors.append(RowError(number, changed[0].heading, "", message))
        else:
            plan.changes.append(PlannedRow(number, str(there), values, there, changed))

    def _title(self, values: Mapping[str, Any]) -> str:
        """What a new row is about, for the preview: what its first two columns say."""
        names = [name for name in self.heading_of if values.get(name) not in (None, "")][:2]
        return ", ".join(self._in_words(name, values[name]) for name in names)

    def _in_words(self, name: str, value: Any) -> str:
        if value in (None, "", []):
            return ""
        if isinstance(value, bool):
            return "Yes" if value else "No"
        choices = getattr(self.fields[name], "choices", None)
        if choices and not isinstance(self.fields[name], forms.ModelChoiceField):
            named = dict(choices)
            return "; ".join(str(named.get(one, one)) for one in (value if isinstance(value, list | tuple) else [value]))
        return shown(value, 120) if isinstance(value, str | date) else str(value)

    def _details(self, number: int, cells: Mapping[str, Cell]) -> list[RowError]:
        """What in the row's words looks like the details of a person."""
        today = timezone.localdate()
        return [
            RowError(number, self.heading_of[name], detail.text, f"This looks like {detail.looks_like}.")
            for name, cell in cells.items()
            if isinstance(self.fields[name].widget, forms.Textarea)
            for detail in find(shown(cell, 40_000), today=today)
        ]

    def _repeated(self, number: int, cells: Mapping[str, Cell]) -> list[RowError]:
        key = _key(cells.get(self.intake.key, "")) if self.intake.key else ""
        if not key:
            return []
        first = self.seen.setdefault(key, number)
        if first == number:
            return []
        heading, cell = self.heading_of[self.intake.key], cells[self.intake.key]
        return [RowError(number, heading, shown(cell), f"Row {first} says the same. Each must be different.")]

    def _data(self, number: int, cells: Mapping[str, Cell], there: Any) -> tuple[dict[str, Any], list[RowError]]:
        """What the form is given: the cells, and what is there already where a cell is empty or a column is missing."""
        data: dict[str, Any] = {}
        errors: list[RowError] = []
        for name, form_field in self.fields.items():
            if name in cells:
                try:
                    data |= self._answer(name, form_field, cells[name])
                    said = self.intake.said(there, name) if there is not None else None
                    if isinstance(said, str) and _plain(said) == _plain(data.get(name)):
                        data[name] = said
                except CellError as fault:
                    errors.append(RowError(number, self.heading_of.get(name, name), shown(cells[name]), str(fault)))
            elif there is not None:
                data |= _as_posted(name, form_field, self.intake.said(there, name))
            elif form_field.initial is not None and not callable(form_field.initial):
                data |= _as_posted(name, form_field, form_field.initial)
        return data, errors

    def _answer(self, name: str, form_field: forms.Field, cell: Cell) -> dict[str, Any]:
        if isinstance(form_field, DateField):
            return _as_posted(name, form_field, parse_date(cell, dates_from_1904=self.sheet.dates_from_1904))
        words = as_written(shown(cell, 40_000))
        for kind, reader in _READERS:
            if isinstance(form_field, kind):
                return reader(name, form_field, words, self.choosable.get(name, {}))
        return {name: words}

    def _words_of(self, row: Any) -> tuple[Any, ...]:
        return tuple(_plain(self.intake.said(row, name)) for name in self.fields)


def _one_of_rows(name: str, form_field: Any, words: str, choosable: Mapping[str, Any]) -> dict[str, Any]:
    if words.casefold() not in choosable:
        raise CellError(f"There is no “{words[:60]}” here. Write it as it is on its own page, or leave the cell empty.")
    return {name: choosable[words.casefold()]}


def _one_of_choices(name: str, form_field: Any, words: str, choosable: Mapping[str, Any]) -> dict[str, Any]:
    wanted = mapping.key(words)
    for value, text in form_field.choices:
        short = str(text).split(":")[0].split(",")[0]
        if value != "" and wanted in (mapping.key(str(value)), mapping.key(str(text)), mapping.key(short)):
            return {name: value}
    raise CellError(f"We do not know this answer. Use one of: {_offered(form_field)}.")


def _several_of_choices(name: str, form_field: Any, words: str, choosable: Mapping[str, Any]) -> dict[str, Any]:
    by_words = {mapping.key(str(said)): value for value, text in form_field.choices for said in (value, text)}
    parts = [part for part in words.split(";") if part.strip()]
    unknown = [part for part in parts if mapping.key(part) not in by_words]
    if unknown:
        raise CellError(f"We do not know “{unknown[0].strip()[:60]}”. Use any of: {_offered(form_field)}.")
    return {name: [by_words[mapping.key(part)] for part in parts]}


def _offered(form_field: Any) -> str:
    return "; ".join(str(text).split(":")[0] for value, text in form_field.choices if value != "")


def _yes_or_no(name: str, form_field: Any, words: str, choosable: Mapping[str, Any]) -> dict[str, Any]:
    if words.casefold() in TRUE:
        return {name: "on"}
    if words.casefold() in FALSE:
        return {}
    raise CellError("Answer yes or no.")


_Reader = Callable[[str, Any, str, Mapping[str, Any]], dict[str, Any]]
_READERS: tuple[tuple[type[forms.Field], _Reader], ...] = (
    (forms.ModelChoiceField, _one_of_rows),
    (forms.MultipleChoiceField, _several_of_choices),
    (forms.ChoiceField, _one_of_choices),
    (forms.BooleanField, _yes_or_no),
)


def _as_posted(name: str, form_field: forms.Field, value: Any) -> dict[str, Any]:
    """A value as a browser would send it."""
    if isinstance(form_field, DateField):
        return {f"{name}_day": value.day, f"{name}_month": value.month, f"{name}_year": value.year} if value else {}
    if isinstance(form_field, forms.BooleanField):
        return {name: "on"} if value else {}
    return {name: getattr(value, "pk", value)}


def _plain(value: Any) -> Any:
    """A value as two of them are compared: a row by its number, the rest by its words; a file knows no line breaks."""
    value = "" if value is None else getattr(value, "pk", value)
    return value if isinstance(value, int | float | date | list) else " ".join(str(value).split())


def _key(cell: Cell) -> str:
    return shown(cell, 200).casefold()


def _takes(form_field: forms.Field) -> str:
    if isinstance(form_field, DateField):
        return "A date, day first: 27/03/2026"
    if isinstance(form_field, forms.BooleanField):
        return "Yes or No"
    if isinstance(form_field, forms.ChoiceField) and not isinstance(form_field, forms.ModelChoiceField):
        return f"One of: {_offered(form_field)}"
    return str(form_field.help_text or form_field.label)
