"""Reads an XLSX workbook, after making sure that it is no trap.

A workbook is a ZIP of XML. Its directory is checked before anything is unpacked, every part is then
unpacked against what the directory promised before it is read, and a sheet's XML is looked through for what the fast
reader cannot tell: which cells hold formulas or errors, and which numbers are shown with leading zeros.

Run as a program, it reads a workbook from its standard input within limits of memory and time that it sets
itself, and writes the sheets to its standard output (``staff.importing.confined``).
"""

from __future__ import annotations

import gc
import io
import json
import posixpath
import re
import resource
import struct
import sys
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from xml.etree.ElementTree import Element
from xml.sax.handler import ContentHandler

from defusedxml.ElementTree import fromstring
from python_calamine import CalamineWorkbook

from staff.importing.reading import (
    MAX_CELL,
    MAX_COLUMNS,
    MAX_ROWS,
    Cell,
    CellFault,
    Formulas,
    UnreadableFileError,
    clean,
    is_tidy,
    too_long,
)

MAX_PARTS = 2000
MAX_UNPACKED = 300 * 1024 * 1024
MAX_RATIO = 200
"""An honest sheet packs ten to thirty times smaller."""

RATIO_MATTERS_ABOVE = 50 * 1024 * 1024
SAMPLE = 50
MEMORY = 512 * 1024 * 1024
"""Bytes of address space that the reading of one workbook may take."""

SECONDS = 60
"""Of processor time."""

REFUSED = 3
FAR_CELLS = "far-cells"
"""Asks the program only whether a cell lies so far away that the reader died of it."""

DAMAGED = "The workbook is damaged or is not an Excel workbook: open it in Excel, save it again as .xlsx and try again."
TRAP = "The workbook unpacks to far more than a staff list could hold: save only the staff list in a new workbook and try again."
TOO_WIDE = f"The sheet reaches beyond {MAX_ROWS:,} rows or {MAX_COLUMNS} columns: copy only the staff list into a new workbook."


@dataclass
class Book:
    """The rows of one sheet, and what is to be said of them."""

    name: str
    rows: list[tuple[int, Sequence[Cell]]]
    dates_from_1904: bool
    formulas: list[Formulas]
    merged: int = 0


