"""PDF files: whole, open, and without anything that acts by itself."""

import re
import zlib
from collections.abc import Iterator

SIGNATURE = b"%PDF-"
END_MARK = b"%%EOF"
MAX_TRAILING_BYTES = 1024
MAX_INFLATED_BYTES = 50 * 1024 * 1024
MAX_DICTIONARY_BYTES = 4096

_STREAM_BEGINS = re.compile(rb">>\s{0,8}stream\r?\n")
_STREAM_ENDS = b"endstream"
_OBJECT = re.compile(rb"\d\s+\d+\s+obj\b")
_NAME_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_END_OF_NAME = rb"(?![A-Za-z0-9_.\-])"
_OBJECT_STREAM = re.compile(rb"/ObjStm" + _END_OF_NAME)
_ENCRYPTED = re.compile(rb"/Encrypt" + _END_OF_NAME)
_ACTIVE = {
    re.compile(rb"/(?:JavaScript|JS)" + _END_OF_NAME): "a script",
    re.compile(rb"/XFA" + _END_OF_NAME): "a form that can run scripts",
    re.compile(rb"/Launch" + _END_OF_NAME): "a command that starts a program",
    re.compile(rb"/(?:EmbeddedFiles?|RichMedia)" + _END_OF_NAME): "another file inside it",
}


def fault_of(content: bytes) -> str:
    """Why a PDF is refused, or nothing."""
    if not content.startswith(SIGNATURE):
        return "This is not a PDF file. Open it in the program it came from and save it as PDF."
    end = content.rfind(END_MARK)
    if end < 0 or b"startxref" not in content:
        return "The PDF is cut short. Save it again and upload the new copy."
    if len(content) - end - len(END_MARK) > MAX_TRAILING_BYTES:
        return "The PDF has something else attached after its end. Print it to a new PDF and upload that."
    try:
        return _acting_fault(b"\n".join(_structure(content)))
    except zlib.error:
        return "The PDF is damaged or built in a way we cannot check. Print it to a new PDF and upload that."


def _acting_fault(structure: bytes) -> str:
    if _ENCRYPTED.search(structure):
        return "The PDF is protected with a password. Save a copy without the password and upload that."
    for pattern, what in _ACTIVE.items():
        if pattern.search(structure):
            return f"The PDF contains {what}. Print it to a new PDF and upload that."
    return ""


def _structure(content: bytes) -> Iterator[bytes]:
    """The parts that say what the PDF does: what lies outside streams, and whatever streams hold objects.

    Raises:
        zlib.error: objects are packed in a way we cannot open, or unpack to too much.
    """
    at, left = 0, MAX_INFLATED_BYTES
    while begins := _STREAM_BEGINS.search(content, at):
        ends = content.find(_STREAM_ENDS, begins.end())
        if ends < 0:
            break
        outside = _plain_names(content[at : begins.start()])
        data = content[begins.end() : ends]
        yield outside
        if _OBJECT_STREAM.search(outside, max(0, len(outside) - MAX_DICTIONARY_BYTES)):
            inflated = _inflate(data, left)
            left -= len(inflated)
            yield _plain_names(inflated)
        elif _OBJECT.search(data):
            yield _plain_names(data)
        at = ends
    yield _plain_names(content[at:])


def _plain_names(part: bytes) -> bytes:
    """``/J#61vaScript`` is ``/JavaScript`` written to hide."""
    return _NAME_ESCAPE.sub(lambda escape: bytes([int(escape[1], 16)]), part)


def _inflate(data: bytes, limit: int) -> bytes:
    unpacker = zlib.decompressobj()
    inflated = unpacker.decompress(data, max(limit, 1))
    if unpacker.unconsumed_tail:
        raise zlib.error("too much")
    return inflated
