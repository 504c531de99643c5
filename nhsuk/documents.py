"""Drawing documents: typst templates in, tagged PDF out, with fonts of our own. The same input always gives the same bytes."""

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

FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
"""matplotlib brings DejaVu, so that no font of the machine's own decides how a document looks."""

INVISIBLE = {"Cc", "Cs", "Cn", "Co"}
TURNS_TEXT_ROUND = {chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}


class DocumentNotMadeError(Exception):
    """The document could not be drawn."""


def draw(template: Path, *, dated: date, facts: Mapping[str, Any], **inputs: str) -> bytes:
    """A template as PDF/UA-1. The facts reach it as JSON, further inputs as text.

    Raises:
        DocumentNotMadeError: it could not be drawn.
    """
    compiler = typst.Compiler(template, root=template.parent, font_paths=_fonts(), ignore_system_fonts=True)
    try:
        pdf = compiler.compile(
            format="pdf",
            sys_inputs={"facts": json.dumps(facts), **inputs},
            pdf_standards=["ua-1"],
            timestamp=datetime(dated.year, dated.month, dated.day, tzinfo=UTC),
        )
    except typst.TypstError as error:
        raise DocumentNotMadeError(error.message) from error
    if not isinstance(pdf, bytes):
        raise DocumentNotMadeError("The document came out as something other than one file.")
    return pdf


def printable(text: str) -> str:
    """The text without characters that draw nothing, or that turn what follows round."""
    kept = (c for c in text if unicodedata.category(c) not in INVISIBLE and c not in TURNS_TEXT_ROUND)
    return " ".join("".join(kept).split()) or "?"


def qr_code(address: str) -> str:
    """The address as a QR code in SVG. The mask is given: weighing all eight takes longer than drawing a document."""
    drawing = io.BytesIO()
    segno.make(address, error="m", micro=False, mask=3).save(drawing, kind="svg", xmldecl=False, border=2)
    return drawing.getvalue().decode("utf-8")


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])
