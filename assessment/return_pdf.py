"""The published return as a tagged PDF, for whoever signs it and whoever checks it."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import asdict
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import matplotlib
import typst

from assessment.documents import Described

TEMPLATE = Path(__file__).resolve().parent / "typst" / "return.typ"
FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
"""matplotlib brings DejaVu, so that no font of the machine's own decides how the document looks."""


def render(return_: Described) -> bytes:
    """The document as PDF/UA-1. The same content always gives the same bytes.

    Raises:
        typst.TypstError: the document could not be made.
    """
    on = return_.published_on
    compiler = typst.Compiler(TEMPLATE, root=TEMPLATE.parent, font_paths=_fonts(), ignore_system_fonts=True)
    pdf = compiler.compile(
        format="pdf",
        sys_inputs={"return": json.dumps(_page(return_))},
        pdf_standards=["ua-1"],
        timestamp=datetime(on.year, on.month, on.day, tzinfo=UTC),
    )
    assert isinstance(pdf, bytes)  # noqa: S101  one document, not one for each page
    return pdf


def _page(return_: Described) -> Any:
    """What the template reads: text and numbers only."""
    sections = [
        {"required": section.required, "settled": section.settled, **plain}
        for section, plain in zip(return_.sections, _plain(asdict(return_))["sections"], strict=True)
    ]
    exceptions = [_plain(asdict(line)) for line in return_.exceptions]
    issued = {"year": return_.published_on.year, "month": return_.published_on.month, "day": return_.published_on.day}
    return _plain(asdict(return_)) | {"sections": sections, "exceptions": exceptions, "issued": issued}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, date):
        return f"{value.day} {value:%B %Y}"
    return _printable(value) if isinstance(value, str) else value


def _printable(text: str) -> str:
    """The text without characters that draw nothing or turn what follows round; line breaks stay."""
    return "".join(c for c in text if c == "\n" or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Cn", "Co"))


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])
