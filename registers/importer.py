"""Brings a spreadsheet into a register: every row through the register's own form, all of them or none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django import forms
from django.db import transaction

from accounts.policy import Access
from audit.services import record
from audit.spreadsheets import as_written
from nhsuk.forms import DateField
from registers.catalogue import Column, Register
from registers.keeping import Keeping
from registers.models import Entry
from registers.services.entries import EntryRefusedError
from staff.importing import mapping
from staff.importing.parsing import CellError, RowError, parse_date
from staff.importing.reading import Cell, CellFault, Line, Sheet, UnreadableFileError, read, shown

MAX_ENTRIES = 5000
TRUE, FALSE = ("yes", "y", "true", "1", "x"), ("no", "n", "false", "0")


@dataclass(frozen=True)
class PlannedRow:
    """One row that is fit: what it adds, or what it changes of which entry."""

    row: int
    values: Mapping[str, Any]
    entry: Entry | None
    changed: tuple[str, ...]

    @property
    def title(self) -> str:
        """What the row is about, for the preview."""
        return str(self.entry) if self.entry is not None else " ".join(str(v) for v in list(self.values.values())[:2])


@dataclass
class Plan:
    """What a file would do to a register. With any error it does nothing."""

    rows: int = 0
    new: list[PlannedRow] = field(default_factory=list)
    changes: list[PlannedRow] = field(default_factory=list)
    unchanged: int = 0
    errors: list[RowError] = field(default_factory=list)
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
    keeping = _keeping(register)
    columns = [column for column in register.columns if column.field]
    known = {mapping.key(column.heading): column for column in columns}
    sheet = read(content, known_headings=lambda cells: sum(mapping.key(cell) in known for cell in cells))
    found = {i: known[mapping.key(words)] for i, words in enumerate(sheet.headings) if mapping.key(words) in known}
    needed = keeping.key or columns[0].field
    if needed not in [column.field for column in found.values()]:
        heading = next(column.heading for column in columns if column.field == needed)
        raise UnreadableFileError(f"There is no column “{heading}”. Download our template and copy your rows into it.")
    plan = Plan(ignored_columns=[words for i, words in enumerate(sheet.headings) if i not in found])
    _Rows(register, keeping, sheet, found, access).read_into(plan)
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
    keeping = _keeping(register)
    plan = plan_import(register, content, access=access)
    if plan.errors:
        raise ImportRefusedError("The file has errors, so nothing was brought in. Mend them and choose the file again.")
    for row in (*plan.new, *plan.changes):
        try:
            if row.entry is None:
                keeping.add_one(access.organisation, row.values, by=access.user, at=at)
            else:
                keeping.change_one(row.entry, row.values, by=access.user, at=at)
        except EntryRefusedError as refusal:
            raise ImportRefusedError(f"Row {row.row}: {refusal} Nothing was brought in.") from refusal
    summary = {"register": register.title, "added": len(plan.new), "changed": len(plan.changes), "unchanged": plan.unchanged}
    record("registers.imported", organisation=access.organisation, by=access.user, summary=summary, at=at)
    return plan


def template_notes(register: Register, *, access: Access) -> list[tuple[str, str, str]]:
    """What to enter in each column: its heading, whether it is needed, and what it takes."""
    form = _keeping(register).form(access=access)
    return [
        (column.heading, "Needed" if form.fields[column.field].required else "May be empty", _takes(form.fields[column.field]))
        for column in register.columns
        if column.field
    ]


class _Rows:
    """Reads the rows of one file."""

    def __init__(self, register: Register, keeping: Keeping, sheet: Sheet, found: Mapping[int, Column], access: Access) -> None:
        self.keeping, self.sheet, self.found, self.access = keeping, sheet, found, access
        self.heading_of = {column.field: column.heading for column in register.columns if column.field}
        entries = list(keeping.entries(access.organisation))
        blank = keeping.form(access=access)
        self.names = list(blank.fields)
        self.by_key = {_key(getattr(entry, keeping.key)): entry for entry in entries} if keeping.key else {}
        self.by_values = {} if keeping.key else {self._said_by(entry): entry for entry in entries}
        self.choosable = {
            name: {str(row).casefold(): row.pk for row in field.queryset.all()}
            for name, field in blank.fields.items()
            if isinstance(field, forms.ModelChoiceField) and field.queryset is not None
        }
        self.fields = blank.fields
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
        entry = self.by_key.get(_key(cells.get(self.keeping.key, ""))) if self.keeping.key else None
        data, errors = self._data(line.number, cells, entry)
        form = self.keeping.form(data, access=self.access, instance=_copy(entry) if entry else None)
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
        self._plan(line.number, form.values(), entry, plan)

    def _plan(self, number: int, values: dict[str, Any], entry: Entry | None, plan: Plan) -> None:
        if entry is None and not self.keeping.key:
            entry = self.by_values.get(tuple(_plain(values[name]) for name in self.names))
        if entry is None:
            plan.new.append(PlannedRow(number, values, None, ()))
            return
        changed = tuple(name for name in values if _plain(values[name]) != _plain(getattr(entry, name)))
        if changed:
            plan.changes.append(PlannedRow(number, values, entry, tuple(self.heading_of.get(n, n) for n in changed)))
        else:
            plan.unchanged += 1

    def _repeated(self, number: int, cells: Mapping[str, Cell]) -> list[RowError]:
        key = _key(cells.get(self.keeping.key, "")) if self.keeping.key else ""
        if not key:
            return []
        first = self.seen.setdefault(key, number)
        if first == number:
            return []
        heading = self.heading_of[self.keeping.key]
        return [RowError(number, heading, shown(cells[self.keeping.key]), f"Row {first} says the same. Each must be different.")]

    def _data(self, number: int, cells: Mapping[str, Cell], entry: Entry | None) -> tuple[dict[str, Any], list[RowError]]:
        """What the form is given: the cells, and what the entry says already where a cell is empty or a column is missing."""
        data: dict[str, Any] = {}
        errors: list[RowError] = []
        for name, form_field in self.fields.items():
            if name in cells:
                try:
                    data |= self._answer(name, form_field, cells[name])
                except CellError as fault:
                    errors.append(RowError(number, self.heading_of.get(name, name), shown(cells[name]), str(fault)))
            elif entry is not None:
                data |= _as_posted(name, form_field, getattr(entry, name))
            elif form_field.initial is not None and not callable(form_field.initial):
                data |= _as_posted(name, form_field, form_field.initial)
        return data, errors

    def _answer(self, name: str, form_field: forms.Field, cell: Cell) -> dict[str, Any]:
        if isinstance(form_field, DateField):
            return _as_posted(name, form_field, parse_date(cell, dates_from_1904=self.sheet.dates_from_1904))
        words = as_written(shown(cell, 40_000)) if self.sheet.is_text else shown(cell, 40_000)
        for kind, reader in _READERS:
            if isinstance(form_field, kind):
                return reader(name, form_field, words, self.choosable.get(name, {}))
        return {name: words}

    def _said_by(self, entry: Entry) -> tuple[Any, ...]:
        return tuple(_plain(getattr(entry, name)) for name in self.names)


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
    (forms.ChoiceField, _one_of_choices),
    (forms.BooleanField, _yes_or_no),
)


def _as_posted(name: str, form_field: forms.Field, value: Any) -> dict[str, Any]:
    """A value as a browser would send it."""
    if isinstance(form_field, DateField):
        return {f"{name}_day": value.day, f"{name}_month": value.month, f"{name}_year": value.year} if value else {}
    if isinstance(form_field, forms.BooleanField):
        return {name: "on"} if value else {}
    return {name: _plain(value)}


def _plain(value: Any) -> Any:
    return getattr(value, "pk", value)


def _key(cell: Cell) -> str:
    return shown(cell, 200).casefold()


def _copy(entry: Entry) -> Entry:
    """An entry that a form may write on without touching the one it is compared with."""
    names = [f.attname for f in entry._meta.concrete_fields]
    copy = type(entry)(**{name: getattr(entry, name) for name in names})
    copy._state.adding = False
    return copy


def _takes(form_field: forms.Field) -> str:
    if isinstance(form_field, DateField):
        return "A date, day first: 27/03/2026"
    if isinstance(form_field, forms.BooleanField):
        return "Yes or No"
    if isinstance(form_field, forms.ChoiceField) and not isinstance(form_field, forms.ModelChoiceField):
        return f"One of: {_offered(form_field)}"
    return str(form_field.help_text or form_field.label)


def _keeping(register: Register) -> Keeping:
    if register.keeping is None:
        raise ImportRefusedError(f"“{register.title}” takes no spreadsheet.")
    return register.keeping
