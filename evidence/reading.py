"""Reading the words out of a file, so that it can be found by them.

A file is read in a process of its own that may use so much memory and time and no more: a file made to
keep us busy, or one that breaks its reader, costs a few seconds and is then found by its title only.

Search looks for words that begin with what was typed, in titles and in the distinct words of each file. That is the same on
both databases, needs no extension and no second index, and the list of words is a small part of the text: at the few thousand
documents an organisation keeps, looking through it takes milliseconds.
"""

from __future__ import annotations

import io
import re
import subprocess
import sys
import unicodedata
from pathlib import Path

MAX_WORDS = 20_000
MAX_TEXT = 2_000_000
SECONDS = 20
MEMORY_BYTES = 1024 * 1024 * 1024
_WORD = re.compile(r"[^\W_][\w'’-]{1,39}")
_KINDS = {
    "application/pdf": "pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "text/plain": "text",
    "text/csv": "text",
}


def words_of(content: bytes, media_type: str) -> str:
    """The distinct words of a file, each with a space before and after; empty where there are none to read."""
    kind = _KINDS.get(media_type)
    if kind is None:
        return ""
    command = [sys.executable, "-m", "evidence.reading", kind]
    try:
        done = subprocess.run(  # noqa: S603  our own module with a word of ours
            command, input=content, capture_output=True, timeout=SECONDS * 2, check=False, cwd=Path(__file__).parent.parent
        )
    except subprocess.TimeoutExpired:
        return ""
    return distinct(done.stdout.decode("utf-8", "replace")) if done.returncode == 0 else ""


def distinct(text: str) -> str:
    """The distinct words of a text in the form in which they are kept and looked for."""
    words = dict.fromkeys(_WORD.findall(plain(text)))
    return f" {' '.join(list(words)[:MAX_WORDS])} " if words else ""


def plain(text: str) -> str:
    """Lower case, accents off: ``Zoë`` is found by ``zoe``."""
    parts = unicodedata.normalize("NFKD", text)
    return "".join(character for character in parts if not unicodedata.combining(character)).casefold()


def _text_of(content: bytes, kind: str) -> str:
    """The text of a file; runs in the process of its own, where the readers are loaded."""
    if kind == "pdf":
        from pypdf import PdfReader

        return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    if kind == "docx":
        from docx import Document

        word = Document(io.BytesIO(content))
        cells = (cell.text for table in word.tables for row in table.rows for cell in row.cells)
        return "\n".join([*(paragraph.text for paragraph in word.paragraphs), *cells])
    if kind == "xlsx":
        from python_calamine import CalamineWorkbook

        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        rows = (row for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python())
        return "\n".join(" ".join(str(cell) for cell in row) for row in rows)
    try:
        return content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _main() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    text = _text_of(sys.stdin.buffer.read(), sys.argv[1])
    sys.stdout.buffer.write(text[:MAX_TEXT].encode("utf-8", "replace"))


if __name__ == "__main__":
    _main()
