"""From the bytes of a file to a plan: the one way that the preview, the run and the command all take."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial

from accounts.models import Organisation
from staff.importing import known as on_record
from staff.importing import mapping as headings
from staff.importing import right_file
from staff.importing.entries import Options
from staff.importing.memory import collector_at_rest
from staff.importing.parsing import ParsedRow, RowError, RowParser
from staff.importing.planning import Plan, plan
from staff.importing.reading import Sheet, UnreadableFileError, read


@dataclass(frozen=True)
class Reading:
    """What an organisation has decided about its files, beside the columns.

    Args:
        erased: fields that an empty cell erases; any other empty cell leaves what is on record.
        kept_here: fields that the file gives to new people only, and never changes.
    """

    erased: tuple[str, ...] = ()
    kept_here: tuple[str, ...] = ()

    @classmethod
    def of(cls, stored: Mapping[str, Sequence[str]]) -> Reading:
        return cls(tuple(stored.get("erased", ())), tuple(stored.get("kept_here", ())))

    def as_dict(self) -> dict[str, list[str]]:
        return {"erased": list(self.erased), "kept_here": list(self.kept_here)}


AS_IT_STANDS = Reading()


@dataclass
class StaffFile:
    """A file that can be read, and what its columns are taken for."""

    sheet: Sheet
    mapping: dict[str, str]
    reading: Reading = AS_IT_STANDS
    organisation_codes: Counter[str] = field(default_factory=Counter)
    """How many rows carry each ODS code, once they are read."""

    @property
    def ignored(self) -> list[str]:
        """The headings nobody mapped: their values are never taken from the file."""
        return [heading for heading in self.sheet.headings if heading not in self.mapping]

    def rows(self) -> Iterator[ParsedRow]:
        wanted = [index for index, heading in enumerate(self.sheet.headings) if heading in self.mapping]
        parser = RowParser(
            self.sheet.headings, self.mapping, dates_from_1904=self.sheet.dates_from_1904, erased=self.reading.erased
        )
        self.organisation_codes = parser.organisation_codes
        return map(parser, self.sheet.lines(wanted))

    def warnings(self) -> list[RowError]:
        """What was read, and should be looked at all the same."""
        found = []
        for formulas in self.sheet.formulas:
            heading = self.sheet.headings[formulas.column] if formulas.column < len(self.sheet.headings) else ""
            if heading in self.mapping:
                message = f"{formulas.count} cells of this column hold formulas; the values last calculated were taken."
                found.append(RowError(formulas.first_row, heading, "", message))
        if self.sheet.other_sheets:
            message = f"Only one sheet was read. These were not: {', '.join(self.sheet.other_sheets)}."
            found.append(RowError(0, "", "", message))
        return found


def open_file(content: bytes, *, saved: Mapping[str, str] | None = None, reading: Reading = AS_IT_STANDS) -> StaffFile:
    """Read a file's headings and guess what they are.

    Args:
        content: the bytes of the file.
        saved: a saved mapping, field name by heading; it goes before every guess.
        reading: what empty cells mean, and what the file may not change.

    Raises:
        UnreadableFileError: it is no spreadsheet.
    """
    sheet = read(content, known_headings=partial(headings.known, saved=saved))
    return StaffFile(sheet, headings.guess(sheet.headings, saved=saved), reading)


def with_mapping(content: bytes, mapping: Mapping[str, str], reading: Reading = AS_IT_STANDS) -> StaffFile:
    """Read a file with a mapping that somebody has looked at: nothing is guessed.

    Raises:
        UnreadableFileError: it is no spreadsheet, or has no longer those columns.
    """
    sheet = read(content, known_headings=partial(headings.known, saved=mapping))
    gone = [heading for heading in mapping if heading not in sheet.headings]
    if gone:
        raise UnreadableFileError(f"The file has no column “{gone[0]}”: choose the file again.")
    return StaffFile(sheet, dict(mapping), reading)


def plan_file(file: StaffFile, organisation: Organisation, *, as_of: date, is_complete: bool) -> Plan:
    """What the file would change in the organisation's staff list. Reads the database, writes nothing.

    Raises:
        UnreadableFileError: it lacks the columns without which nothing can be matched, or has no rows.
    """
    lacking = headings.missing(file.mapping)
    if lacking:
        raise UnreadableFileError(lacking)
    columns = {name: heading for heading, name in file.mapping.items()}
    options = Options(as_of, is_complete, "assignment_number" in columns, columns, frozenset(file.reading.kept_here))
    with collector_at_rest():
        known = on_record.load(organisation)
        result = plan(file.rows(), known, options)
    if not result.rows:
        raise UnreadableFileError("The file has headings but no rows: export the staff list again and choose the new file.")
    result.signs_of_another = right_file.signs_of_another_organisation(
        result, known, file.organisation_codes, right_file.own_codes(organisation)
    )
    result.warnings += file.warnings()
    return result


def first_values(file: StaffFile, limit: int = 1) -> dict[str, list[str]]:
    """The first values of each mapped column, to show beside it. Columns nobody mapped show nothing."""
    found: dict[str, list[str]] = {heading: [] for heading in file.mapping}
    for count, row in enumerate(file.rows(), start=1):
        for heading, value in row.raw.items():
            if heading in found and len(found[heading]) < limit:
                found[heading].append(value[:40])
        if count >= 20 or all(len(values) >= limit for values in found.values()):
            break
    return found
