"""Text on its way into a spreadsheet: what a program would take for a formula is made plain text."""

from typing import Any

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")
"""First characters that Excel, LibreOffice and others act upon, full-width forms included."""


def harmless(value: Any) -> str:
    """The value as text that no spreadsheet calculates: a dangerous beginning gets an apostrophe before it.

    A number stays as it is. Reading a file back, :func:`as_written` takes the apostrophe away.
    """
    if value is None:
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    text = str(value).replace("\0", "")
    return f"'{text}" if text.lstrip("' ").startswith(DANGEROUS) else text


def as_written(text: str) -> str:
    """What a cell said before ``harmless`` had it."""
    rest = text[1:]
    return rest if text.startswith("'") and rest.lstrip("' ").startswith(DANGEROUS) else text
