"""Reads a workbook in a process of its own, within limits: a file made to overwhelm takes that process, and nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from io import BytesIO
from itertools import chain, islice
from pathlib import Path

from staff.importing.memory import collector_at_rest
from staff.importing.reading import Cell, Formulas, UnreadableFileError
from staff.importing.workbook import (
    CELL_ENDS,
    DAMAGED,
    FAR_CELLS,
    NO_TEXT,
    REFUSED,
    SECONDS,
    TRAP,
    Book,
    as_cell,
    check_directory,
)

_PROJECT = Path(__file__).resolve().parents[2]


def sheets(content: bytes) -> list[Book]:
    """Every visible sheet of a workbook that holds anything.

    Raises:
        UnreadableFileError: it is no workbook, is damaged, or takes more memory or time than a staff list needs.
    """
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            check_directory(archive)
    except zipfile.BadZipFile as error:
        raise UnreadableFileError(DAMAGED) from error
    done = _run(content)
    if done.returncode not in (0, REFUSED):
        done = _run(content, FAR_CELLS)
        if done.returncode != REFUSED:
            raise UnreadableFileError(TRAP)
    if done.returncode:
        raise UnreadableFileError(done.stdout.rpartition(b"\n")[2].decode())
    with collector_at_rest():
        return _books(done.stdout)


def _run(content: bytes, *asked: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(  # noqa: S603  our own program
            [sys.executable, "-m", "staff.importing.workbook", *asked],
            input=content,
            capture_output=True,
            cwd=_PROJECT,
            env={"PYTHONPATH": str(_PROJECT), "MALLOC_ARENA_MAX": "2"},
            timeout=SECONDS * 2,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise UnreadableFileError(TRAP) from error


def _books(answer: bytes) -> list[Book]:
    lines = iter(answer.decode().split("\n"))
    found = []
    for said in lines:
        if not said:
            break
        name, from_1904, formulas, merged, count, numbers = json.loads(said)
        rows = [_cells(line) for line in islice(lines, count)]
        numbered = zip(chain(range(1, count - len(numbers) + 1), numbers), rows, strict=True)
        found.append(Book(name, list(numbered), from_1904, [Formulas(*formula) for formula in formulas], merged))
    return found


def _cells(line: str) -> Sequence[Cell]:
    cells = line.split(CELL_ENDS)
    if NO_TEXT in line:
        return [as_cell(cell) if cell[:1] == NO_TEXT else cell for cell in cells]
    return cells
