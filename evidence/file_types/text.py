"""CSV and plain text: readable characters and nothing that a browser would run."""

import re

_BYTE_ORDER_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_WEB_PAGE = re.compile(r"\s*<(?:!doctype|html|head|body|script|svg|\?xml|iframe)\b", re.IGNORECASE)
NOT_TEXT = "This is not a plain text file. Save it again as CSV or text and upload the new copy."


def fault_of(content: bytes) -> str:
    """Why a text file is refused, or nothing."""
    text = _decoded(content)
    if text is None or _CONTROL.search(text):
        return NOT_TEXT
    if not text.strip():
        return "The file has nothing in it. Check that you chose the right file."
    if _WEB_PAGE.match(text):
        return "This is a web page saved as text. Print it to PDF and upload that."
    return ""


def _decoded(content: bytes) -> str | None:
    marked = next((name for mark, name in _BYTE_ORDER_MARKS.items() if content.startswith(mark)), "")
    for encoding in (marked,) if marked else ("utf-8", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None
