"""Notices what looks like the details of a person in free text, so that its writer can take them out.

Simple on purpose. It will miss things and it will be wrong at times, so it only ever asks; it refuses nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Finding:
    """A piece of text and what it looks like."""

    looks_like: str
    text: str


_TEN_DIGITS = re.compile(r"(?<!\d)\d{3}[ -]?\d{3}[ -]?\d{4}(?!\d)")
_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_DATE = re.compile(
    rf"(?<!\d)\d{{1,2}}(?:st|nd|rd|th)?[ ./-](?:\d{{1,2}}|(?:{_MONTHS})[a-z]*)[ ./-](\d{{4}}|\d{{2}})(?!\d)", re.IGNORECASE
)
_BORN = re.compile(r"\b(?:born|d\.?o\.?b\.?|date of birth)\b[^.\n]{0,20}$", re.IGNORECASE)
_NAME = re.compile(
    r"\b(?:(?i:patient|resident|client|tenant|service user|named|called)|Mr|Mrs|Ms|Miss|Mx)\.?\s+"
    r"([A-Z][a-z'’-]+(?:\s+[A-Z][a-z'’-]+)?)"
)
_POSTCODE = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b")
_MOBILE = re.compile(r"(?<!\d)(?:\+44 ?7|07)\d{3} ?\d{3} ?\d{3}(?!\d)")
_NOT_A_NAME = frozenset(
    [
        "Care",
        "Data",
        "Details",
        "File",
        "Files",
        "Home",
        "Information",
        "List",
        "Notes",
        "Portal",
        "Record",
        "Records",
        "Safety",
        "Services",
    ]
)
OLD_ENOUGH_YEARS = 2
"""A date this many years back is seldom the day of an incident and may be somebody's birthday."""


def find(text: str, *, today: date) -> list[Finding]:
    """What in the text looks like a person's details, in the order of kinds, each piece once."""
    found = [Finding("an NHS number", m[0]) for m in _TEN_DIGITS.finditer(text) if is_nhs_number(m[0])]
    found += [Finding("a date of birth", m[0]) for m in _DATE.finditer(text) if _may_be_birthday(text, m, today)]
    found += [Finding("a name", m[0]) for m in _NAME.finditer(text) if m[1].split()[0] not in _NOT_A_NAME]
    found += [Finding("a postcode", m[0]) for m in _POSTCODE.finditer(text)]
    found += [Finding("a phone number", m[0]) for m in _MOBILE.finditer(text)]
    return list(dict.fromkeys(found))


def is_nhs_number(text: str) -> bool:
    """Ten digits of which the last is the check digit: weights 10 to 2, modulus 11; a check of 10 is never given out."""
    digits = [int(c) for c in text if c.isdigit()]
    if len(digits) != 10 or len(set(digits)) == 1:
        return False
    check = 11 - sum(digit * weight for digit, weight in zip(digits, range(10, 1, -1), strict=False)) % 11
    return check != 10 and check % 11 == digits[9]


def _may_be_birthday(text: str, match: re.Match[str], today: date) -> bool:
    if _BORN.search(text[: match.start()]):
        return True
    year = int(match[1])
    if year < 100:
        year += 2000 if year <= today.year % 100 else 1900
    return 1900 <= year <= today.year - OLD_ENOUGH_YEARS
