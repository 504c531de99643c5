"""Which files we accept, and what to say of the others: by name, by content and by what is inside."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath

import filetype
from django.conf import settings

from evidence.file_types import captions, images, ooxml, pdf, text, video

MAX_NAME_BYTES = 150
"""Short enough for every file system once a pack has put a number before it."""


class UploadRefusedError(ValueError):
    """The file is not kept; the text is one sentence or two that say why and what to do."""


@dataclass(frozen=True)
class Accepted:
    """A file that may be kept, under a name that is safe to show and to save."""

    media_type: str
    name: str


@dataclass(frozen=True)
class _Format:
    media_type: str
    fault_of: Callable[[bytes], str]


@dataclass(frozen=True)
class Kinds:
    """The kinds of file that one place takes, by the end of their names."""

    formats: Mapping[str, _Format]
    words: str
    """What they are called."""
    limit: str = "UPLOAD_MAX_BYTES"

    @property
    def most_bytes(self) -> int:
        """How large one may be, by the setting of that name."""
        return int(getattr(settings, self.limit))


_FORMATS = {
    "pdf": _Format("application/pdf", pdf.fault_of),
    "docx": _Format(
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document", partial(ooxml.fault_of, extension="docx")
    ),
    "xlsx": _Format(
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", partial(ooxml.fault_of, extension="xlsx")
    ),
    "png": _Format("image/png", images.png_fault),
    "jpg": _Format("image/jpeg", images.jpeg_fault),
    "jpeg": _Format("image/jpeg", images.jpeg_fault),
    "csv": _Format("text/csv", text.fault_of),
    "txt": _Format("text/plain", text.fault_of),
}
DOCUMENTS = Kinds(_FORMATS, "PDF, Word (.docx), Excel (.xlsx), PNG, JPEG, CSV or plain text (.txt)")
VIDEOS = Kinds(
    {"mp4": _Format("video/mp4", video.mp4_fault), "webm": _Format("video/webm", video.webm_fault)},
    "MP4 or WebM",
    "VIDEO_MAX_BYTES",
)
CAPTIONS = Kinds({"vtt": _Format("text/vtt", captions.fault_of)}, "WebVTT (.vtt)")
ACCEPTED_KINDS = DOCUMENTS.words
ACCEPTED_EXTENSIONS = tuple(_FORMATS)
_WITH_ARCHIVE_INSIDE = frozenset({"docx", "xlsx"})
_TEXT = frozenset({"csv", "txt", "vtt"})
_UNMISTAKABLE = frozenset({"pdf", "rtf", "zip", "docx", "xlsx", "pptx", "png", "jpg", "gif"})
"""Kinds whose first bytes no text begins with by chance, as "BM" does a picture."""


def inspect(content: bytes, name: str, *, kinds: Kinds = DOCUMENTS) -> Accepted:
    """Look at a file before it is kept.

    Args:
        content: all of it.
        name: as it came.
        kinds: what the place takes.

    Raises:
        UploadRefusedError: the name, the content and what is inside do not agree, or the file could do harm.
    """
    name = safe_name(name)
    if not content:
        raise UploadRefusedError(f"“{name}” is empty. Check that you chose the right file.")
    if len(content) > kinds.most_bytes:
        raise UploadRefusedError(
            f"“{name}” is larger than {kinds.most_bytes // 1024 // 1024} MB. Make it smaller, or say where it is kept instead."
        )
    extension = PurePosixPath(name).suffix.lower().lstrip(".")
    if extension not in kinds.formats:
        raise UploadRefusedError(f"“{name}” is not a kind of file we keep. Use {kinds.words}.")
    really = _really(content, extension)
    if really:
        raise UploadRefusedError(
            f"The name ends in .{extension} but the file is {really}. Rename it or save it again as .{extension}."
        )
    fault = kinds.formats[extension].fault_of(content)
    if fault:
        raise UploadRefusedError(fault)
    if extension not in _WITH_ARCHIVE_INSIDE and _hides_archive(content):
        raise UploadRefusedError("The file has an archive hidden in it. Print it to a new PDF and upload that.")
    return Accepted(kinds.formats[extension].media_type, name)


def safe_name(name: str) -> str:
    """The last part of a file name without anything that could mislead or break: control and direction marks, separators."""
    last = unicodedata.normalize("NFC", name.replace("\\", "/")).rsplit("/", 1)[-1]
    kept = "".join(
        "_" if character in '<>:"|?*' else character for character in last if unicodedata.category(character)[0] != "C"
    )
    kept = " ".join(kept.split()).strip(" .") or "file"
    stem, dot, extension = kept.rpartition(".")
    if not dot or len(extension) > 10:
        stem, dot, extension = kept, "", ""
    room = MAX_NAME_BYTES - len((dot + extension).encode())
    return stem.encode()[:room].decode(errors="ignore").rstrip(" .") + dot + extension


def _really(content: bytes, extension: str) -> str:
    """What the file is, if its first bytes say it is something else than its name; or nothing."""
    if content.startswith(ooxml.OLE_SIGNATURE) and extension in _WITH_ARCHIVE_INSIDE:
        return ""
    found = filetype.guess(content)
    if found is None or found.extension == extension or {found.extension, extension} <= {"jpg", "jpeg"}:
        return ""
    if extension in _TEXT and found.extension not in _UNMISTAKABLE:
        return ""
    if extension in _WITH_ARCHIVE_INSIDE and found.extension in (*_WITH_ARCHIVE_INSIDE, "zip"):
        return ""
    return f"a {found.extension.upper()} file"


def _hides_archive(content: bytes) -> bool:
    """Whether a ZIP reader would find a directory at the end of the file."""
    end = content.rfind(b"PK\x05\x06", max(0, len(content) - 66_000))
    if end < 0 or len(content) < end + 22:
        return False
    size, offset = (int.from_bytes(content[end + at : end + at + 4], "little") for at in (12, 16))
    return 0 < size <= end and offset < end and content[end - size : end - size + 4] == b"PK\x01\x02"
