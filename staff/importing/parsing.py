"""Turns the cells of one row into values, or into faults that name the cell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from staff.importing.cells import CellError, answer, email, employment_type, has_left, identifier, split_name, text
from staff.importing.dates import parse_date
from staff.importing.reading import Cell, CellFault, Line, shown

REMEMBERED = 50_000
"""So many different texts of a column are remembered; beyond that they are read again."""

LENGTHS = {"first_name": 100, "last_name": 100, "unit": 200, "job_title": 200, "staff_group": 100, "manager": 250}


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong with one cell. ``column`` is the file's heading; empty when the whole row is meant."""

    row: int
    column: str
    value: str
    message: str

    def as_dict(self) -> dict[str, Any]:
        return {"row": self.row, "column": self.column, "value": self.value, "message": self.message}


class ParsedRow:
    """One row of the file in our words.

    ``values`` holds the fields whose cells were not empty, and with an empty value those that an empty cell erases.
    """

    __slots__ = ("_headings", "_line", "errors", "number", "staff_number", "values")

    def __init__(self, line: Line, headings: Sequence[str]) -> None:
        self.number = line.number
        self.staff_number = ""
        self.values: dict[str, Any] = {}
        self.errors: list[RowError] = []
        self._line, self._headings = line, headings

    @property
    def raw(self) -> dict[str, str]:
        """The cells as they stood, by heading."""
        return {_heading(self._headings, index): shown(cell, 200) for index, cell in self._line.cells.items()}


class _Column(dict[Cell, Any]):
    """Reads the cells of one column, and remembers what each text came to: most columns say few things many times.

    What it gives for a cell is the value, None for a cell that says nothing, or what is wrong with it.
    """

    def __init__(self, name: str, heading: str, *, dates_from_1904: bool) -> None:
        super().__init__({"": None})
        self.name, self.heading = name, heading
        self._reader, self._from_1904 = _reader(name), dates_from_1904
        self._is_number = name in _NUMBERS
        self._taken_up_to = 0 if name in _RULED else 40 if self._is_number else LENGTHS.get(name, 200)

    def __missing__(self, cell: Cell) -> Any:
        if isinstance(cell, str) and len(cell) <= self._taken_up_to and (cell.isdigit() or not self._is_number):
            return cell  # as it stands: it is quicker to look again than to remember
        if isinstance(cell, CellFault):
            return CellError(cell.message)
        try:
            value = self._reader(cell, self._from_1904)
        except CellError as error:
            value = error
        if value == "":
            value = None
        if cell.__class__ is str and len(self) < REMEMBERED:
            self[cell] = value
        return value


class _Columns(dict[int, _Column]):
    """The columns by their index. One nobody mapped, or beyond the headings, comes only with a fault in its cell."""

    def __init__(self, headings: Sequence[str], mapping: Mapping[str, str], *, dates_from_1904: bool) -> None:
        super().__init__(
            (index, _Column(mapping[heading], heading, dates_from_1904=dates_from_1904))
            for index, heading in enumerate(headings)
            if heading in mapping
        )
        self._headings = headings

    def __missing__(self, index: int) -> _Column:
        return _Column("", _heading(self._headings, index), dates_from_1904=False)


