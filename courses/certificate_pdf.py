"""Drawing a certificate: facts in, tagged PDF out. The same facts always give the same bytes."""

from __future__ import annotations

import io
import json
import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import matplotlib
import segno
import typst
from django.utils.formats import date_format

TEMPLATE = Path(__file__).resolve().parent / "typst" / "certificate.typ"
FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
"""matplotlib brings DejaVu, so that no font of the machine's own decides how a certificate looks."""

INVISIBLE = {"Cc", "Cs", "Cn", "Co"}
TURNS_TEXT_ROUND = {chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}


class CertificateNotMadeError(Exception):
    """The document could not be drawn. The completion it is about stands all the same."""


HOW = {"classroom": "Classroom session", "discussion": "Recorded discussion"}


def render(facts: Mapping[str, Any]) -> bytes:
    """The certificate as PDF/UA-1, one page.

    Raises:
        CertificateNotMadeError: the document could not be drawn.
    """
    issued_on = date.fromisoformat(facts["issued_on"])
    compiler = typst.Compiler(TEMPLATE, root=TEMPLATE.parent, font_paths=_fonts(), ignore_system_fonts=True)
    try:
        pdf = compiler.compile(
            format="pdf",
            sys_inputs={"facts": json.dumps(_page(facts, issued_on)), "qr": _qr(facts["address"])},
            pdf_standards=["ua-1"],
            timestamp=datetime(issued_on.year, issued_on.month, issued_on.day, tzinfo=UTC),
        )
    except typst.TypstError as error:
        raise CertificateNotMadeError(error.message) from error
    if not isinstance(pdf, bytes):
        raise CertificateNotMadeError("The document came out as something other than one file.")
    return pdf


def printable(text: str) -> str:
    """The text without characters that draw nothing, or that turn what follows round."""
    kept = (c for c in text if unicodedata.category(c) not in INVISIBLE and c not in TURNS_TEXT_ROUND)
    return " ".join("".join(kept).split()) or "?"


def _page(facts: Mapping[str, Any], issued_on: date) -> dict[str, Any]:
    """What stands where on the page."""
    months = facts["months"]
    lines = [
        ["Completed on", _day(facts["completed_on"])],
        ["Counts for", f"{months} month{'s' if months != 1 else ''}, up to and including {_day(facts['valid_until'])}"],
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


def _result(facts: Mapping[str, Any]) -> list[str]:
    score = facts["score_percent"]
    if facts["marks"] is not None:
        return ["Quiz passed with", f"{facts['marks']} out of {facts['questions']} ({score}%)"]
    how = HOW.get(facts["source"], "Quiz passed")
    return ["How it was completed", how if score is None else f"{how}, {score}%"]


def _day(iso: str) -> str:
    return date_format(date.fromisoformat(iso), "j F Y")


def _qr(address: str) -> str:
    """The address as a QR code. The mask is given: weighing all eight takes longer than drawing the certificate."""
    drawing = io.BytesIO()
    segno.make(address, error="m", micro=False, mask=3).save(drawing, kind="svg", xmldecl=False, border=2)
    return drawing.getvalue().decode("utf-8")


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])
