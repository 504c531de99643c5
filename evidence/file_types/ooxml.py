"""Word and Excel files: a ZIP of XML parts, opened and looked through before anybody else opens it."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

MAX_PARTS = 5_000
MAX_UNPACKED_BYTES = 150 * 1024 * 1024
MAX_RATIO = 250
RATIO_MATTERS_FROM = 5 * 1024 * 1024
MAX_XML_BYTES = 5 * 1024 * 1024
MAX_NESTING = 2
READ_AT_ONCE = 1024 * 1024

OLE_SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
_END_OF_DIRECTORY = b"PK\x05\x06"
_SYMBOLIC_LINK = 0o120000
_DOCUMENT_TYPES = tuple("<!DOCTYPE".encode(encoding) for encoding in ("ascii", "utf-16-le", "utf-16-be"))
_FILES_OF_THEIR_OWN = (b"PK\x03\x04", b"MZ", b"\x7fELF", b"Rar!", b"7z\xbc\xaf")
_MAIN_TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
}
_KINDS = {"docx": "a Word document", "xlsx": "an Excel workbook"}
_ACTIVE_PART = re.compile(r"vbaproject|vbadata|activex|oleobject|/macrosheets/|\.bin$", re.IGNORECASE)
_HARMLESS_BIN = re.compile(r"/printersettings/[^/]+\.bin$|/customproperty\d*\.bin$", re.IGNORECASE)
_ACTIVE_TYPE = re.compile(r"vba|macroenabled|oleobject|activex|macrosheet", re.IGNORECASE)

INSIDE = "The file has another file inside it. Save it as PDF and upload that, and upload the other file by itself."
DAMAGED = "The file is damaged or cut short. Open it, save it again and upload the new copy."
MACROS = "The file contains macros or other programs. Save it as .docx, .xlsx or PDF without them and upload that."
LINKED = (
    "The file fetches content from somewhere else (a linked workbook, template or picture). "
    "Break the links, or save it as PDF, and upload that."
)
BOMB = "The file unpacks to far more than a document should. Save it as PDF and upload that."


@dataclass
class _Budget:
    parts: int = MAX_PARTS
    bytes: int = MAX_UNPACKED_BYTES


def fault_of(content: bytes, extension: str) -> str:
    """Why a ``docx`` or ``xlsx`` is refused, or nothing."""
    if content.startswith(OLE_SIGNATURE):
        if ENCRYPTED_PACKAGE in content:
            return "The file is protected with a password. Save a copy without the password and upload that."
        return f"This is an old Office file. Open it and save it as .{extension}, then upload the new copy."
    return _package_fault(content, extension, _Budget(), depth=0)


def _package_fault(content: bytes, extension: str, budget: _Budget, *, depth: int) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            fault = _directory_fault(content, package.infolist(), budget)
            return fault or _parts_fault(package, extension, budget, depth=depth)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, ValueError, OSError, RuntimeError):
        return DAMAGED


def _directory_fault(content: bytes, parts: list[zipfile.ZipInfo], budget: _Budget) -> str:
    """What the list of parts gives away before anything is unpacked."""
    budget.parts -= len(parts)
    budget.bytes -= sum(part.file_size for part in parts)
    if budget.parts < 0 or budget.bytes < 0 or any(_is_bomb(part) for part in parts):
        return BOMB
    if any(part.flag_bits & 0x1 for part in parts):
        return "The file is protected with a password. Save a copy without the password and upload that."
    end = content.rfind(_END_OF_DIRECTORY)
    starts_at_once = content.startswith(b"PK\x03\x04") and min((part.header_offset for part in parts), default=1) == 0
    if not starts_at_once or end + 22 + int.from_bytes(content[end + 20 : end + 22], "little") != len(content):
        return DAMAGED
    names = [part.filename.casefold() for part in parts]
    if len(set(names)) != len(names) or any(_is_unsafe(part) for part in parts):
        return DAMAGED
    return ""


def _is_bomb(part: zipfile.ZipInfo) -> bool:
    return part.file_size >= RATIO_MATTERS_FROM and part.file_size > MAX_RATIO * max(part.compress_size, 1)


def _is_unsafe(part: zipfile.ZipInfo) -> bool:
    name, kind = part.orig_filename, (part.external_attr >> 16) & 0o170000
    return (
        kind == _SYMBOLIC_LINK or name.startswith("/") or "\\" in name or "\0" in name or ":" in name or ".." in name.split("/")
    )


def _parts_fault(package: zipfile.ZipFile, extension: str, budget: _Budget, *, depth: int) -> str:
    names = package.namelist()
    if package.testzip() is not None:
        return DAMAGED
    if any(_is_active(name) for name in names):
        return MACROS
    if any("/externallinks/" in f"/{name.lower()}" for name in names):
        return LINKED
    faults = (_part_fault(package, name, budget, depth=depth) for name in names)
    return _content_types_fault(package, extension) or next(filter(None, faults), "")


def _part_fault(package: zipfile.ZipFile, name: str, budget: _Budget, *, depth: int) -> str:
    if name.lower().endswith(".rels"):
        return _relations_fault(package, name)
    if "/embeddings/" in name.lower():
        return _embedded_fault(package.read(name), name, budget, depth=depth)
    return _other_fault(package, name)


def _other_fault(package: zipfile.ZipFile, name: str) -> str:
    """A part that is a file of its own kind, or XML that brings a document type, which no Office program writes."""
    before = b""
    with package.open(name) as part:
        while more := part.read(READ_AT_ONCE):
            if not before and more.startswith(OLE_SIGNATURE):
                return MACROS
            if not before and more.startswith(_FILES_OF_THEIR_OWN):
                return INSIDE
            if name.lower().endswith((".xml", ".vml")) and any(one in before + more for one in _DOCUMENT_TYPES):
                return DAMAGED
            before = more[-40:]
    return ""


def _is_active(name: str) -> bool:
    rooted = f"/{name}"
    return bool(_ACTIVE_PART.search(rooted)) and not _HARMLESS_BIN.search(rooted)


def _content_types_fault(package: zipfile.ZipFile, extension: str) -> str:
    types = [element.get("ContentType", "") for element in _elements(package, "[Content_Types].xml")]
    if not types:
        return DAMAGED
    if any(_ACTIVE_TYPE.search(name) for name in types):
        return MACROS
    if _MAIN_TYPES[extension] in types:
        return ""
    other = next((kind for kind, name in _MAIN_TYPES.items() if name in types), "")
    if other:
        return f"The name ends in .{extension} but this is {_KINDS[other]}. Rename it to end in .{other} and upload it again."
    return f"This is not {_KINDS[extension]} that we can keep. Save it as .{extension} or PDF and upload that."


def _relations_fault(package: zipfile.ZipFile, name: str) -> str:
    for relation in _elements(package, name):
        kind = relation.get("Type", "").rsplit("/", 1)[-1]
        if relation.get("TargetMode", "").lower() == "external" and kind != "hyperlink":
            return LINKED
    return ""


def _embedded_fault(content: bytes, name: str, budget: _Budget, *, depth: int) -> str:
    """A chart in Word carries its workbook inside: allowed, if that workbook is."""
    extension = name.lower().rsplit(".", 1)[-1]
    if extension not in _MAIN_TYPES or depth + 1 >= MAX_NESTING:
        return INSIDE
    return _package_fault(content, extension, budget, depth=depth + 1)


def _elements(package: zipfile.ZipFile, name: str) -> list[ElementTree.Element]:
    """The elements below the root of one XML part; none if there is no such part.

    Raises:
        ValueError: the part is too large or is not plain XML.
    """
    try:
        info = package.getinfo(name)
    except KeyError:
        return []
    if info.file_size > MAX_XML_BYTES:
        raise ValueError(name)
    try:
        return list(ElementTree.fromstring(package.read(name), forbid_dtd=True))
    except (ElementTree.ParseError, DefusedXmlException) as error:
        raise ValueError(name) from error
