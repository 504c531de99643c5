"""Turns single cells into values: numbers that name people, addresses, kinds of employment, yes and no."""

from __future__ import annotations

import re
from datetime import date

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from staff.enums import DataAccess, EmploymentType
from staff.importing.reading import Cell, shown

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


class CellError(ValueError):
    """A cell cannot be taken; the text says what it should look like."""


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


def split_name(full: str) -> tuple[str, str]:
    """First and last name of ``Okafor, Mrs Ada`` or ``Ada Okafor``. A single word is a last name."""
    if "," in full:
        last, _, first = full.partition(",")
        return " ".join(_without_titles(first.split())), last.strip()
    words = _without_titles(full.split())
    return " ".join(words[:-1]), words[-1] if words else ""


def _without_titles(words: list[str]) -> list[str]:
    kept = [word for word in words if word.rstrip(".").casefold() not in _TITLES]
    return kept or words
