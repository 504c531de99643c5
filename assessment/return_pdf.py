"""The published return as a tagged PDF, for whoever signs it and whoever checks it."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import matplotlib

from assessment.documents import Described
from assessment.typesetting import typeset

TEMPLATE = Path(__file__).resolve().parent / "typst" / "return.typ"
FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
"""matplotlib brings DejaVu, so that no font of the machine's own decides how the document looks."""


def render(return_: Described) -> bytes:
    """The document as PDF/UA-1. The same content always gives the same bytes.

    Raises:
        NotTypesetError: the document could not be made.
    """
    return typeset(TEMPLATE, inputs={"return": json.dumps(_page(return_))}, fonts=FONTS, dated=return_.published_on)


def _page(return_: Described) -> Any:
    """What the template reads: text and numbers only."""
    plain = _plain(asdict(return_))
    for shown, section in zip(plain["sections"], return_.sections, strict=True):
        shown |= {"required": section.required, "settled": section.settled}
    issued = {"year": return_.published_on.year, "month": return_.published_on.month, "day": return_.published_on.day}
    return plain | {"exceptions": [_plain(asdict(line)) for line in return_.exceptions], "issued": issued}


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
