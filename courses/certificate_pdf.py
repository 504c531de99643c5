"""Drawing a certificate: facts in, tagged PDF out. The same facts always give the same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from django.utils.formats import date_format

from nhsuk.documents import DocumentNotMadeError, draw, printable, qr_code

TEMPLATE = Path(__file__).resolve().parent / "typst" / "certificate.typ"


class CertificateNotMadeError(Exception):
    """The document could not be drawn. The completion it is about stands all the same."""


HOW = {"reading": "Read and understood", "classroom": "Classroom session", "discussion": "Recorded discussion"}


def render(facts: Mapping[str, Any]) -> bytes:
    """The certificate as PDF/UA-1, one page.

    Raises:
        CertificateNotMadeError: the document could not be drawn.
    """
    issued_on = date.fromisoformat(facts["issued_on"])
    try:
        return draw(TEMPLATE, dated=issued_on, facts=_page(facts, issued_on), qr=qr_code(facts["address"]))
    except DocumentNotMadeError as error:
        raise CertificateNotMadeError(str(error)) from error


def _page(facts: Mapping[str, Any], issued_on: date) -> dict[str, Any]:
    """What stands where on the page."""
    lines = [
        ["Completed on", _day(facts["completed_on"])],
        _how_long(facts),
        _result(facts),
        ["Certificate number", facts["serial"]],
    ]
    return {
        "title": f"Certificate of training {facts['serial']}",
        "heading": "Certificate of training",
        "holder": printable(facts["holder"]),
        "organisation": printable(facts["organisation"]),
        "course": printable(facts["course"]),
        "version": None if facts["version"] is None else str(facts["version"]),
        "lines": lines,
        "qr_alt": "QR code that opens the page on which this certificate can be checked",
        "check": "Anyone can check this certificate. Scan the code or go to",
        "address": facts["address"],
        "issued": {"year": issued_on.year, "month": issued_on.month, "day": issued_on.day},
    }


def _how_long(facts: Mapping[str, Any]) -> list[str]:
    if facts["valid_until"] is None:
        return ["Counts", "for good"]
    return ["Counts for", f"{facts['counts_for']}, up to and including {_day(facts['valid_until'])}"]


def _result(facts: Mapping[str, Any]) -> list[str]:
    score = facts["score_percent"]
    if facts["marks"] is not None:
        return ["Quiz passed with", f"{facts['marks']} out of {facts['questions']} ({score}%)"]
    how = HOW.get(facts["source"], "Quiz passed")
    return ["How it was completed", how if score is None else f"{how}, {score}%"]


def _day(iso: str) -> str:
    return date_format(date.fromisoformat(iso), "j F Y")
