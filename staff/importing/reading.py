"""Reads a spreadsheet file - delimited text or XLSX - into numbered lines of cells.

Nothing here knows what a column means. Whoever reads says which columns are wanted; the values of the
others never leave this module.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import chain, islice
from typing import TYPE_CHECKING

from audit.spreadsheets import as_written

if TYPE_CHECKING:
    from staff.importing.workbook import Book

MAX_FILE_BYTES = 25 * 1024 * 1024
MAX_ROWS = 200_000
MAX_COLUMNS = 500
MAX_CELL = 32_767
"""The longest text that a spreadsheet program can hold in a cell."""

HEADING_SEARCH = 20
"""Reports often start with a title: the heading row is looked for among the first lines that hold anything."""

SAMPLE_LINES = 50
_END = "\x00end\x00"
_SEPARATOR_LINE = re.compile(r"sep=(.)\s*", re.IGNORECASE)
_OTHER_FILES = {
    b"%PDF": "a PDF",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook (.xls) or one with a password",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"{\\rtf": "a text document",
    b"\x1f\x8b": "a compressed file",
}


class UnreadableFileError(Exception):
    """The whole file is refused; the text is one sentence that says why and what to do."""


@dataclass(frozen=True, slots=True)
class CellFault:
    """A cell that cannot be read: what can be shown of it, and why."""

    shown: str
    message: str


Cell = str | float | bool | date | CellFault
"""What a cell holds. An ``int`` never occurs; a ``datetime`` is a ``date``."""


@dataclass(slots=True)
class Line:
    """One row of the file under its own number.

    Args:
        number: the row's number in the file.
        wanted: the indexes of the columns that were asked for.
        values: the cells of those columns, in the same order; what is missing at the end of the row is empty.
        faults: by column index, the cells that cannot be read although nobody asked for their column.
    """

    number: int
    wanted: Sequence[int]
    values: Sequence[Cell]
    faults: dict[int, CellFault]

    @property
    def cells(self) -> dict[int, Cell]:
        """The wanted cells that are not empty, and the faults, by column index."""
        return {i: cell for i, cell in zip(self.wanted, self.values, strict=True) if cell != ""} | self.faults


@dataclass(frozen=True, slots=True)
class Formulas:
    """The cells of one column that hold formulas: their calculated values are taken."""

    column: int
    first_row: int
    count: int


@dataclass
class Sheet:
    """A file with its heading row found. ``lines`` reads the rest."""

    headings: list[str]
    heading_row: int
    dates_from_1904: bool
    _rows: Callable[[], Iterable[tuple[int, Sequence[Cell]]]]
    is_text: bool
    formulas: list[Formulas] = field(default_factory=list)
    other_sheets: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def lines(self, wanted: Collection[int]) -> Iterator[Line]:
        """The rows below the headings that hold anything wanted.

        Raises:
            UnreadableFileError: a quotation mark is never closed, or there are too many rows.
        """
        kept = sorted(wanted)
        enough = kept[-1] + 1 if kept else 0
        headings = len(self.headings)
        for number, cells in self._rows():
            if number <= self.heading_row:
                continue
            if number > MAX_ROWS:
                raise UnreadableFileError(f"The file has more than {MAX_ROWS:,} rows: split it and import the parts one by one.")
            width = len(cells)
            values = [cells[i] for i in kept] if width >= enough else [cells[i] if i < width else "" for i in kept]
            faults = self._faults(cells, kept) if width > headings or CellFault in map(type, cells) else {}
            if any(values) or faults or any(cell != "" for cell in values):
                yield Line(number, kept, values, faults)

    def _faults(self, cells: Sequence[Cell], wanted: Sequence[int]) -> dict[int, CellFault]:
        found = {i: cell for i, cell in enumerate(cells) if isinstance(cell, CellFault) and i not in wanted and _too_long(cell)}
        if self.is_text and len(cells) > len(self.headings):
            surplus = [cell for cell in cells[len(self.headings) :] if cell != ""]
            if surplus:
                message = (
                    f"The row has {len(cells)} cells and the heading row has {len(self.headings)}. "
                    "Put quotation marks round a value that holds the separator."
                )
                found[len(self.headings)] = CellFault(shown(surplus[0]), message)
        return found


def read(content: bytes, *, known_headings: Callable[[Sequence[str]], int]) -> Sheet:
    """Open a file and find its heading row.

    Args:
        content: the bytes of the file.
        known_headings: how many of the cells of a row are headings that the reader knows.

    Raises:
        UnreadableFileError: it is not a spreadsheet, is damaged, empty, too large, or made to overwhelm.
    """
    from staff.importing import confined

    if len(content) > MAX_FILE_BYTES:
        raise UnreadableFileError(f"The file is larger than {MAX_FILE_BYTES // 1024 // 1024} MB: split it and import the parts.")
    if not content.strip(b" \t\r\n\x00\xef\xbb\xbf\xfe\xff"):
        raise UnreadableFileError("The file is empty: export the staff list again and choose the new file.")
    if content.startswith(b"PK\x03\x04"):
        return _best_sheet(confined.sheets(content), known_headings)
    for start, kind in _OTHER_FILES.items():
        if content.startswith(start):
            raise UnreadableFileError(
                f"This is {kind}, not a spreadsheet we can read: save it as CSV or as an Excel workbook (.xlsx)."
            )
    text, encoding = decode_as(content)
    separator = separator_of(text)
    sheet = _sheet(lambda: _text_rows(text, separator), known_headings, is_text=True, dates_from_1904=False)
    sheet.notes.insert(0, f"Text in {encoding}, its cells set apart by {SEPARATORS.get(separator, f'“{separator}”')}.")
    return sheet


SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}


def _best_sheet(books: Sequence[Book], known_headings: Callable[[Sequence[str]], int]) -> Sheet:
    """The sheet with most known headings."""
    if not books:
        raise UnreadableFileError("The workbook has no visible sheet with anything in it: choose another file.")
    scores = []
    for book in books:
        _number, cells = heading_row(book.rows, known_headings)
        scores.append(known_headings([cell if isinstance(cell, str) else "" for cell in cells]))
    best = books[scores.index(max(scores))]
    sheet = _sheet(lambda: best.rows, known_headings, is_text=False, dates_from_1904=best.dates_from_1904)
    sheet.formulas = best.formulas
    sheet.other_sheets = [book.name for book in books if book is not best]
    sheet.notes.insert(0, f"An Excel workbook; the sheet “{best.name}” was read.")
    if best.dates_from_1904:
        sheet.notes.append("The workbook counts its days from 1904, as some Macs do; dates were read that way.")
    if best.merged:
        sheet.notes.append("Some cells are merged: the value counts for the first of them, the others are empty.")
    return sheet


def _sheet(
    rows: Callable[[], Iterable[tuple[int, Sequence[Cell]]]],
    known_headings: Callable[[Sequence[str]], int],
    *,
    is_text: bool,
    dates_from_1904: bool,
) -> Sheet:
    number, cells = heading_row(rows(), known_headings)
    headings = distinct([shown(cell, MAX_CELL) for cell in cells])
    if len(headings) > MAX_COLUMNS:
        raise UnreadableFileError(f"The file has more than {MAX_COLUMNS} columns: is it really a staff list?")
    sheet = Sheet(headings, number, dates_from_1904, rows, is_text)
    if number > 1:
        sheet.notes.append(f"The headings were found in row {number}; what stands above was passed over.")
    return sheet


def heading_row(
    rows: Iterable[tuple[int, Sequence[Cell]]], known_headings: Callable[[Sequence[str]], int]
) -> tuple[int, Sequence[Cell]]:
    """The number and cells of the row that has most known headings; the first that holds anything if none has two.

    Raises:
        UnreadableFileError: no row holds anything.
    """
    candidates = list(islice(((n, _trimmed(cells)) for n, cells in rows if any(cell != "" for cell in cells)), HEADING_SEARCH))
    if not candidates:
        raise UnreadableFileError("The file has no rows: export the staff list again and choose the new file.")
    scores = [known_headings([cell if isinstance(cell, str) else "" for cell in cells]) for _, cells in candidates]
    best = max(scores)
    return candidates[scores.index(best) if best >= 2 else 0]


def distinct(headings: Sequence[str]) -> list[str]:
    """Headings by which a column can be named: an empty one becomes ``Column 4``, a repeated one ``Name (2)``."""
    found: list[str] = []
    for index, heading in enumerate(headings, start=1):
        name = heading[:100] or f"Column {index}"
        base, count = name, 1
        while name in found:
            count += 1
            name = f"{base} ({count})"
        found.append(name)
    return found


ENCODINGS = {"utf-8-sig": "UTF-8", "cp1252": "Windows-1252"}


# --- Text ---------------------------------------------------------------------------------


def decode_as(content: bytes) -> tuple[str, str]:
    """The text of a file in UTF-8, UTF-16 or Windows-1252, without its byte order mark, and which of them it is in.

    Raises:
        UnreadableFileError: it is in none of them.
    """
    sample = content[:2000]
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif sample and sample.count(0) * 4 >= len(sample):
        encodings = ["utf-16-le" if content[1:2] == b"\x00" else "utf-16-be"]
    else:
        _check_nul(content)
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError as fault:
            if encoding == "utf-8-sig":
                _check_not_mixed(content, fault.start)
            continue
        if "\x00" not in text:
            return text, ENCODINGS.get(encoding, "UTF-16")
    raise UnreadableFileError("This is not a spreadsheet we can read: save it as CSV or as an Excel workbook (.xlsx).")


_SURELY_UTF_8 = re.compile(rb"[\xc3-\xc5][\x80-\xbf]|\xe2\x80[\x93-\x9d]")
"""Accented letters and curly quotation marks as UTF-8 writes them. Read as Windows-1252 they are such as Ã« and â€™, which no name holds."""


def _check_nul(content: bytes) -> None:
    place = content.find(b"\x00")
    if place >= 0:
        raise UnreadableFileError(
            f"This is not a spreadsheet we can read: row {_row_at(content, place)} holds a character that no text has (NUL). "
            "Export the file again, or take the character out."
        )


def _check_not_mixed(content: bytes, place: int) -> None:
    """Refuse text that is partly UTF-8 and partly not: whichever way it was read, somebody's name would be spoilt."""
    if _SURELY_UTF_8.search(content):
        near = content[max(0, place - 12) : place + 12].decode("cp1252", "replace").splitlines()
        word = max(near, key=len) if near else ""
        raise UnreadableFileError(
            f"Row {_row_at(content, place)} is written in another encoding than the rest of the file, near “{clean(word)}”, "
            "so that names would be spoilt: save the whole file as “CSV UTF-8” and choose it again."
        )


