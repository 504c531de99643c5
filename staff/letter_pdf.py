"""Letters with a code to sign in: a page for each person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format

from accounts.codes import spaced
from accounts.models import Organisation
from nhsuk.documents import draw, printable, qr_code
from staff.models import Person

TEMPLATE = Path(__file__).resolve().parent / "typst" / "letter.typ"


@dataclass(frozen=True)
class Letter:
    """One person and the code that is theirs."""

    person: Person
    code: str


def letters_pdf(organisation: Organisation, letters: Sequence[Letter], *, on: date, expires_on: date) -> bytes:
    """All letters as one PDF/UA-1.

    Raises:
        DocumentNotMadeError: it could not be drawn.
    """
    facts = {
        "title": f"Letters to sign in, {printable(organisation.name)}",
        "organisation": printable(organisation.name),
        "product": settings.PRODUCT_NAME,
        "on": {"year": on.year, "month": on.month, "day": on.day},
        "written": date_format(on, "j F Y"),
        "expires": date_format(expires_on, "j F Y"),
        "address": code_address(),
        "letters": [
            {
                "name": printable(str(letter.person)),
                "number": printable(letter.person.staff_number),
                "organisation_code": organisation.ods_code,
                "code": spaced(letter.code),
                "qr": qr_code(code_address(letter.person)),
            }
            for letter in letters
        ],
    }
    return draw(TEMPLATE, dated=on, facts=facts)


def code_address(person: Person | None = None) -> str:
    """Where a code is typed in; for a person with organisation and staff number filled in, and never with the code."""
    address = settings.BASE_URL.rstrip("/") + reverse("staff:code_sign_in")
    if person is None:
        return address
    known = {"organisation": person.organisation.ods_code, "number": person.staff_number}
    return f"{address}?{urlencode(known)}"
