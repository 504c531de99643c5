"""The page of a pack that opens everything else in it, without a network, a script or us.

Like the PDF and the workbook it is made once, of what the canonical document says, when the return is published.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.template.loader import render_to_string

from assessment.documents import Described

PATH = "00-start-here.html"
"""Stands first in any list of the pack's files."""


@dataclass(frozen=True)
class Opened:
    """A file that lies beside the page. ``size`` is in words, and empty for what is made after the page."""

    path: str
    title: str
    size: str = ""


def render(return_: Described, *, files: Sequence[Mapping[str, Any]], made: Sequence[tuple[str, str]]) -> bytes:
    """The page.

    Args:
        return_: the published return in words.
        files: the files that the document states, as it states them.
        made: the path and the title of each file that is made of the document, in the order in which to read them.
    """
    figures = [Opened(file["path"], file["title"], filesizeformat(file["size"])) for file in files if _is_figure(file)]
    other = [file for file in files if not _is_figure(file) and not file["path"].startswith("evidence/")]
    context = {
        "return": return_,
        "sizes": {file["path"]: filesizeformat(file["size"]) for file in files},
        "made": [Opened(path, title) for path, title in made],
        "figures": figures,
        "other": [Opened(file["path"], file["title"], filesizeformat(file["size"])) for file in other],
    }
    return render_to_string("assessment/pack_index.jinja", context).encode()


def _is_figure(file: Mapping[str, Any]) -> bool:
    return str(file["path"]).startswith("figures/")
