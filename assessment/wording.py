"""The official wording beside our own: found in the official workbook, kept for this installation, shown with its source."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from accounts.models import Organisation, User
from assessment.edition_file import EditionFile
from assessment.models import OfficialWording
from audit.services import record
from staff.importing import confined
from staff.importing.reading import UnreadableFileError

_REFERENCE = re.compile(r"(?:[A-E]\d{1,2}\.[a-z]|\d{1,2}\.\d{1,2}\.\d{1,3})")
LONGEST_TEXT = 4000


class WordingRefusedError(ValueError):
    """The workbook cannot be used; the text says why and what to do."""


@dataclass(frozen=True)
class Found:
    """What a workbook holds for an edition, before anything is kept. Columns are lettered as in the workbook."""

    sheet: str
    reference_column: str
    text_column: str
    texts: dict[str, str]
    missing: tuple[str, ...]
    unknown: tuple[str, ...]
    file_sha256: str


@dataclass(frozen=True)
class OfficialText:
    """The official wording of one item, with where it came from."""

    text: str
    source_title: str
    dated_on: date


def find_wording(content: bytes, edition: EditionFile, *, sheet: str = "", reference: str = "", text: str = "") -> Found:
    """Look through a workbook for the texts of an edition's items.

    The column of references is the one that names the most items; that of texts has the longest words beside them.
    ``sheet``, ``reference`` and ``text`` (letters) say otherwise.

    Raises:
        WordingRefusedError: it is no readable workbook, or nothing in it names an item of the edition.
    """
    try:
        books = confined.sheets(content)
    except UnreadableFileError as error:
        raise WordingRefusedError(str(error)) from error
    numbers = tuple(item.number for item in edition.items()) + tuple(outcome.code for outcome in edition.outcomes())
    tables = {book.name: [[_words(cell) for cell in row] for _, row in book.rows] for book in books if sheet in ("", book.name)}
    named = {name: _reference_column(rows, numbers, reference) for name, rows in tables.items()}
    best = max(named, key=lambda name: named[name][1], default="")
    if not best or not named[best][1]:
        raise WordingRefusedError(
            f"No column of the workbook names items of {edition.id}. Choose the workbook of {edition.header.year}, or name the sheet and the columns."
        )
    column = named[best][0]
    rows = [row for row in tables[best] if len(row) > column and _reference(row[column])]
    beside = _letter_index(text) if text else _text_column(rows, column)
    found: dict[str, str] = {}
    for row in rows:
        if beside < len(row) and row[beside]:
            found.setdefault(_reference(row[column]), row[beside][:LONGEST_TEXT])
    texts = {number: found[number] for number in numbers if number in found}
    if not texts:
        raise WordingRefusedError(f"Column {_letter(beside)} of the sheet '{best}' has no text beside the references.")
    return Found(
        sheet=best,
        reference_column=_letter(column),
        text_column=_letter(beside),
        texts=texts,
        missing=tuple(number for number in numbers if number not in texts),
        unknown=tuple(sorted(found.keys() - set(numbers))),
        file_sha256=hashlib.sha256(content).hexdigest(),
    )


@transaction.atomic
def keep_wording(
    edition: EditionFile,
    texts: dict[str, str],
    *,
    source_title: str,
    dated_on: date,
    file_sha256: str,
    by: User | str,
    at: datetime,
    organisation: Organisation | None = None,
) -> OfficialWording:
    """Keep the official wording of an edition in place of what was kept before; without texts, take it away.

    With an organisation it is for that one alone.
    """
    kept = OfficialWording.objects.create(
        organisation=organisation,
        edition_id=edition.id,
        source_title=source_title,
        dated_on=dated_on,
        file_sha256=file_sha256,
        texts=texts,
        imported_by=by if isinstance(by, User) else None,
        imported_at=at,
    )
    summary = {"edition": edition.id, "texts": len(texts), "source": source_title, "sha256": file_sha256}
    record("assessment.wording_kept", organisation=organisation or "", by=by, target=kept, summary=summary, at=at)
    return kept


def kept_wording(organisation: Organisation, edition_id: str) -> OfficialWording | None:
    """The official wording that an organisation is shown for an edition: its own, else that of the installation."""
    own = OfficialWording.objects.filter(edition_id=edition_id).order_by("-pk")
    for rows in (own.filter(organisation=organisation), own.filter(organisation=None)):
        newest = rows.first()
        if newest is not None and newest.texts:
            return newest
    return None


def official_text(organisation: Organisation, edition_id: str, number: str) -> OfficialText | None:
    """The official wording of one item, if the organisation is shown one."""
    kept = kept_wording(organisation, edition_id)
    if kept is None or number not in kept.texts:
        return None
    return OfficialText(kept.texts[number], kept.source_title, kept.dated_on)


def _words(cell: Any) -> str:
    return " ".join(cell.split()) if isinstance(cell, str) else ""


def _reference(text: str) -> str:
    """``"3.2.1"`` of ``"Evidence 3.2.1 (new)"``; a long text is no reference."""
    found = _REFERENCE.search(text) if len(text) <= 40 else None
    return found.group() if found else ""


def _reference_column(rows: Sequence[Sequence[str]], numbers: Collection[str], wanted: str) -> tuple[int, int]:
    """The column that names the most different items, and how many."""
    width = max((len(row) for row in rows), default=0)
    columns = [_letter_index(wanted)] if wanted else list(range(width))
    counts = [(len({_reference(row[column]) for row in rows if column < len(row)} & set(numbers)), -column) for column in columns]
    count, column = max(counts, default=(0, 0))
    return -column, count


def _text_column(rows: Sequence[Sequence[str]], reference: int) -> int:
    width = max(len(row) for row in rows)
    lengths = {
        column: sum(len(row[column]) for row in rows if column < len(row)) for column in range(width) if column != reference
    }
    return max(lengths, key=lambda column: (lengths[column], -column), default=reference)


def _letter(column: int) -> str:
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _letter_index(letters: str) -> int:
    if not re.fullmatch(r"[A-Za-z]{1,2}", letters):
        raise WordingRefusedError(f"'{letters[:20]}' is no column. Give its letters, such as B.")
    index = 0
    for letter in letters.upper():
        index = index * 26 + ord(letter) - 64
    return index - 1
