"""Turns the cells of one row into values, or into faults that name the cell."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from staff.enums import DataAccess, EmploymentType
from staff.importing.reading import Cell, CellFault, Line, shown

REMEMBERED = 50_000
"""So many different texts of a column are remembered; beyond that they are read again."""

EARLIEST, LATEST = date(1900, 1, 1), date(2100, 12, 31)
NO_END_FROM = 2101
"""HR systems write a date such as 31 December 4712 or 9999 where a post has no end."""

_SERIALS = range(7_000, 80_000)
"""Days since 1900 that we take for a date: 1919 to 2119."""

_DAY_OFFSET_1904 = 1462
_MONTHS = {
    name: n
    for n, name in enumerate(("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1)
}
_MONTH_NAMES = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_TIME = r"(?:[T ]\s*\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:am|pm|Z|[+-]\d{2}:?\d{2})?)?"
_ISO = re.compile(rf"(\d{{4}})[-/.](\d{{1,2}})[-/.](\d{{1,2}}){_TIME}", re.IGNORECASE | re.ASCII)
_COMPACT = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})", re.ASCII)
_UK = re.compile(rf"(\d{{1,2}})[-/. ](\d{{1,2}})[-/. ](\d{{4}}|\d{{2}}){_TIME}", re.IGNORECASE | re.ASCII)
_WORDS = re.compile(
    rf"(?:[a-z]{{3,9}},? )?(\d{{1,2}})(?:st|nd|rd|th)?[- /.]?(?:of )?([a-z]{{3,9}})\.?,?[- /.]?(\d{{4}}|\d{{2}}){_TIME}",
    re.IGNORECASE | re.ASCII,
)
_SERIAL = re.compile(r"(\d{4,5})(?:\.\d+)?", re.ASCII)
_SHORTENED = re.compile(r"\d(?:[.,]\d+)?E\+?\d+", re.IGNORECASE | re.ASCII)
_TEXT_FORMULA = re.compile(r'="([^"]*)"')
_PLAIN_EMAIL = re.compile(r"[a-z0-9_'+-]+(?:\.[a-z0-9_'+-]+)*@(?:[a-z0-9](?:[a-z0-9-]{0,50}[a-z0-9])?\.)+[a-z]{2,20}")
"""Addresses that Django's validator, five times slower, is certain to accept."""

_TITLES = {"mr", "mrs", "ms", "miss", "mx", "dr", "prof", "professor", "sir", "dame", "lady", "rev", "revd"}

EMPLOYMENT_TYPES: dict[str, EmploymentType] = {
    **{str(value): EmploymentType(value) for value in EmploymentType.values},
    **dict.fromkeys(
        (
            "substantive",
            "perm",
            "permanent contract",
            "permanent employee",
            "employee",
            "employed",
            "full time",
            "part time",
            "contracted",
            "permanent full time",
            "permanent part time",
        ),
        EmploymentType.PERMANENT,
    ),
    **dict.fromkeys(
        (
            "fixed term",
            "fixed term temp",
            "fixed term contract",
            "fixed",
            "temporary",
            "temp",
            "apprentice",
            "secondment",
            "maternity cover",
        ),
        EmploymentType.FIXED_TERM,
    ),
    **dict.fromkeys(
        ("bank staff", "bank worker", "casual", "zero hours", "zero hour", "as and when", "relief", "nhsp"), EmploymentType.BANK
    ),
    **dict.fromkeys(("agency staff", "agency worker", "agency temp"), EmploymentType.AGENCY),
    **dict.fromkeys(("locum doctor", "locum gp"), EmploymentType.LOCUM),
    **dict.fromkeys(("voluntary", "volunteering"), EmploymentType.VOLUNTEER),
    **dict.fromkeys(
        ("board member", "governor", "non executive director", "non exec director chair", "chair"), EmploymentType.TRUSTEE
    ),
    **dict.fromkeys(("student placement", "placement", "work experience", "trainee"), EmploymentType.STUDENT),
    **dict.fromkeys(("self employed", "honorary", "honorary contract", "third party", "supplier"), EmploymentType.CONTRACTOR),
}
ANSWERS: dict[str, DataAccess] = {
    **dict.fromkeys(("yes", "y", "true", "1", "x", "full", "✓"), DataAccess.YES),
    **dict.fromkeys(("no", "n", "false", "0", "none"), DataAccess.NO),
    **dict.fromkeys(("unknown", "not known", "not sure", "don't know", "n/k", "?", "tbc"), DataAccess.UNKNOWN),
}
_LEFT = {
    *("leaver", "left", "has left", "leaving", "former", "former employee", "ex employee", "inactive", "archive", "archived"),
    *(
        "terminated",
        "terminate assignment",
        "terminate process assignment",
        "dismissed",
        "resigned",
        "retired",
        "deceased",
        "ended",
    ),
    *("yes", "y", "true", "1"),
}
"""What a status says of somebody who has left. Whatever else it says, they are in post: suspended or away, for example."""

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