def _row_at(content: bytes, place: int) -> int:
    before = content[:place]
    return max(before.count(b"\n"), before.count(b"\r")) + 1


def separator_of(text: str) -> str:
    """The character between the cells: the one that cuts most lines into the same number of cells, and into many."""
    first = next((line for line in io.StringIO(text, newline="") if line.strip()), "")
    told = _SEPARATOR_LINE.fullmatch(first)
    if told:
        return told[1]
    sample = text[:200_000]
    start = "".join(islice(io.StringIO(sample, newline=""), HEADING_SEARCH))
    candidates = [",", ";", "\t", "|"]
    odd = Counter(c for c in start if not (c.isalnum() or c in " \r\n\"'_-./()#@+=\\" or c in candidates))
    candidates += [c for c, _ in odd.most_common(8)]
    return max(candidates, key=lambda candidate: _evenness(sample, candidate))


def _evenness(sample: str, separator: str) -> float:
    try:
        with _long_cells_allowed():
            counts = [
                len(cells)
                for cells in islice(csv.reader(io.StringIO(sample, newline=""), delimiter=separator), SAMPLE_LINES)
                if cells
            ]
    except (csv.Error, ValueError, TypeError):
        return -1.0
    if not counts:
        return -1.0
    usual = max(set(counts), key=lambda n: (counts.count(n), n))
    return (usual - 1) * counts.count(usual) / len(counts)


