"""Reads a workbook in a process of its own, within limits: a file made to overwhelm takes that process, and nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from staff.importing.reading import CellFault, Formulas, UnreadableFileError
from staff.importing.workbook import DAMAGED, REFUSED, SECONDS, TRAP, Book, check_directory

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
    command = [sys.executable, "-m", "staff.importing.workbook"]
    try:
        done = subprocess.run(  # noqa: S603  our own program
            command,
            input=content,
            capture_output=True,
            cwd=_PROJECT,
            env={"PYTHONPATH": str(_PROJECT), "MALLOC_ARENA_MAX": "2"},
            timeout=SECONDS * 2,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise UnreadableFileError(TRAP) from error
    if done.returncode == REFUSED:
        raise UnreadableFileError(done.stdout.rpartition(b"\n")[2].decode())
    if done.returncode:
        raise UnreadableFileError(TRAP)
    return _books(done.stdout)


def _books(answer: bytes) -> list[Book]:
    lines = iter(answer.splitlines())
    found = []
    for said in lines:
        name, from_1904, formulas, merged, count = json.loads(said)
        book = Book(name, [], from_1904, [Formulas(*formula) for formula in formulas], merged)
        while len(book.rows) < count:
            book.rows += json.loads(next(lines), object_hook=_cell)
        found.append(book)
    return found


def _cell(value: dict[str, Any]) -> Any:
    if "fault" in value:
        return CellFault(*value["fault"])
    return datetime.fromisoformat(value["at"]) if "at" in value else date.fromisoformat(value["on"])