def sheets(content: bytes) -> list[Book]:
    """Read every visible sheet that holds anything.

    Raises:
        UnreadableFileError: it is no workbook, is damaged, or would overwhelm the reader.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            check_directory(archive)
            parts = _Parts(archive, content)
            book = CalamineWorkbook.from_filelike(io.BytesIO(content))
            return [found for found in _sheets(parts, book) if found.rows]
    except UnreadableFileError:
        raise
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:  # the reader is Rust: a panic of its is no Exception
        raise UnreadableFileError(DAMAGED) from error


def check_directory(archive: zipfile.ZipFile) -> None:
    """Refuse an archive whose directory tells of parts that are too many, too large, packed too tightly or there twice."""
    parts = archive.infolist()
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise UnreadableFileError(TRAP)
    names = archive.namelist()
    if len(set(names)) < len(names):
        raise UnreadableFileError(DAMAGED)
    if "xl/workbook.xml" not in names:
        raise UnreadableFileError("This is a ZIP file, not an Excel workbook: save the staff list as .xlsx or as CSV.")
    for part in parts:
        if part.flag_bits & 1:
            raise UnreadableFileError("The workbook has a password: save a copy without one and try again.")
        if part.file_size > RATIO_MATTERS_ABOVE and part.file_size > part.compress_size * MAX_RATIO:
            raise UnreadableFileError(TRAP)


def _unpacked(part: zipfile.ZipInfo, content: bytes) -> bytes:
    """A part's bytes, stopping one after what the directory promised.

    Raises:
        UnreadableFileError: there are more or fewer than promised.
    """
    name, extra = struct.unpack_from("<HH", content, part.header_offset + 26)
    start = part.header_offset + 30 + name + extra
    packed = content[start : start + part.compress_size]
    if part.compress_type == zipfile.ZIP_DEFLATED:
        packed = zlib.decompressobj(-15).decompress(packed, part.file_size + 1)
    elif part.compress_type != zipfile.ZIP_STORED:
        raise UnreadableFileError(DAMAGED)
    if len(packed) != part.file_size:
        raise UnreadableFileError(DAMAGED)
    return packed


class _Parts:
    """The parts of a workbook, each of which is what its directory says, and where its sheets are.

    Raises:
        UnreadableFileError: a part that is no sheet is not what the directory says; a sheet is looked at when it is read.
    """

    def __init__(self, archive: zipfile.ZipFile, content: bytes) -> None:
        self.archive, self.content = archive, content
        book = self.tree("xl/workbook.xml")
        links = {
            link.get("Id"): link.get("Target", "") for link in self.tree("xl/_rels/workbook.xml.rels").iter() if link.get("Id")
        }
        self.paths: dict[str, str] = {}
        for sheet in _all(book, "sheet"):
            link = next((value for key, value in sheet.attrib.items() if key.endswith("}id")), "")
            self.paths[sheet.get("name", "")] = posixpath.normpath(posixpath.join("/xl", links.get(link, ""))).lstrip("/")
        for part in archive.infolist():
            if part.filename not in self.paths.values():
                _unpacked(part, content)
        settings = next(_all(book, "workbookPr"), None)
        self.dates_from_1904 = settings is not None and settings.get("date1904", "0") in ("1", "true")
        self.zero_padded = self._zero_padded()

    def tree(self, path: str) -> Element:
        return fromstring(self.read(path), forbid_dtd=True)

    def read(self, path: str) -> bytes:
        return _unpacked(self.archive.getinfo(path), self.content)

    def _zero_padded(self) -> dict[str, int]:
        """The width to which a style fills numbers with zeros, by the style's index: ``000000`` is 6."""
        if "xl/styles.xml" not in self.archive.namelist():
            return {}
        styles = self.tree("xl/styles.xml")
        codes = {f.get("numFmtId"): f.get("formatCode", "") for f in _all(styles, "numFmt")}
        widths = {key: len(code) for key, code in codes.items() if re.fullmatch(r"0{2,40}", code)}
        formats = next(_all(styles, "cellXfs"), None)
        if formats is None:
            return {}
        return {str(i): widths[f.get("numFmtId")] for i, f in enumerate(formats) if f.get("numFmtId") in widths}


def _all(tree: Element, name: str) -> Any:
    return (element for element in tree.iter() if element.tag.rpartition("}")[2] == name)


def _sheets(parts: _Parts, book: CalamineWorkbook) -> Iterator[Book]:
    for meta in book.sheets_metadata:
        if str(meta.visible).endswith("Visible") and str(meta.typ).endswith("WorkSheet"):
            found = _read_sheet(parts, book, meta.name)
            if any(cell != "" for _, cells in found.rows[:SAMPLE] for cell in cells):
                yield found


def _read_sheet(parts: _Parts, book: CalamineWorkbook, name: str) -> Book:
    xml = parts.read(parts.paths[name])
    if b"<!" in xml[:4096].replace(b"<!--", b""):
        raise UnreadableFileError(DAMAGED)
    survey = Survey(parts.zero_padded)
    if parts.zero_padded or _is_telling(xml):
        from defusedxml.sax import parseString  # takes a third of the start of this program, and few workbooks need it

        parseString(xml, survey)
    merged = xml.count(b"mergeCell ref=")
    del xml
    sheet = book.get_sheet_by_name(name)
    if sheet.total_height > MAX_ROWS or sheet.total_width >= MAX_COLUMNS:  # they count from 0 to the last
        raise UnreadableFileError(TOO_WIDE)
    rows: list[tuple[int, Sequence[Cell]]] = []
    for number, values in enumerate(sheet.to_python(skip_empty_area=False), start=1):
        cells = _cells(values)
        for column, special in survey.special.get(number, {}).items():
            cells.extend([""] * (column + 1 - len(cells)))
            cells[column] = special.applied_to(cells[column])
        rows.append((number, cells))
    for number in sorted(n for n in survey.special if n > len(rows)):
        width = max(survey.special[number]) + 1
        rows.append((number, [_special(survey.special[number].get(i)) for i in range(width)]))
    return Book(name, rows, parts.dates_from_1904, survey.formulas(), merged)


