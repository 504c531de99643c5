"""The simple markup of a policy: headings, paragraphs, lists and tables. Every text is a policy; none can do harm.

A line that begins with ``## `` or ``### `` is a heading, with ``- `` a bullet, with ``1. `` a numbered step, with ``|`` a row of a
table whose first row is its heading. ``**words**`` are strong. ``[Fill in: what]`` is a blank that somebody has to fill.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

_BLANK = re.compile(r"\[Fill in: ([^\]\n]{1,200})\]")
_MARKED = re.compile(r"\[Fill in: [^\]\n]{1,200}\]|\*\*[^*\n]+\*\*")
_STEP = re.compile(r"\d{1,3}\. +(?=\S)")
_HEADING = re.compile(r"(#{2,3}) +(?=\S)")
_RULE_OF_TABLE = re.compile(r"\|(?=.*-)[\s:|-]+\|?")
_DRAWS_NOTHING = frozenset({"Cc", "Cs", "Cn", "Co", "Cf"})
MAX_COLUMNS = 8


@dataclass(frozen=True)
class Run:
    """Words set in one way."""

    text: str
    strong: bool = False
    blank: bool = False


Line = tuple[Run, ...]


@dataclass(frozen=True)
class Heading:
    level: int
    """2 or 3: the title of the policy is the only heading above."""
    words: Line


@dataclass(frozen=True)
class Paragraph:
    words: Line


@dataclass(frozen=True)
class Listing:
    items: tuple[Line, ...]
    numbered: bool


@dataclass(frozen=True)
class Grid:
    """A table; every row has as many cells as the heading."""

    heading: tuple[Line, ...]
    rows: tuple[tuple[Line, ...], ...]

    @property
    def widths(self) -> tuple[int, ...]:
        """How wide each column is, in parts of the whole.

        The longest word of a column fits, an empty column leaves room to write by hand, and what is left goes where the
        words are.
        """
        columns = [_needs(column) for column in zip(self.heading, *self.rows, strict=True)]
        spare = max(LINE - sum(least for least, _wanted in columns), 0)
        wanted = sum(more for _least, more in columns) or 1
        return tuple(least + spare * more // wanted for least, more in columns)


Block = Heading | Paragraph | Listing | Grid


LINE = 88
"""Letters that stand on a line across the page."""
ROOM_TO_WRITE = 11
"""Letters that an empty column leaves room for."""


def _needs(column: Sequence[Line]) -> tuple[int, int]:
    """How many letters a column needs at least, and how many more it would like."""
    texts = [plain(cell) for cell in column]
    longest_word = max((len(word) for text in texts for word in text.split()), default=0)
    filled = [len(text) for text in texts[1:] if text]
    typical = round(sum(filled) / len(filled)) if filled else 0
    least = max(round(longest_word * 1.15) + 2, 6 if filled else ROOM_TO_WRITE)
    return least, max(typical - least, 1)


def blocks_of(text: str) -> list[Block]:
    """The text as blocks, in order. Never fails: what is no mark is words."""
    blocks: list[Block] = []
    group: list[str] = []
    kind = ""
    for line in [*text.splitlines(), ""]:
        line = printable(line)
        found = _kind(line)
        if found != kind or found in ("", "heading"):
            if group:
                blocks.append(_block(kind, group))
            group, kind = [], found
        if line:
            group.append(line)
    return blocks


def printable(line: str) -> str:
    """A line without characters that draw nothing, which documents do not allow, or that turn what follows round."""
    kept = (" " if c == "\t" else c for c in line if c == "\t" or unicodedata.category(c) not in _DRAWS_NOTHING)
    return "".join(kept).strip()


def blanks_in(text: str) -> list[str]:
    """What is still to be filled in, each once, in the order of the text."""
    return list(dict.fromkeys(_BLANK.findall(text)))


def blank(what: str) -> str:
    """The mark of something to be filled in."""
    return f"[Fill in: {what.replace(']', ')')}]"


def plain(line: Line) -> str:
    """The words of a line without their marks."""
    return "".join(run.text for run in line)


def _kind(line: str) -> str:
    if _HEADING.match(line):
        return "heading"
    if line.startswith("- "):
        return "bullets"
    if _STEP.match(line):
        return "steps"
    if line.startswith("|"):
        return "table"
    return "words" if line else ""


def _block(kind: str, lines: list[str]) -> Block:
    if kind == "heading":
        marks, _space, words = lines[0].partition(" ")
        return Heading(len(marks), _runs(words.strip()))
    if kind == "bullets":
        return Listing(tuple(_runs(line[2:].strip()) for line in lines), numbered=False)
    if kind == "steps":
        return Listing(tuple(_runs(_STEP.sub("", line, count=1)) for line in lines), numbered=True)
    if kind == "table":
        return _grid(lines)
    return Paragraph(_runs(" ".join(lines)))


def _grid(lines: list[str]) -> Grid:
    rows = [_cells(line) for line in lines if not _RULE_OF_TABLE.fullmatch(line)] or [[""]]
    width = min(len(rows[0]), MAX_COLUMNS)
    padded = [tuple(_runs(cell) for cell in [*row, *[""] * width][:width]) for row in rows]
    return Grid(padded[0], tuple(padded[1:]))


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.removeprefix("|").removesuffix("|").split("|")]


def _runs(text: str) -> Line:
    runs: list[Run] = []
    at = 0
    for mark in _MARKED.finditer(text):
        if mark.start() > at:
            runs.append(Run(text[at : mark.start()]))
        found = mark.group()
        runs.append(Run(found[2:-2], strong=True) if found.startswith("**") else Run(found, blank=True))
        at = mark.end()
    if at < len(text):
        runs.append(Run(text[at:]))
    return tuple(runs)