class CellError(ValueError):
    """A cell cannot be taken; the text says what it should look like."""


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
        "manager": manager,
    }
    if name in simple:
        return lambda cell, _: simple[name](cell)
    return lambda cell, _: text(cell, LENGTHS.get(name, 200))


def text(cell: Cell, limit: int) -> str:
    """The cell as text.

    Raises:
        CellError: it is longer than we can keep.
    """
    value = shown(cell, 40_000)
    if len(value) > limit:
        raise CellError(f"The text has {len(value):,} characters, and at most {limit} can be kept.")
    return value


def identifier(cell: Cell, limit: int = 40) -> str:
    """A staff or assignment number, as text: zeros in front are kept, ``123.0`` from a workbook is ``123``.

    Raises:
        CellError: a spreadsheet program has shortened it, or it is no number of ours.
    """
    if isinstance(cell, bool | date):
        raise CellError("A staff number is expected, as text or as a whole number.")
    if isinstance(cell, float) and (not cell.is_integer() or abs(cell) >= 1e15):
        raise CellError("The spreadsheet has changed this number. Format the column as text and enter the number again.")
    value = shown(cell, 40_000)
    wrapped = _TEXT_FORMULA.fullmatch(value)
    value = (wrapped[1].strip() if wrapped else value).removeprefix("'")
    if _SHORTENED.fullmatch(value):
        raise CellError("The spreadsheet has shortened this number. Format the column as text and enter the number again.")
    if len(value) > limit:
        raise CellError(f"The number has {len(value):,} characters, and at most {limit} can be kept.")
    return value


def manager(cell: Cell) -> str:
    """Whatever names the manager: a staff number, an e-mail address or a name."""
    return identifier(cell, LENGTHS["manager"])


def email(cell: Cell) -> str:
    """An e-mail address in small letters.

    Raises:
        CellError: it is not one.
    """
    value = text(cell, 254).removeprefix("mailto:").lower()
    if _PLAIN_EMAIL.fullmatch(value):
        return value
    if not value.isascii():
        letter = next(sign for sign in value if not sign.isascii())
        raise CellError(
            f"The e-mail address holds “{letter}”, which may only look like another letter. Type it again from a to z."
        )
    try:
        validate_email(value)
    except ValidationError as error:
        raise CellError("This is not an e-mail address. Correct it, or leave the cell empty.") from error
    return value


def employment_type(cell: Cell) -> EmploymentType:
    """The employment type a word stands for.

    Raises:
        CellError: we do not know the word.
    """
    words = re.sub(r"[^a-z]+", " ", text(cell, 200).casefold()).strip()
    found = EMPLOYMENT_TYPES.get(words) or EMPLOYMENT_TYPES.get(words.replace(" ", "-"))
    if found is None:
        raise CellError(f"We do not know this employment type. Use one of: {', '.join(t.label.lower() for t in EmploymentType)}.")
    return found


def answer(cell: Cell) -> DataAccess:
    """Yes, no or unknown.

    Raises:
        CellError: it is none of them.
    """
    found = ANSWERS.get(shown(cell, 200).casefold())
    if found is None:
        raise CellError("Answer yes, no or unknown.")
    return found


