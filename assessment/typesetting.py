"""Typesets a document in a process of its own: a typesetter keeps all that it has laid out, and gives it back only by ending.

Of a return with 5,000 documents that is a quarter of a gigabyte, which whoever publishes would hold for ever after.
"""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

SECONDS = 300
_PROJECT = Path(__file__).resolve().parent.parent


class NotTypesetError(Exception):
    """The document could not be made; the text is the typesetter's."""


def typeset(template: Path, *, inputs: dict[str, str], fonts: Path, dated: date) -> bytes:
    """A template with its inputs as PDF/UA-1. The same always gives the same bytes.

    Raises:
        NotTypesetError: it could not be made, or took too long.
    """
    asked = {"template": str(template), "inputs": inputs, "fonts": str(fonts), "dated": dated.isoformat()}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "assessment.typesetting"],
            input=json.dumps(asked).encode(),
            capture_output=True,
            cwd=_PROJECT,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise NotTypesetError(f"It took longer than {SECONDS} seconds.") from error
    if done.returncode:
        raise NotTypesetError(done.stderr.decode("utf-8", "replace").strip())
    return done.stdout


def _main() -> None:
    import typst

    asked = json.load(sys.stdin)
    template, dated = Path(asked["template"]), date.fromisoformat(asked["dated"])
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[asked["fonts"]])
    compiler = typst.Compiler(template, root=template.parent, font_paths=fonts, ignore_system_fonts=True)
    try:
        pdf = compiler.compile(
            format="pdf",
            sys_inputs=asked["inputs"],
            pdf_standards=["ua-1"],
            timestamp=datetime(dated.year, dated.month, dated.day, tzinfo=UTC),
        )
    except typst.TypstError as error:
        sys.exit(error.message)
    assert isinstance(pdf, bytes)  # noqa: S101  one document, not one for each page
    sys.stdout.buffer.write(pdf)


if __name__ == "__main__":
    _main()