class _long_cells_allowed:  # noqa: N801  used as a verb
    """The csv module's own limit on a cell is lifted: we say ourselves, with the place, that a cell is too long."""

    def __enter__(self) -> None:
        if csv.field_size_limit() < MAX_FILE_BYTES:
            csv.field_size_limit(MAX_FILE_BYTES)

    def __exit__(self, *exc_info: object) -> None:
        """The limit stays: other threads may be reading."""


def _text_rows(text: str, separator: str) -> Iterator[tuple[int, Sequence[Cell]]]:
    lines = chain(io.StringIO(text, newline=""), ["\r\n" if text[-1:] not in "\r\n" else "", _END])
    number = 0
    cleaned = _Cleaned().__getitem__
    with _long_cells_allowed():
        reader = csv.reader(filter(None, lines), delimiter=separator)
        try:
            for number, record in enumerate(reader, start=1):
                if number > 1 and is_tidy("|".join(record)):
                    yield number, record
                    continue
                if record == [_END]:
                    return
                if _END in "".join(record[-1:]):
                    raise UnreadableFileError(f"A quotation mark in row {number} is never closed: mend that row and try again.")
                if number == 1 and _SEPARATOR_LINE.fullmatch(separator.join(record)):
                    continue
                yield number, list(map(cleaned, record))
        except csv.Error as error:
            raise UnreadableFileError(f"Row {number + 1} cannot be read: mend that row and try again.") from error


