"""A policy as a tagged PDF. The same content always gives the same bytes."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import matplotlib
import typst

from registers.writing.document import PolicyDocument
from registers.writing.markup import Block, Grid

TEMPLATE = Path(__file__).resolve().parent.parent / "typst" / "policy.typ"
FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
"""matplotlib brings DejaVu, so that no font of the machine's own decides how the document looks."""


def render(document: PolicyDocument) -> bytes:
    """The document as PDF/UA-1.

    Raises:
        typst.TypstError: the document could not be made.
    """
    on = document.dated
    compiler = typst.Compiler(TEMPLATE, root=TEMPLATE.parent, font_paths=_fonts(), ignore_system_fonts=True)
    pdf = compiler.compile(
        format="pdf",
        sys_inputs={"policy": json.dumps(_page(document))},
        pdf_standards=["ua-1"],
        timestamp=datetime(on.year, on.month, on.day, tzinfo=UTC),
    )
    assert isinstance(pdf, bytes)  # noqa: S101  one document, not one for each page
    return pdf


def _page(document: PolicyDocument) -> Any:
    issued = {"year": document.dated.year, "month": document.dated.month, "day": document.dated.day}
    return {
        "title": document.title,
        "organisation": document.organisation,
        "standing": document.standing,
        "facts": document.facts,
        "blocks": [_plain(block) for block in document.blocks],
        "issued": issued,
    }


def _plain(block: Block) -> dict[str, Any]:
    more = {"widths": block.widths} if isinstance(block, Grid) else {}
    return {"kind": type(block).__name__.lower(), **asdict(block), **more}


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])