_FORMULA = re.compile(rb"[<:]f[ >/\t\r\n]")


def _is_telling(xml: bytes) -> bool:
    """Whether there is a formula or an error somewhere in a sheet: only then is it worth walking through it cell by cell."""
    if b't="e"' in xml or b"t='e'" in xml:
        return True
    return (b"<f" in xml or b":f" in xml) and _FORMULA.search(xml) is not None


_FAR = re.compile(
    rb"<(?:\w+:)?c\s[^>]{0,80}?r=[\"']([A-Z]{1,3})(\d{6,7})[\"'][^>/]{0,80}>(?!</)|<(?:\w+:)?c\s[^>]{0,80}?r=[\"']([A-Z]{3})\d+[\"'][^>/]{0,80}>(?!</)"
)


def refuse_far_cells(content: bytes) -> None:
    """Say so if a cell far away holds something: the fast reader takes memory for the whole rectangle, and may die of it.

    Raises:
        UnreadableFileError: there is such a cell.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        check_directory(archive)
        parts = _Parts(archive, content)
        for path in parts.paths.values():
            for match in _FAR.finditer(parts.read(path)):
                letters, row = match[1] or match[3], int(match[2] or 0)
                if row > MAX_ROWS + 1 or _column_of(letters.decode()) >= MAX_COLUMNS:
                    raise UnreadableFileError(TOO_WIDE)


def _column_of(letters: str) -> int:
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return column - 1


def _cells(values: list[Any]) -> list[Cell]:
    """The cells of a row as they are to be read. Most rows hold tidy text and a date or two, and are looked at as a whole."""
    try:
        if is_tidy("|".join(values)):
            return values
    except TypeError:
        if is_tidy("|".join([value for value in values if value.__class__ is str])):
            return [value if value.__class__ is str else _cell(value) for value in values]
    return [_cell(value) for value in values]


def _special(special: Special | None) -> Cell:
    return special.applied_to("") if special else ""


def _cell(value: Any) -> Cell:
    if isinstance(value, str):
        return too_long(value) if len(value) > MAX_CELL else clean(value)
    if isinstance(value, bool | date):
        return value
    if isinstance(value, int | float):
        return float(value)
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if isinstance(value, timedelta):
        return str(value)
    return "" if value is None else clean(str(value))


@dataclass(frozen=True)
class Special:
    """What the survey knows of a cell that its value does not say."""

    is_formula: bool = False
    has_value: bool = True
    error: str = ""
    zeros: int = 0

    def applied_to(self, cell: Cell) -> Cell:
        """The cell as it is to be read."""
        if self.error:
            return CellFault(self.error, f"The cell shows the error {self.error}. Put the value itself in the cell.")
        if not self.has_value:
            message = "The cell holds a formula that was never calculated. Open the workbook in Excel, save it and try again."
            return CellFault("formula", message)
        if self.zeros and isinstance(cell, float) and cell.is_integer() and cell >= 0:
            return str(int(cell)).zfill(self.zeros)
        return cell


@dataclass
class Survey(ContentHandler):
    """Walks a sheet's XML once."""

    zero_padded: dict[str, int]
    special: dict[int, dict[int, Special]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__()
        self._row = 0
        self._column = -1
        self._attributes: dict[str, str] = {}
        self._formula = False
        self._value: list[str] | None = None
        self._in_value = False

    def startElement(self, name: str, attrs: Any) -> None:  # noqa: N802  SAX's own name
        tag = name.rpartition(":")[2]
        if tag == "row":
            self._row = _number(attrs.get("r"), self._row + 1)
            self._column = -1
        elif tag == "c":
            self._place(attrs.get("r"))
            self._attributes, self._formula, self._value, self._in_value = dict(attrs), False, None, False
        elif tag == "f":
            self._formula = True
        elif tag in ("v", "is"):
            self._value, self._in_value = self._value or [], True

    def characters(self, content: str) -> None:
        if self._in_value and self._value is not None:
            self._value.append(content)

    def endElement(self, name: str) -> None:  # noqa: N802
        tag = name.rpartition(":")[2]
        if tag in ("v", "is"):
            self._in_value = False
        elif tag == "c":
            self._end_cell()

    def _place(self, reference: str | None) -> None:
        match = re.fullmatch(r"([A-Z]{1,3})(\d{1,7})", reference) if reference else None
        if match:
            self._column, self._row = _column_of(match[1]), int(match[2])
        elif reference:
            raise UnreadableFileError(DAMAGED)
        else:
            self._column += 1

    def _end_cell(self) -> None:
        value = None if self._value is None else "".join(self._value)
        kind = self._attributes.get("t", "n")
        zeros = self.zero_padded.get(self._attributes.get("s", ""), 0) if kind == "n" and value else 0
        error = (value or "#N/A")[:10] if kind == "e" else ""
        has_value = not self._formula or bool(value) or (kind == "str" and value is not None)
        if (self._formula or error or zeros) and self._row <= MAX_ROWS + 1 and self._column < MAX_COLUMNS:
            self.special.setdefault(self._row, {})[self._column] = Special(self._formula, has_value, error, zeros)
        self._value = None

    def formulas(self) -> list[Formulas]:
        """The columns that hold calculated values, for a warning."""
        found: dict[int, list[int]] = {}
        for row, cells in self.special.items():
            for column, special in cells.items():
                if special.is_formula and special.has_value and not special.error:
                    found.setdefault(column, []).append(row)
        return [Formulas(column, min(rows), len(rows)) for column, rows in sorted(found.items())]


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isdigit() and len(text) <= 7 else otherwise


CELL_ENDS, NO_TEXT = "\x1f", "\x1e"
"""Stand between the cells of a row, and before a cell that is no text. No cell holds either: reading takes them out."""


def _line(cells: Sequence[Cell]) -> str:
    try:
        return CELL_ENDS.join(cells)  # type: ignore[arg-type]
    except TypeError:
        return CELL_ENDS.join([cell if isinstance(cell, str) else _as_text(cell) for cell in cells])


def _as_text(cell: float | bool | date | CellFault) -> str:
    """A cell that is no text, with a letter for what it is; ``as_cell`` is the way back."""
    if isinstance(cell, CellFault):
        return f"{NO_TEXT}F{json.dumps([cell.shown, cell.message])}"
    if isinstance(cell, date):
        return f"{NO_TEXT}{'T' if isinstance(cell, datetime) else 'D'}{cell.isoformat()}"
    return f"{NO_TEXT}{'B' if isinstance(cell, bool) else 'N'}{float(cell)!r}"


@lru_cache(maxsize=50_000)
def as_cell(told: str) -> Cell:
    """What a cell that is no text was before it was sent."""
    kind, value = told[1], told[2:]
    if kind == "F":
        return CellFault(*json.loads(value))
    if kind in "DT":
        return date.fromisoformat(value) if kind == "D" else datetime.fromisoformat(value)
    return bool(float(value)) if kind == "B" else float(value)


def main() -> int:
    """Read a workbook from standard input; write a line for each sheet and one for each row. Exit 3: refused."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    write = sys.stdout.buffer.write
    gc.disable()
    content = sys.stdin.buffer.read()
    try:
        if sys.argv[1:] == [FAR_CELLS]:
            refuse_far_cells(content)
            return 0
        for book in sheets(content):
            formulas = [[f.column, f.first_row, f.count] for f in book.formulas]
            numbers = [number for place, (number, _) in enumerate(book.rows, start=1) if number != place]
            said = [book.name, book.dates_from_1904, formulas, book.merged, len(book.rows), numbers]
            write(json.dumps(said).encode() + b"\n")
            for start in range(0, len(book.rows), 1000):
                lines = [_line(cells) + "\n" for _, cells in book.rows[start : start + 1000]]
                write("".join(lines).encode(errors="replace"))
    except UnreadableFileError as refusal:
        write(b"\n" + str(refusal).encode())
        return REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(main())