def is_tidy(cells: str) -> bool:
    """Whether cleaning would leave the cells of a row, given with a bar between them, as they are: most rows of most files."""
    return (
        cells.isprintable()
        and "  " not in cells
        and "| " not in cells
        and " |" not in cells
        and cells[:1] != " " != cells[-1:]
        and cells[:1] != "'"
        and "|'" not in cells
        and len(cells) <= MAX_CELL
        and (cells.isascii() or unicodedata.is_normalized("NFC", cells))
    )


class _Cleaned(dict[str, Cell]):
    """Text by what the file holds, each different text cleaned once as long as there are not too many."""

    def __missing__(self, raw: str) -> Cell:
        cell = too_long(raw) if len(raw) > MAX_CELL else clean(raw)
        if len(self) < 100_000:
            self[raw] = cell
        return cell


def clean(raw: str) -> str:
    """One line of text: no control characters, no space at its ends, no two spaces together.

    The apostrophe that our own files have before what looks like a formula is taken away again.
    """
    return as_written(on_one_line(raw)).lstrip(" ")


def on_one_line(raw: str) -> str:
    """The text as a program would show it in one line."""
    if raw.isascii() and raw.isprintable():
        return " ".join(raw.split(" ")) if "  " not in raw and raw[:1] != " " and raw[-1:] != " " else " ".join(raw.split())
    kept = (" " if c.isspace() else "" if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Cn") else c for c in raw)
    return unicodedata.normalize("NFC", " ".join("".join(kept).split()))


def too_long(raw: str) -> CellFault:
    """The fault of a cell that no spreadsheet program could hold."""
    message = f"The cell holds {len(raw):,} characters, and at most {MAX_CELL:,} can be read. Look for a quotation mark that is never closed."
    return CellFault(clean(raw[:40]) + "…", message)


def shown(cell: Cell, limit: int = 40) -> str:
    """A cell as a person would write it: ``123`` for a whole number, ``4/3/2026`` for a date."""
    if isinstance(cell, CellFault):
        text = cell.shown
    elif isinstance(cell, bool):
        text = "TRUE" if cell else "FALSE"
    elif isinstance(cell, float):
        text = str(int(cell)) if cell.is_integer() else repr(cell)
    elif isinstance(cell, datetime):
        text = cell.strftime("%d/%m/%Y") if not (cell.hour or cell.minute or cell.second) else cell.strftime("%d/%m/%Y %H:%M")
    elif isinstance(cell, date):
        text = cell.strftime("%d/%m/%Y")
    else:
        text = cell
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _too_long(cell: Cell) -> bool:
    return isinstance(cell, CellFault) and cell.message.startswith("The cell holds")


def _trimmed(cells: Sequence[Cell]) -> Sequence[Cell]:
    end = len(cells)
    while end and cells[end - 1] == "":
        end -= 1
    return cells[:end]