class RowParser:
    """Reads rows one by one.

    Args:
        headings: the file's headings, by column index.
        mapping: field name by heading.
        dates_from_1904: the workbook counts its days from 1904.
        erased: fields that an empty cell empties; without, it leaves them as they are.

    A column with an organisation's ODS code is only counted: ``organisation_codes``.
    """

    def __init__(
        self,
        headings: Sequence[str],
        mapping: Mapping[str, str],
        *,
        dates_from_1904: bool = False,
        erased: Collection[str] = (),
    ) -> None:
        self._headings = headings
        self._headings_of = {name: heading for heading, name in mapping.items()}
        self._columns = _Columns(headings, mapping, dates_from_1904=dates_from_1904)
        self._wanted: Sequence[int] = ()
        self._order: list[_Column] = []
        self._names: list[str] = []
        self._erased = [(name, _EMPTY.get(name, "")) for name in erased if name in self._headings_of]
        names = set(mapping.values())
        self.organisation_codes: Counter[str] = Counter()
        self._is_to_settle = bool({"organisation_code", "full_name"} & names)
        self._pairs = [pair for pair in _PAIRS if pair[0] in names and pair[1] in names]

    def __call__(self, line: Line) -> ParsedRow:
        row = ParsedRow(line, self._headings)
        if line.wanted is not self._wanted:
            self._want(line.wanted)
        found = [column[cell] for column, cell in zip(self._order, line.values, strict=True)]
        if line.faults or CellError in map(type, found):
            found = self._without_faults(row, line)
        row.values = values = {name: value for name, value in zip(self._names, found, strict=True) if value is not None}
        if self._is_to_settle:
            _settle_name(row)
            self.organisation_codes.update(_code_of(row))
        for name, empty in self._erased:
            values.setdefault(name, empty)
        row.staff_number = values.pop("staff_number", "")
        if not row.staff_number or self._pairs or "absence_to" in values:
            self._check(row)
        return row

    def _want(self, wanted: Sequence[int]) -> None:
        """Remember the columns in the order of a line's cells: it is the same for every line of a file."""
        self._wanted = wanted
        self._order = [self._columns[index] for index in wanted]
        self._names = [column.name for column in self._order]

    def _without_faults(self, row: ParsedRow, line: Line) -> list[Any]:
        """The values of a row of which some cells cannot be taken; what is wrong with them becomes the row's errors."""
        for index, cell in line.cells.items():
            column = self._columns[index]
            value = column[cell]
            if value.__class__ is CellError:
                told = cell.shown if isinstance(cell, CellFault) else shown(cell)
                row.errors.append(RowError(line.number, column.heading, told, str(value)))
        found = [column[cell] for column, cell in zip(self._order, line.values, strict=True)]
        return [None if value.__class__ is CellError else value for value in found]

    def _check(self, row: ParsedRow) -> None:
        columns = self._headings_of
        if not row.staff_number and not any(error.column == columns["staff_number"] for error in row.errors):
            row.errors.append(RowError(row.number, columns["staff_number"], "", "The staff number is missing."))
        for first, last, message in self._pairs:
            _check_order(row, columns, first, last, message)
        if "absence_to" in row.values and "absence_from" not in row.values:
            heading = columns["absence_to"]
            row.errors.append(RowError(row.number, heading, row.raw[heading], "The day the absence began is missing."))


_PAIRS = (
    ("start", "end", "The leaving date is before the start date."),
    ("absence_from", "absence_to", "The absence ends before it begins."),
)
_EMPTY = {"end": None}


def _heading(headings: Sequence[str], index: int) -> str:
    return headings[index] if index < len(headings) else ""


_NUMBERS = ("staff_number", "assignment_number", "manager")
_DATES = ("start", "end", "absence_from", "absence_to")
_RULED = (*_DATES, "employment_type", "has_access", "has_left", "email")
"""Columns whose cells must follow a rule; any text of the right length will do for the others."""


def _reader(name: str) -> Callable[[Cell, bool], Any]:
    if name in _DATES:
        return lambda cell, from_1904: parse_date(cell, dates_from_1904=from_1904, open_ended=name in ("end", "absence_to"))
    if name in ("staff_number", "assignment_number"):
        return lambda cell, _: identifier(cell)
    simple: dict[str, Callable[[Cell], Any]] = {
        "employment_type": employment_type,
        "has_access": answer,
        "has_left": has_left,
        "email": email,
        "manager": partial(identifier, limit=LENGTHS["manager"]),
    }
    if name in simple:
        return lambda cell, _: simple[name](cell)
    return lambda cell, _: text(cell, LENGTHS.get(name, 200))


def _code_of(row: ParsedRow) -> list[str]:
    """Takes the ODS code out of the row."""
    return [row.values.pop("organisation_code").upper()] if "organisation_code" in row.values else []


def _settle_name(row: ParsedRow) -> None:
    full = row.values.pop("full_name", None)
    if full is None:
        return
    first, last = split_name(full)
    if "first_name" not in row.values and "last_name" not in row.values:
        row.values |= {name: value[:100] for name, value in (("first_name", first), ("last_name", last)) if value}


def _check_order(row: ParsedRow, columns: Mapping[str, str], first: str, last: str, message: str) -> None:
    if row.values.get(first) and row.values.get(last) and row.values[last] < row.values[first]:
        heading = columns[last]
        row.errors.append(RowError(row.number, heading, row.raw[heading], message))