def has_left(cell: Cell) -> bool | None:
    """True for the status of somebody who has left; else nothing.

    Raises:
        CellError: it is a date.
    """
    words = " ".join(re.sub(r"[^a-z0-9]+", " ", shown(cell, 200).casefold()).split())
    if isinstance(cell, date) or re.search(r"\d\d", words):
        raise CellError("This is a date, and the column was taken for a status. Choose “Leaving date” for the column.")
    return words in _LEFT or None


def parse_date(cell: Cell, *, dates_from_1904: bool = False, open_ended: bool = False) -> date | None:
    """A date, whichever of the usual ways it is written in. Day before month, always.

    Args:
        cell: a date, a day number, or text such as ``4/3/2026``, ``2026-03-04``, ``04-Mar-26``, ``4 March 2026``.
        dates_from_1904: day numbers count from 1904.
        open_ended: a date beyond any life means "no end" and gives None.

    Raises:
        CellError: it is no date, or one that cannot be meant.
    """
    found = _date_of(cell, dates_from_1904)
    if open_ended and (found.year >= NO_END_FROM):
        return None
    if not EARLIEST <= found <= LATEST:
        raise CellError("The year cannot be right. Write the date as day/month/year, for example 27/03/2026.")
    return found


def _date_of(cell: Cell, dates_from_1904: bool) -> date:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    if isinstance(cell, float) and int(cell) in _SERIALS:
        return _from_serial(int(cell), dates_from_1904)
    value = shown(cell, 60)
    parts = _date_parts(value)
    if parts is None:
        serial = _SERIAL.fullmatch(value)
        if serial and int(serial[1]) in _SERIALS:
            return _from_serial(int(serial[1]), dates_from_1904)
        raise CellError("This is not a date. Write it as day/month/year, for example 27/03/2026.")
    year, month, day = parts
    try:
        return date(year, month, day)
    except ValueError as error:
        if month > 12 >= day:
            raise CellError("There is no such month. Write day before month, for example 27/03/2026.") from error
        raise CellError("There is no such day. Write the date as day/month/year, for example 27/03/2026.") from error


def _date_parts(value: str) -> tuple[int, int, int] | None:
    iso = _ISO.fullmatch(value) or _COMPACT.fullmatch(value)
    if iso:
        return int(iso[1]), int(iso[2]), int(iso[3])
    uk = _UK.fullmatch(value)
    if uk:
        return _year(uk[3]), int(uk[2]), int(uk[1])
    words = _WORDS.fullmatch(value)
    if words and _is_month(words[2]):
        return _year(words[3]), _MONTHS[words[2][:3].lower()], int(words[1])
    return None


def _is_month(word: str) -> bool:
    word = word.lower()
    return word in _MONTHS or word in _MONTH_NAMES or word == "sept"


def _year(digits: str) -> int:
    """Two digits: 00 to 68 are this century's, as in most spreadsheet programs."""
    year = int(digits)
    if len(digits) > 2:
        return year
    return year + (2000 if year <= 68 else 1900)


def _from_serial(days: int, dates_from_1904: bool) -> date:
    return date(1899, 12, 30) + timedelta(days=days + (_DAY_OFFSET_1904 if dates_from_1904 else 0))


def split_name(full: str) -> tuple[str, str]:
    """First and last name of ``Okafor, Mrs Ada`` or ``Ada Okafor``. A single word is a last name."""
    if "," in full:
        last, _, first = full.partition(",")
        return " ".join(_without_titles(first.split())), last.strip()
    words = _without_titles(full.split())
    return " ".join(words[:-1]), words[-1] if words else ""


def _code_of(row: ParsedRow) -> list[str]:
    """Takes the ODS code out of the row."""
    return [row.values.pop("organisation_code").upper()] if "organisation_code" in row.values else []


def _without_titles(words: list[str]) -> list[str]:
    kept = [word for word in words if word.rstrip(".").casefold() not in _TITLES]
    return kept or words


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
